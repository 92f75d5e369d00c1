"""Where the last rows of a run begin, found from the end of its files: nothing before them has to be read."""

from __future__ import annotations

from flowerpower_tui.runs.events import AnyEvent, OutputWritten, RunFinished, Stream
from flowerpower_tui.runs.lines import LINE_LIMIT, LineAssembler, Told
from flowerpower_tui.runs.logfiles import LogFile, LogFiles
from flowerpower_tui.runs.logindex import CHUNK, LOG_HEAD, OUTPUT_HEAD, Checkpoint, Held, decoded, is_plain_record

LOOK_BACK = 1 << 20
"""Bytes of the journal, before the last rows, in which is looked for what they go on with."""

_FAILURE_HEADS = tuple(b'{"type":"%s"' % name for name in (b"NodeFailed", b"AttemptFailed", b"RunFinished"))


def begin_of_tail(files: LogFiles, end: int, count: int) -> Checkpoint:
    """Return a place, not far before it has to be, from which on there are at least `count` rows.

    Of the journal, `end` bytes are looked at; an event ends there. The place does not know its row's number.
    """
    # The first newline of each stream may end no row: that of a line whose last piece was as long as it may be.
    count += 2
    for start, after, line in files.journal.lines_back(end):
        if is_plain_record(line) or (line.startswith(LOG_HEAD) and decoded(line)):
            count -= 1
        elif line.startswith(OUTPUT_HEAD) and isinstance(event := decoded(line), OutputWritten):
            position, rows = _back_from_end(files.output, event, count)
            count -= rows
            if count <= 0:
                return _place(files, start, after, position)
        if count <= 0:
            return _place(files, start, start, None)
    return Checkpoint()


def _back_from_end(output: LogFile, event: OutputWritten, wanted: int) -> tuple[int, int]:
    """Go back through an event's bytes until `wanted` rows end after there; return where that is, and how many."""
    rows = newlines = 0
    position = event.end
    while position > event.start and rows < wanted:
        begin = max(event.start, position - CHUNK)
        newlines += output.read(begin, position).count(b"\n")
        position = begin
        # Of a line that is longer than any may be, pieces end.
        rows = max(newlines, (event.end - position) // LINE_LIMIT - 1)
    return position, rows


class _Begun:
    """A stream's line at some place, as far as going back from there has told."""

    def __init__(self) -> None:
        self.is_whole = False
        self._event: OutputWritten | None = None
        self._spans: list[tuple[int, int]] = []

    def go_back(self, output: LogFile, event: OutputWritten, end: int) -> None:
        """Look at what an event wrote, up to `end`."""
        newline = output.find_back(b"\n", event.start, end)
        start = event.start if newline < 0 else newline + 1
        if start < end:
            self._event = event
            self._spans.append((start, end))
        self.is_whole = newline >= 0

    def held(self) -> Held | None:
        """What the next row begins with: pieces of a long line that have ended are rows before it."""
        if self._event is None:
            return None
        wanted = sum(end - start for start, end in self._spans) % LINE_LIMIT
        last = self._spans[0][1]
        if not wanted:
            return Held(self._event, 0, last, last)
        taken = []
        for start, end in self._spans:
            taken.append((max(start, end - wanted), end))
            wanted -= end - taken[-1][0]
            if not wanted:
                break
        start, end = taken.pop()
        held = Held(self._event, end - start, start, end)
        for span in reversed(taken):
            held = held.grown(*span)
        return held


def _place(files: LogFiles, journal: int, after: int, position: int | None) -> Checkpoint:
    """Gather what has to be known at a place: before the event at `journal`, or in it, `position` in the output."""
    lines: dict[Stream, _Begun] = {"stdout": _Begun(), "stderr": _Begun()}
    told: Told | None = None
    is_found = False
    for start, _, line in files.journal.lines_back(after):
        if after - start > LOOK_BACK:
            break
        if line.startswith(OUTPUT_HEAD) and isinstance(event := decoded(line), OutputWritten):
            position = event.end if position is None else position
            if not lines[event.stream].is_whole:
                lines[event.stream].go_back(files.output, event, min(event.end, position))
        elif line.startswith(_FAILURE_HEADS):
            failed = decoded(line)
            if failed is not None and not is_found and (earlier := _told_by(failed)):
                # What is told again was told by its node first.
                is_found = told is not None and earlier.failure != told.failure
                told = told if is_found else earlier
            if isinstance(failed, RunFinished):
                lines["stdout"].is_whole = lines["stderr"].is_whole = True
    return Checkpoint(
        journal=journal,
        after=after,
        output=position or 0,
        stdout=lines["stdout"].held(),
        stderr=lines["stderr"].held(),
        told=told,
    )


def _told_by(event: AnyEvent) -> Told | None:
    """The failure that this event tells, if it was not told before."""
    assembler = LineAssembler()
    for _ in assembler.event(event):
        pass
    return assembler.told
