"""The worker's end of the pipes: events and output leave it so that the supervisor can tell their order."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flowerpower_tui.runs.events import Event
from flowerpower_tui.runs.journal import encode
from flowerpower_tui.runs.pipes import waiting

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PATIENCE = 2.0
"""Seconds to wait for output to be taken, before what comes next goes ahead of it."""
IMPATIENCE = 0.01
"""The same once that was in vain: someone prints without end, and order is lost anyway."""


class Channel:
    """Sends events, each when all output before it was taken, and orders stdout and stderr against one another.

    Safe to use from several threads, and from a finaliser that interrupts a sending. In a forked child it is
    closed: two processes that write long lines to one pipe would mix them. When the supervisor is gone it is
    closed too, and who runs without a witness runs on quietly.

    Attributes:
        is_open: whether someone may be listening.
        stdout: text to descriptor 1; a line leaves at its end, as on a terminal.
        stderr: text to descriptor 2, likewise.
    """

    def __init__(self, events: int) -> None:
        """Send events to the descriptor `events`; descriptors 1 and 2 are pipes to the supervisor now."""
        self.is_open = True
        self.stdout = _Output(1, self).as_text()
        self.stderr = _Output(2, self).as_text()
        self._events = events
        # Copies: the user's code may put something else in the place of 1 and 2.
        self._outputs = (os.dup(1), os.dup(2))
        self._patience = PATIENCE
        self._lock = threading.RLock()
        self._is_sending = False
        self._late: list[bytes] = []
        os.register_at_fork(after_in_child=self._after_fork)

    def take_over(self) -> None:
        """Make `stdout` and `stderr` those of Python, for good."""
        for before, now in ((sys.stdout, self.stdout), (sys.stderr, self.stderr)):
            if isinstance(before, Relay):
                before.target = now
        sys.stdout = sys.__stdout__ = self.stdout  # type: ignore[misc]
        sys.stderr = sys.__stderr__ = self.stderr  # type: ignore[misc]

    def send(self, kind: type[Event], **fields: Any) -> None:
        """Send an event of this kind, as of now."""
        with self._lock:
            if self._is_sending:
                self._late.append(_line(kind, fields))
                return
            self._is_sending = True
            try:
                self.settle()
                self._write(_line(kind, fields))
            finally:
                self._is_sending = False
                while self._late:
                    self._write(self._late.pop(0))

    def settle(self) -> None:
        """Wait until the supervisor took everything that was printed; not for ever."""
        for stream in (self.stdout, self.stderr):
            # The user's code may have closed it, or what it writes to.
            with contextlib.suppress(ValueError, OSError):
                stream.flush()
        if not self._waiting():
            return
        # An empty line: the supervisor lets output gather for a moment, and this ends the moment.
        self._write(b"\n")
        deadline = time.monotonic() + self._patience
        while self._waiting():
            if time.monotonic() > deadline:
                self._patience = IMPATIENCE
                return
            time.sleep(0.00002)
        self._patience = PATIENCE

    def settle_other(self, descriptor: int) -> None:
        """Wait until what was printed to the other one of descriptors 1 and 2 was taken."""
        if self.is_open and waiting(self._outputs[2 - descriptor]):
            with self._lock:
                self.settle()

    def _waiting(self) -> bool:
        return self.is_open and any(map(waiting, self._outputs))

    def _write(self, data: bytes) -> None:
        try:
            while data and self.is_open:
                data = data[os.write(self._events, data) :]
        except OSError:
            self.is_open = False
        except BaseException:
            # Ctrl+C in the middle of a line: the next one must not go on in it.
            self._late.insert(0, b"\n")
            raise

    def _after_fork(self) -> None:
        self.is_open = self._is_sending = False
        self._lock = threading.RLock()
        self._late.clear()
        for descriptor in (self._events, *self._outputs):
            with contextlib.suppress(OSError):
                os.close(descriptor)


class Relay:
    """A standard stream for modules that keep it when they are imported, in a process that is to be a worker later.

    Attributes:
        target: what it stands for now.
    """

    def __init__(self, target: Any) -> None:
        self.target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self.target, name)


class _Output(io.FileIO):
    """A standard stream whose writes wait for the other one's to be taken."""

    def __init__(self, descriptor: int, channel: Channel) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._channel = channel

    def as_text(self) -> io.TextIOWrapper:
        # Never an error for what cannot be encoded: a log line shall not end a run.
        return io.TextIOWrapper(self, encoding="utf-8", errors="backslashreplace", line_buffering=True)

    def write(self, data: ReadableBuffer, /) -> int:
        self._channel.settle_other(self.fileno())
        rest = memoryview(data).cast("B")
        size = len(rest)
        try:
            while rest:
                rest = rest[super().write(rest) or 0 :]
        except BrokenPipeError:
            # The supervisor is gone; see `Channel`.
            pass
        return size


def _line(kind: type[Event], fields: dict[str, Any]) -> bytes:
    return encode(kind(time=datetime.now(UTC), **fields)) + b"\n"
