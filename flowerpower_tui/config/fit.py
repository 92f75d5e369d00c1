"""Whether a value fits its key: its type, and what else the key asks of it."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

import msgspec

from flowerpower_tui.config.datasets import DATASET_KEYS, TEMPLATES, templates_of
from flowerpower_tui.config.known import EXECUTORS, LOG_LEVELS, alike, executors, executors_hint, is_exception_name
from flowerpower_tui.config.layers import KeyPath
from flowerpower_tui.config.models import CallbackSpec
from flowerpower_tui.errors import did_you_mean, nearest
from flowerpower_tui.yamldoc.dump import inline

_WORDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a mapping of names to values",
    type(None): "null",
}


# Names with commas between them.
_NAMES = re.compile(r"[\w.-]+(?:, *[\w.-]+)*")


@dataclass(frozen=True)
class Fault:
    """What keeps a value from being used.

    Attributes:
        path: where it stands; inside the key's value, if only a part of that is wrong.
        must: what it must be.
        value: what it is.
        hint: what to do; may be empty.
        instead: what could stand in its place; may be empty.
        code: which kind of fault it is: `needs-quotes`, or any other.
    """

    path: KeyPath
    must: str
    value: Any
    hint: str = ""
    instead: str = ""
    code: str = "wrong-value"


def fit(key: tuple[str, ...], kind: Any, value: Any, written: KeyPath, *, strict: bool) -> tuple[Any, list[Fault]]:
    """Return `value` as the model wants it at `key`, and what is wrong with it.

    Args:
        key: the key's place in the model.
        kind: the key's type.
        value: what was given.
        written: where it stands.
        strict: text is no number.
    """
    faults = list(_type_faults(kind, value, written, strict=strict))
    if faults:
        return None, faults
    settled = _settled(key, _converted(kind, value, strict=strict))
    rule = _RULES.get(key)
    return settled, list(rule(settled, written)) if rule and settled is not None else []


def allows_null(kind: Any) -> bool:
    """Return whether null is a meaning of its own for a key of this type."""
    return type(None) in typing.get_args(kind)


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the plain types that values of `kind` can have."""
    if typing.get_origin(kind) is typing.Annotated:
        return alternatives(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(inner for part in typing.get_args(kind) for inner in alternatives(part))
    if words := choices_of(kind):
        return tuple(dict.fromkeys(map(type, words)))
    return (typing.get_origin(kind) or kind,)


def choices_of(kind: Any) -> tuple[Any, ...]:
    """Return the values that `kind` lets one choose from; nothing if it is no such choice."""
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Literal else ()


def pattern_of(kind: Any) -> tuple[str, str]:
    """Return the pattern that text of `kind` must have, and what that is in words; empty if it may be any."""
    found = [meta for meta in getattr(kind, "__metadata__", ()) if meta.pattern is not None]
    return (found[0].pattern, found[0].title or "") if found else ("", "")


def lower_bound(kind: Any) -> float | None:
    """Return the least value that `kind` allows."""
    bounds = [meta.ge for meta in getattr(kind, "__metadata__", ()) if meta.ge is not None]
    return bounds[0] if bounds else None


def wanted(kind: Any) -> str:
    """Return what values of `kind` are, in words."""
    if words := choices_of(kind):
        return f"one of {', '.join(map(str, words))}"
    kinds = dict.fromkeys(_WORDS[part] for part in alternatives(kind) if part in _WORDS)
    return pattern_of(kind)[1] or " or ".join(kinds)


def _type_faults(kind: Any, value: Any, path: KeyPath, *, strict: bool) -> Iterator[Fault]:
    base, parts = typing.get_origin(kind), typing.get_args(kind)
    if base is list and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _type_faults(parts[0], item, (*path, index), strict=strict)
        return
    if dict in alternatives(kind) and isinstance(value, Mapping):
        for key in value:
            # In params they are the user's own business, as YAML reads them: `on`, 2024.
            if not isinstance(key, str) and path != ("params",):
                yield Fault((*path, key), "text as a key", key, "Quote it.")
        return
    try:
        number = _converted(kind, value, strict=strict)
    except msgspec.ValidationError:
        yield Fault(path, wanted(kind), value, *_cure(kind, value))
        return
    least = lower_bound(kind)
    # `not ≥`, as a number that is none (.nan) is not less either.
    if least is not None and not number >= least:
        yield Fault(path, f"at least {least}", value)
    pattern, words = pattern_of(kind)
    if pattern and not re.search(pattern, number):
        yield Fault(path, words, value)


def _converted(kind: Any, value: Any, *, strict: bool) -> Any:
    # What is inside is the user's: it stays the object that it is.
    if list in alternatives(kind) and isinstance(value, list | tuple):
        return list(value)
    if dict in alternatives(kind) and isinstance(value, Mapping):
        return dict(value)
    if typing.get_origin(kind) is typing.Annotated:
        return msgspec.convert(value, typing.get_args(kind)[0], strict=strict)
    if value is False and "off" in choices_of(kind):
        # What YAML 1.1 takes `off` for.
        return "off"
    return msgspec.convert(value, kind, strict=strict)


def _settled(key: tuple[str, ...], value: Any) -> Any:
    """Return `value` in the one form that is used further on."""
    if isinstance(value, CallbackSpec):
        return (value.func, value.args or (), value.kwargs or {})
    if key == ("run", "log_level") and isinstance(value, str) and value.upper() in LOG_LEVELS:
        return value.upper()
    return value


def _cure(kind: Any, value: Any) -> tuple[str, str, str]:
    """Return the hint, what could stand in the value's place, and the kind of the fault."""
    if words := choices_of(kind):
        names = list(map(str, words))
        return did_you_mean(str(value), names), nearest(str(value), names), "wrong-value"
    kinds = alternatives(kind)
    if list in kinds and isinstance(value, str):
        listed = f"[{value}]" if _NAMES.fullmatch(value) else inline([value])
        return f"Write a list: {listed}", listed, "wrong-value"
    if isinstance(value, str) and str not in kinds:
        for part in kinds:
            try:
                msgspec.convert(value, part, strict=False)
            except msgspec.ValidationError:
                continue
            return "Take off the quotes.", value, "wrong-value"
    if str in kinds and isinstance(value, bool | int | float):
        return "Put it in quotes.", "", "needs-quotes"
    return "", "", "wrong-value"


def _log_level(value: str, path: KeyPath) -> Iterator[Fault]:
    if value not in LOG_LEVELS:
        hint = did_you_mean(value.upper(), LOG_LEVELS) or f"One of {', '.join(LOG_LEVELS)}."
        yield Fault(path, "a log level", value, hint, nearest(value.upper(), LOG_LEVELS))


def _executor(value: str, path: KeyPath) -> Iterator[Fault]:
    if value not in EXECUTORS and value not in executors():
        yield Fault(path, "a type of executor", value, executors_hint(value), nearest(value, executors()))


def _exceptions(value: list[Any], path: KeyPath) -> Iterator[Fault]:
    for index, item in enumerate(value):
        if isinstance(item, str):
            if not is_exception_name(item):
                hint = did_you_mean(item, alike(item)) or "Name its module too, as in my_module.MyError."
                yield Fault((*path, index), "the name of an exception", item, hint, nearest(item, alike(item)))
        elif not (isinstance(item, type) and issubclass(item, BaseException)):
            yield Fault((*path, index), "the name of an exception", item)


def _modules(value: list[Any], path: KeyPath) -> Iterator[Fault]:
    for index, item in enumerate(value):
        if not isinstance(item, ModuleType) and not (isinstance(item, str) and item.strip()):
            yield Fault((*path, index), "the name of a module", item)


def _adapters(value: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    for name, given in value.items():
        if isinstance(given, str):
            can_be = re.fullmatch(r"[\w.]+:\w+", given) is not None
        else:
            # Objects come from Python; of what a file can say, these mean nothing.
            can_be = type(given) not in (int, float, list)
        if not can_be:
            yield Fault((*path, name), "true, options, or module:Class", given)


def _callback(value: Any, path: KeyPath) -> Iterator[Fault]:
    parts = value if isinstance(value, tuple) else (value, (), {})
    if len(parts) != 3 or not callable(parts[0]):
        yield Fault(path, "a function, or (function, arguments, keyword arguments)", value)


def _name(value: str, path: KeyPath) -> Iterator[Fault]:
    if not value.strip() or ".." in value or "/" in value or "\\" in value:
        yield Fault(path, "a name without '/', '\\' and '..'", value)


def _inside(value: bool | str, path: KeyPath) -> Iterator[Fault]:
    if isinstance(value, str) and (PurePosixPath(value).is_absolute() or ".." in PurePosixPath(value).parts):
        yield Fault(path, "inside the project", value, "Name it relative to the project.")


def _inputs(value: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    for name, dataset in value.items():
        if dataset is not None:
            yield from _dataset(dataset, (*path, name), "a path, or a mapping with one")


def _outputs(value: dict[str, Any], path: KeyPath) -> Iterator[Fault]:
    for name, written in value.items():
        if isinstance(written, list | tuple):
            for index, dataset in enumerate(written):
                yield from _dataset(dataset, (*path, name, index), "a path, or a mapping with one")
        elif written is not None:
            yield from _dataset(written, (*path, name), "a path, a mapping with one, or a list of them")


def _dataset(value: Any, path: KeyPath, must: str) -> Iterator[Fault]:
    known = ", ".join(DATASET_KEYS)
    if isinstance(value, str):
        yield from _path(value, path)
        return
    if not isinstance(value, Mapping):
        yield Fault(path, must, value, f"Its keys: {known}.")
        return
    for key, item in value.items():
        here = (*path, key)
        if key not in DATASET_KEYS:
            yield Fault(here, f"one of {known}", str(key), did_you_mean(str(key), DATASET_KEYS))
        elif item is None:
            continue
        elif key in ("options", "storage_options"):
            if not isinstance(item, Mapping) or not all(isinstance(option, str) for option in item):
                yield Fault(here, _WORDS[dict], item)
        elif not isinstance(item, str):
            yield Fault(here, "text", item, "Put it in quotes.")
        elif key == "path":
            yield from _path(item, here)
    if not value.get("path") and not value.get("format"):
        yield Fault(path, must, value, "It has no path.")


def _path(value: str, path: KeyPath) -> Iterator[Fault]:
    if not value.strip() or "\0" in value:
        yield Fault(path, "a path", value)
    for word in templates_of(value):
        if word not in TEMPLATES:
            named = ", ".join(f"{{{known}}}" for known in TEMPLATES)
            near = did_you_mean(word, TEMPLATES)
            yield Fault(path, f"a path with no other words in braces than {named}", value, near)


_RULES: dict[tuple[str, ...], Callable[[Any, KeyPath], Iterator[Fault]]] = {
    ("name",): _name,
    ("hooks_dir",): _inside,
    ("dotenv",): _inside,
    ("io", "inputs"): _inputs,
    ("io", "outputs"): _outputs,
    ("run", "log_level"): _log_level,
    ("run", "executor", "type"): _executor,
    ("run", "retry", "retry_exceptions"): _exceptions,
    ("run", "additional_modules"): _modules,
    ("run", "adapter"): _adapters,
    ("run", "on_success"): _callback,
    ("run", "on_failure"): _callback,
}
"""What a key asks of its value beyond the type. Null is never asked."""
