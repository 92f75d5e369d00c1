"""Hamilton's registry of loaders and savers: which of them takes a format and a type, and what it is called with."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any, Literal

from hamilton import registry
from hamilton.io.data_adapters import AdapterCommon

from flowerpower_tui.errors import Problem, did_you_mean

PLUGINS = "flowerpower_tui.io"
"""The entry points of modules that register loaders and savers when they are imported."""

Direction = Literal["load", "save"]

# What adapters call the place that they read or write: Hamilton's have no one name for it.
_FILES = ("path", "filepath_or_buffer", "path_or_buffer", "path_or_buf", "filepath", "file", "source", "io", "buf")
_DATABASES = ("db_connection", "connection", "connection_uri", "database_connection")


class UnusableError(Exception):
    """Nothing loads or saves that.

    Attributes:
        message: why not.
        hint: what to do about it; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Chosen:
    """What loads or saves.

    Attributes:
        adapter: Hamilton's class for it.
        kind: the type that it is asked for.
        place: the argument that names the file; empty if it takes none.
        database: the argument that names the database; empty if it takes none.
    """

    adapter: type[AdapterCommon]
    kind: Any
    place: str = ""
    database: str = ""

    @property
    def is_of_pandas(self) -> bool:
        """Whether it is pandas that reads or writes."""
        return any("pandas" in base.__module__ for base in self.adapter.__mro__)

    def takes(self, option: str) -> bool:
        """Return whether it can be given this option."""
        return option in _arguments(self.adapter)


@cache
def load_plugins() -> tuple[Problem, ...]:
    """Import, once, what registers loaders and savers; return a problem for each plugin that cannot be loaded."""
    # Where Hamilton is told to leave its extensions alone, data still has to come in.
    for extension in ("pandas", "yaml", "numpy"):
        registry.load_extension(extension)
    problems = []
    for entry in metadata.entry_points(group=PLUGINS):
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001 - a plugin's own, whatever it is
            message = f"the plugin '{entry.name}' for io cannot be loaded from {entry.value}"
            hint = "Mend or remove the package that brings it."
            problems.append(Problem(f"{message}: {type(error).__name__}: {error}", hint=hint, code="broken-plugin"))
    return tuple(problems)


def formats(direction: Direction) -> tuple[str, ...]:
    """Return the formats that are registered."""
    return tuple(sorted(name for name, adapters in _registry(direction).items() if adapters))


def choose(direction: Direction, format_: str, kind: Any, options: Mapping[str, Any], *, has_path: bool) -> Chosen:
    """Return what loads `kind` from a format, or saves it; of several the last that was registered.

    Raises:
        UnusableError: there is no such format, none for that type, or an option is missing or too many.
    """
    adapters = _registry(direction).get(format_)
    if not adapters:
        known = formats(direction)
        raise UnusableError(
            f"there is no format '{format_}' to {direction}",
            did_you_mean(format_, known) or _all_of("There are", known),
        )
    chosen = _first_that_applies(adapters, kind)
    if chosen is None:
        others = [name for name in formats(direction) if _first_that_applies(_registry(direction)[name], kind)]
        verb = "gives no" if direction == "load" else "takes no"
        raise UnusableError(f"the format '{format_}' {verb} {shown(kind)}", _all_of("These do:", others))
    _check_options(chosen, format_, options, has_path=has_path)
    return chosen


def shown(kind: Any) -> str:
    """Return how a type is told to people: `pandas.DataFrame`."""
    if not isinstance(kind, type) or typing.get_args(kind):
        return str(kind).replace("typing.", "")
    top = kind.__module__.partition(".")[0]
    return kind.__qualname__ if top == "builtins" else f"{top}.{kind.__qualname__}"


def _registry(direction: Direction) -> Mapping[str, Sequence[type[AdapterCommon]]]:
    found: Mapping[str, Sequence[type[AdapterCommon]]] = (
        registry.LOADER_REGISTRY if direction == "load" else registry.SAVER_REGISTRY
    )
    return found


def _first_that_applies(adapters: Sequence[type[AdapterCommon]], kind: Any) -> Chosen | None:
    for candidate in _readings(kind):
        for adapter in reversed(adapters):
            if adapter.applies_to(candidate):
                return _chosen(adapter, candidate)
    # Those that take anything come last, as in Hamilton.
    taking_any = next((adapter for adapter in reversed(adapters) if Any in adapter.applicable_types()), None)
    return None if taking_any is None else _chosen(taking_any, kind)


def _readings(kind: Any) -> Iterator[Any]:
    """Yield what a value of this type may be taken for: `dict[str, int]` for a dict, `A | None` for an A."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        yield from _readings(arguments[0])
    elif origin in (typing.Union, types.UnionType):
        for argument in arguments:
            if argument is not type(None):
                yield from _readings(argument)
    else:
        yield kind
        if isinstance(origin, type):
            yield origin
        elif typing.is_typeddict(kind):
            yield dict


def _chosen(adapter: type[AdapterCommon], kind: Any) -> Chosen:
    arguments = _arguments(adapter)
    database = next((name for name in _DATABASES if name in arguments), "")
    place = "" if database else next((name for name in _FILES if name in arguments), "")
    return Chosen(adapter, kind, place, database)


def _check_options(chosen: Chosen, format_: str, options: Mapping[str, Any], *, has_path: bool) -> None:
    arguments = _arguments(chosen.adapter)
    named = chosen.place or chosen.database
    if has_path and not named:
        raise UnusableError(f"the format '{format_}' takes no path")
    if not has_path and chosen.place:
        raise UnusableError(f"the format '{format_}' needs a path")
    required = [name for name in chosen.adapter.get_required_arguments() if not (has_path and name == named)]
    if missing := [name for name in required if name not in options]:
        raise UnusableError(f"the format '{format_}' needs the option '{missing[0]}'")
    free = [name for name in arguments if name != named]
    for name in options:
        if name not in free:
            near = did_you_mean(name, free)
            raise UnusableError(f"the format '{format_}' has no option '{name}'", near or _all_of("It has", free))


def _arguments(adapter: type[AdapterCommon]) -> dict[str, Any]:
    return {**adapter.get_required_arguments(), **adapter.get_optional_arguments()}


def _all_of(head: str, names: Sequence[str]) -> str:
    return f"{head} {', '.join(names)}." if names else ""
