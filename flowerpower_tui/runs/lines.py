"""A run as lines that people read: printed output, log records, and what happened to nodes, in one order.

The text is foreign: it goes through `terminal.sanitise` before it comes near a terminal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from flowerpower_tui.pipeline.failure import Failure, render, shown
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
    UnknownEvent,
)
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.terminal import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from flowerpower_tui.pipeline.summary import ValueSummary

Source = Literal["stdout", "stderr", "log", "run"]
LINE_LIMIT = 1 << 16
BLOCK = 1 << 20

_MESSAGE_LINES = 6
"""Lines of a message, below its first one, that the end of a run says again."""


class LogLine(msgspec.Struct, frozen=True):
    """One line of a run's log.

    Attributes:
        time: when it was written, UTC.
        source: the stream; `log` for Python's logging, `run` for what the run itself has to say.
        level: of a log record; of a `run` line `INFO`, `WARNING` or `ERROR`; empty for output.
        node: whose line it is, where that is known; the first of `nodes`, where these are several.
        text: without its newline, of at most `LINE_LIMIT` bytes: what is longer goes on in the next line.
        seq: of the event that completed it.
        nodes: all that it tells of, where they were skipped for one reason.
    """

    time: datetime
    source: Source
    level: str
    node: str
    text: str
    seq: int
    nodes: tuple[str, ...] = ()


class Told(NamedTuple):
    """A failure that was told, and the node that failed so; none for what happened outside of nodes."""

    failure: Failure
    node: str


class LineReader:
    """Reads a run's events and lines while they come: each call of `read` goes on where the last one ended.

    Attributes:
        undecodable: how many lines of the journal told no event and were skipped.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._journal = JournalReader(run.path)
        self._assembler = LineAssembler()

    @property
    def undecodable(self) -> int:
        """How many lines of the journal told no event and were skipped."""
        return self._journal.undecodable

    def read(self) -> tuple[list[AnyEvent], list[LogLine]]:
        """Return the events, and the lines they complete, that came since the last call.

        Raises:
            OSError: the run's files are there and cannot be read.
        """
        events = self._journal.read()
        lines: list[LogLine] = []
        with _Output(self._run) as output:
            for event in events:
                if isinstance(event, OutputWritten):
                    for piece in output.pieces(event):
                        lines.extend(self._assembler.output(event, piece))
                else:
                    lines.extend(self._assembler.event(event))
        return events, lines

    def rest(self) -> list[LogLine]:
        """Return the lines that were begun and never ended: for a run that is lost."""
        return list(self._assembler.rest())


class _Output:
    """The bytes of `output.log`, opened when they are first asked for."""

    def __init__(self, run: RunDirectory) -> None:
        self._path = run.path / OUTPUT
        self._descriptor: int | None = None

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def pieces(self, event: OutputWritten) -> Iterator[bytes]:
        if self._descriptor is None:
            try:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return
        start = event.start
        while start < event.end and (piece := os.pread(self._descriptor, min(BLOCK, event.end - start), start)):
            yield piece
            start += len(piece)


class _Stream:
    """One stream's line that is not ended yet."""

    def __init__(self, begun: OutputWritten | None = None, held: bytes = b"") -> None:
        # A line that was cut is begun, and may hold nothing.
        self._begun = begun
        self._held = held

    def feed(self, event: OutputWritten, data: bytes) -> Iterator[LogLine]:
        *ended, begun = data.split(b"\n")
        for raw in ended:
            if self._begun is None and len(raw) < LINE_LIMIT:
                yield _line(event, event, raw)
                continue
            yield from self._take(event, raw)
            if self._held or self._begun is None:
                yield _line(self._begun or event, event, self._held)
            self._begun, self._held = None, b""
        yield from self._take(event, begun)

    def _take(self, event: OutputWritten, data: bytes) -> Iterator[LogLine]:
        if not data:
            return
        self._begun = self._begun or event
        held, start = self._held + data, 0
        while len(held) - start >= LINE_LIMIT:
            yield _line(self._begun, event, held[start : start + LINE_LIMIT])
            start += LINE_LIMIT
        self._held = held[start:]

    def rest(self) -> Iterator[LogLine]:
        if self._held and self._begun:
            yield _line(self._begun, self._begun, self._held)
        self._begun, self._held = None, b""


