"""What each row of a log's window shows, where long lines go on below and where they go on to the right."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.geometry import Size


class Row(NamedTuple):
    """What one row of the window shows.

    Attributes:
        line: the line; -1 where there is none.
        start: the column of the line that the row begins with.
        strip: the row, or where lines go on to the right all of the line.
    """

    line: int
    start: int
    strip: Strip


class LogPage:
    """A window on the lines of a log, at one moment.

    Args:
        strip: renders a line.
        count: how many lines there are.
        top: the first line in sight.
        size: the window's, in cells.
        wrap: whether a long line goes on below.
    """

    def __init__(self, strip: Callable[[int], Strip], count: int, top: int, size: Size, wrap: bool) -> None:
        self._strip = strip
        self._count = count
        self._top = top
        self._size = size
        self._wrap = wrap

    @property
    def in_sight(self) -> range:
        """The lines that are in sight, or partly so."""
        if not self._wrap:
            return range(self._top, min(self._count, self._top + self._size.height))
        return range(self._top, self._wrapped[-1].line + 1) if self._wrapped else range(self._top, self._top)

    def row(self, y: int) -> Row:
        """What row `y` of the window shows."""
        if self._wrap:
            return self._wrapped[y] if y < len(self._wrapped) else Row(-1, 0, Strip([]))
        index = self._top + y
        return Row(index, 0, self._strip(index)) if index < self._count else Row(-1, 0, Strip([]))

    def fitting(self, end: int) -> int:
        """How many lines before line `end` fit in, at least one if there is one."""
        if not self._wrap:
            return min(end, self._size.height)
        first, room = end, self._size.height
        while first > 0 and (room := room - len(self._pieces(first - 1))) >= 0:
            first -= 1
        return max(min(end, 1), end - first)

    @cached_property
    def _wrapped(self) -> list[Row]:
        rows: list[Row] = []
        index = self._top
        while len(rows) < self._size.height and index < self._count:
            rows += self._pieces(index)
            index += 1
        return rows

    def _pieces(self, index: int) -> list[Row]:
        strip = self._strip(index)
        width = max(1, self._size.width)
        starts = range(0, max(1, strip.cell_length), width)
        return [Row(index, start, strip.crop(start, start + width)) for start in starts]
