"""What the runs of a pipeline tell of its nodes' last values, also while one of them goes on."""

from __future__ import annotations

import fcntl
import gc
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.pipeline.ingredients import Ingredients
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.directory import GRAPH, INGREDIENTS, LOCK, RunDirectory
from flowerpower_tui.runs.events import Event, LogEmitted, NodeFinished, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.request import run_id
from flowerpower_tui.runs.staleness import Made
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.successes import DEPTH, Successes

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
DAG = Graph((Node("a"), Node("b")), (("a", "b"),))
Make = Callable[[int], RunDirectory]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def make(store: RunStore) -> Make:
    """Makes a run that began some seconds after noon."""

    def run(second: int) -> RunDirectory:
        made = RunDirectory(store.path / run_id("etl", NOON.timestamp() + second))
        made.path.mkdir()
        (made.path / GRAPH).write_bytes(msgspec.json.encode(DAG))
        (made.path / INGREDIENTS).write_bytes(msgspec.json.encode(Ingredients()))
        tell(made, RunStarted(time=NOON, run=made.id, project="/p", pipeline="etl", supervisor=1, worker=2))
        return made

    return run


def tell(run: RunDirectory, *events: Event) -> None:
    with JournalWriter(run.path) as journal:
        for event in events:
            journal.append(event)


def finished(node: str) -> NodeFinished:
    return NodeFinished(time=NOON, node=node, duration=1.0, summary=ValueSummary("int"))


def count_made() -> int:
    gc.collect()
    return sum(isinstance(some, Made) for some in gc.get_objects())


END = RunFinished(time=NOON, outcome="succeeded", duration=1.0)


def test_what_a_run_does_after_a_look_at_it_counts_too(store: RunStore, make: Make) -> None:
    successes = Successes(store, "/p", "etl")
    run = make(0)
    with (run.path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tell(run, finished("a"))
        assert successes.of(DAG)[0].keys() == {"a"}
        tell(run, finished("b"), END)

    assert successes.of(DAG)[0].keys() == {"a", "b"}


def test_what_a_run_said_takes_no_room(store: RunStore, make: Make) -> None:
    said = LogEmitted(time=NOON, level="INFO", logger="x", message="x" * 100)
    tell(make(0), *[said] * 20_000, finished("a"), END)

    tracemalloc.start()
    found, _ = Successes(store, "/p", "etl").of(DAG)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.keys() == {"a"}
    assert most < 2_000_000


def test_only_the_latest_runs_are_remembered(store: RunStore, make: Make) -> None:
    successes = Successes(store, "/p", "etl")
    before = count_made()

    for second in range(DEPTH + 10):
        # None succeeds in `b`, so each look goes as far back as it may.
        tell(make(second), finished("a"), END)
        successes.of(DAG)

    assert count_made() - before <= DEPTH
