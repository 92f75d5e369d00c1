"""What is known of the run that is shown, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptStarted,
    NodeFailed,
    NodeFinished,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.store import RunInfo
from flowerpower_tui.tui.shown_run import ShownRun
from flowerpower_tui.tui.spots import Spot

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STARTED = RunStarted(time=NOW, run="old", project="/p", pipeline="job", supervisor=1, worker=2)
SUCCEEDED = RunFinished(time=NOW, outcome="succeeded", duration=90.0)
GRAPH = Graph(
    (Node("orders", role="input"), Node("total", file="/p/pipelines/job.py", line=7), Node("aside")),
    (("orders", "total"),),
)


@pytest.fixture
def shown() -> ShownRun:
    return ShownRun(RunDirectory(Path("/runs/old")))


def after(shown: ShownRun, *events: AnyEvent) -> ShownRun:
    shown.advance(events, over=any(isinstance(event, RunFinished) for event in events))
    return shown


def run(started: datetime, name: str = "new") -> RunInfo:
    return RunInfo(
        id=name, project="/p", pipeline="job", state="running", started=started, duration=0.0, path=f"/runs/{name}"
    )


def test_where_no_run_is_shown_none_goes_on_and_none_is_awaited() -> None:
    none = ShownRun()

    assert not none.goes_on
    assert not none.is_unread


def test_a_run_is_unread_until_something_is_told_of_it(shown: ShownRun) -> None:
    assert shown.goes_on
    assert shown.is_unread
    assert not after(shown, STARTED).is_unread
    assert shown.goes_on


def test_a_run_ends_once(shown: ShownRun) -> None:
    assert not shown.advance([STARTED], over=False)
    assert shown.advance([SUCCEEDED], over=True)
    assert not shown.advance([], over=True)
    assert not shown.goes_on


def test_a_run_of_which_nothing_more_comes_is_lost(shown: ShownRun) -> None:
    assert shown.advance([STARTED], over=True)
    assert shown.view.state == "lost"


def test_any_run_may_be_shown_where_none_is() -> None:
    assert ShownRun().gives_way_to(run(NOW))


@pytest.mark.parametrize(("seconds", "gives_way"), [(0, False), (90, False), (91, True)])
def test_a_run_gives_way_to_one_that_began_after_its_end(shown: ShownRun, seconds: int, gives_way: bool) -> None:
    after(shown, STARTED, SUCCEEDED)

    assert shown.gives_way_to(run(NOW + timedelta(seconds=seconds))) is gives_way


def test_a_run_never_gives_way_to_itself(shown: ShownRun) -> None:
    assert not after(shown, STARTED, SUCCEEDED).gives_way_to(run(NOW + timedelta(days=1), "old"))


def test_a_run_that_goes_on_gives_way_to_none(shown: ShownRun) -> None:
    assert not after(shown, STARTED).gives_way_to(run(NOW + timedelta(days=1)))


def test_how_a_run_stands_counts_the_nodes_that_it_needs(shown: ShownRun) -> None:
    after(
        shown,
        STARTED,
        AttemptStarted(time=NOW, attempt=2, attempts=3, final_vars=("total",)),
        NodeFinished(time=NOW, node="total", duration=1.0, summary=ValueSummary("int")),
        SUCCEEDED,
    )

    assert shown.progress(GRAPH) == ["✓ succeeded", "1/1 nodes", "try 2/3", "1 m 30 s"]
    assert ShownRun().progress(GRAPH) == ["3 nodes, never run"]
    assert ShownRun().progress(None) == []


def test_where_a_run_failed_first_is_found_by_its_graph(shown: ShownRun) -> None:
    assert shown.failed_at(GRAPH) is None
    after(shown, STARTED, NodeFailed(time=NOW, node="total", duration=0.1, failure=Failure("KeyError", "'x'")))

    assert shown.failed_at(GRAPH) == Spot(Path("/p/pipelines/job.py"), 7)
    assert shown.failed_at(None) is None


def test_only_a_mistake_in_input_is_told_beside_the_nodes(shown: ShownRun) -> None:
    failed = RunFinished(time=NOW, outcome="failed", duration=1.0, failure=Failure("KeyError", "'x'"))
    mistaken = RunFinished(
        time=NOW, outcome="failed", duration=1.0, failure=Failure("ConfigError", "No such node.", user_error=True)
    )

    assert after(ShownRun(shown.run), STARTED, failed).mistake == ""
    assert "No such node." in after(shown, STARTED, mistaken).mistake
