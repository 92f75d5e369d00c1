"""What may run now, given what is done. It runs nothing, knows no threads, and is asked by one caller at a time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowerpower_tui.pipeline.engine.plan import Plan, Step, Unit

Advance = Callable[[str, int, int], None]
"""Hears of a Parallelizable's name, how many of its items are through, and how many there are."""


@dataclass(slots=True, eq=False)
class Task:
    """Some steps that run in one go, in this order.

    Attributes:
        unit: what it is part of.
        steps: that unit's.
        instance: names the item, as `item[3]`; empty outside blocks.
        index: the item's place.
        values: what its steps may take, and put their values into.
    """

    unit: Unit
    steps: tuple[Step, ...]
    values: dict[str, Any]
    instance: str = ""
    index: int = 0

    def arguments(self, step: Step) -> dict[str, Any]:
        """What to call a step with."""
        values = self.values
        return {name: values[name] for name in step.takes}


class Schedule:
    """The state of one computation.

    Args:
        plan: what has to run.
        given: the values that are there already.
        advance: hears how blocks go on.
        items: what makes a sequence of a Parallelizable's value.

    Attributes:
        values: what is there; values that nobody needs any more are let go.
        is_stopped: whether nothing more is to be taken.
        ready: a heap of what may be taken now; of a block only its next task.
    """

    def __init__(
        self,
        plan: Plan,
        given: Mapping[str, Any],
        advance: Advance,
        items: Callable[[Any], Sequence[Any]] = list,
    ) -> None:
        self.values: dict[str, Any] = dict(given)
        self.is_stopped = False
        self._advance = advance
        self._items = items
        self.ready: list[tuple[int, int, Task]] = []
        self._waits = {unit: unit.waits for unit in plan.units}
        self._left: dict[Unit, int] = {}
        self._inside: dict[Unit, Sequence[Any]] = {}
        self._gathered: dict[Unit, list[Mapping[str, Any]]] = {}
        self._uses = _uses(plan)
        for unit in plan.units:
            if not unit.waits:
                self._release(unit)

    def take(self) -> Task | None:
        """Return the first task that may run now, and do not offer it again."""
        if not self.ready:
            return None
        rank, index, task = heapq.heappop(self.ready)
        # The tasks of a block are made as they are taken: there may be very many.
        if task.unit.expander and index + 1 < len(self._gathered[task.unit]):
            self._offer(rank, self._item(task.unit, index + 1))
        return task

    def stop(self) -> None:
        """Have nothing more taken. Any thread may call it at any time."""
        self.is_stopped = True

    def complete(self, task: Task, values: Mapping[str, Any]) -> None:
        """Take in what a task gave, and make ready what waited for it."""
        unit = task.unit
        if not unit.expander:
            self.values.update(values)
            self._done(unit)
            return
        self._gathered[unit][task.index] = values
        self._left[unit] -= 1
        total = len(self._gathered[unit])
        self._advance(unit.expander, total - self._left[unit], total)
        if not self._left[unit]:
            self._gather(unit)

    def _release(self, unit: Unit) -> None:
        if not unit.expander:
            self._offer(unit.rank, Task(unit, unit.steps, self.values))
            return
        items = self._items(self.values[unit.expander])
        self._left[unit] = len(items)
        self._gathered[unit] = [{}] * len(items)
        self._inside[unit] = items
        self._advance(unit.expander, 0, len(items))
        if items:
            self._offer(unit.rank, self._item(unit, 0))
        else:
            self._gather(unit)

    def _offer(self, rank: int, task: Task) -> None:
        heapq.heappush(self.ready, (rank, task.index, task))

    def _item(self, unit: Unit, index: int) -> Task:
        values = {name: self.values[name] for name in unit.takes}
        values[unit.expander] = self._inside[unit][index]
        return Task(unit, unit.steps, values, f"{unit.expander}[{index}]", index)

    def _gather(self, unit: Unit) -> None:
        del self._inside[unit]
        results = self._gathered.pop(unit)
        for name in unit.gathered:
            self.values[name] = [values[name] for values in results]
        self._done(unit)

    def _done(self, unit: Unit) -> None:
        for name in unit.takes:
            self._uses[name] -= 1
            if not self._uses[name]:
                self.values.pop(name, None)
        for waiting in unit.feeds:
            self._waits[waiting] -= 1
            if not self._waits[waiting]:
                self._release(waiting)


def _uses(plan: Plan) -> dict[str, int]:
    """How often each value is still needed; what is asked for is needed once more, at the end."""
    uses = dict.fromkeys(plan.final_vars, 1)
    for unit in plan.units:
        for name in unit.takes:
            uses[name] = uses.get(name, 0) + 1
    return uses
