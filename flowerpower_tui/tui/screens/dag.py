"""The place for the DAG: all of the screen for it, and at its side the node that one is on, or its source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import ContentSwitcher, Static
from typing_extensions import override

from flowerpower_tui.runs.critical import critical_path
from flowerpower_tui.runs.events import NodeFailed, NodeStarted
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.screens.pipeline_place import LOOP, PipelinePlace
from flowerpower_tui.tui.screens.place import EVERYWHERE
from flowerpower_tui.tui.spots import spot_of
from flowerpower_tui.tui.widgets.dag_panel import DagPanel
from flowerpower_tui.tui.widgets.inspector import Inspector
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.source_view import SourceView

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from textual.timer import Timer
    from textual.widget import Widget

    from flowerpower_tui.graph.model import Node
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.backstage import SourceRead
    from flowerpower_tui.tui.session import Advance, Session

# The cursor may pass many nodes on its way: only where it rests is a source read.
_REST_SECONDS = 0.1
_TICK_SECONDS = 0.5
# Less than this part of a time is as good as none.
_LITTLE = 0.005


class DagPlace(PipelinePlace):
    """The chosen pipeline's DAG, with the run that is shown."""

    PLACE = "dag"
    CSS_PATH = "dag.tcss"

    BINDINGS: ClassVar = [
        Binding("r", "run", "Run", tooltip="Run the chosen pipeline", id="run.start"),
        Binding("c", "cancel", "Cancel", tooltip="Cancel the run that is shown", id="run.cancel"),
        Binding("e", "edit", "Edit", show=False, tooltip="Edit the node's source", id="file.edit"),
        Binding(
            "comma", "pipeline(-1)", "Before", show=False, tooltip="Go to the pipeline before", id="pipeline.before"
        ),
        Binding("full_stop", "pipeline(1)", "Next", show=False, tooltip="Go to the next pipeline", id="pipeline.next"),
        Binding("escape", "back", "Back", show=False, tooltip="Close the source", id="pane.dag"),
        *LOOP,
        *EVERYWHERE,
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._panel = DagPanel(id="dag")
        self._view = self._panel.view
        self._rest: Timer | None = None
        # The file whose source is shown, or is about to be.
        self._file: Path | None = None

    def compose_body(self) -> Iterable[Widget]:
        """The DAG; at its side, or below it, the node."""
        with Horizontal(id="body"):
            yield Pane(
                "DAG",
                Static(id="problems"),
                ContentSwitcher(Static(id="message"), self._panel, initial="message", id="shown"),
                id="dag-pane",
            )
            yield Pane(
                "Node",
                ContentSwitcher(
                    Inspector(self.session.root, id="inspector"),
                    SourceView(id="source"),
                    initial="inspector",
                    id="told",
                ),
                id="node-pane",
            )

    def on_mount(self) -> None:
        """Listen to the project and its runs, and show how they stand."""
        session = self.session
        session.chosen.subscribe(self, self._chosen)
        session.followed.subscribe(self, self._followed)
        session.advanced.subscribe(self, self._advanced)
        session.troubled.subscribe(self, self._troubled)
        session.compared.subscribe(self, lambda _: self._tell_node())
        session.rewritten.subscribe(self, self._rewritten)
        session.wanted_nodes.asked.subscribe(self, lambda _: self._go_to_wanted())
        self.set_interval(_TICK_SECONDS, self._tick)
        self._show_graph()
        self._show_problems()
        # Whoever comes late finds what matters, too; `go_along` leaves alone what somebody wants to see.
        if of_note := [name for name, run in session.view.nodes.items() if run.state in ("failed", "running")]:
            self._view.go_along(of_note[-1])

    def on_screen_resume(self) -> None:
        """Go on where one was."""
        if self.focused is None:
            self._view.focus()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed."""
        match action:
            case "edit":
                node = self._node
                return True if node is not None and node.file else None
            case "back":
                return self._file is not None or self.maximized is not None
        return super().check_action(action, parameters)

    # What the session tells.

    def _chosen(self, _: str | None) -> None:
        self._show_graph()
        self.refresh_bindings()

    def _followed(self, run: RunDirectory | None) -> None:
        self._view.goes_along = self._view.goes_along or run is not None
        self._view.set_states(self.session.states)
        self._show_critical()
        self.tell_state()
        self.refresh_bindings()

    def _advanced(self, advance: Advance) -> None:
        """Take in what happened: the colours, the path that took longest, the node."""
        if advance.drawn_anew:
            self._show_graph()
        else:
            self._view.set_states(self.session.states)
            self.show_freshness()
        failed = [event.node for event in advance.events if isinstance(event, NodeFailed)]
        started = [event.node for event in advance.events if isinstance(event, NodeStarted)]
        if failed or (started and not self.session.view.is_over):
            self._view.go_along((failed or started)[-1])
        self._show_critical()
        self.tell_state()
        self._tell_node()
        self.refresh_bindings()

    def _troubled(self, _: None) -> None:
        self._show_problems()
        self.refresh_bindings()

    # What the widgets tell.

    def on_dag_view_node_highlighted(self) -> None:
        """Tell of the node under the cursor; where its source is shown, of that."""
        self._tell_node()
        if self._file is not None:
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(_REST_SECONDS, self._read)

    def on_dag_view_source_wanted(self) -> None:
        """Show where the node is defined."""
        node = self._node
        if node is not None and not node.file:
            self.notify(f"{one_line(node.name)} is an input: run.inputs gives its value.", timeout=3, markup=False)
        self._read()

    def on_source_read(self, event: SourceRead) -> None:
        """Show a source, if it is still wanted."""
        if event.path == self._file:
            root = self.session.root
            name = event.path.relative_to(root) if event.path.is_relative_to(root) else event.path
            self.query_one(SourceView).show(event.lines, marked=event.marked)
            self._tell_side("source", one_line(str(name)), "esc: back to the node")

    def on_troubled(self, event: Troubled) -> None:
        """Say what file could not be read."""
        self._file = None
        self.session.post_message(event)

    def _rewritten(self, paths: Collection[str]) -> None:
        """Show what the source in sight holds now."""
        if self._file is not None and str(self._file) in paths:
            self._read()

    # What keys ask for.

    def action_edit(self) -> None:
        """Edit the source of the node under the cursor."""
        node = self._node
        if node is not None and node.file:
            self.session.edit(*spot_of(node, self.session.view.node(node.name)))

    def action_pipeline(self, by: int) -> None:
        """Go to another pipeline, around the end."""
        listing = self.session.listing
        names = [entry.name for entry in listing.pipelines] if listing else []
        if names:
            here = names.index(self.session.pipeline) if self.session.pipeline in names else -max(by, 0)
            self.session.choose(names[(here + by) % len(names)])

    def action_back(self) -> None:
        """Leave zoom, or the source."""
        if self.maximized is not None:
            self.minimize()
            return
        self._file = None
        if self._rest is not None:
            self._rest.stop()
        had_focus = self.query_one(SourceView).has_focus
        self._tell_side("inspector", "Node", "")
        if had_focus:
            self._view.focus()

    # How it is done.

    @property
    def _node(self) -> Node | None:
        """The node under the cursor; of a fold its first."""
        view = self._view
        if view.cursor is None:
            return None
        return view.excerpt.whole.by_name.get(view.excerpt.members(view.cursor)[0])

    def _read(self) -> None:
        node = self._node
        if node is not None and node.file:
            self._file = Path(node.file)
            self.session.backstage.read_source(self._file, node.line, to=self)

    def _show_graph(self) -> None:
        """Show the DAG, or say why there is none; the last good one stays."""
        session, shown = self.session, self.query_one("#shown", ContentSwitcher)
        if session.pipeline is not None and session.graph is not None:
            shown.current = "dag"
            self._view.show(session.graph, session.states)
            self.show_freshness()
            self._show_critical()
            self._go_to_wanted()
        else:
            shown.current = "message"
            if session.pipeline is None:
                said = "There is no pipeline to show yet. Go to the project with 1: there one is chosen, or made."
            else:
                said = "There is no DAG to show before this is mended." if session.is_looked_at else "Building the DAG…"
            self.query_one("#message", Static).update(Content(sanitise(said)))
        self.tell_state()
        self._tell_node()

    def _go_to_wanted(self) -> None:
        """Put the cursor on the node that somebody wants to see, once there is the DAG."""
        session = self.session
        if session.graph is not None and (nodes := session.wanted_nodes.take()):
            self._panel.go_to(nodes[-1])
            self._view.focus()

    def _show_critical(self) -> None:
        """Mark what took longest in the run that is shown, once it is over."""
        view, graph = self.session.view, self.session.graph
        path: tuple[str, ...] = ()
        if graph is not None and self.session.run is not None and view.is_over:
            path = critical_path(graph, {name: node.duration for name, node in view.nodes.items() if node.duration})
        self._view.set_critical(path)

    def _show_problems(self) -> None:
        said = tuple(dict.fromkeys(filter(None, self.session.problems)))
        problems = self.query_one("#problems", Static)
        problems.update(Content(sanitise("\n".join(said))))
        problems.set_class(bool(said), "-shown")

    def tell_state(self) -> None:
        """Say in the title how the run stands."""
        title = f"DAG  {one_line(self.session.pipeline or '')}"
        self.query_one("#dag-pane", Pane).retitle(title, self.standing())

    def _tell_node(self) -> None:
        """Tell of what is under the cursor."""
        view, run = self._view, self.session.view
        inspector = self.query_one(Inspector)
        if view.cursor is None or view.graph is None or self.session.graph is None:
            inspector.clear()
        elif view.excerpt.is_fold(view.cursor):
            inspector.show_fold(view.cursor, {name: run.node(name) for name in view.excerpt.members(view.cursor)})
        elif (node := view.graph.by_name.get(view.cursor)) is not None:
            why, before = self.session.picture.stale.get(node.name, ""), self.since_before(node.name)
            share = self._share(node.name)
            inspector.show(view.graph, node, run.node(node.name), share=share, why=why, before=before)

    def _share(self, name: str) -> str:
        """Say what part a node has in the path that took longest."""
        path, nodes = self._view.critical, self.session.view.nodes
        if name not in path:
            return ""
        whole = sum(nodes[one].duration or 0.0 for one in path if one in nodes)
        part = (nodes[name].duration or 0.0) / whole if whole else 0.0
        return (
            f"critical path, {part:.0%} of its time" if part >= _LITTLE else "critical path, next to none of its time"
        )

    def _tell_side(self, shown: str, title: str, detail: str) -> None:
        self.query_one("#told", ContentSwitcher).current = shown
        self.query_one("#node-pane", Pane).retitle(title, detail)
        self.set_class(shown == "source", "-source")
        self.refresh_bindings()

    def _tick(self) -> None:
        """Let the clock of a live run go on."""
        if self.session.can_cancel and self.is_current:
            self.tell_state()
            self._tell_node()
