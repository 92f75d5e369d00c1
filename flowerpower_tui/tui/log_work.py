"""Going through a log off the loop: threads that filter, search and write it, and post what they found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.logexport import export_log
from flowerpower_tui.runs.logsearch import Matches, find_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.message_pump import MessagePump

    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.logbook import LogBook
    from flowerpower_tui.runs.logfilter import LineFilter
    from flowerpower_tui.runs.logsearch import Wanted

_SLICE_SECONDS = 0.03
_TOLD_SECONDS = 0.1


@dataclass
class Filtered(Message):
    """More rows have been looked at; `matches` may have grown."""

    matches: Matches


@dataclass
class Found(Message):
    """A search came to an end: at `row` of the book, None if there is no other.

    Attributes:
        around: whether it went on at the other end.
    """

    search: Search
    row: int | None
    around: bool


@dataclass
class Exported(Message):
    """The log was written: `rows` rows of it, unless there was an `error`."""

    path: Path
    rows: int
    error: FlowerPowerError | None


class Filtering:
    """Looks at all rows of a book, and at new ones whenever it is told to: posts `Filtered`."""

    def __init__(self, book: LogBook, wanted: LineFilter, listener: MessagePump) -> None:
        self.matches = Matches(book, wanted)
        self._listener = listener
        self._stopped = Flag()
        self._due = Flag()
        Thread(target=self._work, name="log-filter", daemon=True).start()

    def look(self) -> None:
        """There are more rows."""
        self._due.set()

    def stop(self) -> None:
        """Post nothing more."""
        self._stopped.set()
        self._due.set()

    def _work(self) -> None:
        told = -1.0
        while not self._stopped.is_set():
            self._due.clear()
            more = self.matches.advance(_SLICE_SECONDS)
            if (not more or time.monotonic() - told >= _TOLD_SECONDS) and not self._stopped.is_set():
                told = time.monotonic()
                self._listener.post_message(Filtered(self.matches))
            if more:
                # So that the interface's own thread comes to its turn.
                time.sleep(0.001)
            else:
                self._due.wait()


class Search:
    """Looks for the next wanted row from `first` on, and around: posts `Found`.

    Attributes:
        backwards: whether it looks towards the beginning.
    """

    def __init__(
        self, book: LogBook, wanted: Wanted, first: int, listener: MessagePump, *, backwards: bool = False
    ) -> None:
        self._book = book
        self._wanted = wanted
        self._first = first
        self.backwards = backwards
        self._listener = listener
        self._stopped = Flag()
        Thread(target=self._work, name="log-search", daemon=True).start()

    def stop(self) -> None:
        """Post nothing."""
        self._stopped.set()

    def _work(self) -> None:
        row, around = self._next(self._first), False
        edge = len(self._book) - 1 if self.backwards else 0
        if row is None and edge != self._first:
            row, around = self._next(edge, self._first), True
        if not self._stopped.is_set():
            self._listener.post_message(Found(self, row, around))

    def _next(self, first: int, last: int | None = None) -> int | None:
        found = find_rows(
            self._book, self._wanted, first, last=last, backwards=self.backwards, stop=self._stopped.is_set
        )
        return next(found, None)


def export(rows: Sequence[LogLine], path: Path, listener: MessagePump) -> None:
    """Write rows to a new file: `Exported`."""

    def work() -> None:
        try:
            answer = Exported(path, export_log(rows, path), None)
        except FlowerPowerError as error:
            answer = Exported(path, 0, error)
        if listener.is_running:
            listener.post_message(answer)

    Thread(target=work, name="log-export", daemon=True).start()
