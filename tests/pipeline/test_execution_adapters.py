"""Hamilton's adapters under our engine: called as Hamilton calls them, and told apart where its hooks would lie."""

from __future__ import annotations

import sys
import textwrap
import threading
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hamilton import driver, lifecycle
from hamilton.lifecycle import base
from hamilton.lifecycle.default import GracefulErrorAdapter
from hamilton.plugins.h_threadpool import FutureAdapter

from flowerpower_tui.errors import ConfigError, GraphError
from flowerpower_tui.pipeline.engine.computation import Computation
from flowerpower_tui.pipeline.engine.executors import InTurn, Threads
from flowerpower_tui.pipeline.engine.plan import make_plan
from flowerpower_tui.pipeline.hamilton_graph import read_graph
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.pipeline.runner import PipelineRunner

DIAMOND = """
    def a(start: int) -> int:
        return start + 1

    def b(a: int) -> int:
        return a * 2

    def c(a: int, b: int, extra: int = 5) -> int:
        return a + b + extra
"""


def run(root: Path, name: str, adapters: Mapping[str, Any], observer: Any = None, **settings: Any) -> dict[str, Any]:
    given = {"adapter": adapters, "executor": {"type": "synchronous"}, "retry": {"max_retries": 0}} | settings
    return PipelineRunner(root, name, {"run": given}, *([observer] if observer else [])).run()


class Listener(
    base.BasePreGraphExecute,
    base.BasePostGraphExecute,
    base.BasePreNodeExecute,
    base.BasePostNodeExecute,
):
    """Remembers what every hook is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def pre_graph_execute(
        self, *, run_id: str, graph: Any, final_vars: list[str], inputs: dict[str, Any], overrides: dict[str, Any]
    ):
        self.heard.append(("pre_graph", final_vars, inputs, overrides))

    def post_graph_execute(self, *, run_id: str, graph: Any, success: bool, error: Any, results: Any):
        self.heard.append(("post_graph", success, type(error), results))

    def pre_node_execute(self, *, run_id: str, node_: Any, kwargs: dict[str, Any], task_id: Any = None):
        self.heard.append(("pre", node_.name, dict(kwargs), task_id))

    def post_node_execute(
        self,
        *,
        run_id: str,
        node_: Any,
        kwargs: dict[str, Any],
        success: bool,
        error: Any,
        result: Any,
        task_id: Any = None,
    ):
        self.heard.append(("post", node_.name, dict(kwargs), success, type(error), result, task_id))


class Doer(base.BaseDoNodeExecute):
    """Executes nodes itself, a thousand more than they say."""

    def do_node_execute(self, *, run_id: str, node_: Any, kwargs: dict[str, Any], task_id: Any = None) -> Any:
        return node_.callable(**kwargs) + 1000


class Builder(base.BaseDoBuildResult):
    """Builds a result of its own."""

    def do_build_result(self, *, outputs: Any) -> Any:
        return sorted(outputs.items())


def dag_of(source: str, *adapters: Any) -> driver.Driver:
    module = types.ModuleType("adapted")
    sys.modules["adapted"] = module
    exec(textwrap.dedent(source), module.__dict__)
    return driver.Builder().with_modules(module).with_adapters(*adapters).build()


def ours(dag: driver.Driver, final_vars: list[str], inputs: Any, overrides: Any = None) -> Any:
    plan = make_plan(dag.graph, read_graph(dag).topological, final_vars, inputs, overrides or {})

    class Nobody:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    return Computation(dag, plan, NodeEvents(Nobody(), Path("/nowhere"))).run(InTurn())  # type: ignore[arg-type]


@pytest.mark.parametrize("kinds", [(Listener,), (Listener, Doer), (Listener, Builder), (Listener, Doer, Builder)])
def test_adapters_are_called_as_hamilton_calls_them(kinds):
    theirs, mine = [[kind() for kind in kinds] for _ in range(2)]
    inputs = {"start": 1}
    expected = dag_of(DIAMOND, *theirs).execute(["c", "a"], inputs=inputs, overrides={})
    assert ours(dag_of(DIAMOND, *mine), ["c", "a"], inputs) == expected
    assert mine[0].heard == theirs[0].heard


def test_adapters_hear_of_a_failure_as_hamilton_tells_it():
    failing = DIAMOND.replace("return a * 2", "raise ValueError('no')")
    theirs, mine = Listener(), Listener()
    with pytest.raises(ValueError, match="no"):
        dag_of(failing, theirs).execute(["c"], inputs={"start": 1}, overrides={})
    with pytest.raises(ValueError, match="no"):
        ours(dag_of(failing, mine), ["c"], {"start": 1})
    assert mine.heard == theirs.heard


def test_a_hook_that_raises_before_a_node_fails_it_and_no_hook_follows():
    class Refusing(Listener):
        def pre_node_execute(self, *, run_id: str, node_: Any, kwargs: dict[str, Any], task_id: Any = None):
            super().pre_node_execute(run_id=run_id, node_=node_, kwargs=kwargs, task_id=task_id)
            if node_.name == "b":
                raise RuntimeError("not this one")

    def theirs(dag: driver.Driver) -> Any:
        return dag.execute(["c"], inputs={"start": 1}, overrides={})

    def mine(dag: driver.Driver) -> Any:
        return ours(dag, ["c"], {"start": 1})

    heard = []
    for compute in (theirs, mine):
        adapter = Refusing()
        with pytest.raises(RuntimeError, match="not this one"):
            compute(dag_of(DIAMOND, adapter))
        heard.append(adapter.heard)
    assert heard[0] == heard[1]


def test_an_interrupt_is_told_to_hooks_as_no_success():
    listener = Listener()
    with pytest.raises(KeyboardInterrupt):
        ours(dag_of("def a() -> int:\n    raise KeyboardInterrupt\n", listener), ["a"], {})
    assert [entry[:2] for entry in listener.heard if entry[0] == "post_graph"] == [("post_graph", False)]
    assert [entry[3] for entry in listener.heard if entry[0] == "post"] == [False]


GRACEFUL = """
    class Stop(Exception): ...

    def ends() -> int:
        raise Stop

    def behind(ends: int) -> int:
        return 1

    def far(behind: int) -> int:
        return 1

    def other() -> int:
        return 2

    def both(far: int, other: int) -> dict:
        return {"far": far, "other": other}
