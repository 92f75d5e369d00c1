"""Values as YAML has them, told in JSON and taken back: times, bytes, sets, infinities, keys that are no text."""

from __future__ import annotations

import math
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec


def encode(value: Any) -> bytes:
    """Return a value as JSON, from which `decode` makes the same again; tuples come back as lists."""
    return msgspec.json.encode(packed(value))


def decode(text: bytes | str) -> Any:
    """Return the value that `encode` told.

    Raises:
        ValueError: it told none.
    """
    return unpacked(msgspec.json.decode(text))


def packed(value: Any) -> Any:
    """Return a value made of what JSON has; what it has not becomes a mapping of one key, as in `{"!date": "…"}`."""
    match value:
        case Mapping():
            if all(type(key) is str for key in value) and not _is_mark(value):
                return {key: packed(item) for key, item in value.items()}
            return {"!map": [[packed(key), packed(item)] for key, item in value.items()]}
        case list() | tuple():
            return [packed(item) for item in value]
        case set() | frozenset():
            return {"!set": [packed(item) for item in value]}
        case float() if not math.isfinite(value):
            return {"!float": repr(value)}
        case datetime():
            return {"!datetime": value.isoformat()}
        case date():
            return {"!date": value.isoformat()}
        case bytes():
            return {"!bytes": b2a_base64(value, newline=False).decode()}
    return value


def unpacked(value: Any) -> Any:
    """Return the value that `packed` was given.

    Raises:
        ValueError: it was given none.
    """
    if isinstance(value, list):
        return [unpacked(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if _is_mark(value):
        ((mark, told),) = value.items()
        try:
            return _READ[mark](told)
        except TypeError as error:
            raise ValueError(f"{mark} is not told so: {error}") from error
    return {key: unpacked(item) for key, item in value.items()}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "!map": lambda pairs: {unpacked(key): unpacked(item) for key, item in pairs},
    "!set": lambda items: {unpacked(item) for item in items},
    "!float": float,
    "!datetime": datetime.fromisoformat,
    "!date": date.fromisoformat,
    "!bytes": a2b_base64,
}


def _is_mark(value: Mapping[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in _READ
