"""The first place: the project at the left, the chosen pipeline's DAG and log at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from typing_extensions import override

from flowerpower_tui.runs.events import NodeFailed, NodeStarted
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.pipeline_place import LOOP, PipelinePlace
from flowerpower_tui.tui.screens.place import EVERYWHERE
from flowerpower_tui.tui.spots import spot_of
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import Inspector
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.preview import Preview
from flowerpower_tui.tui.widgets.project_tree import ProjectTree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from textual.widget import Widget

    from flowerpower_tui.project.tree import ProjectListing
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.backstage import FolderListed, SourceRead
    from flowerpower_tui.tui.follow import LogRead
    from flowerpower_tui.tui.session import Advance, Session


class Workspace(PipelinePlace):
    """One project, one pipeline at a time."""

    PLACE = "project"
    CSS_PATH = "workspace.tcss"

    BINDINGS: ClassVar = [
        Binding("r", "run", "Run", tooltip="Run the chosen pipeline", id="run.start"),
        Binding("c", "cancel", "Cancel", tooltip="Cancel the run that is shown", id="run.cancel"),
        Binding("e", "edit", "Edit", tooltip="Edit what the cursor is on", id="file.edit"),
        Binding("o", "log_of_node", "Log", show=False, tooltip="Show only the node's log, or all", id="log.of-node"),
        Binding("escape", "back", "Back", show=False, tooltip="Back to the DAG", id="pane.dag"),
        *LOOP,
        *EVERYWHERE,
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        # What the preview shows in place of the DAG, or is about to.
        self._file: Path | None = None
        self._line = 0
        # What it does show, and whether that is read again.
        self._shown: Path | None = None
        self._renews = False

    def compose_body(self) -> Iterable[Widget]:
        """The tree at the left; at the right the DAG over the log."""
        with Horizontal(id="body"):
            yield Pane("Project", ProjectTree(id="tree"), id="project")
            with Vertical(id="main"):
                yield Preview(id="preview")
                with Horizontal(id="below"):
                    yield Pane("Log", LogPanel(self.session.root, id="logs"), id="log")
                    yield Pane("Node", Inspector(self.session.root, id="inspector"), id="node")

    def on_mount(self) -> None:
        """Listen to the project and its runs."""
        session = self.session
        session.listed.subscribe(self, self._listed)
        session.runs_listed.subscribe(self, self._runs_listed)
        session.chosen.subscribe(self, self._chosen)
        session.followed.subscribe(self, self._followed)
        session.log_read.subscribe(self, self._log_read)
        session.advanced.subscribe(self, self._advanced)
        session.troubled.subscribe(self, self._troubled)
        session.pictured.subscribe(self, self._pictured)
        session.rewritten.subscribe(self, self._rewritten)
        session.compared.subscribe(self, lambda _: self._tell_node())
        self.set_interval(0.5, self._tick)
        self.query_one(ProjectTree).focus()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed."""
        if action == "log_of_node":
            return isinstance(self.focused, DagView)
        return super().check_action(action, parameters)

    # What the session tells.

    def _listed(self, listing: ProjectListing) -> None:
        """Fill the tree; choose a pipeline if none is chosen."""
        tree = self.query_one(ProjectTree)
        tree.show(listing)
        tree.show_runs(self.session.runs or ())
        self._pictured(None)
        if not listing.pipelines:
            self._preview.say("This project has no pipeline yet. `fp-tui new NAME` makes one.")
        self._choose_first()

    def _runs_listed(self, runs: Sequence[RunInfo]) -> None:
        """Keep the tree's states true."""
        self.query_one(ProjectTree).show_runs(runs)
        self.query_one(LogPanel).look_for_files()
        self._choose_first()

    def _chosen(self, pipeline: str | None) -> None:
        """Draw the chosen pipeline, or say why it cannot be; the last good graph stays."""
        if pipeline is not None:
            self._show_graph()
        self.tell_state()
        self.refresh_bindings()

    def _followed(self, run: RunDirectory | None) -> None:
        """Begin a log anew."""
        self.query_one(LogPanel).show(())
        dag = self.query_one(DagView)
        dag.goes_along = dag.goes_along or run is not None
        self.refresh_bindings()

    def _log_read(self, event: LogRead) -> None:
        if event.run == self.session.run:
            self.query_one(LogPanel).show(event.rows, event.moved)

    def _advanced(self, advance: Advance) -> None:
        """Take in what happened: the DAG's colours, the log, the status."""
        self.query_one(LogPanel).grown()
        if advance.drawn_anew:
            self._show_graph()
        else:
            self.query_one(DagView).set_states(self.session.states)
            self.show_freshness()
        self._go_along(advance.events)
        self.tell_state()
        self._tell_node()
        self.refresh_bindings()

    def _troubled(self, _: None) -> None:
        """Say what is wrong."""
        self._preview.show_problems(*self.session.problems)
        self.refresh_bindings()

    def _pictured(self, _: str | None) -> None:
        """Say in the tree, too, what is stale, changed or broken."""
        reload, listing = self.session.reload, self.session.listing
        names = [entry.name for entry in listing.pipelines] if listing else []
        self.query_one(ProjectTree).show_news({name: reload.news(name) for name in names})

    def _rewritten(self, paths: Collection[str]) -> None:
        """Show what the file in sight holds now, where one was in it."""
        if self._file is not None and self._file == self._shown and str(self._file) in paths:
            self._renews = True
            self.session.backstage.read_source(self._file, self._line, to=self)

    # What the widgets tell.

    def on_project_tree_item_highlighted(self, event: ProjectTree.ItemHighlighted) -> None:
        """Show what the tree's cursor is on."""
        item = event.item
        if item.kind == "pipeline":
            self._choose(item.name)
        elif item.path is not None and item.kind == "file":
            self._read(item.path)

    def on_project_tree_pipeline_opened(self, event: ProjectTree.PipelineOpened) -> None:
        """Show the newest run there is of it, wherever it was started."""
        self._choose(event.pipeline)
        self.session.follow_newest()

    def on_project_tree_folder_wanted(self, event: ProjectTree.FolderWanted) -> None:
        """List a folder."""
        self.session.backstage.list_folder(event.path, to=self)

    def on_folder_listed(self, event: FolderListed) -> None:
        """Show what is in a folder."""
        self.query_one(ProjectTree).show_folder(event.folder)

    def on_project_tree_listing_wanted(self) -> None:
        """Read the project once more."""
        self.session.backstage.read_project()

    def on_source_read(self, event: SourceRead) -> None:
        """Show a file, if it is still wanted."""
        path = event.path
        if path == self._file == self._shown and self._renews:
            self._preview.renew_file(event.lines)
        elif path == self._file:
            self._shown = path
            root = self.session.root
            name = path.relative_to(root) if path.is_relative_to(root) else path
            self._preview.show_file(str(name), event.lines, event.marked)
            self._tell_log()

    def on_troubled(self, event: Troubled) -> None:
        """Say what file could not be read."""
        self.session.post_message(event)

    def on_dag_view_node_highlighted(self) -> None:
        """Tell of the node under the cursor."""
        self._tell_node()

    def on_dag_view_source_wanted(self, event: DagView.SourceWanted) -> None:
        """Show where the node is defined."""
        graph = self.query_one(DagView).graph
        node = graph.by_name.get(event.node) if graph else None
        if node is None:
            return
        if node.file:
            self._read(Path(node.file), node.line)
        else:
            self.notify(f"{one_line(node.name)} is an input: run.inputs gives its value.", timeout=3, markup=False)

    def on_log_panel_node_wanted(self, event: LogPanel.NodeWanted) -> None:
        """Show a log line's node in the DAG."""
        dag = self.query_one(DagView)
        if dag.graph is not None and event.node in dag.graph.by_name:
            self._file = None
            self._show_graph()
            dag.goes_along = False
            dag.cursor = event.node

    def on_log_panel_source_wanted(self, event: LogPanel.SourceWanted) -> None:
        """Show the place that a log line names."""
        self._read(event.path, event.line)

    def on_log_view_follow_changed(self) -> None:
        """Say in the log's title whether it follows."""
        self._tell_log()

    # What keys ask for.

    def action_edit(self) -> None:
        """Edit the file that is shown, the node under the DAG's cursor, or the chosen pipeline."""
        dag = self.query_one(DagView)
        if self._file is not None:
            self.session.edit(self._file, self._line)
        elif dag.has_focus and dag.graph and (node := dag.graph.by_name.get(dag.cursor or "")) and node.file:
            self.session.edit(*spot_of(node, self.session.view.node(node.name)))
        elif self.session.listing is not None:
            for entry in self.session.listing.pipelines:
                if entry.name == self.session.pipeline and (path := entry.config or entry.module):
                    self.session.edit(path)

    def action_reread(self) -> None:
        """Read the project's files again, the one that is shown too, and look at the chosen pipeline anew."""
        super().action_reread()
        if self._file is not None:
            self._read(self._file, self._line)

    def action_back(self) -> None:
        """Leave zoom, or the source, for the DAG."""
        if self.maximized is not None:
            self.minimize()
        elif self.session.pipeline is not None:
            self._file = None
            self._show_graph()

    def action_log_of_node(self) -> None:
        """Show only the log of the node under the DAG's cursor; or all of it again."""
        node = self.query_one(DagView).cursor
        if node is not None:
            self.query_one(LogPanel).only_node(node)

    # How it is done.

    @property
    def _preview(self) -> Preview:
        return self.query_one(Preview)

    def _read(self, path: Path, line: int = 0) -> None:
        self._file, self._line, self._renews = path, line, False
        self.session.backstage.read_source(path, line, to=self)

    def _choose_first(self) -> None:
        """Of a project that was just opened, show what runs in it, else its first pipeline."""
        session = self.session
        if session.pipeline is not None or session.listing is None or session.runs is None:
            return
        names = [entry.name for entry in session.listing.pipelines]
        live = [run.pipeline for run in session.runs if not run.is_over and run.pipeline in names]
        if names:
            self.query_one(ProjectTree).go_to_pipeline((live or names)[0])

    def _choose(self, pipeline: str) -> None:
        self._file = None
        if pipeline == self.session.pipeline:
            self._show_graph()
        else:
            self.session.choose(pipeline)

    def _show_graph(self) -> None:
        """Show the DAG, if there is one; a file that is read is not taken away."""
        session = self.session
        if self._file is not None or session.pipeline is None:
            return
        if session.graph is not None:
            self._preview.show_dag(session.graph, session.states)
            self.show_freshness()
        elif session.is_looked_at:
            self._preview.say("There is no DAG to show before this is mended.")
        else:
            self._preview.say("Building the DAG…")
        self._preview.show_problems(*session.problems)
        self.tell_state()
        self._tell_node()

    def _go_along(self, events: Sequence[AnyEvent]) -> None:
        """Keep what runs in sight, and what failed above all."""
        failed = [event.node for event in events if isinstance(event, NodeFailed)]
        started = [event.node for event in events if isinstance(event, NodeStarted)]
        if failed or (started and not self.session.view.is_over):
            self.query_one(DagView).go_along((failed or started)[-1])

    def tell_state(self) -> None:
        """Say in the titles how the run stands."""
        session = self.session
        if not self._preview.shows_file:
            self._preview.retitle(f"DAG  {one_line(session.pipeline or '')}", self.standing())
        self._tell_log()

    def _tell_log(self) -> None:
        """Say in the log's title whose it is, how it stands while no DAG shows it, and whether it follows."""
        session = self.session
        log = self.query_one(LogView)
        detail = session.run.id if session.run else "no run yet"
        if not log.following:
            detail = f"▼ {log.pending:,} new" if log.pending else "scrolled up"
        elif session.run and self._preview.shows_file:
            detail = f"{look(session.view.state).glyph} {session.view.state}  {detail}"
        self.query_one("#log", Pane).retitle(f"Log  {one_line(session.pipeline or '')}", detail)

    def _tell_node(self) -> None:
        """Tell of the node under the DAG's cursor."""
        dag = self.query_one(DagView)
        if dag.cursor is not None and self.session.graph is not None and dag.excerpt.is_fold(dag.cursor):
            members = {name: self.session.view.node(name) for name in dag.excerpt.members(dag.cursor)}
            self._preview.tell_fold(dag.cursor, members)
            self.query_one(Inspector).show_fold(dag.cursor, members)
            return
        node = dag.graph.by_name.get(dag.cursor or "") if dag.graph and self.session.graph else None
        if node is None or dag.graph is None:
            # Of a pipeline whose DAG is built there is nothing to tell yet.
            self._preview.tell_node(None, None)
            self.query_one(Inspector).clear()
            return
        run = self.session.view.node(node.name)
        self._preview.tell_node(node, run)
        why = self.session.picture.stale.get(node.name, "")
        self.query_one(Inspector).show(dag.graph, node, run, why=why, before=self.since_before(node.name))

    def _tick(self) -> None:
        """Let the clock of a live run go on."""
        if self.session.can_cancel:
            self.tell_state()
            self._tell_node()
