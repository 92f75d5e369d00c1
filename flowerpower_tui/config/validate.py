"""Values against the models, key by key, so that one pass tells everything that is wrong with a layer.

A key that no model knows is a notice with the nearest known one, never an error: FlowerPower ignores it too.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import msgspec
from msgspec.structs import FieldInfo

from flowerpower_tui.config.layers import KeyPath, Layer, Origin
from flowerpower_tui.config.models import RetryConfig, RunConfig
from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.errors import Problem, did_you_mean

LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")

# FlowerPower once read these; they have done nothing for years, and many files still have them.
_RETIRED = frozenset({"schedule", "job_queue", "worker", "openlineage", "opentelemetry", "open_telemetry", "tracker"})
_ONLY_FROM_PYTHON = frozenset({("run", "adapter"), ("run", "on_success"), ("run", "on_failure")})
_MOVED = frozenset(field.name for field in msgspec.structs.fields(RetryConfig))

_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping of names to values",
    type(None): "null",
}


@dataclass(frozen=True)
class Setting:
    """A value that fits its key.

    Attributes:
        path: the key's place in the model.
        value: as the model wants it.
        written: the path it was written at; another one for a key that has moved.
        clears: it takes the place of what weaker layers say, also where a mapping would be laid over theirs.
    """

    path: tuple[str, ...]
    value: Any
    written: KeyPath
    clears: bool = False


@dataclass
class Checked:
    """What a layer says that can be used, and what cannot."""

    settings: list[Setting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


@cache
def fields(model: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """Return the keys that `model` knows."""
    return {info.name: info for info in msgspec.structs.fields(model)}


def is_section(info: FieldInfo) -> bool:
    """Return whether the key holds keys of its own that a model knows."""
    return isinstance(info.type, type) and issubclass(info.type, msgspec.Struct)


def default_of(info: FieldInfo) -> Any:
    """Return what the key is when nobody says anything."""
    return info.default_factory() if info.default is msgspec.NODEFAULT else info.default


def check(layer: Layer, model: type[msgspec.Struct]) -> Checked:
    """Return what of `layer` fits `model`, with a problem for each value that does not."""
    checker = _Checker(layer)
    checker.section(model, layer.values, ())
    return checker.checked


class _Checker:
    def __init__(self, layer: Layer) -> None:
        self.checked = Checked()
        self._layer = layer

    def section(self, model: type[msgspec.Struct], values: Mapping[Any, Any], path: tuple[str, ...]) -> None:
        known = fields(model)
        if model is RunConfig:
            self._moved(values, path)
        for key, value in values.items():
            here = (*path, key)
            info = known.get(key)
            if info is None:
                if not (model is RunConfig and key in _MOVED):
                    self._unknown(key, known, path)
            elif value is None:
                self._null(info, here)
            elif not is_section(info):
                self._leaf(info, value, here, here)
            elif isinstance(value, Mapping):
                self.section(info.type, value, here)
            else:
                keys = ", ".join(fields(info.type))
                self._refuse(
                    here, f"{_dotted(here)} must be a mapping, not {_shown(here, value)}", f"Its keys: {keys}."
                )

    def _moved(self, values: Mapping[Any, Any], path: tuple[str, ...]) -> None:
        """Take the retry settings that stand flat in `run`, as in old files; what stands in `retry` is stronger."""
        nested = values.get("retry")
        for key in values:
            if key not in _MOVED or values[key] is None:
                continue
            written, place = (*path, key), (*path, "retry", key)
            counts = "" if not isinstance(nested, Mapping) or nested.get(key) is None else ", which is set and counts"
            self._notice(written, f"{_dotted(written)} has moved to {_dotted(place)}{counts}")
            if not counts:
                self._leaf(fields(RetryConfig)[key], values[key], place, written, strict=False)

    def _null(self, info: FieldInfo, path: tuple[str, ...]) -> None:
        """Take null as no value, but where it has a meaning; a caller's null goes back to the default."""
        default = default_of(info)
        if self._layer.name == "override":
            if is_section(info):
                self._refuse(path, f"{_dotted(path)} cannot be None", "")
            else:
                self.checked.settings.append(Setting(path, _emptied(default), path, clears=True))
        elif default is not None and _allows_null(info.type):
            self.checked.settings.append(Setting(path, None, path))

    def _leaf(
        self, info: FieldInfo, value: Any, path: tuple[str, ...], written: tuple[str, ...], *, strict: bool = True
    ) -> None:
        if value and path in _ONLY_FROM_PYTHON and self._layer.name != "override":
            self._refuse(written, f"{_dotted(written)} can only be given from Python", "Take it out of the file.")
            return
        # Text of the environment has no types: "1" may be a number, a yes, or text.
        strict = strict and self._layer.name not in ("shim", "overlay")
        first: list[tuple[KeyPath, str, str]] = []
        for reading in self._readings(value, written):
            faults = list(_faults(info.type, reading, written, strict=strict))
            if not faults:
                settled = _converted(info.type, reading, strict=strict)
                faults = [(written, message, hint) for message, hint in _rules(path, settled)]
                if not faults:
                    self.checked.settings.append(Setting(path, settled, written))
                    return
            first = first or faults
        for place, message, hint in first:
            self._refuse(place, f"{_dotted(place)} {message}", hint)

    def _readings(self, value: Any, written: tuple[str, ...]) -> tuple[Any, ...]:
        readings = self._layer.readings
        if written in readings or not isinstance(value, list):
            return readings.get(written, (value,))
        as_text = [readings.get((*written, index), (item,))[-1] for index, item in enumerate(value)]
        return (value,) if as_text == value else (value, as_text)

    def _unknown(self, key: Any, known: Mapping[str, Any], path: tuple[str, ...]) -> None:
        written = (*path, key)
        if key in _RETIRED:
            self._notice(written, f"{_dotted(written)} is no longer used, and is ignored")
            return
        nearest = did_you_mean(str(key), known)
        if not nearest and len(known) <= 8:
            nearest = f"There are {', '.join(known)}."
        if self._layer.name == "override":
            # A file may be older or newer than we are; who asks for something now is told that there is no such thing.
            self._refuse(written, f"there is no key {_dotted(written)}", nearest)
            return
        self._notice(written, f"unknown key {_dotted(written)} is ignored", nearest)

    def _refuse(self, path: KeyPath, message: str, hint: str) -> None:
        self.checked.problems.append(Problem(message, self._layer.origin(path).location, hint))

    def _notice(self, path: KeyPath, message: str, hint: str = "") -> None:
        origin: Origin = self._layer.key_origin(path)
        self.checked.notices.append(Problem(message, origin.location, hint))


