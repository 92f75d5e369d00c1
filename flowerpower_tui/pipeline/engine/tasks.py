"""Units of work as Hamilton's adapters know them: under its names, and with its hooks around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hamilton.execution.grouping import NodeGroupPurpose
from hamilton.lifecycle.base import LifecycleAdapterSet
from hamilton.node import NodeType

from flowerpower_tui.pipeline.engine.plan import Plan, Unit
from flowerpower_tui.pipeline.engine.schedule import Task

_HOOKS = (
    "post_task_group",
    "pre_task_submission",
    "pre_task_execute",
    "post_task_execute",
    "post_task_return",
    "post_task_expand",
)


def task_id(task: Task) -> str:
    """Return Hamilton's name for a task: `expand-item.3.block-item` for an item's, the node's name for most."""
    base = _base_id(task.unit)
    return f"{_spawner(task)}.{task.index}.{base}" if task.unit.expander else base


def listens(adapters: LifecycleAdapterSet) -> bool:
    """Whether any of the adapters wants to hear of tasks."""
    return not adapters.sync_hooks.keys().isdisjoint(_HOOKS)


class TaskHooks:
    """Tells adapters of tasks. What Hamilton calls where it hands a task out is called where it runs."""

    def __init__(self, adapters: LifecycleAdapterSet, run_id: str) -> None:
        self._adapters = adapters
        self._run_id = run_id

    def plan_stands(self, plan: Plan) -> None:
        """Tell which tasks there will be, blocks once."""
        self._call("post_task_group", task_ids=[_base_id(unit) for unit in plan.units])

    @contextmanager
    def around(self, task: Task) -> Iterator[dict[str, Any]]:
        """Tell of a task's beginning and end; what it gave is to be put into the dictionary."""
        facts = {
            "task_id": task_id(task),
            "nodes": [step.node for step in task.steps],
            "spawning_task_id": _spawner(task),
            "purpose": _purpose(task.unit),
        }
        inputs = {name: task.values[name] for name in (*task.unit.takes, task.unit.expander) if name}
        self._call("pre_task_submission", **facts, inputs=inputs, overrides={})
        self._call("pre_task_execute", **facts, inputs=inputs, overrides={})
        results: dict[str, Any] = {}
        error: BaseException | None = None
        try:
            yield results
        except BaseException as raised:
            error = raised
            raise
        finally:
            outcome = {"success": error is None, "error": error}
            self._call("post_task_execute", **facts, **outcome, results=None if error else results)
            self._call("post_task_return", **facts, **outcome, result=None if error else results)
        if task.steps[0].expands:
            self._expanded(facts["task_id"], results[task.steps[0].name])

    def _expanded(self, name: Any, items: Any) -> None:
        self._call("post_task_expand", task_id=name, parameters={str(index): item for index, item in enumerate(items)})

    def _call(self, hook: str, **facts: Any) -> None:
        self._adapters.call_all_lifecycle_hooks_sync(hook, run_id=self._run_id, **facts)


def _base_id(unit: Unit) -> str:
    if unit.expander:
        return f"block-{unit.expander}"
    if unit.collects:
        return f"collect-{unit.collects}"
    step = unit.steps[0]
    return f"expand-{step.name}" if step.expands else step.name


def _spawner(task: Task) -> str | None:
    return f"expand-{task.unit.expander}" if task.unit.expander else None


def _purpose(unit: Unit) -> NodeGroupPurpose:
    if unit.expander:
        return NodeGroupPurpose.EXECUTE_BLOCK
    role = unit.steps[0].node.node_role
    purposes: Mapping[NodeType, NodeGroupPurpose] = {
        NodeType.EXPAND: NodeGroupPurpose.EXPAND_UNORDERED,
        NodeType.COLLECT: NodeGroupPurpose.GATHER,
    }
    return purposes.get(role, NodeGroupPurpose.EXECUTE_SINGLE)
