from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    Progress,
    RunFinished,
    RunOutcome,
    RunStarted,
    UnknownEvent,
)
from flowerpower_tui.runs.view import NodeState, RunView

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STARTED = RunStarted(time=NOW, run="id", project="/p", pipeline="etl", supervisor=1, worker=2)
ATTEMPT = AttemptStarted(time=NOW, attempt=1, attempts=3, final_vars=("total",))
FAILURE = Failure("ValueError", "no")


def started(node: str, task: str = "") -> NodeStarted:
    return NodeStarted(time=NOW, node=node, task=task)


def finished(node: str, task: str = "", duration: float = 0.5) -> NodeFinished:
    return NodeFinished(time=NOW, node=node, task=task, duration=duration, summary=ValueSummary("int"))


def failed(node: str, task: str = "") -> NodeFailed:
    return NodeFailed(time=NOW, node=node, task=task, duration=0.1, failure=FAILURE)


def ended(outcome: RunOutcome) -> RunFinished:
    return RunFinished(time=NOW, outcome=outcome, duration=2.0)


def states(*events: AnyEvent) -> dict[str, NodeState]:
    return {name: node.state for name, node in RunView.of(events).nodes.items()}


def test_a_run_without_events_is_starting() -> None:
    view = RunView()

    assert view.state == "starting"
    assert view.elapsed() is None
    assert view.node("anything").state == "waiting"


def test_a_run_that_began_tells_who_it_is() -> None:
    view = RunView.of([STARTED, ATTEMPT])

    assert (view.run, view.project, view.pipeline, view.state) == ("id", "/p", "etl", "running")
    assert (view.attempt, view.attempts, view.final_vars) == (1, 3, ("total",))
    assert view.elapsed(NOW + timedelta(seconds=3)) == 3.0


def test_nodes_run_and_end_as_their_events_say() -> None:
    assert states(
        STARTED,
        ATTEMPT,
        *(started("a"), finished("a")),
        *(started("b"), failed("b")),
        NodeSkipped(time=NOW, node="c", why="b failed"),
        started("d"),
    ) == {"a": "succeeded", "b": "failed", "c": "skipped", "d": "running"}


def test_a_node_keeps_what_it_told() -> None:
    view = RunView.of([started("a"), finished("a"), started("b"), failed("b")])

    assert view.node("a").duration == 0.5
    assert view.node("a").summary == ValueSummary("int")
    assert view.node("b").failure == FAILURE


def test_a_new_attempt_begins_with_all_nodes_waiting() -> None:
    again = AttemptStarted(time=NOW, attempt=2, attempts=3)
    first = [STARTED, ATTEMPT, started("a"), failed("a"), AttemptFailed(time=NOW, attempt=1, failure=FAILURE)]

    assert RunView.of(first).failure == FAILURE
    assert RunView.of([*first, again]).nodes == {}
    assert RunView.of([*first, again]).failure is None


def test_a_node_of_a_block_runs_until_its_block_is_through() -> None:
    view = RunView.of([started("each"), finished("each"), Progress(time=NOW, node="each", done=0, total=2)])
    view.apply(started("word", "each[0]"))
    view.apply(finished("word", "each[0]"))
    view.apply(Progress(time=NOW, node="each", done=1, total=2))
    between = view.node("word").state
    view.apply(started("word", "each[1]"))
    view.apply(finished("word", "each[1]"))
    view.apply(Progress(time=NOW, node="each", done=2, total=2))

    assert between == "running"
    assert view.node("word").state == "succeeded"
    assert (view.node("word").tasks, view.node("word").duration) == (2, 1.0)
    assert (view.node("each").done, view.node("each").total) == (2, 2)


def test_one_failed_instance_makes_the_node_failed() -> None:
    assert states(
        started("word", "e[0]"), started("word", "e[1]"), failed("word", "e[0]"), finished("word", "e[1]")
    ) == {"word": "failed"}


def test_a_cancelled_run_is_cancelling_until_its_end() -> None:
    view = RunView.of([STARTED, ATTEMPT, CancelRequested(time=NOW)])
    assert (view.state, view.is_over) == ("cancelling", False)

    view.apply(ended("cancelled"))
    assert (view.state, view.is_over, view.duration) == ("cancelled", True, 2.0)


@pytest.mark.parametrize(
    ("outcome", "state"), [("cancelled", "cancelled"), ("crashed", "crashed"), ("failed", "cancelled")]
)
def test_a_node_that_ran_when_the_run_ended_shares_its_end(outcome: RunOutcome, state: NodeState) -> None:
    assert states(STARTED, ATTEMPT, started("a"), finished("a"), started("b"), ended(outcome)) == {
        "a": "succeeded",
        "b": state,
    }


def test_a_lost_run_is_over() -> None:
    view = RunView.of([STARTED, ATTEMPT, started("a")])

    view.mark_lost()

    assert (view.state, view.is_over, view.node("a").state) == ("lost", True, "lost")


def test_a_run_that_ended_cannot_be_lost() -> None:
    view = RunView.of([STARTED, ended("succeeded")])

    view.mark_lost()

    assert view.state == "succeeded"


def test_an_event_of_a_newer_version_changes_nothing() -> None:
    view = RunView.of([STARTED, UnknownEvent(time=NOW, name="NodeDreamt")])

    assert view == RunView.of([STARTED])
