"""Counts a run's rows without decoding them, and remembers a checkpoint every so many: where rows can be read from."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from flowerpower_tui.runs.events import AnyEvent, LogEmitted, OutputWritten, RunFinished, Stream
from flowerpower_tui.runs.journal import decode
from flowerpower_tui.runs.lines import LINE_LIMIT, LineAssembler, Told
from flowerpower_tui.runs.logfiles import PIECE, LogFiles

BLOCK_ROWS = 1_000
BLOCK_BYTES = 1 << 16
# Never longer than LINE_LIMIT: so at most one line is cut in a chunk, the one that was begun before it.
CHUNK = 1 << 15

LOG_HEAD = b'{"type":"LogEmitted"'
OUTPUT_HEAD = b'{"type":"OutputWritten"'


class Held(NamedTuple):
    """What there is of a line that has begun: bytes in output.log, none if it was just cut.

    Attributes:
        begun: the event that wrote its first byte.
        length: of all of it.
        start: of its last part.
        end: of its last part.
        before: what precedes that, if others wrote in between.
    """

    begun: OutputWritten
    length: int
    start: int
    end: int
    before: Held | None = None

    def spans(self) -> list[tuple[int, int]]:
        """Where its parts are, from the first to the last."""
        spans = []
        part: Held | None = self
        while part is not None:
            spans.append((part.start, part.end))
            part = part.before
        return spans[::-1]

    def grown(self, start: int, end: int) -> Held:
        """The same line with more bytes."""
        length = self.length + end - start
        if self.end == start:
            return Held(self.begun, length, self.start, end, self.before)
        return Held(self.begun, length, start, end, self if self.length else None)


class Checkpoint(NamedTuple):
    """A place between two rows, and all that has to be known there to go on; none among nodes that were skipped.

    Attributes:
        row: the number of the row that comes next, from 0.
        journal: where in the journal the event stands that comes next, or that it is in the middle of.
        after: where that event ends if it is in its middle; else the same as `journal`.
        output: how much of output.log is before it.
        stdout: the line of stdout that has begun.
        stderr: the line of stderr that has begun.
        told: the failure that was told last.
        is_end: the lines that had begun there are ended, since nothing more will come.
    """

    row: int = 0
    journal: int = 0
    after: int = 0
    output: int = 0
    stdout: Held | None = None
    stderr: Held | None = None
    told: Told | None = None
    is_end: bool = False


class LogIndex:
    """The checkpoints of a run, from its beginning to as far as `steps` has come.

    One thread goes through `steps`; any may read.

    Attributes:
        checkpoints: where each block begins.
        rows: the first row of each block.
        plain: of each block that is complete, whether the text of each of its rows stands in the block's own bytes,
            and the name of its node as it is shown.
        end: how far it has come.
        limit: a place in the journal, at the end of an event, that it does not go beyond; None for no such place.
    """

    def __init__(self, files: LogFiles, block_rows: int = BLOCK_ROWS, block_bytes: int = BLOCK_BYTES) -> None:
        self.checkpoints = [Checkpoint()]
        self.rows = array("Q", [0])
        self.plain = bytearray()
        self.end = Checkpoint()
        self.limit: int | None = None
        self._files = files
        self._block_rows = block_rows
        self._block_bytes = block_bytes
        self._row = 0
        self._output = 0
        self._held: dict[Stream, Held | None] = {"stdout": None, "stderr": None}
        self._assembler = LineAssembler()
        self._is_plain = True

    def block_of(self, row: int) -> int:
        """Return the number of the block that has `row`."""
        return bisect_right(self.rows, row) - 1

    def close(self) -> None:
        """End what is held back and the lines that have begun: nothing more will come."""
        self._tell_skipped()
        self._end_lines()
        self.end = self.end._replace(row=self._row, is_end=True)

    def steps(self) -> Iterator[AnyEvent | bool]:
        """Go on, without end: yield each event that is neither output nor a log record.

        Now and then `end` tells how far it has come: then yield True, or False if there is nothing more at present.
        """
        journal, size = 0, PIECE
        while True:
            wanted = journal + size if self.limit is None else min(self.limit, journal + size)
            data = self._files.journal.read(journal, wanted)
            whole = data.rfind(b"\n") + 1
            if not whole and len(data) == size:
                size *= 2
                continue
            size = PIECE
            for line in data[:whole].split(b"\n")[:-1]:
                after = journal + len(line) + 1
                yield from self._line(line, journal, after)
                journal = after
                if self._is_full(journal):
                    self._begin_block(Checkpoint(journal=journal, after=journal))
                    yield True
            self.end = self._here(Checkpoint(journal=journal, after=journal))
            yield bool(whole)

    def _line(self, line: bytes, start: int, after: int) -> Iterator[AnyEvent | bool]:
        if is_plain_record(line):
            if self._assembler.skipped:
                self._tell_skipped()
            self._row += 1
            return
        event = decoded(line)
        if event is None:
            return
        if isinstance(event, OutputWritten):
            yield from self._written(event, start, after)
            return
        if isinstance(event, RunFinished):
            self._end_lines()
        self._row += sum(1 for _ in self._assembler.event(event))
        if isinstance(event, LogEmitted):
            self._is_plain &= event.node.isprintable()
        else:
            self._is_plain = False
            yield event

    def _written(self, event: OutputWritten, journal: int, after: int) -> Iterator[bool]:
        position = max(event.start, self._output)
        for piece in self._files.output.pieces(position, event.end):
            self._tell_skipped()
            for start in range(0, len(piece), CHUNK):
                end = min(start + CHUNK, len(piece))
                row_end = self._chunk(event, piece, start, end, position)
                self._output = position + end
                if row_end and self._is_full(journal):
                    held = self._held[event.stream]
                    self._held[event.stream] = (
                        None if piece[row_end - 1 : row_end] == b"\n" else _cut(held, event, position + row_end)
                    )
                    self._output = position + row_end
                    self._begin_block(Checkpoint(journal=journal, after=after))
                    self._held[event.stream] = held
                    self._output = position + end
                    yield True
            position += len(piece)

    def _chunk(self, event: OutputWritten, data: bytes, start: int, end: int, position: int) -> int:
        """Count the rows that a chunk of output completes; return where in `data` the last of them ends, or 0."""
        self._is_plain &= event.node.isprintable()
        held = self._held[event.stream]
        length = held.length if held else 0
        first = data.find(b"\n", start, end)
        if first < 0:
            held = (
                held.grown(position + start, position + end)
                if held
                else Held(event, end - start, position + start, position + end)
            )
            row_end = 0
            if held.length >= LINE_LIMIT:
                self._is_plain &= self._is_within(held, position + end)
                row_end = end - (held.length - LINE_LIMIT)
                held = Held(held.begun, end - row_end, position + row_end, position + end)
                self._row += 1
            self._held[event.stream] = held
            return row_end
        total = length + first - start
        self._is_plain &= held is None or self._is_within(held, position + start)
        # A line that was just cut has no rest.
        self._row += max(1, -(-total // LINE_LIMIT)) if total or held is None else 0
        self._row += data.count(b"\n", first + 1, end)
        row_end = data.rfind(b"\n", first, end) + 1
        rest = end - row_end
        self._held[event.stream] = Held(event, rest, position + row_end, position + end) if rest else None
        return row_end

    def _tell_skipped(self) -> None:
        self._row += sum(1 for _ in self._assembler.tell_skipped())

    def _end_lines(self) -> None:
        for stream, held in self._held.items():
            self._row += bool(held and held.length)
            self._is_plain &= held is None
            self._held[stream] = None

    def _is_within(self, held: Held, end: int) -> bool:
        """Whether a line stands in one piece in this block, up to `end`, and the event too that began it."""
        begun = held.begun
        return (
            held.before is None
            and held.end == end
            and held.start >= self.checkpoints[-1].output
            and begun.start <= held.start < begun.end
        )

    def _is_full(self, journal: int) -> bool:
        if self._assembler.skipped:
            return False
        begin = self.checkpoints[-1]
        return (
            self._row - begin.row >= self._block_rows
            or self._output - begin.output + journal - begin.journal >= self._block_bytes
        )

    def _begin_block(self, place: Checkpoint) -> None:
        self.plain.append(self._is_plain)
        self._is_plain = True
        here = self._here(place)
        self.checkpoints.append(here)
        self.rows.append(here.row)
        self.end = here

    def _here(self, place: Checkpoint) -> Checkpoint:
        return place._replace(
            row=self._row,
            output=self._output,
            stdout=self._held["stdout"],
            stderr=self._held["stderr"],
            told=self._assembler.told,
        )


def _cut(held: Held | None, event: OutputWritten, position: int) -> Held:
    """A line that was cut at `position`, and of which nothing is held there."""
    return Held(held.begun if held else event, 0, position, position)


def is_plain_record(line: bytes) -> bool:
    """Whether a line of the journal is, without a closer look, a log record of one line."""
    # No escape and nothing but ASCII: its message has no newline. Torn, it would not end so.
    return line.startswith(LOG_HEAD) and b"\\" not in line and line.endswith(b'"}') and line.isascii()


def decoded(line: bytes) -> AnyEvent | None:
    """Return the event that a line of the journal tells, None if it tells none."""
    try:
        return decode(line) if line else None
    except msgspec.MsgspecError:
        return None
