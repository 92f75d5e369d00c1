"""What each row of a log's window shows, where some long lines go on below and others to the right."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.geometry import Size


class Row(NamedTuple):
    """What one row of the window shows.

    Attributes:
        line: the line; -1 where there is none.
        start: the column of the line that the row begins with.
        strip: a piece of the line if it goes on below; else all of it.
        goes_on_below: whether what does not fit in is in other rows.
    """

    line: int
    start: int
    strip: Strip
    goes_on_below: bool


class LogPage:
    """A window on the lines of a log, at one moment.

    Args:
        strip: renders a line.
        goes_on_below: whether a line does so where it is long.
        count: how many lines there are.
        top: the first line in sight.
        size: the window's, in cells.
    """

    def __init__(
        self, strip: Callable[[int], Strip], goes_on_below: Callable[[int], bool], count: int, top: int, size: Size
    ) -> None:
        self._strip = strip
        self._goes_on_below = goes_on_below
        self._count = count
        self._top = top
        self._size = size

    @property
    def in_sight(self) -> range:
        """The lines that are in sight, or partly so."""
        return range(self._top, self._rows[-1].line + 1) if self._rows else range(self._top, self._top)

    def row(self, y: int) -> Row:
        """What row `y` of the window shows."""
        return self._rows[y] if y < len(self._rows) else Row(-1, 0, Strip([]), goes_on_below=False)

    @property
    def above(self) -> int:
        """The line that the page above begins with."""
        return max(0, self._top - self.fitting(self._top))

    @property
    def below(self) -> int:
        """The line that the page below begins with: the last one in sight, if not all of it is."""
        is_cut = len(self._rows) > self._size.height
        return max(self._top + 1, self.in_sight.stop - is_cut)

    def fitting(self, end: int) -> int:
        """How many lines before line `end` fit in, at least one if there is one."""
        first, room = end, self._size.height
        while first > 0 and (room := room - self._height(first - 1)) >= 0:
            first -= 1
        return max(min(end, 1), end - first)

    @cached_property
    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        index = self._top
        while len(rows) < self._size.height and index < self._count:
            rows += self._pieces(index)
            index += 1
        return rows

    def _height(self, index: int) -> int:
        # Most lines need not be rendered for it.
        return len(self._pieces(index)) if self._goes_on_below(index) else 1

    def _pieces(self, index: int) -> list[Row]:
        strip = self._strip(index)
        if not self._goes_on_below(index):
            return [Row(index, 0, strip, goes_on_below=False)]
        # A line may be a thousand rows high: what is more than a window is never seen, and would take seconds.
        width, most = max(1, self._size.width), self._size.height + 1
        strip = strip.crop(0, (most + 1) * (width + 1))
        starts = list(_starts(strip, width))
        ends = [*starts[1:], strip.cell_length]
        return [
            Row(index, start, strip.crop(start, end), goes_on_below=True)
            for start, end in zip(starts, ends, strict=True)
        ]


def _starts(strip: Strip, width: int) -> Iterator[int]:
    """Yield the columns that the pieces of a line begin with: words stay whole, unless they are wider than a row."""
    start = 0
    yield start
    while strip.cell_length - start > width:
        # The space behind a word that just fits need not fit.
        piece = strip.crop(start, start + width + 1)
        words = piece.text[: piece.text.rfind(" ") + 1]
        end = start + cell_len(words)
        start = end if words.strip() and _begins_with_a_word(strip.crop(end, end + width + 1), width) else start + width
        yield start


def _begins_with_a_word(piece: Strip, width: int) -> bool:
    return " " in piece.text or piece.cell_length <= width
