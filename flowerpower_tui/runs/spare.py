"""Where forking is not safe: a supervisor and a worker that were started in advance and wait for their run.

A keeper answers for them as a seed does. It hands a request to the pair that waits, and starts the next pair.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from flowerpower_tui.python import module_command
from flowerpower_tui.runs import handover, standing_in
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.family import TO_DEFAULT, Spawn, die_with_parent
from flowerpower_tui.runs.handover import StartRun
from flowerpower_tui.runs.head_start import BARE, HeadStart
from flowerpower_tui.runs.pipes import Pipes
from flowerpower_tui.runs.supervisor import detach, supervise
from flowerpower_tui.runs.worker import work

WORKER = "--worker"
_OPTIONS = ("-P", "-X", "faulthandler")


class Keeper:
    """Keeps one pair waiting.

    Args:
        control: the socket that requests come from.
        worker: the command of a worker that waits, without its descriptor.
    """

    def __init__(self, control: socket.socket, worker: tuple[str, ...]) -> None:
        self._control = control
        self._worker = worker

    def serve(self) -> None:
        """Answer requests until nobody can ask any more."""
        pair = self._prepare()
        while received := handover.receive(self._control):
            request, descriptors = received
            if isinstance(request, StartRun):
                # If the pair is dead, whoever asked sees the end of its socket.
                with suppress(OSError):
                    handover.send(pair, request, descriptors)
                pair.close()
                pair = self._prepare()
            for descriptor in descriptors:
                os.close(descriptor)

    def _prepare(self) -> socket.socket:
        """Start a pair; return the socket that it waits at."""
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process:
            theirs.close()
            os.waitpid(process, 0)
            return ours
        try:
            os.setsid()
            # The first of us returns to the keeper at once; what is left is nobody's child.
            detach()
            for connection in (self._control, ours):
                connection.detach()
            standing_in.close_all_but({theirs.fileno()})
            standing_in.forget_signals()
            self._wait_as_supervisor(theirs)
        except BaseException as error:  # noqa: BLE001 whatever it is, it must not go on as a second keeper
            os.write(2, f"{type(error).__name__}: {error}\n".encode(errors="replace"))
            os._exit(1)
        os._exit(0)

    def _wait_as_supervisor(self, waiting: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        theirs.set_inheritable(True)
        worker = os.posix_spawn(
            self._worker[0],
            [*self._worker, str(theirs.fileno())],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)],
            setpgroup=0,
            setsigmask=(),
            setsigdef=TO_DEFAULT,
        )
        theirs.close()
        received = handover.receive_run(waiting)
        if received is None:
            os.kill(worker, signal.SIGKILL)
            return
        request, (lock, answer) = received
        os.dup2(answer, 2)
        os.close(answer)
        waiting.close()
        standing_in.take_environment(request.environ, request.folder, {})
        os.write(2, b"ready %d\n" % os.getpid())
        # Whoever has lost patience meanwhile starts the run without us.
        if os.read(2, 1):
            supervise(RunDirectory(Path(request.run)), lock, _waking(worker, ours, request.run))


def _waking(worker: int, connection: socket.socket, run: str) -> Spawn:
    def spawn(pipes: Pipes) -> int:
        # The environment as it is now, with the run's own variables.
        request = StartRun(run, handover.folder_here(), dict(os.environb))
        handover.send(connection, request, [pipes.events.write, pipes.stdout.write, pipes.stderr.write])
        connection.close()
        return worker

    return spawn


def wait_as_worker(arguments: list[str]) -> int:
    """Import everything in advance, wait for a run, and be its worker; return the exit code."""
    state, root, *options, waiting = arguments
    die_with_parent()
    head_start = HeadStart(Path(state), Path(root), bare=BARE in options)
    for _ in head_start.imports():
        pass
    head_start.settle()
    if head_start.is_spoilt:
        head_start.restore()
        _become(module_command(__spec__.name, WORKER, state, root, BARE, waiting, options=_OPTIONS))
    with socket.socket(fileno=int(waiting)) as connection:
        connection.set_inheritable(False)
        received = handover.receive_run(connection)
    if received is None:
        return 1
    request, (events, stdout, stderr) = received
    standing_in.redirect(stdout, stderr)
    os.close(stdout)
    os.close(stderr)
    stale = head_start.why_stale(request.environ)
    standing_in.take_environment(request.environ, request.folder, {} if stale else head_start.variables)
    standing_in.be_a_worker()
    if stale:
        os.set_inheritable(events, True)
        _become(module_command("flowerpower_tui.runs.worker", request.run, str(events), options=_OPTIONS))
    return work(RunDirectory(Path(request.run)), events)


def _become(command: tuple[str, ...]) -> NoReturn:
    os.execv(command[0], command)  # noqa: S606


def main(arguments: list[str]) -> int:
    """Run as `spare STATE ROOT CONTROL ASKER [--bare]`, as a seed; or as `spare --worker …`, which waits."""
    if arguments[0] == WORKER:
        return wait_as_worker(arguments[1:])
    state, root, control, asker, *options = arguments
    standing_in.die_with(int(asker))
    for descriptor in (int(control), int(asker)):
        os.set_inheritable(descriptor, False)
    os.chdir("/")
    worker = module_command(__spec__.name, WORKER, state, root, *options, options=_OPTIONS)
    Keeper(socket.socket(fileno=int(control)), worker).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
