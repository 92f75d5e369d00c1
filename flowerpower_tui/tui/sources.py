"""The lines of source around those that a traceback names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.failure import Failure, Frame

AROUND = 2
"""Lines shown before and after the one that a frame names."""

# What is larger was hardly written by hand.
_LARGEST_FILE = 1 << 20

Sources = Mapping[str, Sequence[str]]
"""Files by their paths, as lines."""


def sources_of(failures: Sequence[Failure]) -> Sources:
    """Read the files that failures and their causes lead to; those that cannot be read are left out."""
    files = dict.fromkeys(file for failure in failures for file in _files(failure))
    return {file: lines for file in files if (lines := _read(Path(file))) is not None}


def around(frame: Frame, sources: Sources) -> Iterator[tuple[int, str]]:
    """Return the numbered lines around a frame's, less what all of them are indented by.

    Only its own line, as it was told then, where the file is another one by now.
    """
    lines = sources.get(frame.file, ())
    if not frame.source or not 0 < frame.line <= len(lines) or lines[frame.line - 1].strip() != frame.source:
        if frame.source:
            yield frame.line, frame.source
        return
    first, last = max(1, frame.line - AROUND), min(len(lines), frame.line + AROUND)
    # Not blank lines at the ends; its own is none, for it has a text.
    while not lines[first - 1].strip():
        first += 1
    while not lines[last - 1].strip():
        last -= 1
    shown = [line.expandtabs(4).rstrip() for line in lines[first - 1 : last]]
    indent = min(len(line) - len(line.lstrip()) for line in shown if line)
    yield from ((first + index, line[indent:]) for index, line in enumerate(shown))


def _files(failure: Failure) -> Iterator[str]:
    yield from (frame.file for frame in failure.frames if frame.file)
    if failure.cause is not None:
        yield from _files(failure.cause)


def _read(path: Path) -> list[str] | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            return None
        return path.read_text(errors="replace").split("\n")
    except OSError:
        return None
