"""Takes what a worker tells and prints out of its pipes and writes it down, in the order in which it happened."""

from __future__ import annotations

import os
import select
from datetime import UTC, datetime

import msgspec

from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptStarted,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    OutputWritten,
    RunFinished,
    Stream,
)
from flowerpower_tui.runs.journal import JournalWriter, decode
from flowerpower_tui.runs.pipes import CAPACITY, Pipes, waiting

GATHER = 5
"""Milliseconds that output may gather, so that a flood of prints is a few large pieces; an event cuts it short."""
LAST_WORDS = 1 << 14
"""Bytes of each pipe that are taken at the end when the disk is full: all of them fit into the journal's reserve."""
LONGEST_EVENT = 1 << 24
"""Bytes; what goes on for longer was not sent by our worker, and is passed over."""


class Recorder:
    """Writes a run's journal and its output.

    Attributes:
        verdict: how the worker says that its run ended; it is held back, since the end of the worker decides.
    """

    def __init__(self, run: RunDirectory, journal: JournalWriter, pipes: Pipes, wake: int) -> None:
        """Read from `pipes`; `wake` is a descriptor that ends a wait when there is something to read from it."""
        self.verdict: RunFinished | None = None
        self._journal = journal
        self._output = os.open(run.path / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._output).st_size
        self._events = pipes.events.read
        self._streams: dict[Stream, int] = {"stdout": pipes.stdout.read, "stderr": pipes.stderr.read}
        self._torn = b""
        self._unwritten = b""
        self._untold: OutputWritten | None = None
        self._running: set[tuple[str, str]] = set()
        self._all = select.poll()
        self._urgent = select.poll()
        self._wake = wake
        for descriptor in (self._events, wake):
            self._urgent.register(descriptor, select.POLLIN)
        for descriptor in (self._events, wake, *self._streams.values()):
            os.set_blocking(descriptor, False)
            self._all.register(descriptor, select.POLLIN)

    def wait(self, seconds: float | None) -> None:
        """Wait until there is something to take, or for the wake, at most `seconds`."""
        ready = dict(self._all.poll(None if seconds is None else seconds * 1000))
        if ready and ready.keys().isdisjoint((self._events, self._wake)):
            self._urgent.poll(GATHER)
        for descriptor, what in ready.items():
            if what & select.POLLHUP and not waiting(descriptor):
                self._forget(descriptor)
        if self._wake in ready:
            _read(self._wake)

    def take(self) -> int:
        """Record what waits in the pipes; return how many bytes that were.

        A worker sends an event only when it sees no output waiting. So every event that is there was sent before
        the output that waits now was written, and the output of the last time before every event since. First
        see what output waits, then take the events, then take that output, and not a byte more.
        """
        seen = [(stream, descriptor, waiting(descriptor)) for stream, descriptor in self._streams.items()]
        taken = self._take_events()
        for stream, descriptor, count in seen:
            taken += self._take_output(stream, descriptor, count)
        return taken

    def tell_rest(self) -> None:
        """Tell of output that was written when a full disk came in between.

        Raises:
            OSError: the journal cannot be written.
        """
        if self._untold and self._size > self._untold.start:
            self._journal.append(msgspec.structs.replace(self._untold, end=self._size))
        self._untold = None

    def close(self) -> None:
        """Bring the output to the disk."""
        os.fsync(self._output)
        os.close(self._output)

    def take_last_words(self) -> None:
        """Record the begin of what waits in the pipes, in the place of the journal's reserve.

        Raises:
            OSError: there is no place.
        """
        self._unwritten = self._unwritten[:LAST_WORDS]
        self._write_output()
        self.tell_rest()
        self._take_events(LAST_WORDS)
        for stream, descriptor in self._streams.items():
            self._take_output(stream, descriptor, min(waiting(descriptor), LAST_WORDS))

    def _take_events(self, size: int = CAPACITY) -> int:
        data = _read(self._events, size)
        *lines, self._torn = (self._torn + data).split(b"\n")
        if len(self._torn) > LONGEST_EVENT:
            self._torn = b""
        for line in lines:
            # An empty line is the worker waiting for its output to be taken.
            if line:
                self._record(line)
        return len(data)

    def _record(self, line: bytes) -> None:
        try:
            event = decode(line)
        except msgspec.MsgspecError:
            # A worker that was interrupted while it wrote.
            return
        self._note(event)
        if isinstance(event, RunFinished):
            self.verdict = event
        else:
            self._journal.append(event)

    def _note(self, event: AnyEvent) -> None:
        match event:
            case NodeStarted():
                self._running.add((event.node, event.task))
            case NodeFinished() | NodeFailed():
                self._running.discard((event.node, event.task))
            case AttemptStarted() | RunFinished():
                self._running.clear()

    def _take_output(self, stream: Stream, descriptor: int, count: int) -> int:
        start = self._size
        nodes = {node for node, _ in self._running}
        node = nodes.pop() if len(nodes) == 1 else ""
        # Before it is taken: from then on the worker may go on, and what it tells next shall not be earlier.
        self._untold = OutputWritten(time=datetime.now(UTC), stream=stream, start=start, end=start, node=node)
        while self._size < start + count:
            data = _read(descriptor, min(start + count - self._size, CAPACITY))
            if not data:
                break
            self._unwritten = data
            self._write_output()
        self.tell_rest()
        return self._size - start

    def _write_output(self) -> None:
        while self._unwritten:
            # A short write is what a full disk says first; the next one raises.
            written = os.write(self._output, self._unwritten)
            self._size += written
            self._unwritten = self._unwritten[written:]

    def _forget(self, descriptor: int) -> None:
        """Watch a pipe no longer that nobody can write to."""
        self._all.unregister(descriptor)
        if descriptor == self._events:
            self._urgent.unregister(descriptor)


def _read(descriptor: int, size: int = CAPACITY) -> bytes:
    """Return what waits in a pipe, at most `size` bytes."""
    try:
        return os.read(descriptor, size)
    except BlockingIOError:
        return b""
