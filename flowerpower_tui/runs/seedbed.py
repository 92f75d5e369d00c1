"""Warm starts for an open project: keeps a process in waiting, and does without it where anything is amiss."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from flowerpower_tui.errors import InstallationError, RunStoreError
from flowerpower_tui.python import module_command
from flowerpower_tui.runs import handover
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.environment import stamp
from flowerpower_tui.runs.handover import Look, Request, StartRun, folder_here
from flowerpower_tui.runs.inspect import PATIENCE as LOOK_PATIENCE
from flowerpower_tui.runs.inspect import Inspection, Question, ask_new_process, inspect
from flowerpower_tui.runs.interpreter import choose
from flowerpower_tui.runs.launcher import PATIENCE as START_PATIENCE
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.location import state_directory
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.values import encode

PATIENCE = 5.0
"""Seconds to wait for a process that still imports something; a new one would import that too."""
LONGEST = 60.0
"""The same, as long as it is seen to be at work: on a busy machine another would only be one more."""
AT_WORK = 0.02
"""The share of a processor that it has then."""
SEED = "flowerpower_tui.runs.seed"
SPARE = "flowerpower_tui.runs.spare"

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Seedbed:
    """Starts runs of a project, and looks at its pipelines, warm where that is possible. Safe to use from threads.

    The process in waiting is gone when this one is, however it ends; runs are not. Start it when the first screen
    stands: for a second it takes a core.

    Args:
        root: the project's folder.
        state: the state directory; this user's by default.
        module: what is to wait; chosen by the platform.
    """

    def __init__(self, root: Path, *, state: Path | None = None, module: str = "") -> None:
        self._root = root.absolute()
        self._state = state or state_directory()
        self._module = module or (SEED if sys.platform == "linux" else SPARE)
        self._lock = threading.Lock()
        self._is_closed = False
        self._waiting: _Waiting | None = None
        self._replace()

    def start(self, request: RunRequest) -> RunDirectory:
        """Start a run, as `launcher.start` does.

        Raises:
            FlowerPowerError: as there.
        """
        return start(request, state=self._state, warm=self.own)

    def inspect(
        self, pipeline: str, overrides: Mapping[str, Any] = _NOTHING, *, timeout: float = LOOK_PATIENCE
    ) -> Inspection:
        """Look at a pipeline, as `inspect.inspect` does."""
        return inspect(self._root, pipeline, overrides, timeout=timeout, ask=self.look)

    def close(self) -> None:
        """End the process in waiting; what is asked from now on is done without one."""
        with self._lock:
            self._is_closed = True
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def own(self, run: RunDirectory, lock: int, environ: Mapping[str, str]) -> str:
        """Have a run started by the process in waiting; see `launcher.Warm`."""
        variables = {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
        try:
            answer = self._ask(StartRun(str(run.path), folder_here(), variables), [lock])
        except _ColdError as cold:
            return str(cold)
        with answer:
            word, _, supervisor = answer.line.partition(" ")
            if word != "ready":
                self._renew()
                return answer.line
            try:
                return answer.rest(START_PATIENCE)
            except OSError as error:
                # Not again: it may have started the worker by now.
                with suppress(ProcessLookupError):
                    os.kill(int(supervisor), signal.SIGKILL)
                raise RunStoreError("The supervisor did not start.", hint=str(error)) from error

    def look(self, question: Question) -> int:
        """Have a pipeline looked at by the process in waiting, or else by a new one."""
        began = time.monotonic()
        request = Look(
            root=str(question.root),
            pipeline=question.pipeline,
            overrides=encode(question.overrides),
            folder=folder_here(),
            environ=dict(os.environb),
        )
        try:
            with self._ask(request, [question.answer, question.printed]) as answer:
                if answer.line == "looking":
                    # Ended by the seed, once we close the socket, if this takes too long.
                    word, _, status = answer.next_line(question.timeout).partition(" ")
                    if word == "ended":
                        return os.waitstatus_to_exitcode(int(status))
                self._renew()
        except TimeoutError:
            raise
        except (_ColdError, OSError):
            pass
        for descriptor in (question.answer, question.printed):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
        return ask_new_process(question._replace(timeout=question.timeout - (time.monotonic() - began)))

    def _ask(self, request: Request, descriptors: Sequence[int]) -> _Answer:
        """Return how the process in waiting answers.

        Raises:
            _ColdError: there is none, or it does not answer.
        """
        with self._lock:
            waiting = self._fit()
            try:
                connection = waiting.send(request, descriptors)
            except OSError as error:
                self._replace()
                raise _ColdError(f"the process in waiting does not listen: {error}") from error
        try:
            return _Answer(connection, waiting.processor_seconds)
        except OSError as error:
            connection.close()
            last = waiting.last_words()
            self._renew()
            raise _ColdError(last or f"the process in waiting does not answer: {error}") from error

    def _fit(self) -> _Waiting:
        waiting = self._waiting
        if waiting is None:
            self._replace()
            raise _ColdError("no process is in waiting")
        if waiting.process.poll() is not None:
            last = waiting.last_words()
            self._replace()
            raise _ColdError(f"the process in waiting has ended: {last or waiting.process.returncode}")
        if waiting.stamp != stamp(python=self._python()):
            self._replace()
            raise _ColdError("the environment or what is installed has changed")
        return waiting

    def _renew(self) -> None:
        with self._lock:
            self._replace()

    def _replace(self) -> None:
        self._end()
        if not self._is_closed:
            # Whatever is amiss, runs are started without it, or told why they are not.
            with suppress(OSError, _ColdError):
                self._waiting = _Waiting(self._module, self._state, self._root, self._python())

    def _python(self) -> str:
        """Return the project's interpreter, as it is chosen now."""
        try:
            return choose(self._root).path
        except InstallationError as error:
            raise _ColdError(error.message) from error

    def _end(self) -> None:
        if self._waiting:
            self._waiting.end()
            self._waiting = None


