"""A process that has imported what the runs of a project import, and becomes one of them by forking when it is asked.

It never imports the project's own modules, starts no threads, and ends with whoever started it. Where forking is not
safe it gives way to `spare`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from flowerpower_tui.python import module_command
from flowerpower_tui.runs import handover, inspector, standing_in
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.family import Spawn, die_with_parent
from flowerpower_tui.runs.handover import Look, StartRun
from flowerpower_tui.runs.head_start import BARE, HeadStart
from flowerpower_tui.runs.pipes import Pipes
from flowerpower_tui.runs.supervisor import detach, supervise
from flowerpower_tui.runs.values import decode
from flowerpower_tui.runs.worker import work

NOT_TO_BE_FORKED = frozenset({"grpc", "jax", "polars", "ray", "tensorflow"})
"""Packages whose own threads or locks do not survive a fork."""


class Seed:
    """The process in waiting.

    Args:
        head_start: what it imports.
        control: the socket that requests come from.
        asker: a pipe whose other end whoever started us holds.
    """

    def __init__(self, head_start: HeadStart, control: socket.socket, asker: int) -> None:
        self._head_start = head_start
        self._control = control
        self._asker = asker
        self._lookers: dict[int, socket.socket] = {}
        self._kept: frozenset[int] = frozenset()

    def grow(self) -> str:
        """Import everything; return an option or a module's name to begin again with, nothing if all went well.

        Requests that come in between are answered with what is there, unless there is doubt about it.
        """
        for _ in self._head_start.imports(without=NOT_TO_BE_FORKED):
            if self._lookers:
                # Who has asked meanwhile is told when the answer is there, and not when all is imported.
                self._reap()
            if _is_readable(self._control) and not self._head_start.is_spoilt and _forks_well():
                self._settle()
                self._answer()
        if self._head_start.is_spoilt:
            return BARE
        self._settle()
        return "" if _forks_well() else "flowerpower_tui.runs.spare"

    def serve(self) -> None:
        """Answer requests until nobody can ask any more."""
        wake, write = os.pipe()
        for descriptor in (wake, write):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            self._reap()
            ready, _, _ = select.select(
                [self._control.fileno(), wake, *map(socket.socket.fileno, self._lookers.values())], (), ()
            )
            if wake in ready:
                os.read(wake, 4096)
            for process, asker in self._lookers.items():
                if asker.fileno() in ready:
                    # Nobody waits for the answer any more.
                    _kill(process)
            if self._control.fileno() in ready:
                self._answer()

    def _settle(self) -> None:
        self._head_start.settle()
        gc.collect()
        gc.freeze()
        # What libraries opened is for those who go on with them.
        self._kept = frozenset(standing_in.open_descriptors()) - {self._control.fileno(), self._asker}

    def _answer(self) -> None:
        received = handover.receive(self._control)
        if received is None:
            os._exit(0)
        request, (*given, answer) = received
        asker = socket.socket(fileno=answer)
        if isinstance(request, Look):
            self._look(request, given[0], given[1], asker)
        elif why := self._head_start.why_stale(request.environ):
            _say(asker, why)
        else:
            self._start_run(request, given[0], asker)
        asker.close()
        for descriptor in given:
            os.close(descriptor)

    def _start_run(self, request: StartRun, lock: int, asker: socket.socket) -> None:
        if self._fork():
            return
        try:
            os.setsid()
            os.dup2(asker.fileno(), 2)
            self._become(request, asker, {lock})
            run = RunDirectory(Path(request.run))
            detach()
            os.write(2, b"ready %d\n" % os.getpid())
            # Whoever has lost patience meanwhile starts the run without us.
            if os.read(2, 1):
                supervise(run, lock, self._forking(run))
        except SystemExit:
            # The worker was forked in there, and ends as any Python program does.
            raise
        except BaseException as error:  # noqa: BLE001 whatever it is, it must not go on as a second seed
            os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
            os._exit(1)
        os._exit(0)

    def _forking(self, run: RunDirectory) -> Spawn:
        def spawn(pipes: Pipes) -> int:
            supervisor = os.getpid()
            if worker := os.fork():
                return worker
            os.setpgid(0, 0)
            standing_in.redirect(pipes.stdout.write, pipes.stderr.write)
            standing_in.close_all_but({pipes.events.write, *self._kept})
            standing_in.forget_signals()
            die_with_parent()
            if os.getppid() != supervisor:
                os._exit(1)
            standing_in.be_a_worker()
            raise SystemExit(work(run, pipes.events.write))

        return spawn

    def _look(self, request: Look, answer: int, printed: int, asker: socket.socket) -> None:
        seed = os.getpid()
        if process := self._fork():
            # Meanwhile it is at work; what it finds counts only if nothing has changed.
            if why := self._head_start.why_stale(request.environ):
                _kill(process)
                _say(asker, why)
            else:
                self._lookers[process] = asker.dup()
                _say(asker, "looking")
            return
        try:
            os.setsid()
            die_with_parent()
            if os.getppid() == seed:
                os.dup2(printed, 2)
                self._become(request, asker, {answer})
                os.dup2(2, 1)
                inspector.answer(Path(request.root), request.pipeline, decode(request.overrides), answer)
        finally:
            os._exit(1)

    def _fork(self) -> int:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        ctypes.CDLL(None).fflush(None)
        return os.fork()

    def _become(self, request: StartRun | Look, asker: socket.socket, kept: set[int]) -> None:
        """Be the process of a request, with no part in what is the seed's; stderr stands already."""
        for connection in (self._control, asker, *self._lookers.values()):
            # Closed below: an object that closes it later would close what has its number by then.
            connection.detach()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        standing_in.redirect(nowhere, 2)
        standing_in.close_all_but(kept | self._kept)
        standing_in.forget_signals()
        standing_in.take_environment(request.environ, request.folder, self._head_start.variables)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                process, status = os.waitpid(-1, os.WNOHANG)
                if not process:
                    return
                if asker := self._lookers.pop(process, None):
                    with asker, suppress(OSError):
                        asker.sendall(b"ended %d\n" % status)


