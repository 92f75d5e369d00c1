"""Going through all rows of a log for those that are wanted: only what its bytes do not rule out is decoded."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, overload

from typing_extensions import override

from flowerpower_tui.runs.lines import LogLine
from flowerpower_tui.runs.logbook import LogBook


class Wanted(Protocol):
    """What is looked for: a `LineFilter` or a `TextPattern`."""

    def accepts(self, line: LogLine) -> bool:
        """Whether a line is wanted."""
        ...

    def rules_out(self, journal: bytes, output: bytes) -> bool:
        """Whether no line is wanted whose event and text stand in these bytes."""
        ...


def find_rows(
    book: LogBook,
    wanted: Wanted,
    first: int,
    *,
    last: int | None = None,
    backwards: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[int]:
    """Yield the numbers of the wanted rows from `first` to `last`, or back from `first` to `last`.

    Without a `last` it ends at the beginning, or at what is counted when it gets there; or when `stop()` says so,
    which is asked once for each block.
    """
    if not 0 <= first < len(book):
        return
    step = -1 if backwards else 1
    number = book.block_of(first)
    end = None if last is None else book.block_of(last) + step
    while 0 <= number < book.blocks and number != end and not stop():
        begin = book.first_row(number)
        raw = book.raw(number)
        if raw is None or not wanted.rules_out(*raw):
            found = [begin + row for row, line in enumerate(book.block(number)) if wanted.accepts(line)]
            low, high = (last, first) if backwards else (first, last)
            yield from (row for row in found[::step] if (low is None or row >= low) and (high is None or row <= high))
        number += step


class Matches(Sequence[LogLine]):
    """The rows of a book that are wanted, by their place among these. One thread advances; any may read.

    Attributes:
        book: whose rows they are.
        rows: their numbers in the book.
        seen: how many rows of the book were looked at.
    """

    def __init__(self, book: LogBook, wanted: Wanted) -> None:
        self.book = book
        self.rows = array("Q")
        self.seen = 0
        self._wanted = wanted

    @override
    def __len__(self) -> int:
        """How many are found so far."""
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> list[LogLine]: ...
    @override
    def __getitem__(self, index: int | slice) -> LogLine | list[LogLine]:
        rows = self.rows[index]
        return self.book[rows] if isinstance(rows, int) else [self.book[row] for row in rows]

    def advance(self, seconds: float = float("inf")) -> bool:
        """Look at more rows, for about `seconds`; return whether there are more to be looked at."""
        deadline = time.monotonic() + seconds
        while self.seen < len(self.book):
            number = self.book.block_of(self.seen)
            is_complete = number + 1 < self.book.blocks
            begin = self.book.first_row(number)
            raw = self.book.raw(number)
            if raw is None or not self._wanted.rules_out(*raw):
                rows = self.book.block(number)
                self.rows.extend(
                    begin + row for row in range(self.seen - begin, len(rows)) if self._wanted.accepts(rows[row])
                )
                self.seen = begin + len(rows)
            if not is_complete:
                return False
            self.seen = self.book.first_row(number + 1)
            if time.monotonic() >= deadline:
                return True
        return False
