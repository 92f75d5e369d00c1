from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs import replay
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    Progress,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.replay import Replay
from flowerpower_tui.runs.timeline import Span, Timeline
from flowerpower_tui.runs.view import RunView

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FAILURE = Failure("ValueError", "no")
VALUE = ValueSummary("int")
NODES = ("load", "clean", "item", "total")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def begun() -> RunStarted:
    return RunStarted(time=NOON, run="id", project="/p", pipeline="etl", supervisor=1, worker=2)


def attempt(number: int, seconds: float = 0.0) -> AttemptStarted:
    return AttemptStarted(time=at(seconds), attempt=number, attempts=2)


def ran(node: str, start: float, duration: float, task: str = "") -> list[AnyEvent]:
    return [
        NodeStarted(time=at(start), node=node, task=task),
        NodeFinished(time=at(start + duration), node=node, task=task, duration=duration, summary=VALUE),
    ]


def ended(seconds: float, outcome: str = "succeeded") -> RunFinished:
    return RunFinished(time=at(seconds), outcome=outcome, duration=seconds)  # type: ignore[arg-type]


@st.composite
def journals(draw: st.DrawFn) -> list[AnyEvent]:
    """Events as a run may tell them, of any length and cut anywhere; some clocks jump."""
    seconds = 0.0
    events: list[AnyEvent] = [begun(), attempt(1)]
    running: dict[tuple[str, str], float] = {}
    for _ in range(draw(st.integers(0, 30))):
        seconds = max(0.0, seconds + draw(st.sampled_from([0.0, 0.25, 1.0, -0.5])))
        node = draw(st.sampled_from(NODES))
        task = draw(st.sampled_from(["item[0]", "item[1]"])) if node == "item" else ""
        kind = draw(st.sampled_from(["start", "end", "end", "fail", "skip", "progress", "retry", "log"]))
        if kind == "start" and (node, task) not in running:
            running[node, task] = seconds
            events.append(NodeStarted(time=at(seconds), node=node, task=task))
        elif kind in ("end", "fail") and (node, task) in running:
            duration = max(0.0, seconds - running.pop((node, task)))
            if kind == "end":
                events.append(NodeFinished(time=at(seconds), node=node, task=task, duration=duration, summary=VALUE))
            else:
                events.append(NodeFailed(time=at(seconds), node=node, task=task, duration=duration, failure=FAILURE))
        elif kind == "skip":
            events.append(NodeSkipped(time=at(seconds), node="skipped", why="load failed"))
        elif kind == "progress":
            events.append(Progress(time=at(seconds), node="load", done=draw(st.integers(0, 2)), total=2))
        elif kind == "retry":
            running.clear()
            events.append(AttemptFailed(time=at(seconds), attempt=1, failure=FAILURE, retry_in=0.0))
            events.append(attempt(2, seconds))
        elif kind == "log":
            events.append(LogEmitted(time=at(seconds), level="INFO", logger="x", message="hello"))
    if draw(st.booleans()):
        if draw(st.booleans()):
            events.append(CancelRequested(time=at(seconds)))
        events.append(ended(seconds, draw(st.sampled_from(["succeeded", "failed", "cancelled", "crashed"]))))
    return events


@given(journals(), st.integers(1, 7), st.data())
def test_a_replay_shows_at_every_moment_what_the_events_so_far_tell(
    events: list[AnyEvent], stride: int, data: st.DataObject
) -> None:
    short, replay._STRIDE = replay._STRIDE, stride
    try:
        played = Replay(events)
    finally:
        replay._STRIDE = short
    counts = data.draw(st.lists(st.integers(0, len(played)), min_size=1, max_size=8))

    # In any order, since one goes back and forth, and a state must not change another.
    for count in [*counts, len(played), 0]:
        assert played.view(count) == RunView.of(played.events[:count])


@given(journals())
def test_steps_from_mark_to_mark_come_by_all_of_them_and_back(events: list[AnyEvent]) -> None:
    played = Replay(events)
    forwards, count = [], 0
    while count < len(played):
        count = played.next_mark(count)
        forwards.append(count)
    backwards = []
    while count > 0:
        backwards.append(count)
        count = played.next_mark(count, backwards=True)

    marks = [mark.count for mark in played.marks]
    assert forwards in (marks, [*marks, len(played)])
    assert backwards == forwards[::-1]