class _ColdError(Exception):
    """Why something cannot be done warm."""


class _Waiting:
    """A process in waiting, as its asker sees it."""

    def __init__(self, module: str, state: Path, root: Path, python: str) -> None:
        self.stamp = stamp(python=python)
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 it lives as long as the process
        self._control, theirs = socket.socketpair()
        self._control.settimeout(PATIENCE)
        # They end when the writing end is closed, which is when we are gone.
        read, self._life = os.pipe()
        try:
            self.process = subprocess.Popen(
                module_command(module, str(state), str(root), str(theirs.fileno()), str(read), python=python),
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                pass_fds=(theirs.fileno(), read),
                start_new_session=True,
            )
        except OSError:
            self._close()
            raise
        finally:
            theirs.close()
            os.close(read)

    def send(self, request: Request, descriptors: Sequence[int]) -> socket.socket:
        """Send a request; return the socket that is answered at.

        Raises:
            OSError: it is not taken.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                handover.send(self._control, request, [*descriptors, theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def processor_seconds(self) -> float:
        """Return how long it has had a processor, as far as the system tells."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def last_words(self) -> str:
        """Return the last line that it printed."""
        with suppress(OSError, ValueError):
            size = os.fstat(self._printed.fileno()).st_size
            words = os.pread(self._printed.fileno(), 1000, max(0, size - 1000))
            return words.decode(errors="replace").strip().rpartition("\n")[2]
        return ""

    def end(self) -> None:
        """End it; the runs that it has started go on."""
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._control.close()
        self._printed.close()
        os.close(self._life)


class _Answer:
    """What a process in waiting answers.

    Attributes:
        line: its first line.
    """

    def __init__(self, connection: socket.socket, worked: Callable[[], float] = lambda: 0.0) -> None:
        """Read the first line; `worked` says for how many seconds who shall answer has had a processor.

        Raises:
            OSError: it does not come.
        """
        self._connection = connection
        self._words = b""
        self.line = self._first_line(worked)

    def _first_line(self, worked: Callable[[], float]) -> str:
        last = time.monotonic() + LONGEST
        while True:
            before = worked()
            try:
                return self.next_line(PATIENCE)
            except TimeoutError:
                if worked() - before < AT_WORK * PATIENCE or time.monotonic() > last:
                    raise

    def next_line(self, timeout: float) -> str:
        """Return the next line, without its end.

        Raises:
            OSError: it does not come; TimeoutError if that is for want of time.
        """
        self._connection.settimeout(timeout)
        while b"\n" not in self._words:
            piece = self._connection.recv(4096)
            if not piece:
                raise ConnectionResetError("it has ended")
            self._words += piece
        line, _, self._words = self._words.partition(b"\n")
        return line.decode(errors="replace")

    def rest(self, timeout: float) -> str:
        """Let it go on; return the last line that it says until it is through.

        Raises:
            OSError: it takes longer than that.
        """
        self._connection.settimeout(timeout)
        self._connection.sendall(b"\n")
        words = self._words
        while piece := self._connection.recv(4096):
            words += piece
        return words.decode(errors="replace").strip().rpartition("\n")[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