class LineAssembler:
    """Puts lines together from events and the bytes of output that they tell of. Pure: it reads no files.

    Attributes:
        told: the failure that was told last, with its traceback.
        skipped: nodes that were skipped one right after the other, and of which nothing was told yet.
    """

    def __init__(
        self,
        told: Told | None = None,
        begun: Iterable[tuple[OutputWritten, bytes]] = (),
        *,
        root: Path | None = None,
    ) -> None:
        """Go on in the middle of a run, where `told` was told and lines were `begun`: each by an event, with bytes.

        Files below `root` are told by the way from there.
        """
        self.told = told
        self.skipped: list[NodeSkipped] = []
        self._root = root
        self._streams = {"stdout": _Stream(), "stderr": _Stream()}
        for event, held in begun:
            self._streams[event.stream] = _Stream(event, held)

    def output(self, event: OutputWritten, data: bytes) -> Iterator[LogLine]:
        """Yield the lines that these bytes complete; the node that began a line owns it."""
        lines = self._streams[event.stream].feed(event, data)
        return chain(self.tell_skipped(), lines) if self.skipped else lines

    def event(self, event: AnyEvent) -> Iterator[LogLine]:
        """Yield what an event other than `OutputWritten` has to say; the end of a run ends all lines.

        Behind a failure many nodes are skipped: they are told together, when something else happens.
        """
        if isinstance(event, NodeSkipped):
            self.skipped.append(event)
            return
        yield from self.tell_skipped()
        if isinstance(event, LogEmitted):
            for text in event.message.splitlines() or [""]:
                yield LogLine(event.time, "log", event.level, event.node, text, event.seq)
            return
        if isinstance(event, RunFinished):
            yield from self.rest()
        level, text = self._words(event)
        if not text:
            return
        node: str = getattr(event, "node", "")
        for part in (*text.splitlines(), *self._traceback(event)):
            yield LogLine(event.time, "run", level, node, part, event.seq)

    def _traceback(self, event: AnyEvent) -> list[str]:
        """The traceback of a failure when it is told first: by its node, then again by the attempt and the run."""
        match event:
            case NodeFailed(failure=failure) | AttemptFailed(failure=failure) | RunFinished(failure=failure):
                if failure is None or self._is_told(failure):
                    return []
                self.told = Told(failure, _instance(event) if isinstance(event, NodeFailed) else "")
                return [] if failure.user_error else render(failure, self._root)
        return []

    def _is_told(self, failure: Failure | None) -> bool:
        return self.told is not None and self.told.failure == failure

    def tell_skipped(self) -> Iterator[LogLine]:
        """Yield what is to be said of the nodes that were skipped: a line for each reason."""
        reasons: dict[str, list[NodeSkipped]] = {}
        for event in self.skipped:
            same = reasons.pop(event.why, [])
            same.append(event)
            # In the order of their last ones: lines stand in the order of time.
            reasons[event.why] = same
        self.skipped = []
        for why, events in reasons.items():
            first, last = events[0], events[-1]
            nodes = tuple(event.node for event in events)
            if len(nodes) == 1:
                text = f"{first.node} skipped: {why}"
            else:
                text = f"{len(nodes):,} nodes skipped, each because {why}: {', '.join(nodes)}"
            yield LogLine(last.time, "run", "INFO", first.node, one_line(text), last.seq, nodes)

    def rest(self) -> Iterator[LogLine]:
        """Yield what was held back: of skipped nodes, and the lines that have begun and are not ended."""
        yield from self.tell_skipped()
        for stream in self._streams.values():
            yield from stream.rest()

    def _words(self, event: AnyEvent) -> tuple[str, str]:
        """The level and the words of an event; no words where there is nothing to say."""
        match event:
            case RunStarted():
                return "INFO", f"run of {event.pipeline} started"
            case AttemptStarted(attempt=attempt) if attempt > 1:
                return "INFO", f"attempt {attempt} of {event.attempts}"
            case AttemptFailed(retry_in=None):
                # The end of the run says why.
                return "ERROR", f"attempt {event.attempt} failed" if event.attempt > 1 else ""
            case AttemptFailed(retry_in=float(pause)):
                failed = f"attempt {event.attempt} failed: {self._reason(event.failure)}"
                return "WARNING", f"{failed}\ntrying again in {spoken_time(pause)}"
            case NodeStarted():
                return "INFO", f"{_instance(event)} started"
            case NodeFinished(reused=True):
                return "INFO", f"{_instance(event)} was at hand: {_value(event.summary)}"
            case NodeFinished():
                finished = f"{_instance(event)} finished after {spoken_time(event.duration)}"
                return "INFO", f"{finished}: {_value(event.summary)}"
            case NodeFailed():
                failed = f"{_instance(event)} failed after {spoken_time(event.duration)}"
                return "ERROR", f"{failed}: {self._reason(event.failure)}"
            case CancelRequested():
                return "WARNING", "cancel requested"
            case RunFinished():
                return self._end(event)
            case UnknownEvent():
                return "INFO", f"{event.name} (told by a newer version)"
        return "", ""

    def _end(self, event: RunFinished) -> tuple[str, str]:
        text = f"{event.outcome} after {spoken_time(event.duration)}"
        if event.outcome == "succeeded":
            return "INFO", text
        failure = event.failure
        told = self.told if self._is_told(failure) else None
        if told and told.node:
            text += f", at {told.node}"
        if event.signal:
            text += f": the worker was ended by {event.signal}"
        elif event.outcome == "crashed":
            text += f": the worker ended with exit code {event.exit_code} and gave no account"
        if failure:
            text += f": {self._reason(failure)}"
            # Else its traceback comes next, and ends with the message.
            if told or failure.user_error:
                text = "\n".join([text, *_more_of(failure)])
        return "WARNING" if event.outcome == "cancelled" else "ERROR", text

    def _reason(self, failure: Failure) -> str:
        message = next(iter(failure.message.strip().splitlines()), "")
        text = f"{failure.type}: {message}" if message else failure.type
        if failure.user_error:
            return f"{failure.location}: {message}" if failure.location else message
        if failure.frames:
            last = failure.frames[-1]
            text += f" ({shown(last.file, self._root)}:{last.line})"
        return text


