"""The executor that runs nodes in processes of their own, each led by a thread of this one."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import types
import typing
from asyncio import CancelledError
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from flowerpower_tui.errors import GraphError, ModuleError
from flowerpower_tui.pipeline.engine.computation import Performer
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Finished,
    Logged,
    Message,
    Ready,
    Recipe,
    Request,
    Started,
    Wire,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.engine.plan import Plan, Step, Unit
from flowerpower_tui.pipeline.engine.schedule import Schedule, Task
from flowerpower_tui.pipeline.engine.workers import Values, work_in_threads
from flowerpower_tui.pipeline.failure import FAILURE, Failure, render
from flowerpower_tui.pipeline.node_events import NodeEvents

MODULE = "flowerpower_tui.pipeline.engine.child"
PATIENCE = 2.0
"""Seconds that a process has to end when it is asked to."""

_PLAIN_DATA = frozenset({"builtins", "collections", "datetime", "decimal", "fractions", "pathlib", "uuid"})
_TABLES = frozenset({"numpy", "pandas", "polars", "pyarrow"})


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


class _Staff:
    """The processes of one computation, and which tasks are theirs."""

    def __init__(self, recipe: Recipe, performer: Performer) -> None:
        self._recipe = recipe
        self._performer = performer
        self._hired: list[_Process] = []
        self._mine = threading.local()
        self._is_over = threading.Event()
        self._movable = _find_movable(performer.plan)

    def __enter__(self) -> _Staff:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for process in self._hired:
            process.ask_to_end()
        for process in self._hired:
            process.end()

    def perform(self, task: Task) -> Values:
        """Run a task in this thread's process, if it is one for that."""
        unit = task.unit
        if unit not in self._movable:
            return self._performer.perform(task)
        if not self._performer.is_plain:
            # Somebody has a part in every call: only the functions run elsewhere.
            steps = tuple(replace(step, call=partial(self._call, step, bool(unit.expander))) for step in task.steps)
            return self._performer.perform(replace(task, steps=steps))
        taken = {name: task.values[name] for name in (*unit.takes, unit.expander) if name}
        try:
            values = _packed(task.steps[0].name, taken)
        except GraphError as error:
            if not unit.expander:
                return self._performer.perform(task)
            self._performer.events.start(task.steps[0].name, task.instance)
            self._performer.events.fail(task.steps[0].name, task.instance, 0.0, error)
            raise
        wanted = unit.gathered or (task.steps[0].name,)
        return self._process().run(task.steps, values, wanted, task.instance, self._performer.events)

    def _call(self, step: Step, is_item: bool, /, **arguments: Any) -> Any:
        """Call one node's function over there; who asks for it tells what becomes of it."""
        try:
            values = _packed(step.name, arguments)
        except GraphError:
            if is_item:
                raise
            return step.call(**arguments)
        return self._process().run((step,), values, (step.name,), "", None)[step.name]

    def _process(self) -> _Process:
        process: _Process | None = getattr(self._mine, "process", None)
        if process is None or not process.is_there:
            process = self._mine.process = _Process(self._recipe, self._is_over)
            self._hired.append(process)
            process.get_ready()
        return process


class _Process:
    """One process, and this end of the wire to it. One thread asks it, one request at a time."""

    def __init__(self, recipe: Recipe, is_over: threading.Event) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            command = (sys.executable, "-u", "-P", "-m", MODULE, str(descriptor))
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
            ModuleError: it cannot import the project's modules.
            ChildProcessError: it ended.
        """
        self._send(self._recipe, "")
        while not isinstance(message := self._receive(""), Ready):
            if isinstance(message, Failed):
                lines = "\n".join(render(message.failure))
                raise ModuleError(f"The modules that run here cannot be imported in another process. {lines}")

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
            match message:
                case Answer(answers):
                    return {name: unpacked(data) for name, data in answers.items()}
                case Failed(node, duration, failure, data):
                    if events is not None:
                        events.fail_as(node, instance, duration, failure)
                    raise _raised(failure, data)
                case Started(node) if events is not None:
                    events.start(node, instance)
                case Finished(node, duration, summary) if events is not None:
                    events.finish_as(node, instance, duration, summary)

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
        while True:
            try:
                message = self._wire.receive()
            except (EOFError, OSError) as error:
                raise self._gone(node) from error
            if not isinstance(message, Logged):
                return message
            log = logging.getLogger(message.record.name)
            if log.isEnabledFor(message.record.levelno):
                log.handle(message.record)

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


def _raised(failure: Failure, data: bytes) -> BaseException:
    """The exception that was raised over there, with its traceback as a note."""
    if data:
        error: BaseException = unpacked(data)
    elif failure.user_error:
        return GraphError(failure.message, hint=failure.hint)
    else:
        error = RuntimeError(f"{failure.type}: {failure.message}")
    if not failure.user_error:
        error.__dict__[FAILURE] = failure
        error.add_note("\n".join(["It was raised in another process:", *render(failure)]))
    return error


def _packed(node: str, values: Mapping[str, Any]) -> dict[str, bytes]:
    """The values, each ready to be sent.

    Raises:
        GraphError: one cannot be; it names it and the node that takes it.
    """
    sent = {}
    for name, value in values.items():
        try:
            sent[name] = packed(value)
        except Exception as error:  # whatever the value's own methods raise
            raise GraphError(
                f"'{node}' cannot run in another process: '{name}' ({type(value).__name__}) cannot be sent: {error}",
                hint="Use run.executor.type: threadpool, or let it take plain data.",
            ) from error
    return sent


def _find_movable(plan: Plan) -> frozenset[Unit]:
    """The blocks, and the ordinary nodes beside which others can run and whose type is plain data."""
    before: dict[Unit, int] = dict.fromkeys(plan.units, 0)
    behind = dict(before)
    bits = {unit: 1 << index for index, unit in enumerate(plan.units)}
    order = _in_order(plan.units)
    for unit in order:
        for other in unit.feeds:
            before[other] |= before[unit] | bits[unit]
    for unit in reversed(order):
        for other in unit.feeds:
            behind[unit] |= behind[other] | bits[other]
    others = len(plan.units) - 1
    return frozenset(
        unit
        for unit in plan.units
        if unit.expander or (_gives_plain_data(unit.steps[0]) and (before[unit] | behind[unit]).bit_count() < others)
    )


def _in_order(units: Iterable[Unit]) -> list[Unit]:
    waits = {unit: unit.waits for unit in units}
    order = [unit for unit, count in waits.items() if not count]
    for unit in order:
        for other in unit.feeds:
            waits[other] -= 1
            if not waits[other]:
                order.append(other)
    return order


def _gives_plain_data(step: Step) -> bool:
    return not step.expands and not step.awaits and _is_plain_data(step.node.type)


def _is_plain_data(kind: Any) -> bool:
    if arguments := typing.get_args(kind):
        return all(map(_is_plain_data, (typing.get_origin(kind), *arguments)))
    if not isinstance(kind, type) or kind is types.UnionType:
        return kind in (typing.Union, types.UnionType, None, ...)
    module = kind.__module__
    return kind is not object and (module in _PLAIN_DATA or module.partition(".")[0] in _TABLES)