def _say(asker: socket.socket, line: str) -> None:
    # Who has gone meanwhile is told nothing.
    with suppress(OSError):
        asker.sendall(f"{line}\n".encode(errors="replace"))


def _is_readable(connection: socket.socket) -> bool:
    return bool(select.select([connection], (), (), 0)[0])


def _forks_well() -> bool:
    """Whether the libraries that are loaded can be forked: those that are prepared for it have ended their threads."""
    if sys.platform != "linux" or not NOT_TO_BE_FORKED.isdisjoint(sys.modules):
        return False
    child = os.fork()
    if not child:
        os._exit(0)
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    os.waitpid(child, 0)
    return threads == 1


def _kill(process: int) -> None:
    for kill in (os.killpg, os.kill):
        # It may not have a group of its own yet.
        with suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)


def begin_again(module: str, arguments: list[str], head_start: HeadStart) -> NoReturn:
    """Give way to `module` as a process with these arguments, the last of which are descriptors and options."""
    head_start.restore()
    os.execv(sys.executable, module_command(module, *arguments, options=("-P", "-X", "faulthandler")))  # noqa: S606


def main(arguments: list[str]) -> None:
    """Run as `seed STATE ROOT CONTROL ASKER [--bare]`: a socket and a pipe, as descriptors."""
    state, root, control, asker, *options = arguments
    standing_in.die_with(int(asker))
    os.chdir("/")
    head_start = HeadStart(Path(state), Path(root), bare=BARE in options)
    for descriptor in (int(control), int(asker)):
        os.set_inheritable(descriptor, False)
    seed = Seed(head_start, socket.socket(fileno=int(control)), int(asker))
    if other := seed.grow():
        for descriptor in (int(control), int(asker)):
            os.set_inheritable(descriptor, True)
        given = [state, root, control, asker]
        if other == BARE:
            begin_again("flowerpower_tui.runs.seed", [*given, BARE], head_start)
        begin_again(other, [*given, *options], head_start)
    seed.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
