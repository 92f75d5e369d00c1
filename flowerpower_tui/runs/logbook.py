"""All rows of a run's log, live or past, by their numbers: decoded when they are asked for, in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple, overload

from typing_extensions import override

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, OutputWritten
from flowerpower_tui.runs.lines import LineAssembler, LogLine
from flowerpower_tui.runs.logfiles import LogFiles
from flowerpower_tui.runs.logindex import BLOCK_BYTES, BLOCK_ROWS, Checkpoint, LogIndex, decoded
from flowerpower_tui.runs.logtail import begin_of_tail

BLOCKS_HELD = 48
LARGE = 8 << 20
"""Bytes of journal and output from which on the tail is worth being shown before the rest is counted."""

_UNREADABLE = LogLine(datetime.fromtimestamp(0, UTC), "run", "ERROR", "", "this line can no longer be read", 0)


class Tail(NamedTuple):
    """The last rows of a run as it stood.

    Attributes:
        lines: the rows.
        end: where in the journal the last event ends that they tell of.
    """

    lines: list[LogLine]
    end: int


class LogBook(Sequence[LogLine]):
    """The rows of a run's log, as far as `extend` has counted them.

    One thread extends; any may read. What is held is a checkpoint for every block of rows, and the rows of
    `BLOCKS_HELD` blocks. Files of the run's project are told by the way from its folder.
    """

    def __init__(self, run: RunDirectory, *, block_rows: int = BLOCK_ROWS, block_bytes: int = BLOCK_BYTES) -> None:
        self.run = run
        self._files = LogFiles.of(run)
        self._root = _project_of(run)
        self._index = LogIndex(self._files, block_rows, block_bytes)
        self._steps = self._index.steps()
        self._held: dict[int, list[LogLine]] = {}
        self._lock = Lock()

    @override
    def __len__(self) -> int:
        """How many rows are counted so far."""
        return self._index.end.row

    @overload
    def __getitem__(self, index: int) -> LogLine: ...
    @overload
    def __getitem__(self, index: slice) -> list[LogLine]: ...
    @override
    def __getitem__(self, index: int | slice) -> LogLine | list[LogLine]:
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            if step != 1:
                raise ValueError("rows are read one after the other")
            return self.lines(first, max(0, last - first))
        row = range(len(self))[index]
        return self.lines(row, 1)[0]

    def lines(self, first: int, count: int) -> list[LogLine]:
        """Return `count` rows from number `first` on, fewer at the end."""
        lines: list[LogLine] = []
        last = min(first + count, len(self))
        while first < last:
            number = self._index.block_of(first)
            begin = self._index.rows[number]
            block = self._rows_of(number)[first - begin : last - begin]
            lines += block
            first += len(block)
        return lines

    @property
    def size(self) -> int:
        """How many bytes the run's files have now."""
        return self._files.journal.size() + self._files.output.size()

    @property
    def is_gone(self) -> bool:
        """Whether the run was pruned; what was opened before can still be read."""
        return not self.run.path.exists()

    def extend(self, seconds: float = float("inf"), *, until: int | None = None) -> tuple[list[AnyEvent], bool]:
        """Count what came since the last call, for about `seconds`, not beyond `until` in the journal.

        Return the events that are neither output nor log records, and whether there may be more.
        """
        events: list[AnyEvent] = []
        deadline = time.monotonic() + seconds
        self._index.limit = until
        for step in self._steps:
            if not isinstance(step, bool):
                events.append(step)
            elif not step or time.monotonic() >= deadline:
                return events, step
        raise AssertionError("there is always a next step")

    def close(self) -> None:
        """Count the lines that have begun, too: for a run that is lost."""
        self._index.close()

    def tail(self, count: int) -> Tail:
        """Return the last `count` rows, at once: nothing has to be counted for it.

        Of a line that began far before the end while others wrote, the beginning may be missing.
        """
        journal = self._files.journal
        end = journal.find_back(b"\n", 0, journal.size()) + 1
        begin = begin_of_tail(self._files, end, count)
        lines = self._decode(begin, Checkpoint(journal=end, after=end, output=self._files.output.size()))
        return Tail(lines[-count:], end)

    # By blocks: for those who go through all rows.

    @property
    def blocks(self) -> int:
        """How many blocks there are; the last one may still grow."""
        return len(self._index.rows)

    def block_of(self, row: int) -> int:
        """Return the number of the block that has `row`."""
        return self._index.block_of(row)

    def first_row(self, block: int) -> int:
        """Return the number of a block's first row."""
        return self._index.rows[block]

    def block(self, block: int) -> list[LogLine]:
        """Return the rows of a block; they are not kept."""
        return self._decode(self._index.checkpoints[block], self._end_of(block))

    def raw(self, block: int) -> tuple[bytes, bytes] | None:
        """Return a block's bytes of the journal and of the output.

        None if the text of some of its rows does not stand in them, or if the block still grows.
        """
        if block >= len(self._index.plain) or not self._index.plain[block]:
            return None
        begin, end = self._index.checkpoints[block], self._end_of(block)
        return self._files.journal.read(begin.journal, end.after), self._files.output.read(begin.output, end.output)

    def _end_of(self, block: int) -> Checkpoint:
        checkpoints = self._index.checkpoints
        return checkpoints[block + 1] if block + 1 < len(checkpoints) else self._index.end

    def _rows_of(self, number: int) -> list[LogLine]:
        """Return the rows of a block, as many as it is known to have."""
        with self._lock:
            begin, end = self._index.checkpoints[number], self._end_of(number)
            rows = self._held.pop(number, None)
            if rows is None or len(rows) < end.row - begin.row:
                rows = self._decode(begin, end)
                # The files are shorter than they were.
                rows += [_UNREADABLE] * (end.row - begin.row - len(rows))
            self._held[number] = rows
            if len(self._held) > BLOCKS_HELD:
                del self._held[next(iter(self._held))]
            return rows

    def _decode(self, begin: Checkpoint, end: Checkpoint) -> list[LogLine]:
        held = [held for held in (begin.stdout, begin.stderr) if held]
        assembler = LineAssembler(
            begin.told,
            [(held.begun, b"".join(self._files.output.read(*span) for span in held.spans())) for held in held],
            root=self._root,
        )
        rows: list[LogLine] = []
        position = begin.output
        for line in self._files.journal.read(begin.journal, end.after).split(b"\n"):
            event = decoded(line)
            if isinstance(event, OutputWritten):
                for piece in self._files.output.pieces(max(event.start, position), min(event.end, end.output)):
                    rows.extend(assembler.output(event, piece))
            elif event is not None:
                rows.extend(assembler.event(event))
        if end.is_end:
            rows.extend(assembler.rest())
        return rows


def _project_of(run: RunDirectory) -> Path | None:
    with suppress(RunStoreError):
        return Path(run.record().request.project)
    return None
