"""A file while it is edited: the bytes that were read, and the bytes that a text would be saved as.

A text area knows lines and one kind of line end. A file may have several kinds, a byte order mark, no newline at its
end: all that stays as it is on every line that was not edited.
"""

from __future__ import annotations

import codecs
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from flowerpower_tui.errors import Location, ProjectError

EDIT_LIMIT = 4_000_000
"""Bytes beyond which a file is for other editors."""

Line = tuple[str, str]
"""A line's text, and its end; the last line has none."""


@dataclass(frozen=True)
class Buffer:
    """A file as it was read.

    Attributes:
        path: the file.
        base: what it held; None if there is no such file yet.
    """

    path: Path
    base: bytes | None

    @classmethod
    def read(cls, path: Path) -> Buffer:
        """Read the file at `path`, if there is one.

        Raises:
            ProjectError: it cannot be read, or is nothing to edit here.
        """
        try:
            if path.exists() and not path.is_file():
                raise ProjectError("This is no ordinary file.", location=Location(str(path)))
            base = path.read_bytes() if path.exists() else None
        except OSError as error:
            raise ProjectError(f"Cannot be read: {error.strerror}.", location=Location(str(path))) from error
        buffer = cls(path, base)
        if base is not None and len(base) > EDIT_LIMIT:
            raise ProjectError(
                f"This file has {len(base):,} bytes, too many to edit here.",
                location=Location(str(path)),
                hint="Open it in another editor.",
            )
        try:
            _ = buffer.text
        except UnicodeDecodeError as error:
            raise ProjectError(
                "This file is not UTF-8: an edit would damage it.",
                location=Location(str(path)),
                hint="Open it in another editor, or save it as UTF-8 there.",
            ) from error
        return buffer

    @cached_property
    def text(self) -> str:
        r"""The text to edit, each line ended by `\n`."""
        return "\n".join(text for text, _ in self._lines)

    def encode(self, text: str) -> bytes:
        """Return what the file shall hold for `text`: lines that are as they were keep their ends."""
        mark = codecs.BOM_UTF8 if (self.base or b"").startswith(codecs.BOM_UTF8) else b""
        if text == self.text:
            return self.base or b""
        old, new = [line for line, _ in self._lines], text.split("\n")
        ends = [self._newline] * len(new)
        kept = set()
        for first, at, size in _matches(old, new):
            for offset in range(size):
                ends[at + offset] = self._lines[first + offset][1] or self._newline
                kept.add(at + offset)
        ends[-1] = ""
        for index, (end, below) in enumerate(pairwise(ends)):
            # A carriage return and the newline of the empty line below it would be one end: the new one gives way.
            if end == "\r" and not new[index + 1] and below.startswith("\n"):
                if index + 1 in kept:
                    ends[index] = "\n"
                else:
                    ends[index + 1] = "\r\n"
        return mark + "".join(line + end for line, end in zip(new, ends, strict=True)).encode()

    @cached_property
    def _lines(self) -> list[Line]:
        decoded = (self.base or b"").removeprefix(codecs.BOM_UTF8).decode("utf-8")
        lines: list[Line] = []
        for whole in decoded.splitlines(keepends=True):
            text = whole.splitlines()[0] if whole else ""
            lines.append((text, whole[len(text) :]))
        if not lines or lines[-1][1]:
            lines.append(("", ""))
        return lines

    @cached_property
    def _newline(self) -> str:
        ends = Counter(end for _, end in self._lines if end in ("\n", "\r\n", "\r"))
        return ends.most_common(1)[0][0] if ends else "\n"


def _matches(old: list[str], new: list[str]) -> list[tuple[int, int, int]]:
    """Return which runs of lines are in both: where in each, and how many lines."""
    # What both begin and end with needs no search: most edits are small, and the search is not.
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    return [
        (0, 0, head),
        *((head + block.a, head + block.b, block.size) for block in middle.get_matching_blocks()),
        (len(old) - tail, len(new) - tail, tail),
    ]
