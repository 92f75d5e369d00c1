"""The processes of a run: the worker's group, and whoever left it. The supervisor is parent to all of them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from flowerpower_tui.runs.pipes import Pipes

Spawn = Callable[[Pipes], int]
"""Starts a worker that writes to these pipes, in a process group of its own, and returns its process id."""

RUN_VARIABLE = "FP_TUI_RUN"
"""The variable that tells the worker, and everyone it starts, the id of their run."""

KILL_PATIENCE = 2.0

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# A launcher under nohup, or in the background of a script, ignores some of these, and that is inherited.
TO_DEFAULT = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)


def command_spawn(command: Sequence[str]) -> Spawn:
    """Return a `Spawn` that starts `command` with the number of the events' descriptor as its last argument."""

    def spawn(pipes: Pipes) -> int:
        os.set_inheritable(pipes.events.write, True)
        return os.posix_spawn(
            command[0],
            [*command, str(pipes.events.write)],
            # Python programs that the worker starts shall not hold back what they print.
            os.environ | {"PYTHONUNBUFFERED": "1"},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, pipes.stdout.write, 1),
                (os.POSIX_SPAWN_DUP2, pipes.stderr.write, 2),
            ],
            setpgroup=0,
            setsigmask=(),
            setsigdef=TO_DEFAULT,
        )

    return spawn


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that none is out of sight (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Be killed when the parent dies, so that nothing goes on that nobody sees (Linux)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Family:
    """A worker and its descendants.

    Attributes:
        status: the worker's wait status; None while it lives.
    """

    def __init__(self, worker: int) -> None:
        self.worker = worker
        self.status: int | None = None

    def reap(self) -> None:
        """Take note of everyone who died."""
        with contextlib.suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return
                if process == self.worker:
                    self.status = status

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the worker's process group, if anyone is left there."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.worker, number)

    def group(self) -> list[int]:
        """Return the process ids of the worker's group as far as they are known, the worker first."""
        return [process for process in (self.worker, *_descendants(self.worker)) if _group(process) == self.worker]

    def left(self) -> list[int]:
        """Return the process ids of our children; where the system does not tell, the group's if it has members."""
        try:
            return _children(os.getpid())
        except FileNotFoundError:
            try:
                os.killpg(self.worker, 0)
            except (ProcessLookupError, PermissionError):
                return []
            return [self.worker]

    def signal_left(self, number: signal.Signals) -> None:
        """Send a signal to everyone who is left: to the group while it has members, and to those who left it."""
        for process in self.left():
            if _group(process) in (self.worker, None):
                self.signal_group(number)
            else:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(process, number)

    def kill(self) -> None:
        """End everyone at once, and wait until they are gone; for those that even that does not end, not for long."""
        deadline = time.monotonic() + KILL_PATIENCE
        while self.status is None or (self.left() and time.monotonic() < deadline):
            # Again and again: the children of those who die come to us.
            self.signal_left(signal.SIGKILL)
            time.sleep(0.005)
            self.reap()


def kill_children() -> bool:
    """Kill every child of this process; return whether there was one (Linux)."""
    try:
        children = _children(os.getpid())
    except FileNotFoundError:
        return False
    for child in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
    return bool(children)


def names_of(processes: Iterable[int]) -> str:
    """Return processes as people know them: each by its id and, where it can be found, its name."""
    return ", ".join(map(_name_of, processes))


def _name_of(process: int) -> str:
    try:
        # At most 15 bytes: of a longer name, a character may be cut in two.
        return f"{process} ({Path(f'/proc/{process}/comm').read_bytes().decode(errors='replace').strip()})"
    except OSError:
        return str(process)


def _group(process: int) -> int | None:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None


def _children(process: int) -> list[int]:
    return [
        int(word)
        for thread in Path(f"/proc/{process}/task").iterdir()
        for word in (thread / "children").read_text().split()
    ]


def _descendants(process: int) -> list[int]:
    try:
        children = _children(process)
    except OSError:
        return []
    return [*children, *(grandchild for child in children for grandchild in _descendants(child))]


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