def prefix(line: LogLine) -> str:
    """Return what stands before the text wherever a line is shown: whose it is, where that is known; safe to show."""
    # What the run itself says names its node.
    return f"{one_line(line.node)}: " if line.node and line.source != "run" else ""


def _line(begun: OutputWritten, ended: OutputWritten, raw: bytes) -> LogLine:
    text = raw.removesuffix(b"\r").decode("utf-8", "replace")
    return LogLine(begun.time, begun.stream, "", begun.node, text, ended.seq)


def _more_of(failure: Failure) -> list[str]:
    """What a message says beyond its first line, and what to do; not all that a traceback has told already."""
    lines = failure.message.strip().splitlines()[1:]
    if failure.user_error:
        return [*lines, *failure.hint.splitlines()]
    left_out = len(lines) - _MESSAGE_LINES
    return lines if left_out <= 1 else [*lines[:_MESSAGE_LINES], f"… {left_out:,} more lines, as above"]


def _instance(event: NodeStarted | NodeFinished | NodeFailed) -> str:
    return f"{event.node} [{event.task}]" if event.task else event.node


def _value(summary: ValueSummary) -> str:
    return f"{summary.type} {' × '.join(map(str, summary.shape))}".rstrip()


def spoken_time(seconds: float) -> str:
    """Return a duration as people say it: `340 ms`, `3.4 s`, `2 m 05 s`, `1 h 02 m`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} m"
