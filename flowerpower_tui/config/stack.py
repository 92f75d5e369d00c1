"""Layers laid one on the other, the weakest first: which value counts, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec

from flowerpower_tui.config.layers import KeyPath, Layer, Origin
from flowerpower_tui.config.validate import check, fields, is_section
from flowerpower_tui.errors import Problem

Model = TypeVar("Model", bound=msgspec.Struct)

DEFAULT = Origin("default")

# Their values are whole for the graph: a stronger layer replaces a value, and does not reach into it.
_WHOLE_BELOW = frozenset({("run", "inputs"), ("run", "config")})


class Stack(Generic[Model]):
    """The layers of one model.

    Attributes:
        problems: what in them cannot be used.
        notices: what in them is worth knowing.
    """

    def __init__(self, model: type[Model], prefix: str) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self._model = model
        self._prefix = prefix
        self._values: dict[KeyPath, Any] = {}
        self._origins: dict[KeyPath, Origin] = {}

    def lay(self, layer: Layer) -> None:
        """Lay `layer` over what is there; what does not fit is remembered as a problem."""
        checked = check(layer, self._model)
        self.problems += sorted([*layer.problems, *checked.problems], key=_place)
        self.notices += sorted([*layer.notices, *checked.notices], key=_place)
        for setting in checked.settings:
            path, below, above = setting.path, self._values.get(setting.path), setting.value
            if isinstance(below, dict) and isinstance(above, dict) and not setting.clears:
                above = _laid_over(below, above, deep=path not in _WHOLE_BELOW)
            self._values[path] = above
            for inner in _leaves(setting.value):
                self._origins[*path, *inner] = layer.origin((*setting.written, *inner))

    def fold(self, path: KeyPath, target: Stack[Any]) -> None:
        """Lay the settings of adapters that stand at `path` over the `adapter` of `target`, as FlowerPower does."""
        settings = self._values.get(path)
        if not settings:
            return

        def origin(inner: KeyPath) -> Origin:
            return self.origin((*path, *inner[1:]))

        target.lay(Layer("yaml", {"adapter": settings}, origin, origin))

    def set(self, key: str, value: Any) -> None:
        """Set `key` to what it is for us, whatever the layers say."""
        self._values[(key,)] = value
        self._origins.pop((key,), None)

    def origin(self, path: KeyPath) -> Origin:
        """Return where the value at `path` comes from; for a mapping, its first value."""
        return next((origin for known, origin in self._origins.items() if known[: len(path)] == path), DEFAULT)

    def get(self, *path: str) -> Any:
        """Return what the layers say at `path`, None if nothing."""
        return self._values.get(path)

    def build(self) -> Model:
        """Return the model with the layers' values, and defaults where they have none."""
        model: Model = self._section(self._model, ())
        return model

    def dotted_origins(self) -> dict[str, Origin]:
        """Return the origin of every value, by its dotted path."""
        origins: dict[str, Origin] = {}
        for path in _model_leaves(self._model, ()):
            for inner in _leaves(self._values.get(path)):
                whole = (*path, *inner)
                origins[".".join((self._prefix, *map(str, whole)))] = self._origins.get(whole, DEFAULT)
        return origins

    def _section(self, model: type[msgspec.Struct], path: tuple[str, ...]) -> Any:
        values: dict[str, Any] = {}
        for key, info in fields(model).items():
            here = (*path, key)
            if is_section(info):
                values[key] = self._section(info.type, here)
            elif here in self._values:
                values[key] = self._values[here]
        return model(**values)


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.location.line, problem.location.column) if problem.location else (0, 0)


def _laid_over(below: Mapping[Any, Any], above: Mapping[Any, Any], *, deep: bool) -> dict[Any, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if deep and isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _laid_over(old, value, deep=True)
        else:
            result[key] = value
    return result


def _leaves(value: Any) -> Iterator[KeyPath]:
    """Yield the paths of the values in `value` that are no mappings, or empty ones."""
    if not isinstance(value, Mapping) or not value:
        yield ()
        return
    for key, item in value.items():
        for inner in _leaves(item):
            yield (key, *inner)


def _model_leaves(model: type[msgspec.Struct], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, info in fields(model).items():
        if is_section(info):
            yield from _model_leaves(info.type, (*path, key))
        else:
            yield (*path, key)
