"""When each node of a run ran, attempt by attempt: what a Gantt chart of it shows. A fold of its events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    RunFinished,
)
from flowerpower_tui.runs.view import NodeRun, RunState, RunView

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.failure import Failure


@dataclass(slots=True)
class Span:
    """A stretch of time in which a node ran, or at least one instance of it.

    Attributes:
        start: seconds since the run began.
        end: likewise; None while it goes on.
    """

    start: float
    end: float | None = None


@dataclass(slots=True)
class Attempt:
    """One attempt.

    Attributes:
        number: from 1.
        of: how many there may be.
        start: seconds since the run began.
        end: likewise; None while it goes on.
        state: how it stands: `running`, `failed`, or how the run ended with it.
        failure: why it failed.
        retry_in: seconds to the next; None if there is none.
        nodes: how the nodes stand in it, in the order of their first event.
        spans: when they ran, in the order of their starts; what was skipped has none.
        reused: nodes whose value was at hand.
    """

    number: int
    of: int
    start: float
    nodes: dict[str, NodeRun]
    end: float | None = None
    state: RunState = "running"
    failure: Failure | None = None
    retry_in: float | None = None
    spans: dict[str, list[Span]] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)

    @property
    def order(self) -> list[str]:
        """The nodes by their starts, then those that never ran."""
        return [*self.spans, *(name for name in self.nodes if name not in self.spans)]

    @property
    def durations(self) -> dict[str, float]:
        """Seconds that each node which ended took."""
        return {name: node.duration for name, node in self.nodes.items() if node.duration is not None}


class Timeline:
    """The attempts of a run: hand each of its events to `apply`, in order.

    A node is shown to take as long as a clock that does not jump has measured; the wall's says when it began.

    Attributes:
        view: the run as it stands.
        attempts: in order.
    """

    def __init__(self) -> None:
        self.view = RunView()
        self.attempts: list[Attempt] = []
        self._begin: datetime | None = None
        self._last = 0.0
        # When the instances that run began; and up to when those that ended have run, by node.
        self._running: dict[tuple[str, str], float] = {}
        self._reached: dict[str, float] = {}
        self._instances: dict[str, int] = {}

    @classmethod
    def of(cls, events: Iterable[AnyEvent]) -> Timeline:
        """Return the timeline of all these events."""
        timeline = cls()
        for event in events:
            timeline.apply(event)
        return timeline

    @property
    def begin(self) -> datetime | None:
        """When the first event happened."""
        return self._begin

    def extent(self, now: datetime | None = None) -> float:
        """Seconds from the first event to the end, or till now."""
        if self._begin is None or self.view.is_over:
            return self._last
        return max(self._last, ((now or datetime.now(UTC)) - self._begin).total_seconds())

    def apply(self, event: AnyEvent) -> None:
        """Take in the next event."""
        self._begin = self._begin or event.time
        at = (event.time - self._begin).total_seconds()
        self._last = max(self._last, at)
        self.view.apply(event)
        match event:
            case AttemptStarted():
                self._close(self._last)
                self.attempts.append(Attempt(event.attempt, event.attempts, at, self.view.nodes))
            case NodeStarted() if self.attempts:
                self._node_started(event, at)
            case NodeFinished() | NodeFailed() if self.attempts:
                self._node_ended(event, at)
            case AttemptFailed() if self.attempts:
                attempt = self.attempts[-1]
                attempt.state, attempt.failure, attempt.retry_in = "failed", event.failure, event.retry_in
                self._close(self._last)
            case RunFinished() if self.attempts:
                self._end(event.failure)

    def mark_lost(self) -> None:
        """The supervisor is gone and wrote no end: what ran, ran to the last event that is known."""
        if not self.view.is_over:
            self.view.mark_lost()
            if self.attempts:
                self._end(None)

    def _node_started(self, event: NodeStarted, at: float) -> None:
        name = event.node
        self._running[name, event.task] = at
        self._instances[name] = self._instances.get(name, 0) + 1
        spans = self.attempts[-1].spans.setdefault(name, [])
        if self._instances[name] > 1:
            return
        last = spans[-1].end if spans else None
        if last is not None and at <= last:
            spans[-1].end = None
            self._reached[name] = last
        else:
            spans.append(Span(at))

    def _node_ended(self, event: NodeFinished | NodeFailed, at: float) -> None:
        attempt, name = self.attempts[-1], event.node
        if isinstance(event, NodeFinished) and event.reused:
            attempt.reused.add(name)
        start = self._running.pop((name, event.task), None)
        if start is None:
            # Nobody told of its beginning: an adapter gave its value.
            attempt.spans.setdefault(name, []).append(Span(max(0.0, at - event.duration), at))
            return
        end = start + event.duration
        self._last = max(self._last, end)
        self._reached[name] = max(self._reached.get(name, 0.0), end)
        self._instances[name] -= 1
        if not self._instances[name]:
            attempt.spans[name][-1].end = self._reached.pop(name)

    def _end(self, failure: Failure | None) -> None:
        attempt = self.attempts[-1]
        if attempt.end is None:
            # Else the run ended between two attempts.
            attempt.state = self.view.state
        attempt.failure = failure or attempt.failure
        self._close(self._last)

    def _close(self, at: float) -> None:
        """End the attempt and what still runs in it."""
        if not self.attempts:
            return
        attempt = self.attempts[-1]
        attempt.end = at if attempt.end is None else attempt.end
        for spans in attempt.spans.values():
            if spans and spans[-1].end is None:
                spans[-1].end = max(at, spans[-1].start)
        self._running.clear()
        self._reached.clear()
        self._instances.clear()
