"""Scalars as YAML text that means the same to every reader, YAML 1.1 and 1.2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import yaml

from flowerpower_tui.errors import EditError
from flowerpower_tui.yamldoc.misread import misreading

_TEXT = "tag:yaml.org,2002:str"
_BREAKS = re.compile("[\n\r\x85\u2028\u2029]")
# What stands in single quotes as it is.
_SHOWN = re.compile("[ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
# Text here, but not everywhere: YAML 1.1 has y and n as truth values, though PyYAML does not read them so.
_ELSEWHERE = re.compile(r"[yYnN]|[-+]?(?:\d+|0o[0-7]+|0x[0-9a-fA-F]+|\d*\.?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_ESCAPED = re.compile("[^ !#-\\[\\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_resolver: Any = yaml.SafeLoader("")
_representer = yaml.SafeDumper(None)  # type: ignore[arg-type]  # nothing is written


def spellings(value: Any, quote: str, *, flow: bool, plain: bool = True) -> Iterator[str]:
    """Yield what a scalar can be written as on one line, the best first.

    Args:
        value: text, a number, a truth value, a date or None.
        quote: which quotes text gets first, where it needs some.
        flow: it will stand in brackets or braces.
        plain: text may stand without quotes.

    Raises:
        EditError: YAML has no such value.
    """
    if not isinstance(value, str):
        yield literal(value)
        return
    if plain and is_plain(value, flow=flow):
        yield value
    if quote == '"':
        yield double_quoted(value)
    if _SHOWN.fullmatch(value):
        yield "'" + value.replace("'", "''") + "'"
    if quote != '"':
        yield double_quoted(value)


def literal(value: Any) -> str:
    """Return a scalar that is no text as it is written.

    Raises:
        EditError: YAML has no such value.
    """
    if value is None or isinstance(value, bool | int | float | date):
        text: str = _representer.represent_data(value).value
        return text
    raise EditError(f"A {type(value).__name__} cannot be written as YAML.")


def double_quoted(text: str) -> str:
    """Return text in double quotes, with escapes for what is not seen."""
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def is_plain(text: str, *, flow: bool) -> bool:
    """Return whether `text` without quotes is just this text to every reader."""
    if not text or text != text.strip() or not _SHOWN.fullmatch(text) or _ELSEWHERE.fullmatch(text) or misreading(text):
        return False
    if _resolver.resolve(yaml.ScalarNode, text, (True, False)) != _TEXT:
        return False
    for around in ("[{}, x]", "[{}: x]") if flow else ("- {}\n", "{}: x\n"):
        if not _reads_as(text, around.format(text)):
            return False
    return True


def _reads_as(text: str, yaml_text: str) -> bool:
    try:
        scalars = [event for event in yaml.parse(yaml_text, Loader=yaml.CSafeLoader) if hasattr(event, "implicit")]
    except yaml.YAMLError:
        return False
    found = [event for event in scalars if isinstance(event, yaml.ScalarEvent)]
    return bool(found) and found[0].value == text and found[0].anchor is None and found[0].tag is None


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    number = ord(character)
    if known := _ESCAPES.get(character):
        return known
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
