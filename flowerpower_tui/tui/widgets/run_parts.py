"""The parts of a run but its log, one at a time, with the same node under the cursor of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.run_facts import RunFacts
from flowerpower_tui.tui.spots import Spot, SpotWanted
from flowerpower_tui.tui.widgets.attempts_view import AttemptsView
from flowerpower_tui.tui.widgets.config_table import ConfigTable
from flowerpower_tui.tui.widgets.dag_panel import DagPanel
from flowerpower_tui.tui.widgets.failure_view import FailureView
from flowerpower_tui.tui.widgets.results_table import ResultRows, ResultsTable
from flowerpower_tui.tui.widgets.source_part import SourcePart
from flowerpower_tui.tui.widgets.source_view import SourceView
from flowerpower_tui.tui.widgets.timeline import TimelinePanel, TimelineRows

if TYPE_CHECKING:
    from textual.widget import Widget

    from flowerpower_tui.runs.request import RunRecord
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.session import Session
    from flowerpower_tui.tui.widgets.cursor_view import CursorView
    from flowerpower_tui.tui.widgets.dag_view import DagView


class Nothing(Static, can_focus=True):
    """Says why there is nothing to see; and has the keys meanwhile."""


class RunParts(ContentSwitcher):
    """Shows a part, a file in its place, or why there is nothing.

    Attributes:
        node: the node that the cursor is on, whatever is shown; empty before there was one.
        source: the file that may stand in a part's place.
    """

    DEFAULT_CSS = """
    RunParts {
        & > * { height: 1fr; }
        & > #nothing { padding: 1 2; color: $text-muted; }
    }
    """

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        self._root = session.root
        self._nothing = Nothing(id="nothing")
        self._panel = DagPanel(id="dag")
        self._dag = self._panel.view
        self._timeline = TimelinePanel(id="timeline")
        self._attempts = AttemptsView(id="attempts")
        self._values = ResultsTable(id="values")
        self._config = ConfigTable(self._root, id="config")
        self._failure = FailureView(self._root, id="failure")
        self.source = SourcePart(session, id="source")
        super().__init__(
            self._nothing,
            self._panel,
            self._timeline,
            self._attempts,
            self._values,
            self._config,
            self._failure,
            self.source,
            id=id,
            initial="nothing",
        )
        self.node = ""
        self._facts = RunFacts()
        self._missing = ""

    def clear(self, facts: RunFacts) -> None:
        """Forget one run for another."""
        self._facts = facts
        self.node = ""
        self.source.close()
        self._dag.show(None)
        self._config.show(None)
        self._timeline.rows.show(None)

    def show_config(self, record: RunRecord | None) -> None:
        """Take what the run was given."""
        self._config.show(record)

    def show_moment(self, past: RunView | None, seconds: float | None) -> None:
        """Show the timeline at a moment of a replay; None for its end."""
        self._timeline.rows.past, self._timeline.rows.moment = past, seconds
        self._dag.goes_along = False

    def show(self, part: str, view: RunView) -> None:
        """Show a part as the run stands in `view`, unless a file stands in its place."""
        missing = self._facts.missing(part, view)
        if missing != self._missing:
            self._missing = missing
            self._nothing.update(Content(sanitise(missing)))
        self.current = "source" if self.source.spot else "nothing" if missing or part == "log" else part
        match self.current:
            case "dag":
                self._show_dag(view)
            case "timeline":
                self._timeline.rows.show(self._facts.timeline, self._facts.critical)
                self._timeline.rows.go_to_node(self.node)
            case "attempts":
                self._attempts.show(self._facts.timeline.attempts)
            case "values":
                self._values.show(view.nodes, self._facts.view.final_vars)
                self._values.go_to_node(self.node)
            case "failure":
                self._failure.show(self._facts.view)

    @property
    def keyed(self) -> Widget:
        """What has the keys of what is shown."""
        match self.current:
            case "source":
                return self.source.query_one(SourceView)
            case "dag":
                return self._dag
            case "timeline":
                return self._timeline.rows
            case "values":
                return self._values.rows
        return self.visible_content or self._nothing

    def on_dag_view_node_highlighted(self, event: DagView.NodeHighlighted) -> None:
        """Go to the node in every part."""
        event.stop()
        self.node = event.node

    def on_cursor_view_highlighted(self, event: CursorView.Highlighted) -> None:
        """Go to the node in every part."""
        if isinstance(event.view, TimelineRows | ResultRows):
            event.stop()
            self.node = event.view.node or self.node

    def on_cursor_view_opened(self, event: CursorView.Opened) -> None:
        """Show where the node under the cursor is defined."""
        event.stop()
        if isinstance(event.view, TimelineRows | ResultRows):
            self._open(event.view.node)

    def on_dag_view_source_wanted(self, event: DagView.SourceWanted) -> None:
        """Show where the node is defined."""
        event.stop()
        self._open(event.node)

    def _show_dag(self, view: RunView) -> None:
        graph = self._facts.graph
        self._dag.show(graph, {name: node.state for name, node in view.nodes.items()})
        self._dag.set_critical(tuple(self._facts.critical) if view is self._facts.view else ())
        if graph is not None and self.node in graph.by_name and self.node != self._here:
            self._panel.go_to(self.node)

    @property
    def _here(self) -> str:
        """The node that the DAG's cursor is on; of a fold its first."""
        cursor = self._dag.cursor
        return self._dag.excerpt.members(cursor)[0] if cursor is not None else ""

    def _open(self, name: str) -> None:
        node = self._facts.graph.by_name.get(name) if self._facts.graph else None
        if node is not None and node.file:
            self.post_message(SpotWanted(Spot(self._root / node.file, node.line)))
        elif node is not None:
            self.notify(f"{one_line(name)} is an input: run.inputs gives its value.", timeout=3, markup=False)
