"""The three pipes between a worker and its supervisor, and asking one whether anything waits in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import termios
from dataclasses import dataclass

CAPACITY = 1 << 20


@dataclass(frozen=True)
class Pipe:
    """The two descriptors of a pipe."""

    read: int
    write: int

    @classmethod
    def new(cls) -> Pipe:
        """Make a pipe, wide where the system lets us; neither end is inherited."""
        pipe = cls(*os.pipe())
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            # Refused beyond a quota for each user; the pipe then stays as it is.
            with contextlib.suppress(OSError):
                fcntl.fcntl(pipe.read, fcntl.F_SETPIPE_SZ, CAPACITY)
        return pipe


@dataclass(frozen=True)
class Pipes:
    """What a worker writes to: events on a pipe of their own, and what it and its children print."""

    events: Pipe
    stdout: Pipe
    stderr: Pipe

    @classmethod
    def new(cls) -> Pipes:
        """Make all three."""
        return cls(Pipe.new(), Pipe.new(), Pipe.new())

    def close_writing(self) -> None:
        """Close the worker's ends, so that its end shows."""
        for pipe in (self.events, self.stdout, self.stderr):
            os.close(pipe.write)


def waiting(descriptor: int) -> int:
    """Return how many bytes wait in a pipe, asked at either end; 0 for what is no pipe."""
    try:
        answer = fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0")
    except OSError:
        return 0
    return int.from_bytes(answer, sys.byteorder)