@given(journals())
def test_a_moment_has_all_events_up_to_it_and_none_after(events: list[AnyEvent]) -> None:
    played = Replay(events)

    for index, seconds in enumerate(played.seconds):
        count = played.count_at(seconds)
        assert count > index
        assert count == len(played) or played.seconds[count] > seconds
    assert played.count_at(-1.0) == 0
    assert played.count_at(played.extent) == len(played)


@given(journals())
def test_a_timeline_knows_every_node_as_the_view_does(events: list[AnyEvent]) -> None:
    timeline = Timeline.of(events)

    assert timeline.attempts[-1].nodes == RunView.of(events).nodes
    assert timeline.view == RunView.of(events)
    assert set(timeline.attempts[-1].order) >= set(RunView.of(events).nodes)


@given(journals())
def test_spans_follow_one_another_inside_their_attempt(events: list[AnyEvent]) -> None:
    timeline = Timeline.of(events)

    for tried in timeline.attempts:
        for spans in tried.spans.values():
            ends = [span.end for span in spans[:-1]]
            assert None not in ends
            assert all(span.end is None or span.start <= span.end <= timeline.extent(NOON) for span in spans)
        if timeline.view.is_over:
            assert tried.end is not None
            assert all(span.end is not None for spans in tried.spans.values() for span in spans)


def test_spans_add_up_to_what_the_nodes_took() -> None:
    timeline = Timeline.of([begun(), attempt(1), *ran("load", 0.5, 1.5), *ran("clean", 2.0, 0.25), ended(3.0)])
    tried = timeline.attempts[0]

    assert tried.spans == {"load": [Span(0.5, 2.0)], "clean": [Span(2.0, 2.25)]}
    assert tried.durations == {"load": 1.5, "clean": 0.25}
    assert (tried.start, tried.end, tried.state) == (0.0, 3.0, "succeeded")


def test_instances_that_overlap_are_one_span() -> None:
    overlapping = [
        NodeStarted(time=at(0), node="item", task="item[0]"),
        NodeStarted(time=at(1), node="item", task="item[1]"),
        NodeFinished(time=at(2), node="item", task="item[0]", duration=2.0, summary=VALUE),
        NodeFinished(time=at(4), node="item", task="item[1]", duration=3.0, summary=VALUE),
    ]
    timeline = Timeline.of([begun(), attempt(1), *overlapping, *ran("item", 6, 1, "item[2]")])

    assert timeline.attempts[0].spans["item"] == [Span(0.0, 4.0), Span(6.0, 7.0)]
    assert timeline.attempts[0].durations["item"] == 6.0


def test_attempts_are_kept_apart() -> None:
    failed = NodeFailed(time=at(1), node="load", duration=1.0, failure=FAILURE)
    timeline = Timeline.of(
        [
            *(begun(), attempt(1), NodeStarted(time=at(0), node="load"), failed),
            NodeSkipped(time=at(1), node="total", why="load failed"),
            AttemptFailed(time=at(1), attempt=1, failure=FAILURE, retry_in=2.0),
            *(attempt(2, 3.0), *ran("load", 3.0, 1.0), ended(4.0)),
        ]
    )
    first, second = timeline.attempts

    assert (first.state, first.end, first.failure, first.retry_in) == ("failed", 1.0, FAILURE, 2.0)
    assert first.order == ["load", "total"]
    assert first.nodes["load"].state == "failed"
    assert (second.state, second.start, second.end) == ("succeeded", 3.0, 4.0)
    assert second.nodes["load"].state == "succeeded"


def test_what_runs_grows_with_the_clock_and_ends_with_the_run() -> None:
    timeline = Timeline.of([begun(), attempt(1), NodeStarted(time=at(1), node="load")])

    assert timeline.extent(at(7)) == 7.0
    assert timeline.attempts[0].spans["load"] == [Span(1.0, None)]
    timeline.apply(ended(8.0, "cancelled"))
    assert timeline.extent(at(99)) == 8.0
    assert timeline.attempts[0].spans["load"] == [Span(1.0, 8.0)]
    assert timeline.attempts[0].state == "cancelled"


def test_a_lost_run_ends_with_its_last_event() -> None:
    timeline = Timeline.of([begun(), attempt(1), *ran("load", 0, 2), NodeStarted(time=at(2), node="clean")])
    timeline.mark_lost()

    assert timeline.extent(at(99)) == 2.0
    assert timeline.attempts[0].state == "lost"
    assert timeline.attempts[0].nodes["clean"].state == "lost"
