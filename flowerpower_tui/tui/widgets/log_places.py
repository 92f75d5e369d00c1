"""Places in the project's files that a line names: `pipelines/etl.py:12`, or `File "…", line 12` of a traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_PLACE = re.compile(
    r'File "(?P<quoted>[^"\n]+)", line (?P<number>\d+)'
    r"|(?P<file>(?:[\w.@+-]*/)*[\w.@+-]+\.(?:py|ya?ml|toml|json|sql|csv|md|txt|ini|cfg|env)):(?P<line>\d+)"
)
_TEXT_LIMIT = 4_000


class Place(NamedTuple):
    """A line of a file, named from column `start` to `end` of a text. Whether the file is there is not known."""

    start: int
    end: int
    path: Path
    line: int


def places(text: str, root: Path) -> list[Place]:
    """Return the places inside the folder `root` that `text` names; relative ones are meant from there."""
    if ":" not in text and "line" not in text:
        return []
    found = []
    for match in _PLACE.finditer(text, 0, _TEXT_LIMIT):
        path = root / (match["quoted"] or match["file"])
        if ".." not in path.parts and path.is_relative_to(root):
            found.append(Place(match.start(), match.end(), path, int(match["number"] or match["line"])))
    return found
