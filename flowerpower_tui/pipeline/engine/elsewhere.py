"""What runs in other processes than the run's own, and how it gets there: common to processes and clusters."""

from __future__ import annotations

import logging
import sys
import types
import typing
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.engine.computation import Performer
from flowerpower_tui.pipeline.engine.messages import (
    Failed,
    Finished,
    Logged,
    Message,
    Printed,
    Started,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.engine.plan import Plan, Step, Unit
from flowerpower_tui.pipeline.engine.schedule import Task
from flowerpower_tui.pipeline.engine.workers import Values
from flowerpower_tui.pipeline.failure import FAILURE, Failure, render
from flowerpower_tui.pipeline.node_events import NodeEvents

# Of nodes that load or save by `io`, which stands above this room.
DATA_TAG = "flowerpower.io"
_PLAIN_DATA = frozenset({"builtins", "collections", "datetime", "decimal", "fractions", "pathlib", "uuid"})
_TABLES = frozenset({"numpy", "pandas", "polars", "pyarrow"})


class Elsewhere(ABC):
    """Runs the tasks that can run in other processes there, and the others here.

    Args:
        performer: runs tasks here.
        movable: what can run elsewhere.
    """

    def __init__(self, performer: Performer, movable: frozenset[Unit]) -> None:
        self._performer = performer
        self._movable = movable

    @abstractmethod
    def run(
        self,
        steps: tuple[Step, ...],
        values: Mapping[str, Any],
        wanted: tuple[str, ...],
        instance: str,
        events: NodeEvents | None,
    ) -> Values:
        """Run steps there and return the values that are wanted; tell `events` of the steps, if there are any.

        Raises:
            BaseException: what the step that failed raised; its notes have the traceback.
        """

    def pack(self, name: str, value: Any, is_shared: bool) -> Any:
        """Return a value so that it can be sent; `is_shared` if others may take the value of that name, too.

        Raises:
            Exception: that is not possible; whatever the value's own methods raise.
        """
        del name, is_shared
        return packed(value)

    def takes(self, task: Task) -> bool:
        """Whether a task can run elsewhere."""
        return task.unit in self._movable

    def perform(self, task: Task) -> Values:
        """Run a task."""
        unit = task.unit
        if not self.takes(task):
            return self._performer.perform(task)
        if not self._performer.is_plain:
            # Somebody has a part in every call: only the functions run elsewhere.
            steps = tuple(replace(step, call=partial(self._call, step, unit)) for step in task.steps)
            return self._performer.perform(replace(task, steps=steps))
        first = task.steps[0].name
        taken = {name: task.values[name] for name in (*unit.takes, unit.expander) if name}
        try:
            values = self._packed(first, taken, _shared(unit))
        except GraphError as error:
            if not unit.expander:
                return self._performer.perform(task)
            self._performer.events.start(first, task.instance)
            self._performer.events.fail(first, task.instance, 0.0, error)
            raise
        return self.run(task.steps, values, unit.gathered or (first,), task.instance, self._performer.events)

    def _call(self, step: Step, unit: Unit, /, **arguments: Any) -> Any:
        """Call one node's function over there; who asks for it tells what becomes of it."""
        try:
            values = self._packed(step.name, arguments, _shared(unit))
        except GraphError:
            if unit.expander:
                raise
            return step.call(**arguments)
        return self.run((step,), values, (step.name,), "", None)[step.name]

    def _packed(self, node: str, values: Mapping[str, Any], shared: Collection[str]) -> dict[str, Any]:
        """The values, each ready to be sent.

        Raises:
            GraphError: one cannot be; it names it and the node that takes it.
        """
        sent = {}
        for name, value in values.items():
            try:
                sent[name] = self.pack(name, value, name in shared)
            except Exception as error:  # whatever the value's own methods raise
                what = f"'{name}' ({type(value).__name__}) cannot be sent"
                raise GraphError(
                    f"'{node}' cannot run in another process: {what}: {error}",
                    hint="Use run.executor.type: threadpool, or let it take plain data.",
                ) from error
        return sent


def hear(message: Message, instance: str, events: NodeEvents | None) -> None:
    """Tell here what is told of steps over there.

    Raises:
        BaseException: what the step raised that failed.
    """
    match message:
        case Started(node) if events is not None:
            events.start(node, instance)
        case Finished(node, duration, summary) if events is not None:
            events.finish_as(node, instance, duration, summary)
        case Failed(node, duration, failure, data):
            if events is not None:
                events.fail_as(node, instance, duration, failure)
            raise _raised(failure, data)
        case Logged(record):
            log = logging.getLogger(record.name)
            if log.isEnabledFor(record.levelno):
                log.handle(record)
        case Printed(text, is_error):
            stream = sys.stderr if is_error else sys.stdout
            stream.write(text)
            stream.flush()


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


def _shared(unit: Unit) -> frozenset[str]:
    """What a unit takes that is the same for all its tasks."""
    return frozenset(unit.takes) - {unit.expander}


def every(plan: Plan) -> frozenset[Unit]:
    """Everything that is not awaited, and neither loads nor saves by `io`: that lies on disks of this machine."""
    return frozenset(
        unit for unit in plan.units if not unit.steps[0].awaits and DATA_TAG not in (unit.steps[0].node.tags or {})
    )


def find_movable(plan: Plan) -> frozenset[Unit]:
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
