"""A run at any moment of it: its events in a row, and the states between them, so that one can go back and forth."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptStarted,
    LogEmitted,
    NodeFailed,
    NodeStarted,
    OutputWritten,
    RunFinished,
)
from flowerpower_tui.runs.view import RunView

MarkKind = Literal["node", "attempt", "failure", "end"]

_STRIDE = 512


@dataclass(frozen=True, slots=True)
class Mark:
    """Something worth going to: it happened `seconds` after the run began; `count` events tell of it and before."""

    seconds: float
    kind: MarkKind
    count: int


class Replay:
    """The events of a run that change its state, and its state after any number of them.

    Between two checkpoints are at least as many events as the run has nodes: so they take no more room than the
    events do, and any state is a few thousand events away at most.

    Attributes:
        events: in order; output and log records are left out.
        seconds: when each of them happened, since the run began; where the wall's clock went back, time stands.
        marks: the beginnings of nodes and attempts, failures, and the end; in order.
    """

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        self.events = [event for event in events if not isinstance(event, OutputWritten | LogEmitted)]
        begin = self.events[0].time if self.events else None
        self.seconds = list(
            accumulate(((event.time - begin).total_seconds() for event in self.events if begin is not None), max)
        )
        self.marks = [
            Mark(seconds, kind, number)
            for number, (event, seconds) in enumerate(zip(self.events, self.seconds, strict=True), start=1)
            if (kind := _kind(event)) is not None
        ]
        self._after_marks = [mark.count for mark in self.marks]
        nodes = {event.node for event in self.events if isinstance(event, NodeStarted)}
        self._stride = max(_STRIDE, len(nodes))
        starts = range(0, len(self.events), self._stride)
        strides = (self.events[start : start + self._stride] for start in starts)
        self._checkpoints = list(accumulate(strides, RunView.after, initial=RunView()))

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.events)

    @property
    def extent(self) -> float:
        """Seconds from the first event to the last."""
        return self.seconds[-1] if self.seconds else 0.0

    def count_at(self, seconds: float) -> int:
        """Return how many events had happened by then."""
        return bisect_right(self.seconds, seconds)

    def view(self, count: int) -> RunView:
        """Return the run after its first `count` events. It is the caller's to look at, not to change."""
        number = min(count, len(self.events)) // self._stride
        return self._checkpoints[number].after(self.events[number * self._stride : count])

    def next_mark(self, count: int, *, backwards: bool = False) -> int:
        """Return how many events had happened right after the next mark beyond `count` events, or the one before."""
        if backwards:
            place = bisect_left(self._after_marks, count)
            return self._after_marks[place - 1] if place else 0
        place = bisect_right(self._after_marks, count)
        return self._after_marks[place] if place < len(self._after_marks) else len(self.events)


def _kind(event: AnyEvent) -> MarkKind | None:
    match event:
        case NodeStarted():
            return "node"
        case AttemptStarted():
            return "attempt"
        case NodeFailed():
            return "failure"
        case RunFinished():
            return "end"
    return None
