"""Paths into a document as people write them: `run.retry.max_retries`, `additional_modules[0]`, `params."a.b"`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from flowerpower_tui.errors import EditError

Key = str | int

_PART = re.compile(r"""\[(?P<index>-?\d+)\]|\.?(?:\[?"(?P<quoted>(?:[^"\\]|\\.)*)"\]?|(?P<plain>[^.\[\]"]+))""")
_PLAIN = re.compile(r'[^.\[\]"=\s]+')


def parse_path(text: str) -> tuple[Key, ...]:
    """Return the keys of a dotted path. Of a list, both `[0]` and `.0` name an item; quotes keep a dot in a key.

    Raises:
        EditError: it is no path.
    """
    keys: list[Key] = []
    place = 0
    while place < len(text):
        match = _PART.match(text, place)
        if not match or (match.group().startswith(".") and not place):
            break
        if place and match["index"] is None and not match.group().startswith((".", "[")):
            break
        if match["index"] is not None:
            keys.append(int(match["index"]))
        elif match["quoted"] is not None:
            keys.append(_unquoted(match["quoted"]))
        else:
            keys.append(match["plain"])
        place = match.end()
    if place < len(text) or not keys:
        raise EditError(
            f"'{text}' is no path to a value.", hint="Write keys with dots between them: run.inputs.start, items[0]"
        )
    return tuple(keys)


def _unquoted(text: str) -> str:
    """Return what stands in quotes: as JSON has it, and what is no JSON with the sign behind each backslash."""
    try:
        found: str = json.loads(f'"{text}"')
    except ValueError:
        return re.sub(r"\\(.)", r"\1", text)
    return found


def print_path(path: Iterable[object]) -> str:
    """Return a path as `parse_path` reads it."""
    text = ""
    for key in path:
        if isinstance(key, int) and not isinstance(key, bool):
            text += f"[{key}]"
        else:
            name = str(key)
            shown = name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
            text += f".{shown}" if text else shown
    return text
