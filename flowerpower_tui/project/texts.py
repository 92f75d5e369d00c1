"""The text files of a project, whatever they are for: what the editor offers to open."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from flowerpower_tui.project.layout import SKIPPED_FOLDERS

MOST_TEXTS = 2_000
"""So many files are found at most, those near the root first."""

# A project with data in it can have more folders than anyone waits for.
_MOST_FOLDERS = 1_000
# So much of a file tells whether it is text.
_BEGIN = 1_024


def text_files(root: Path, largest: int) -> list[Path]:
    """Return the files in `root` that hold text and have at most `largest` bytes, by folders, the nearest first.

    What tools make is left out, and what links lead to elsewhere; hidden files are not, hidden folders are. A folder
    that cannot be read has none.
    """
    found: list[Path] = []
    for folder, names in _folders(root):
        for name in names:
            path = folder / name
            if _is_text(path, largest, root):
                found.append(path)
                if len(found) == MOST_TEXTS:
                    return found
    return found


def _folders(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder with the names of its files, level by level."""
    waiting = deque([root])
    for _ in range(_MOST_FOLDERS):
        if not waiting:
            return
        folder = waiting.popleft()
        files: list[str] = []
        below: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        files.append(entry.name)
                    elif not entry.name.startswith(".") and entry.name not in SKIPPED_FOLDERS:
                        below.append(entry.name)
        except OSError:
            continue
        waiting.extend(folder / name for name in sorted(below, key=str.lower))
        yield folder, sorted(files, key=str.lower)


def _is_text(path: Path, largest: int, root: Path) -> bool:
    try:
        # A pipe or a device would keep us waiting.
        if not path.is_file() or path.stat().st_size > largest:
            return False
        if path.is_symlink() and not path.resolve().is_relative_to(root.resolve()):
            return False
        with path.open("rb") as stream:
            begin = stream.read(_BEGIN)
    except OSError:
        return False
    return b"\0" not in begin and _is_utf8(begin)


def _is_utf8(begin: bytes) -> bool:
    try:
        begin.decode()
    except UnicodeDecodeError as error:
        # The last character may be cut in two.
        return len(begin) == _BEGIN and error.start > _BEGIN - 4
    return True