"""


def test_a_node_that_fails_gracefully_is_told_as_failed(make_project, recorder):
    root = make_project({"pipelines/graceful.py": GRACEFUL})
    adapter = GracefulErrorAdapter(error_to_catch=Exception, sentinel_value="gone")
    result = run(root, "graceful", {"graceful": adapter}, recorder, final_vars=["far", "other"])
    assert result == {"far": "gone", "other": 2}
    assert [node for node, *_ in recorder.of("node_failed")] == ["ends"]
    assert recorder.of("node_skipped") == [
        ("behind", "it needs 'ends', which gave no value"),
        ("far", "it needs 'behind', which gave no value"),
    ]
    assert [node for node, *_ in recorder.of("node_finished")] == ["other"]


@pytest.mark.parametrize("try_all", [True, False])
def test_a_block_that_fails_gracefully_goes_on_with_what_it_had(make_project, recorder, try_all):
    module = """
        from hamilton.htypes import Collect, Parallelizable

        def item() -> Parallelizable[int]:
            for index in range(5):
                if index == 3:
                    raise ValueError("enough")
                yield index

        def inner(item: int) -> int:
            return item * 10

        def gathered(inner: Collect[int]) -> list[int]:
            return inner
    """
    root = make_project({"pipelines/block.py": module})
    adapter = GracefulErrorAdapter(error_to_catch=ValueError, sentinel_value=None, try_all_parallel=try_all)
    result = run(root, "block", {"graceful": adapter}, recorder)
    assert result == {"gathered": [0, 10, 20, None] if try_all else [None]}
    assert [node for node, *_ in recorder.of("node_failed")] == ["item"]


def test_what_an_adapter_has_at_hand_is_told_as_reused(make_project, recorder, tmp_path):
    from hamilton.caching.adapter import HamiltonCacheAdapter

    root = make_project({"pipelines/diamond.py": DIAMOND})

    def compute() -> Any:
        adapter = HamiltonCacheAdapter(path=str(tmp_path / "cache"))
        return run(root, "diamond", {"cache": adapter}, recorder, inputs={"start": 1})

    assert compute() == {"c": 11}
    assert [len(call) for call in recorder.of("node_finished")] == [4, 4, 4]
    recorder.calls.clear()
    assert compute() == {"c": 11}
    assert [(call[0], call[4]) for call in recorder.of("node_finished")] == [("a", True), ("b", True), ("c", True)]
    assert [node for node, _ in recorder.of("node_started")] == ["a", "b", "c"]


def test_nodes_that_an_adapter_sends_to_threads_are_told_when_they_run(make_project, recorder):
    module = """
        import threading

        MET = threading.Barrier(2, timeout=20)

        def a() -> int:
            MET.wait()
            return 1

        def b() -> int:
            MET.wait()
            return 2

        def c(a: int, b: int) -> int:
            return a + b
    """
    root = make_project({"pipelines/futures.py": module})
    assert run(root, "futures", {"future": FutureAdapter(max_workers=4)}, recorder) == {"c": 3}
    told = recorder.told
    assert told.index("node_started c") > max(told.index("node_finished a"), told.index("node_finished b"))
    assert [node for node, *_ in recorder.of("node_finished")][-1] == "c"


def test_a_failure_in_an_adapters_thread_is_told_and_what_comes_behind_skipped(make_project, recorder):
    root = make_project({"pipelines/diamond.py": DIAMOND.replace("return a * 2", "raise ValueError('no')")})
    with pytest.raises(ValueError, match="no"):
        run(root, "diamond", {"future": FutureAdapter()}, recorder, inputs={"start": 1})
    assert [node for node, *_ in recorder.of("node_failed")] == ["b"]
    assert [node for node, _ in recorder.of("node_skipped")] == ["c"]


class TaskListener(lifecycle.TaskExecutionHook, lifecycle.TaskGroupingHook):
    """Remembers the tasks that it is told of."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self._lock = threading.Lock()

    def run_before_task_execution(self, *, task_id: str, nodes: Any, purpose: Any, **_: Any) -> None:
        with self._lock:
            self.heard.append(("before", task_id, [node.name for node in nodes], purpose.name))

    def run_after_task_execution(self, *, task_id: str, success: bool, results: Any, **_: Any) -> None:
        with self._lock:
            self.heard.append(("after", task_id, success, results))

    def run_after_task_grouping(self, *, task_ids: list[str], **_: Any) -> None:
        self.heard.append(("grouped", sorted(task_ids)))

    def run_after_task_expansion(self, *, task_id: str, parameters: dict[str, Any], **_: Any) -> None:
        self.heard.append(("expanded", task_id, parameters))


