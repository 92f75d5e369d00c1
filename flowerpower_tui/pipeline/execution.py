"""How a driver's nodes are executed: in turn, or the items of Parallelizable blocks side by side."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from typing import Any

from hamilton import driver
from hamilton.execution.executors import base_execute_task
from hamilton.execution.graph_functions import combine_config_and_inputs
from hamilton.execution.grouping import (
    GroupByRepeatableBlocks,
    NodeGroupPurpose,
    TaskImplementation,
    create_task_plan,
)
from hamilton.execution.state import DictBasedResultCache, ExecutionState, GraphState, TaskState
from hamilton.graph import FunctionGraph
from hamilton.lifecycle.base import LifecycleAdapterSet
from hamilton.node import Node, NodeType

from flowerpower_tui.config.models import ExecutorConfig
from flowerpower_tui.errors import ConfigError, GraphError, Problem, did_you_mean
from flowerpower_tui.graph.model import Graph

logger = logging.getLogger(__name__)

IN_TURN = ("synchronous", "local")
SIDE_BY_SIDE = ("threadpool", "processpool", "ray", "dask")

_REPORTERS = ("hamilton.driver", "hamilton.execution.graph_functions", "hamilton.execution.executors")


class ExecutionContextBuilder:
    """Makes a driver execute as the executor's settings say.

    Raises:
        ConfigError: there is no executor of that type.
    """

    def __init__(self, config: ExecutorConfig) -> None:
        kind = config.type or IN_TURN[0]
        if kind not in (*IN_TURN, *SIDE_BY_SIDE):
            hint = did_you_mean(kind, (*IN_TURN, *SIDE_BY_SIDE)) or f"There are {', '.join((*IN_TURN, *SIDE_BY_SIDE))}."
            raise ConfigError([Problem(f"There is no executor '{kind}' (run.executor.type).", hint=hint)])
        self.kind = kind
        self.workers = 1 if kind in IN_TURN else config.max_workers

    @contextmanager
    def executing(self, dag: driver.Driver, depth: int) -> Iterator[None]:
        """Prepare `dag`, whose longest chain has at most `depth` nodes, and this process for executing it."""
        if any(node.node_role is NodeType.EXPAND for node in dag.graph.get_nodes()):
            if self.kind not in (*IN_TURN, "threadpool"):
                logger.warning("Executor '%s': Parallelizable blocks run in threads for now.", self.kind)
            dag.graph_executor = BlockExecutor(dag.adapter, self.workers)
        with _room_for_recursion(depth), quiet_hamilton():
            yield


def check_blocks(graph: Graph, final_vars: Collection[str]) -> None:
    """Refuse to compute `final_vars` where Hamilton would do it wrongly.

    Raises:
        GraphError: values of a block are asked for that nothing collects, two nodes collect one block, or a block
            stands inside another.
    """
    needed = graph.subgraph(graph.ancestors(final_vars))
    for expander in (node.name for node in needed.nodes if node.role == "expand"):
        block, collectors = _block(needed, expander)
        if block and not collectors:
            raise GraphError(
                f"'{block[0]}' is computed for each item of '{expander}', and no Collect gathers it.",
                hint="Ask for a node behind a Collect in run.final_vars.",
            )
        if len(collectors) > 1:
            raise GraphError(
                f"The items of '{expander}' are gathered twice, by {' and '.join(sorted(collectors))}.",
                hint="A Parallelizable node has one Collect: gather a tuple, and take it apart behind it.",
            )
        if inner := [name for name in block if needed.by_name[name].role == "expand"]:
            raise GraphError(
                f"'{inner[0]}' would be expanded for each item of '{expander}': blocks cannot stand in one another.",
                hint="Expand to the smallest items at once, or gather before the next Parallelizable node.",
            )


def _block(graph: Graph, expander: str) -> tuple[list[str], list[str]]:
    """The nodes that are computed for each item of `expander`, and those that gather them."""
    inside = {expander}
    block: list[str] = []
    collectors: list[str] = []
    for name in graph.topological:
        if inside.isdisjoint(graph.parents[name]):
            continue
        if graph.by_name[name].role == "collect":
            collectors.append(name)
        else:
            inside.add(name)
            block.append(name)
    return block, collectors


class BlockExecutor(driver.GraphExecutor):  # type: ignore[misc]  # Hamilton is untyped
    """Executes graphs with Parallelizable blocks; what Hamilton's own does, without its busy wait.

    Ordinary nodes run in turn in the calling thread, a block's items in a pool of `workers` threads if there is more
    than one.
    """

    def __init__(self, adapter: LifecycleAdapterSet, workers: int) -> None:
        self._adapter = adapter
        self._workers = workers

    def validate(self, nodes_to_execute: Collection[Node]) -> None:
        """Accept the nodes: `check_blocks` has looked at them."""

    def execute(
        self,
        fg: FunctionGraph,
        final_vars: list[str],
        overrides: dict[str, Any],
        inputs: dict[str, Any],
        run_id: str,
    ) -> dict[str, Any]:
        """Return the values of `final_vars`."""
        inputs = combine_config_and_inputs(fg.config, inputs)
        needed, _ = fg.get_upstream_nodes(final_vars, runtime_inputs=inputs, runtime_overrides=overrides)
        names = {node.name for node in needed}
        # In the graph's order, so that a run is the same every time.
        groups = GroupByRepeatableBlocks().group_nodes([node for node in fg.get_nodes() if node.name in names])
        tasks = create_task_plan(groups, final_vars, overrides, self._adapter)
        self._call("post_task_group", run_id=run_id, task_ids=[task.base_id for task in tasks])
        results = DictBasedResultCache({**overrides, **inputs})
        self._complete(ExecutionState(tasks, results, run_id))
        values: dict[str, Any] = results.read(final_vars)
        return values

    def _complete(self, state: ExecutionState) -> None:
        running: dict[Future[Any], TaskImplementation] = {}
        pool = ThreadPoolExecutor(self._workers, "block")
        try:
            while not GraphState.is_terminal(state.get_graph_state()):
                started = self._start_tasks(state, pool, running)
                if not (started or running):
                    raise GraphError("A Parallelizable block waits for what never comes.")
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    self._settle(state, running.pop(future), future)
        except Exception:
            # What runs cannot be stopped; its events belong to this attempt.
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _start_tasks(
        self, state: ExecutionState, pool: ThreadPoolExecutor, running: dict[Future[Any], TaskImplementation]
    ) -> int:
        """Start what is ready while there are workers, and finish it if it runs here; return how much that was."""
        started = 0
        while len(running) < self._workers and (task := state.release_next_task()) is not None:
            started += 1
            self._call("pre_task_submission", **_facts(task), inputs=task.dynamic_inputs, overrides=task.overrides)
            if task.purpose is NodeGroupPurpose.EXECUTE_BLOCK and self._workers > 1:
                running[pool.submit(copy_context().run, base_execute_task, task)] = task
            else:
                self._settle(state, task, _run_here(task))
        return started

    def _settle(self, state: ExecutionState, task: TaskImplementation, future: Future[Any]) -> None:
        error = future.exception()
        result = future.result() if error is None else None
        outcome = TaskState.SUCCESSFUL if error is None else TaskState.FAILED
        state.update_task_state(task.task_id, outcome, result)
        self._call("post_task_return", **_facts(task), success=error is None, error=error, result=result)
        if error is not None:
            raise error

    def _call(self, hook: str, **facts: Any) -> None:
        if self._adapter.does_hook(hook, is_async=False):
            self._adapter.call_all_lifecycle_hooks_sync(hook, **facts)


def _run_here(task: TaskImplementation) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(base_execute_task(task))
    except Exception as error:  # noqa: BLE001 - a node's: it is raised again where the task is settled
        future.set_exception(error)
    return future


def _facts(task: TaskImplementation) -> dict[str, Any]:
    return {
        "run_id": task.run_id,
        "task_id": task.task_id,
        "nodes": task.nodes,
        "spawning_task_id": task.spawning_task_id,
        "purpose": task.purpose,
    }


@contextmanager
def _room_for_recursion(depth: int) -> Iterator[None]:
    """Let Hamilton go down a chain of `depth` nodes, a call for each, and users' code as far again as usual."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 2 * depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


_is_reported: ContextVar[bool] = ContextVar("failures_are_reported", default=False)


@contextmanager
def quiet_hamilton() -> Iterator[None]:
    """Keep Hamilton from logging a failure, up to six times and with the inputs' values: who runs it reports it.

    Only here: other drivers of this process log as they did.
    """
    for name in _REPORTERS:
        logging.getLogger(name).addFilter(_is_news)
    token = _is_reported.set(True)
    try:
        yield
    finally:
        _is_reported.reset(token)


def _is_news(record: logging.LogRecord) -> bool:
    return record.levelno < logging.ERROR or not _is_reported.get()
