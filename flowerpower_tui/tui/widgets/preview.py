"""What the chosen pipeline, or the chosen file, looks like: its DAG or its text, and above it what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.widgets.dag_panel import DagPanel
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import fold_in_a_line, in_a_line
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.source_view import SourceView

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowerpower_tui.graph.model import Graph, Node
    from flowerpower_tui.runs.view import NodeRun
    from flowerpower_tui.tui.highlight import Run


class Preview(Pane):
    """Shows one of three: the DAG, a file, or a word in their place."""

    DEFAULT_CSS = """
    Preview {
        & ContentSwitcher { height: 1fr; }
        & #message { padding: 1 2; color: $text-muted; }
        & #problems {
            height: auto;
            max-height: 8;
            padding: 0 1;
            color: $text-error;
            background: $surface;
            display: none;
        }
        & #problems.-shown { display: block; }
        & #node-line { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            "DAG",
            Static(id="problems"),
            ContentSwitcher(
                Static(Content("Choose a pipeline at the left."), id="message"),
                DagPanel(id="dag"),
                SourceView(id="source"),
                initial="message",
            ),
            Static(id="node-line"),
            id=id,
        )
        self._problems: tuple[str, ...] = ()

    @property
    def shows_file(self) -> bool:
        """Whether a file stands in the DAG's place."""
        return self._switcher.current == "source"

    def show_dag(self, graph: Graph, states: Mapping[str, str]) -> None:
        """Draw a graph with its nodes in these states."""
        self._switch_to("dag")
        self.query_one(DagView).show(graph, states)

    def show_file(self, name: str, lines: list[list[Run]], marked: int) -> None:
        """Show the text of a file, line `marked` in sight."""
        self._switch_to("source")
        self.query_one(SourceView).show(lines, marked=marked)
        self.retitle(one_line(name), "esc: back to the DAG")

    def renew_file(self, lines: list[list[Run]]) -> None:
        """Show what that file holds now."""
        self.query_one(SourceView).renew(lines)

    def say(self, text: str) -> None:
        """Say something where there is nothing to show."""
        self.query_one("#message", Static).update(Content(sanitise(text)))
        self._switch_to("message")

    def show_problems(self, *problems: str) -> None:
        """Say what is wrong, each once; nothing, if nothing is."""
        self._problems = tuple(dict.fromkeys(filter(None, problems)))
        self._tell_problems()

    def tell_node(self, node: Node | None, run: NodeRun | None) -> None:
        """Tell of one node in a line."""
        line = in_a_line(node, run) if node is not None and run is not None else Content()
        self.query_one("#node-line", Static).update(line)

    def tell_fold(self, name: str, members: Mapping[str, NodeRun]) -> None:
        """Tell of a fold in a line, by its nodes as they stand."""
        self.query_one("#node-line", Static).update(fold_in_a_line(name, members))

    @property
    def _switcher(self) -> ContentSwitcher:
        return self.query_one(ContentSwitcher)

    def _switch_to(self, view: str) -> None:
        switcher = self._switcher
        shown = switcher.visible_content
        switcher.current = view
        if shown is not None and shown.has_focus_within and shown.id != view:
            (self.query_one(DagView) if view == "dag" else switcher.get_child_by_id(view)).focus()
        self._tell_problems()

    def _tell_problems(self) -> None:
        # They are the pipeline's, not those of a file that stands in its place.
        said = self._problems if not self.shows_file else ()
        problems = self.query_one("#problems", Static)
        problems.update(Content(sanitise("\n".join(said))))
        problems.set_class(bool(said), "-shown")
