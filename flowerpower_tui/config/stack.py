"""Layers laid one on the other, the weakest first: which value counts, and where it comes from."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from flowerpower_tui.config.layers import KeyPath, Layer, Origin
from flowerpower_tui.config.section import Section, fields, is_section
from flowerpower_tui.config.validate import check
from flowerpower_tui.errors import Problem

Model = TypeVar("Model", bound=Section)

DEFAULT = Origin("default")

# Their values are whole for the graph: a stronger layer replaces a value, and does not reach into it.
_WHOLE_BELOW = frozenset({("run", "inputs"), ("run", "config")})
# To these a caller adds; None clears them.
_ADDED_TO = frozenset({("run", "additional_modules")})


class Stack(Generic[Model]):
    """The layers of one model.

    Attributes:
        problems: what in them cannot be used.
        notices: what in them is worth knowing.
    """

    def __init__(self, model: type[Model]) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self._model = model
        self._values: dict[KeyPath, Any] = {}
        self._sources = _Sources()

    def lay(self, layer: Layer) -> None:
        """Lay `layer` over what is there; what does not fit is remembered as a problem."""
        checked = check(layer, self._model)
        self.problems += sorted([*layer.problems, *checked.problems], key=_place)
        self.notices += sorted([*layer.notices, *checked.notices], key=_place)
        for setting in checked.settings:
            source = _Source(layer, len(setting.path), setting.written)
            below, above = self._values.get(setting.path), setting.value
            if isinstance(below, dict) and isinstance(above, dict) and not setting.clears:
                deep = setting.path not in _WHOLE_BELOW
                above = self._merged(below, above, setting.path, source, deep=deep)
            else:
                if below and above and setting.path in _ADDED_TO and layer.name == "override":
                    above = [*below, *(item for item in above if item not in below)]
                self._sources.set(setting.path, source)
            self._values[setting.path] = above

    def fold(self, path: KeyPath, target: Stack[Any]) -> None:
        """Lay the settings of adapters that stand at `path` over the `adapter` of `target`, as FlowerPower does."""
        settings = self._values.get(path)
        if not settings:
            return

        def origin(inner: KeyPath) -> Origin:
            return self.origin((*path, *inner[1:]))

        readings = {("adapter", *inner): reading for inner, reading in self._readings(settings, path, ())}
        target.lay(Layer("yaml", {"adapter": settings}, origin, origin, readings))

    def put(self, path: KeyPath, value: Any, origin: Origin = DEFAULT) -> None:
        """Set the value at `path`, whatever the layers say."""
        self._values[path] = value
        self._sources.set(path, _Source(Layer(origin.layer, {}, lambda _: origin, lambda _: origin), 0, ()))

    def get(self, *path: str) -> Any:
        """Return what the layers say at `path`, None if nothing."""
        return self._values.get(path)

    def origin(self, path: KeyPath) -> Origin:
        """Return where the value at `path` comes from; for a mapping of several layers, its first value."""
        return self._sources.origin(path)

    def build(self) -> Model:
        """Return the model with the layers' values, and defaults where they have none."""
        model: Model = self._section(self._model, ())
        return model

    def _section(self, model: type[Section], path: tuple[str, ...]) -> Any:
        values: dict[str, Any] = {}
        for key, info in fields(model).items():
            here = (*path, key)
            if is_section(info):
                values[key] = self._section(info.type, here)
            elif here in self._values:
                values[key] = self._values[here]
        return model(**values)

    def _readings(self, value: Any, path: KeyPath, inner: KeyPath) -> Iterator[tuple[KeyPath, tuple[Any, ...]]]:
        """Yield what else the values below `path` can mean."""
        if isinstance(value, Mapping):
            for key, item in value.items():
                yield from self._readings(item, (*path, key), (*inner, key))
        elif (source := self._sources.source_of(path)) and (reading := source.readings(path)):
            yield inner, reading

    def _merged(
        self, below: Mapping[Any, Any], above: Mapping[Any, Any], path: KeyPath, source: _Source, *, deep: bool
    ) -> dict[Any, Any]:
        result = dict(below)
        for key, value in above.items():
            old, here = result.get(key), (*path, key)
            if deep and isinstance(old, Mapping) and isinstance(value, Mapping):
                result[key] = self._merged(old, value, here, source, deep=True)
            else:
                result[key] = value
                self._sources.set(here, source)
        return result


@dataclass(frozen=True)
class _Source:
    """What gave a value: a layer, where it says so at `written`; `depth` is how long the key's own path is."""

    layer: Layer
    depth: int
    written: KeyPath

    def origin(self, path: KeyPath) -> Origin:
        return self.layer.origin((*self.written, *path[self.depth :]))

    def readings(self, path: KeyPath) -> tuple[Any, ...]:
        return self.layer.readings.get((*self.written, *path[self.depth :]), ())


@dataclass
class _Sources:
    """The sources of values, as a tree: what stands below a value is from its source, unless it says otherwise."""

    source: _Source | None = None
    inner: dict[Hashable, _Sources] = field(default_factory=dict)

    def set(self, path: KeyPath, source: _Source) -> None:
        if not path:
            self.source, self.inner = source, {}
            return
        self.inner.setdefault(path[0], _Sources()).set(path[1:], source)

    def origin(self, path: KeyPath) -> Origin:
        source = self.source_of(path)
        return source.origin(path) if source else DEFAULT

    def source_of(self, path: KeyPath) -> _Source | None:
        node, source = self, self.source
        for key in path:
            if key not in node.inner:
                break
            node = node.inner[key]
            source = node.source or source
        else:
            while source is None and node.inner:
                node = next(iter(node.inner.values()))
                source = node.source
        return source


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.location.line, problem.location.column) if problem.location else (0, 0)
