"""One computation of a graph's final variables, from `pre_graph_execute` to `post_graph_execute`, as Hamilton's are."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import wait
from contextlib import AbstractContextManager
from typing import Any, Protocol

from hamilton import driver

from flowerpower_tui.pipeline.engine.cache import Caching, CachingCaller, plain
from flowerpower_tui.pipeline.engine.calls import AdaptedCaller, Caller, PlainCaller, at_once, awaits_hooks, takes_part
from flowerpower_tui.pipeline.engine.plan import Plan
from flowerpower_tui.pipeline.engine.schedule import Schedule, Task
from flowerpower_tui.pipeline.engine.tasks import TaskHooks, listens, task_id
from flowerpower_tui.pipeline.engine.workers import Beside, Values, work_on_loop
from flowerpower_tui.pipeline.node_events import INTERRUPTIONS, NodeEvents


class Executor(Protocol):
    """Works schedules off.

    Attributes:
        workers: how many tasks may run at once.
    """

    workers: int

    def work(self, schedule: Schedule, performer: Performer) -> None:
        """Run every task of the schedule.

        Raises:
            BaseException: what the first task that failed raised, when nothing runs any more.
        """


class OnLoop(Executor, Protocol):
    """An executor that can work beside an event loop, too."""

    def beside(self, performer: Performer) -> AbstractContextManager[Beside | None]:
        """Return what is done in threads while the loop runs the coroutines; None if nothing is.

        Raises:
            ConfigError: it can do nothing there.
        """


class Performer:
    """Runs the steps of tasks.

    Attributes:
        caller: calls the nodes.
        events: hears what they do.
        plan: what they are part of.
        is_plain: whether nobody has a part in it but the nodes: the steps of a task can run anywhere.
        has_async_hooks: whether an adapter is to be awaited for single nodes: then every task awaits something.
    """

    def __init__(
        self, caller: Caller, events: NodeEvents, plan: Plan, hooks: TaskHooks | None, has_async_hooks: bool
    ) -> None:
        self.caller = caller
        self.events = events
        self.plan = plan
        self.is_plain = isinstance(caller, PlainCaller) and hooks is None
        self.has_async_hooks = has_async_hooks
        self._hooks = hooks
        self._has_blocks = plan.has_blocks

    def perform(self, task: Task) -> Values:
        """Run a task here and return what others need of it."""
        if self._hooks is None:
            return self._perform(task)
        with self._hooks.around(task) as results:
            results.update(self._perform(task))
        return results

    async def perform_async(self, task: Task) -> Values:
        """The same on the running loop."""
        if self._hooks is None:
            return await self._perform_async(task)
        with self._hooks.around(task) as results:
            results.update(await self._perform_async(task))
        return results

    def awaits(self, task: Task) -> bool:
        """Whether a task, or an adapter that looks at its nodes, awaits something."""
        return self.has_async_hooks or any(step.awaits for step in task.steps)

    def _perform(self, task: Task) -> Values:
        name = task_id(task) if self._has_blocks else None
        if not task.unit.expander:
            (step,) = task.steps
            return {step.name: self.caller.call(step, task.arguments(step), "", name)}
        values = task.values
        for step in task.steps:
            values[step.name] = self.caller.call(step, task.arguments(step), task.instance, name)
        return {name: values[name] for name in task.unit.gathered}

    async def _perform_async(self, task: Task) -> Values:
        name = task_id(task) if self._has_blocks else None
        if not task.unit.expander:
            (step,) = task.steps
            return {step.name: await self.caller.call_async(step, task.arguments(step), "", name)}
        values = task.values
        for step in task.steps:
            values[step.name] = await self.caller.call_async(step, task.arguments(step), task.instance, name)
        return {name: values[name] for name in task.unit.gathered}


Work = Callable[[Schedule, Performer], Awaitable[None]]
Tell = Callable[..., Awaitable[None]]


class Computation:
    """Computes what a plan is for, once.

    Args:
        dag: Hamilton's driver; its adapters are called where Hamilton calls them.
        plan: what has to run, of that driver's graph.
        events: hears what the nodes do.
        caching: if there is one, results are kept and used again.
    """

    def __init__(self, dag: driver.Driver, plan: Plan, events: NodeEvents, caching: Caching | None = None) -> None:
        self._graph = dag.graph
        self._adapters = dag.adapter
        self._plan = plan
        self._events = events
        self._caching = caching
        self._run_id = str(uuid.uuid4())

    def run(self, executor: Executor) -> Any:
        """Compute in this thread and those of the executor; return a dictionary, or what an adapter builds of it.

        Raises:
            BaseException: what the first node that failed raised.
        """

        async def work(schedule: Schedule, performer: Performer) -> None:
            executor.work(schedule, performer)

        return at_once(self._compute(work, self._tell_sync))

    async def run_async(self, executor: OnLoop) -> Any:
        """Compute on the running loop, coroutines side by side, and beside it what the executor does there.

        Raises:
            BaseException: what the first node that failed raised; the others are cancelled and through by then.
        """

        async def work(schedule: Schedule, performer: Performer) -> None:
            perform, perform_async, awaits = performer.perform, performer.perform_async, performer.awaits
            with executor.beside(performer) as beside:
                await work_on_loop(schedule, perform, perform_async, awaits, executor.workers, beside)

        return await self._compute(work, self._adapters.call_all_lifecycle_hooks_sync_and_async)

    async def _tell_sync(self, hook: str, **facts: Any) -> None:
        self._adapters.call_all_lifecycle_hooks_sync(hook, **facts)

    async def _compute(self, work: Work, tell: Tell) -> Any:
        facts = {"run_id": self._run_id, "graph": self._graph}
        plan = self._plan
        asked = {"final_vars": list(plan.final_vars), "inputs": plan.inputs, "overrides": plan.overrides}
        await tell("pre_graph_execute", **facts, **asked)
        results: Any = None
        error: BaseException | None = None
        try:
            results = await self._result(work)
        except BaseException as raised:
            error = raised
            if not isinstance(raised, INTERRUPTIONS):
                self._tell_what_did_not_run()
            raise
        finally:
            self._events.close()
            await tell("post_graph_execute", **facts, success=error is None, error=error, results=results)
        return results

    async def _result(self, work: Work) -> Any:
        plan = self._plan
        for name in plan.overridden:
            self._events.skip(name, "its value is given by an override")
        for name in plan.spared:
            self._events.skip(name, "only overridden nodes need it")
        bare = caller = self._caller()
        schedule = Schedule(plan, plan.given, self._events.progress)
        if self._caching is not None:
            caller = CachingCaller(bare, self._caching, self._events)
            schedule = Schedule(plan, self._caching.given(plan.given), self._events.progress, self._caching.items)
        try:
            self._events.on_failure = schedule.stop
            await work(schedule, Performer(caller, self._events, plan, self._hooks(), awaits_hooks(self._adapters)))
            if schedule.is_stopped and isinstance(bare, AdaptedCaller):
                # A thread of an adapter failed: it was only promised to whoever works the schedule off.
                for promised in bare.pending:
                    promised.result()
            values = {name: schedule.values.get(name, plan.outside.get(name)) for name in plan.final_vars}
            if self._caching is not None:
                values = {name: plain(value) for name, value in values.items()}
            if self._adapters.does_method("do_build_result", is_async=False):
                return self._adapters.call_lifecycle_method_sync("do_build_result", outputs=values)
        except Exception:
            # Nodes may run in threads of an adapter; their events belong to this computation.
            wait(bare.pending if isinstance(bare, AdaptedCaller) else ())
            raise
        return values

    def _caller(self) -> Caller:
        if takes_part(self._adapters):
            return AdaptedCaller(self._adapters, self._run_id, self._events)
        return PlainCaller(self._events)

    def _hooks(self) -> TaskHooks | None:
        if not listens(self._adapters):
            return None
        hooks = TaskHooks(self._adapters, self._run_id)
        hooks.plan_stands(self._plan)
        return hooks

    def _tell_what_did_not_run(self) -> None:
        """Tell of every node that was needed and did not run, or was stopped, and why."""
        events, steps = self._events, self._plan.steps
        behind = {name: name for name in events.failed}
        for name, step in steps.items():
            if name in events.interrupted:
                events.skip(name, f"it was stopped when '{events.cause}' failed")
            if name in events.started:
                continue
            cause = next((behind[source] for source in step.takes if source in behind), None)
            if cause is not None:
                behind[name] = cause
            events.skip(name, f"it needs '{cause}', which failed" if cause else "the attempt ended before its turn")
