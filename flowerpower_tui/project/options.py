"""How a storage is reached: options for fsspec from the environment, the command line and Python; they are secrets."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flowerpower_tui.errors import ProjectError

VARIABLE = "FP_TUI_STORAGE_OPTIONS"

_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
_WORDS = {"true": True, "false": False}
# They may look like a number, and are none.
_TEXTS = frozenset({"key", "secret", "token", "username", "password", "passphrase", "account_name", "account_key"})


def from_environment(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the options in `FP_TUI_STORAGE_OPTIONS`, a JSON object.

    Raises:
        ProjectError: it is none; its text is not repeated.
    """
    text = (os.environ if environ is None else environ).get(VARIABLE, "").strip()
    if not text:
        return {}
    try:
        options = json.loads(text)
    except ValueError:
        options = None
    if not isinstance(options, dict):
        raise ProjectError(
            f"{VARIABLE} is no JSON object.", hint=f"""As in {VARIABLE}='{{"endpoint_url": "https://…"}}'"""
        )
    return options


def from_arguments(texts: Iterable[str]) -> dict[str, Any]:
    """Read texts such as `anon=true`; a dot leads into a mapping, as in `client_kwargs.region_name=eu-west-1`.

    Raises:
        ProjectError: one is not KEY=VALUE; its text is not repeated.
    """
    options: dict[str, Any] = {}
    for text in texts:
        path, equals, value = text.partition("=")
        *outer, key = path.split(".")
        place = options
        for name in outer:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place
        if not equals or not key or not all(outer) or not isinstance(place, dict):
            raise ProjectError(
                "--storage-option is given what is not KEY=VALUE.", hint="As in --storage-option anon=true"
            )
        place[key] = _value(key, value)
    return options


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay options over others; mappings in them join."""
    both = dict(under)
    for key, value in over.items():
        below = both.get(key)
        both[key] = merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return both


def _value(key: str, text: str) -> Any:
    if key in _TEXTS:
        return text
    if _NUMBER.fullmatch(text):
        return int(text)
    return _WORDS.get(text, text)
