"""JSON Schema of the configuration files, for editors: what resolves without a problem is valid.

`${VAR}` may stand in place of any value, null means that nothing is said, and keys that are not known are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from inspect import cleandoc
from typing import Any

from msgspec.structs import FieldInfo

from flowerpower_tui.config.fit import alternatives, choices_of, lower_bound, pattern_of
from flowerpower_tui.config.known import LOG_LEVELS, exceptions, executors
from flowerpower_tui.config.models import RetryConfig, RunConfig
from flowerpower_tui.config.section import Section, default_of, fields, is_section

_DIALECT = "http://json-schema.org/draft-07/schema#"
# A text with a dollar may become anything.
_VARIABLE = "\\$"
_NAMES: dict[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}

Schema = dict[str, Any]


def schema(model: type[Section]) -> Schema:
    """Return the JSON Schema of a file that holds `model`."""
    return {
        "$schema": _DIALECT,
        "title": model.__name__,
        "description": f"{summary(model)} Keys that are not known here are ignored, with a notice.",
        **_section(model, ()),
    }


def summary(model: type[Section]) -> str:
    """Return what the model is, in a line."""
    return cleandoc(model.__doc__ or "").partition("\n")[0]


@cache
def meanings(model: type[Section]) -> dict[str, str]:
    """Return what each key of `model` means, from its docstring."""
    _, _, attributes = cleandoc(model.__doc__ or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    return {key: " ".join(text.split()) for key, text in found}


def default_words(info: FieldInfo) -> str:
    """Return the default in words, where it is another on every machine; else nothing."""
    extras = (meta.extra for meta in getattr(info.type, "__metadata__", ()) if meta.extra)
    return next((extra["default"] for extra in extras), "")


def choices(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values that a key is chosen from; nothing if it is free."""
    return _CHOICES[path]() if path in _CHOICES else ()


_CHOICES: dict[tuple[str, ...], Callable[[], tuple[str, ...]]] = {
    ("run", "log_level"): lambda: LOG_LEVELS,
    ("run", "executor", "type"): executors,
}


def _section(model: type[Section], path: tuple[str, ...]) -> Schema:
    properties = {key: _property(model, key, info, path) for key, info in fields(model).items()}
    if model is RunConfig:
        properties |= _moved(path)
    # A section inside a file may be a variable that holds JSON.
    kinds = _type(("object", "string", "null") if path else ("object", "null"))
    return {**kinds, "properties": properties, "additionalProperties": True}


def _property(model: type[Section], key: str, info: FieldInfo, path: tuple[str, ...]) -> Schema:
    about: Schema = {"description": _sentence(meanings(model).get(key, ""))}
    here = (*path, key)
    if is_section(info):
        return {**about, **_section(info.type, here)}
    if words := default_words(info):
        about["description"] += f" Default: {words}."
    else:
        about["default"] = default_of(info)
    return {**about, **_value(info.type, here)}


def _value(kind: Any, path: tuple[str, ...]) -> Schema:
    if path in (("run", "on_success"), ("run", "on_failure")):
        return {"type": "null"}
    if path == ("run", "adapter"):
        return _type(("object", "string", "null"))
    if names := choices(path):
        return {"anyOf": [{"enum": [*names, None]}, {"type": "string", "pattern": _either(names, path)}]}
    if words := choices_of(kind):
        return {"anyOf": [{"enum": [*words, *([False] if "off" in words else []), None]}, _type(("string",))]}
    found = _type(dict.fromkeys((*(_NAMES[part] for part in alternatives(kind)), "string", "null")))
    if str in alternatives(kind):
        del found["pattern"]
    if pattern := pattern_of(kind)[0]:
        found["pattern"] = f"{_VARIABLE}|{pattern}"
    if (least := lower_bound(kind)) is not None:
        found["minimum"] = least
    if list in alternatives(kind):
        found["items"] = _item(path)
    return found


def _item(path: tuple[str, ...]) -> Schema:
    if path[-1] != "retry_exceptions":
        return {"type": "string"}
    return {"anyOf": [{"enum": sorted(exceptions())}, {"type": "string", "pattern": f"{_VARIABLE}|\\."}]}


def _type(kinds: Iterable[str]) -> Schema:
    """Return the schema of values of these types, where text must hold a variable."""
    kinds = list(kinds)
    return {"type": kinds, "pattern": _VARIABLE} if "string" in kinds else {"type": kinds}


def _either(names: Iterable[str], path: tuple[str, ...]) -> str:
    """Return the pattern of a variable, and of `names` in any case where the case does not count."""
    if path != ("run", "log_level"):
        return _VARIABLE
    spelled = ("".join(f"[{letter}{letter.lower()}]" for letter in name) for name in names)
    return f"{_VARIABLE}|^({'|'.join(spelled)})$"


def _moved(path: tuple[str, ...]) -> dict[str, Schema]:
    """Return the keys that old files have in `run`: text that is a number is one there."""
    return {
        key: {
            "description": f"Has moved to {'.'.join((*path, 'retry', key))}.",
            "deprecated": True,
            "type": list(
                dict.fromkeys((*(_NAMES[part] for part in alternatives(info.type)), "number", "string", "null"))
            ),
        }
        for key, info in fields(RetryConfig).items()
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
