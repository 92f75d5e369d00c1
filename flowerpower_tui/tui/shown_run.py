"""The run that a session shows: how it stands, as far as was told of it, and what is to be said of that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.view import RunView
from flowerpower_tui.tui.spots import spot_of
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.runs.compare import Comparison
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.tui.spots import Spot


class ShownRun:
    """One run, or none: another run is another `ShownRun`, so nothing of the last one is left in it.

    Attributes:
        run: the run; None if none is shown.
        view: how it stands.
        rows: its log.
        comparison: the run, once it is over, beside the one before it that succeeded; None if there is none.
    """

    def __init__(self, run: RunDirectory | None = None) -> None:
        self.run = run
        self.view = RunView()
        self.rows: Sequence[LogLine] = ()
        self.comparison: Comparison | None = None

    @property
    def goes_on(self) -> bool:
        """Whether there is a run that is not over."""
        return self.run is not None and not self.view.is_over

    @property
    def is_unread(self) -> bool:
        """Whether there is a run of which nothing is known yet."""
        return self.goes_on and self.view.started is None

    def advance(self, events: Sequence[AnyEvent], *, over: bool) -> bool:
        """Take in what happened, and that nothing more will; return whether the run has ended by that."""
        was_over = self.view.is_over
        for event in events:
            self.view.apply(event)
        if over:
            self.view.mark_lost()
        return over and not was_over

    def gives_way_to(self, newest: RunInfo) -> bool:
        """Whether a run may be shown in the place of this one: it began after this had ended, or there is none.

        One that began meanwhile does not take its place: whoever watches a run sees its end.
        """
        if self.run is None:
            return True
        if not self.view.is_over or self.view.started is None:
            return False
        ended = self.view.started + timedelta(seconds=self.view.duration or 0.0)
        return newest.id != self.run.id and newest.started > ended

    def progress(self, graph: Graph | None) -> list[str]:
        """How it stands, in a few words each: state, nodes, attempt, time."""
        if self.run is None:
            return [f"{len(graph.nodes)} nodes, never run"] if graph else []
        view = self.view
        parts = [f"{look(view.state).glyph} {view.state}"]
        if graph and (wanted := graph.ancestors(name for name in view.final_vars if name in graph.by_name)):
            done = sum(view.node(name).state == "succeeded" for name in wanted)
            parts.append(f"{done}/{sum(graph.by_name[name].role != 'input' for name in wanted)} nodes")
        if view.attempt > 1:
            parts.append(f"try {view.attempt}/{view.attempts}")
        elapsed = view.elapsed()
        if elapsed is not None:
            parts.append(spoken_time(elapsed))
        return parts

    def failed_at(self, graph: Graph | None) -> Spot | None:
        """The line of the pipeline where it failed first; None if it did not, or nobody knows where."""
        for name, run in self.view.nodes.items():
            node = graph.by_name.get(name) if graph is not None and run.failure is not None else None
            if node is not None and node.file:
                return spot_of(node, run)
        return None

    @property
    def mistake(self) -> str:
        """The mistake in its input that ended it before its first node, so that no node tells of it; else nothing."""
        failure = self.view.failure
        return "\n".join(render(failure)) if failure is not None and failure.user_error else ""
