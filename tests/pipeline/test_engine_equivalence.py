"""Our engine against Hamilton's own: the same results for any graph, and events that could not have been otherwise."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hamilton import driver
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.pipeline.engine.computation import Computation, Executor
from flowerpower_tui.pipeline.engine.executors import InTurn, Threads
from flowerpower_tui.pipeline.engine.plan import make_plan
from flowerpower_tui.pipeline.hamilton_graph import read_graph
from flowerpower_tui.pipeline.node_events import NodeEvents

EXECUTORS = [InTurn(), Threads(2), Threads(8)]
_numbers = itertools.count()


@dataclass
class Case:
    """A graph of small functions, and what is asked of it."""

    source: str
    inputs: dict[str, int]
    overrides: dict[str, int]
    final_vars: list[str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Functions that take earlier ones, required and optional inputs, and values of the configuration."""
    count = draw(st.integers(1, 14))
    lines, inputs = [], {}
    for number in range(count):
        parents = draw(st.lists(st.integers(0, number - 1), unique=True, max_size=4)) if number else []
        arguments = [f"n{parent}: int" for parent in parents]
        taken = [f"n{parent}" for parent in parents]
        for outside in draw(st.lists(st.integers(0, 2), unique=True, max_size=2)):
            arguments.append(f"i{outside}: int")
            taken.append(f"i{outside}")
            inputs[f"i{outside}"] = 10 + outside
        if draw(st.booleans()):
            arguments.append(f"o{number}: int = {number}")
            taken.append(f"o{number}")
            if draw(st.booleans()):
                inputs[f"o{number}"] = 100 + number
        value = f"{number} + 3 * ({' + 7 * '.join(taken) or 0})"
        lines.append(f"def n{number}({', '.join(arguments)}) -> int:\n    return {value}\n")
    names = [f"n{number}" for number in range(count)]
    overridden = draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    final_vars = draw(st.lists(st.sampled_from([*names, *inputs]), unique=True, min_size=1))
    return Case("\n".join(lines), inputs, dict.fromkeys(overridden, -1), final_vars)


def build(source: str) -> driver.Driver:
    module = types.ModuleType(f"generated_{next(_numbers)}")
    sys.modules[module.__name__] = module
    try:
        exec(source, module.__dict__)
        return driver.Builder().with_modules(module).build()
    finally:
        del sys.modules[module.__name__]


class Heard:
    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []

    def node_started(self, node: str, task: str) -> None:
        self.events.append(("start", node, task))

    def node_finished(self, node: str, task: str, *_: Any) -> None:
        self.events.append(("finish", node, task))

    def node_skipped(self, node: str, why: str) -> None:
        self.events.append(("skip", node, why))

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


def compute(dag: driver.Driver, executor: Executor, case: Case, heard: Heard) -> Any:
    plan = make_plan(dag.graph, read_graph(dag).topological, case.final_vars, case.inputs, case.overrides)
    return Computation(dag, plan, NodeEvents(heard, Path("/nowhere"))).run(executor)  # type: ignore[arg-type]


def assert_linear(dag: driver.Driver, events: list[tuple[str, str, str]]) -> None:
    """Every node that ran started once, finished once, and after all that it takes had finished."""
    finished: set[tuple[str, str]] = set()
    started: set[tuple[str, str]] = set()
    skipped = {node for kind, node, _ in events if kind == "skip"}
    ran = {node for kind, node, _ in events if kind == "start"}
    assert not skipped & ran
    for kind, node, task in events:
        if kind == "start":
            assert (node, task) not in started
            started.add((node, task))
            for source in dag.graph.nodes[node].input_types:
                if source in ran:
                    assert {name for name, _ in finished} >= {source}
        elif kind == "finish":
            assert (node, task) in started
            finished.add((node, task))
    assert started == finished


@settings(max_examples=150, deadline=None)
@given(cases())
def test_any_graph_gives_what_hamilton_gives(case: Case) -> None:
    dag = build(case.source)
    expected = dag.execute(case.final_vars, inputs=case.inputs, overrides=case.overrides)
    for executor in EXECUTORS:
        heard = Heard()
        assert compute(dag, executor, case, heard) == expected
        assert_linear(dag, heard.events)
        told = {node for kind, node, _ in heard.events if kind in ("start", "skip")}
        functions = {node.name for node in dag.graph.get_nodes() if not node.user_defined}
        needed, _ = dag.graph.get_upstream_nodes(case.final_vars)
        assert told == functions & {node.name for node in needed}


