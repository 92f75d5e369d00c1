"""The executor that runs nodes in processes of their own, each led by a thread of this one."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from typing import Any

from flowerpower_tui.config.models import ExecutorConfig
from flowerpower_tui.errors import ConfigError, GraphError, ModuleError, Problem
from flowerpower_tui.pipeline.engine.computation import Performer
from flowerpower_tui.pipeline.engine.elsewhere import Elsewhere, find_movable, hear
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Message,
    Ready,
    Recipe,
    Request,
    Wire,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.engine.plan import Step
from flowerpower_tui.pipeline.engine.schedule import Schedule
from flowerpower_tui.pipeline.engine.workers import Beside, Values, work_in_threads
from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.python import module_command

MODULE = "flowerpower_tui.pipeline.engine.child"
PATIENCE = 2.0
"""Seconds that a process has to end when it is asked to."""


def in_processes(config: ExecutorConfig, recipe: Callable[[], Recipe]) -> Processes:
    """Make what runs nodes in processes of this machine."""
    return Processes(config.max_workers, recipe())


class Processes:
    """Runs the items of Parallelizable blocks in processes; and ordinary nodes that others can run beside.

    A process is started when there is work for it, imports the project's modules for itself, from the text that this
    one has of them, and builds the same graph. Ordinary nodes go there only if what they take can be sent and what
    they give is plain data by its type; the others, and those that nothing can run beside, run here.

    Args:
        workers: how many processes there may be.
        recipe: what they build the graph from.
    """

    def __init__(self, workers: int, recipe: Recipe) -> None:
        self.workers = workers
        self._recipe = recipe

    def work(self, schedule: Schedule, performer: Performer) -> None:
        """See `Executor`."""
        with _Staff(self._recipe, performer) as staff:
            work_in_threads(schedule, staff.perform, self.workers)

    @contextlib.contextmanager
    def beside(self, performer: Performer) -> Iterator[Beside]:
        """See `OnLoop`: what can run in processes; where nothing is awaited, the rest in threads, as without a loop."""
        if performer.has_async_hooks:
            message = "An adapter is awaited for every node, so none can run in another process (run.executor.type)."
            hint = "Use run.executor.type: threadpool, or take the adapter out of run.adapter."
            raise ConfigError([Problem(message, hint=hint)])
        with _Staff(self._recipe, performer) as staff:
            yield Beside(staff.perform, staff.takes if performer.plan.awaits else lambda _: True)


class _Staff(Elsewhere):
    """The processes of one computation: each thread leads one."""

    def __init__(self, recipe: Recipe, performer: Performer) -> None:
        super().__init__(performer, find_movable(performer.plan))
        self._recipe = recipe
        self._hired: list[_Process] = []
        self._mine = threading.local()
        self._is_over = threading.Event()

    def __enter__(self) -> _Staff:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for process in self._hired:
            process.ask_to_end()
        for process in self._hired:
            process.end()

    def run(
        self,
        steps: tuple[Step, ...],
        values: Mapping[str, Any],
        wanted: tuple[str, ...],
        instance: str,
        events: NodeEvents | None,
    ) -> Values:
        """See `Elsewhere`."""
        return self._process().run(steps, values, wanted, instance, events)

    def _process(self) -> _Process:
        process: _Process | None = getattr(self._mine, "process", None)
        if process is None or not process.is_there:
            process = self._mine.process = _Process(self._recipe, self._is_over)
            self._hired.append(process)
            if self._is_over.is_set():
                # Too late to be ended with the others.
                process.ask_to_end()
                process.end()
                raise CancelledError
            process.get_ready()
        return process


class _Process:
    """One process, and this end of the wire to it. One thread asks it, one request at a time."""

    def __init__(self, recipe: Recipe, is_over: threading.Event) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            command = module_command(MODULE, str(descriptor), options=("-u", "-P"))
            self._popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(descriptor,))
        self._wire = Wire(Connection(os.dup(self._socket.fileno())))
        self._is_over = is_over
        self._recipe = recipe

    @property
    def is_there(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def get_ready(self) -> None:
        """Have it build the graph.

        Raises:
            GraphError: `run.config` holds what cannot be sent to it.
            ModuleError: it cannot import the project's modules.
            ChildProcessError: it ended.
        """
        try:
            packed(self._recipe)
        except Exception as error:  # whatever the methods of users' objects raise
            what = f"The graph cannot be built in another process, since run.config cannot be sent: {error}"
            raise GraphError(what, hint="Use run.executor.type: threadpool, or let it hold plain data.") from error
        self._send(self._recipe, "")
        while not isinstance(message := self._receive(""), Ready):
            if isinstance(message, Failed):
                lines = "\n".join(render(message.failure))
                raise ModuleError(f"The modules that run here cannot be imported in another process. {lines}")
            hear(message, "", None)

    def run(
        self,
        steps: tuple[Step, ...],
        values: Mapping[str, bytes],
        wanted: tuple[str, ...],
        instance: str,
        events: NodeEvents | None,
    ) -> Values:
        """Run steps and return the values that are wanted; tell `events` of the steps, if there are any.

        Raises:
            BaseException: what the step that failed raised; its notes have the traceback.
        """
        node = steps[0].name
        self._send(Request(tuple(step.name for step in steps), values, wanted, events is not None), node)
        while True:
            try:
                message = self._receive(node)
            except ChildProcessError as error:
                if events is not None:
                    events.fail(node, instance, 0.0, error)
                raise
            if isinstance(message, Answer):
                return {name: unpacked(data) for name, data in message.values.items()}
            hear(message, instance, events)

    def ask_to_end(self) -> None:
        """Let go of it: it ends at once, whatever it does, and who waits for its answer goes on."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def end(self) -> None:
        """Wait until it has ended, and see to it that it does."""
        for measure in (self._popen.terminate, self._popen.kill):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(PATIENCE)
                return
            measure()
        self._popen.wait()

    def _send(self, message: Message, node: str) -> None:
        try:
            self._wire.send(message)
        except OSError as error:
            raise self._gone(node) from error

    def _receive(self, node: str) -> Message:
        try:
            return self._wire.receive()
        except (EOFError, OSError) as error:
            raise self._gone(node) from error

    def _gone(self, node: str) -> BaseException:
        if self._is_over.is_set():
            return CancelledError()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(PATIENCE)
        code = self._popen.poll()
        did = f"that ran '{node}'" if node else "that was started for nodes"
        return ChildProcessError(f"The process {did} ended: {_ending(code)}.")


def _ending(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