def _faults(kind: Any, value: Any, path: KeyPath, *, strict: bool) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield what keeps `value` from being of `kind`: the path it stands at, what is wrong, what to do."""
    base, parts = typing.get_origin(kind), typing.get_args(kind)
    if base is list and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _faults(parts[0], item, (*path, index), strict=strict)
        return
    if base is dict and isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                yield (*path, key), f"must be text as a key, but YAML reads it as {_shown(path, key)}", "Quote it."
        return
    if base is typing.Annotated:
        inner, meta = parts
        wrong_type = list(_faults(inner, value, path, strict=strict))
        yield from wrong_type
        if not wrong_type and _converted(inner, value, strict=strict) < meta.ge:
            yield path, f"must be at least {meta.ge}, not {_shown(path, value)}", ""
        return
    try:
        _converted(kind, value, strict=strict)
    except msgspec.ValidationError:
        yield path, f"must be {_wanted(kind)}, not {_shown(path, value)}", _cure(kind, value)


def _converted(kind: Any, value: Any, *, strict: bool) -> Any:
    # What is inside is the user's: it stays the object that it is.
    if list in _alternatives(kind) and isinstance(value, list | tuple):
        return list(value)
    if dict in _alternatives(kind) and isinstance(value, Mapping):
        return dict(value)
    return msgspec.convert(value, kind, strict=strict)


def _rules(path: tuple[str, ...], value: Any) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a value though its type is right."""
    match path:
        case ("run", "log_level") if value is not None and value.upper() not in LOG_LEVELS:
            hint = did_you_mean(value.upper(), LOG_LEVELS) or f"One of {', '.join(LOG_LEVELS)}."
            yield f"is '{value}', which is no log level", hint
        case ("name",) if value is not None and (not value.strip() or ".." in value or "/" in value or "\\" in value):
            yield f"is '{value}', which is no name", "A name is not blank and has no '/', '\\' or '..'."
        case ("hooks_dir",) if PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts:
            yield f"is '{value}', which is not inside the project", "Name a folder relative to it."
        case ("run", "retry", "retry_exceptions") if wrong := [
            item for item in value if not isinstance(item, str | type)
        ]:
            yield f"must name exceptions; {wrong[0]!r} is no name", "As in [ValueError, requests.exceptions.Timeout]."


def _allows_null(kind: Any) -> bool:
    return type(None) in typing.get_args(kind)


def _emptied(default: Any) -> Any:
    return type(default)() if isinstance(default, list | dict) else default


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(inner for part in typing.get_args(kind) for inner in _alternatives(part))
    return (typing.get_origin(kind) or kind,)


def _wanted(kind: Any) -> str:
    return " or ".join(dict.fromkeys(_WORDS[part] for part in _alternatives(kind) if part in _WORDS))


def _cure(kind: Any, value: Any) -> str:
    wanted = _alternatives(kind)
    if list in wanted and isinstance(value, str):
        return f"Write a list: [{value}]"
    if isinstance(value, str) and str not in wanted:
        for part in wanted:
            try:
                msgspec.convert(value, part, strict=False)
            except msgspec.ValidationError:
                continue
            return "Take off the quotes."
    if str in wanted and isinstance(value, bool | int | float):
        return "Put it in quotes."
    return ""


def _shown(path: KeyPath, value: Any) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    shown = masked(value, secret=any(is_secret(str(key)) for key in path))
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(shown) if isinstance(shown, str) and shown != MASK else str(shown)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