BLOCK = """
from hamilton.htypes import Collect, Parallelizable

def item(count: int) -> Parallelizable[int]:
    yield from range(count)

def factor(start: int) -> int:
    return start + 1

def scaled(item: int, factor: int) -> int:
    return item * factor

def shifted(scaled: int, start: int) -> int:
    return scaled + start

def rows(shifted: Collect[int], factor: int) -> list[int]:
    return [*shifted, factor]

def second(rows: list[int]) -> Parallelizable[int]:
    yield from rows

def halved(second: int) -> float:
    return second / 2

def total(halved: Collect[float]) -> float:
    return sum(halved)
"""


@pytest.mark.parametrize("executor", EXECUTORS, ids=["in turn", "2 threads", "8 threads"])
@pytest.mark.parametrize("count", [0, 1, 7, 60])
def test_blocks_give_what_hamilton_gives(executor: Executor, count: int) -> None:
    dag = build(BLOCK)
    case = Case("", {"count": count, "start": 3}, {}, ["rows", "total", "factor"])
    heard = Heard()
    result = compute(dag, executor, case, heard)
    assert_linear(dag, heard.events)
    # Hamilton's own changes the functions of its graph, so it comes last; its items come in any order.
    module = types.ModuleType("generated_block")
    sys.modules["generated_block"] = module
    exec(BLOCK, module.__dict__)
    theirs = driver.Builder().with_modules(module).enable_dynamic_execution(allow_experimental_mode=True).build()
    expected = theirs.execute(case.final_vars, inputs=case.inputs)
    assert result["rows"] == [*(index * 4 + 3 for index in range(count)), 4]
    assert sorted(result["rows"]) == sorted(expected["rows"])
    assert (result["total"], result["factor"]) == (expected["total"], expected["factor"])


def test_a_block_whose_parallelizable_is_overridden_goes_over_the_override() -> None:
    dag = build(BLOCK)
    heard = Heard()
    result = compute(dag, Threads(4), Case("", {"start": 3, "count": 9}, {"item": [5, 6]}, ["rows"]), heard)
    assert result == {"rows": [23, 27, 4]}
    assert ("skip", "item", "its value is given by an override") in heard.events


def test_two_collects_of_one_block_both_gather_it() -> None:
    source = BLOCK + "\ndef most(shifted: Collect[int]) -> int:\n    return max(shifted)\n"
    case = Case("", {"count": 4, "start": 0}, {}, ["rows", "most"])
    assert compute(build(source), Threads(4), case, Heard()) == {"rows": [0, 1, 2, 3, 1], "most": 3}


def test_values_that_nobody_needs_any_more_are_let_go() -> None:
    source = """
import weakref

ALIVE = []

class Big: ...

def big() -> Big:
    value = Big()
    ALIVE.append(weakref.ref(value))
    return value

def size(big: Big) -> int:
    return 1

def alive(size: int) -> int:
    return sum(one() is not None for one in ALIVE)
"""
    assert compute(build(source), InTurn(), Case("", {}, {}, ["alive"]), Heard()) == {"alive": 0}


@pytest.mark.parametrize("executor", EXECUTORS, ids=["in turn", "2 threads", "8 threads"])
def test_a_chain_of_ten_thousand_nodes_runs(executor: Executor) -> None:
    lines = ["def n0() -> int:\n    return 0\n"]
    lines += [f"def n{i}(n{i - 1}: int) -> int:\n    return n{i - 1} + 1\n" for i in range(1, 10_000)]
    assert compute(_long("\n".join(lines)), executor, Case("", {}, {}, ["n9999"]), Heard()) == {"n9999": 9999}


_built: dict[str, driver.Driver] = {}


def _long(source: str) -> driver.Driver:
    if source not in _built:
        _built[source] = build(source)
    return _built[source]


@pytest.fixture(scope="module", autouse=True)
def _forget() -> Iterator[None]:
    yield
    _built.clear()