BLOCK = """
    from hamilton.htypes import Collect, Parallelizable

    def item() -> Parallelizable[int]:
        yield from (5, 6)

    def square(item: int) -> int:
        return item * item

    def total(square: Collect[int]) -> int:
        return sum(square)
"""


@pytest.mark.parametrize("executor", [InTurn(), Threads(4)])
def test_tasks_are_told_under_hamiltons_names(executor):
    listener = TaskListener()
    dag = dag_of(BLOCK, listener)
    plan = make_plan(dag.graph, read_graph(dag).topological, ["total"])

    class Nobody:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    assert Computation(dag, plan, NodeEvents(Nobody(), Path("/nowhere"))).run(executor) == {"total": 61}  # type: ignore[arg-type]
    assert listener.heard[0] == ("grouped", ["block-item", "collect-item", "expand-item"])
    assert ("expanded", "expand-item", {"0": 5, "1": 6}) in listener.heard
    assert {entry[1] for entry in listener.heard if entry[0] == "before"} == {
        "expand-item",
        "expand-item.0.block-item",
        "expand-item.1.block-item",
        "collect-item",
    }
    assert ("after", "expand-item.1.block-item", True, {"square": 36}) in listener.heard


def test_two_adapters_that_want_the_same_are_named_before_anything_is_built(make_project):
    root = make_project({"pipelines/diamond.py": "raise RuntimeError('imported')\n"})
    adapters = {"mine": Doer(), "graceful": GracefulErrorAdapter(Exception)}
    with pytest.raises(ConfigError) as caught:
        run(root, "diamond", adapters)
    assert caught.value.message == (
        "The adapters 'mine' (Doer) and 'graceful' (GracefulErrorAdapter) both want to execute the nodes."
    )


def test_an_adapter_that_rejects_the_graph_is_told(make_project):
    class Picky(lifecycle.StaticValidator):
        def run_to_validate_node(self, *, node: Any, **_: Any) -> tuple[bool, str | None]:
            return node.name != "b", "b is not allowed"

    root = make_project({"pipelines/diamond.py": DIAMOND})
    with pytest.raises(GraphError, match="b is not allowed"):
        run(root, "diamond", {"picky": Picky()}, inputs={"start": 1})


def test_an_adapter_that_checks_inputs_is_asked(make_project):
    class Lenient(base.BaseDoValidateInput):
        def do_validate_input(self, *, node_type: type, input_value: Any) -> bool:
            return input_value != 13

    root = make_project({"pipelines/diamond.py": DIAMOND})
    assert run(root, "diamond", {"lenient": Lenient()}, inputs={"start": 1.5}) == {"c": 12.5}
    with pytest.raises(GraphError, match="'start'"):
        run(root, "diamond", {"lenient": Lenient()}, inputs={"start": 13})


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_in_an_adapters_thread_is_never_a_success(make_project, workers):
    module = """
        def a() -> int:
            raise ValueError("no")

        def b(a: int) -> int:
            return a

        def c(b: int) -> int:
            return b
    """
    root = make_project({"pipelines/failing.py": module})
    settings = {"executor": {"type": "threadpool", "max_workers": workers}, "retry": {"max_retries": 0}}
    for _ in range(20):
        with pytest.raises(ValueError, match="no"):
            PipelineRunner(root, "failing", {"run": settings | {"with_adapter": {"future": True}}}).run()
