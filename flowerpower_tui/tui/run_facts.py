"""What is known of one run, as its parts show it; and what to say where a part has nothing to show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from flowerpower_tui.runs.critical import critical_path
from flowerpower_tui.runs.timeline import Timeline

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.request import RunRecord
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.follow import RunAdvanced

ENDED_BADLY = ("failed", "crashed", "lost")
"""The states of runs of which there is something to tell, even where none of their nodes failed."""


class RunFacts:
    """A run, as far as it was read.

    Attributes:
        run: the run; None if none is chosen.
        timeline: when its nodes ran, and how it stands.
        events: what happened, but for output and log records.
        graph: the graph as it runs; None before it is built.
        critical: the nodes of the last attempt's critical path, once there is one.
        rows: its log.
        record: what it was asked for; None if that is not known.
        measures: what was done to end it.
        was_asked: somebody here asked for its end, and its journal does not know of it yet.
    """

    def __init__(self, run: RunDirectory | None = None) -> None:
        self.run = run
        self.timeline = Timeline()
        self.events: list[AnyEvent] = []
        self.graph: Graph | None = None
        self.critical: Collection[str] = ()
        self.rows: Sequence[LogLine] = ()
        self.record: RunRecord | None = None
        self.measures: Sequence[str] = ()
        self.was_asked = False

    @property
    def view(self) -> RunView:
        """How the run stands."""
        return self.timeline.view

    @property
    def has_failures(self) -> bool:
        """Whether the run failed, or a node of it."""
        return self.view.failure is not None or any(node.failure for node in self.view.nodes.values())

    @property
    def ended_badly(self) -> bool:
        """Whether the part on failures has something to tell."""
        return self.has_failures or self.view.state in ENDED_BADLY

    def take(self, advanced: RunAdvanced) -> bool:
        """Take in what happened; return whether the run is in another state now, or has other news on failures."""
        before, had_failures = self.view.state, self.has_failures
        self.events += advanced.events
        for event in advanced.events:
            self.timeline.apply(event)
        if advanced.over:
            self.timeline.mark_lost()
        self.graph = advanced.graph or self.graph
        if advanced.over:
            self.find_critical_path()
        self.was_asked = self.was_asked and self.view.state == before
        return self.view.state != before or self.has_failures != had_failures

    def find_critical_path(self) -> None:
        """Find the critical path among the nodes that are through."""
        if self.graph is not None and self.timeline.attempts:
            self.critical = critical_path(self.graph, self.timeline.attempts[-1].durations)

    def missing(self, part: str, view: RunView) -> str:
        """Return what to say in the place of a part that has nothing to show; nothing if it has.

        Args:
            part: its name.
            view: how the run stands at the moment that is shown.
        """
        if self.run is None:
            return "No run is chosen."
        is_over = self.view.is_over
        match part:
            case "dag" if self.graph is None and self.timeline.attempts:
                return "The DAG of this run cannot be read: its graph.json is missing or damaged."
            case "dag" if self.graph is None:
                return "This run ended before its DAG was built. F says why." if is_over else "Building the DAG…"
            case "timeline" | "attempts" if not self.timeline.attempts:
                return "This run ended before its first attempt. F says why." if is_over else "Not begun yet."
            case "values" if not any(node.summary for node in view.nodes.values()):
                return "No node gave a value." if is_over else "No node has given a value yet."
            case "config" if self.record is None:
                return "What this run was given cannot be read: its request.json is missing or damaged."
            case "failure" if not self.has_failures:
                return self._why_it_ended()
        return ""

    def words_on_the_end(self) -> str:
        """Return what was done to end the run, and what more can be."""
        told = " ".join(self.measures)
        if self.view.state == "cancelling":
            return f"Cancelling. {told or 'It was asked to end.'} c again takes the next harder measure at once."
        if self.view.is_over:
            return told
        return "Asking the run to end…" if self.was_asked else ""

    def _why_it_ended(self) -> str:
        view = self.view
        if view.state == "lost":
            return "The supervisor of this run died without a word. The log has all that was written."
        if view.state == "crashed":
            how = f"ended by {view.signal}" if view.signal else f"over with exit code {view.exit_code}"
            return f"The worker was {how}, and gave no account. The log has all that it wrote."
        return "Nothing has failed in this run."
