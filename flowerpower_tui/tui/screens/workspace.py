"""The main screen: the project at the left, the chosen pipeline's DAG and log at the right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer
from typing_extensions import override

from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.runs.events import NodeFailed, NodeStarted
from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import RunView
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.backstage import Backstage, GraphFound, Launched, ProjectRead, SourceRead, Troubled
from flowerpower_tui.tui.follow import LogRead, RunAdvanced, RunFollower, RunsListed, RunsWatcher
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import Inspector
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.preview import Preview
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.project.tree import ProjectListing
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.store import RunInfo

# The tree's cursor may pass many pipelines on its way: only where it rests is a process started.
_REST_SECONDS = 0.25
# The first screen stands by then; and what the first pipeline needs is imported once, not twice.
_WARM_UP_SECONDS = 0.2


class Workspace(Screen[None]):
    """One project, one pipeline at a time."""

    CSS_PATH = "workspace.tcss"

    BINDINGS: ClassVar = [
        Binding("r", "run", "Run", tooltip="Run the chosen pipeline", id="run.start"),
        Binding("c", "cancel", "Cancel", tooltip="Cancel the run that is shown", id="run.cancel"),
        Binding("tab", "app.focus_next", "Pane", tooltip="Go to the next pane", id="pane.next"),
        Binding("shift+tab", "app.focus_previous", "Pane back", show=False, tooltip="Go back a pane", id="pane.back"),
        Binding("z", "zoom", "Zoom", tooltip="Give the pane the whole screen, or give it back", id="pane.zoom"),
        Binding("o", "log_of_node", "Log", show=False, tooltip="Show only the node's log, or all", id="log.of-node"),
        Binding("escape", "back", "Back", show=False, tooltip="Back to the DAG", id="pane.dag"),
        Binding("f5", "reread", "Reread", show=False, tooltip="Read the project again", id="project.reread"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="Show these keys", id="app.help"),
        Binding("q", "app.quit", "Quit", tooltip="Leave; runs go on", id="app.leave"),
    ]

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (132, "-wide")]
        self._root = root
        self._store = RunStore()
        self._backstage = Backstage(root, self)
        self._pipeline: str | None = None
        # What the preview shows in place of the DAG, or is about to.
        self._file: Path | None = None
        self._line = 0
        self._graphs: dict[str, Graph] = {}
        # What an inspection found wrong, by pipeline; and what could not be done of late.
        self._problems: dict[str, str] = {}
        self._trouble = ""
        self._listing: ProjectListing | None = None
        self._launching: set[str] = set()
        self._runs: list[RunInfo] | None = None
        self._view = RunView()
        self._follower: RunFollower | None = None
        self._watcher: RunsWatcher | None = None

    def compose(self) -> ComposeResult:
        """Title, panes, keys."""
        yield TitleBar(self._root.name, self._root)
        with Horizontal(id="body"):
            yield Pane("Project", ProjectTree(id="tree"), id="project")
            with Vertical(id="main"):
                yield Preview(id="preview")
                with Horizontal(id="below"):
                    yield Pane("Log", LogPanel(self._root, id="logs"), id="log")
                    yield Pane("Node", Inspector(id="inspector"), id="node")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the project, watch its runs."""
        self.action_reread()
        self._watcher = RunsWatcher(self._store, str(self._root), self)
        self.set_interval(0.5, self._tick)
        self.query_one(ProjectTree).focus()
        self.set_timer(_WARM_UP_SECONDS, self._backstage.warm_up)

    def on_unmount(self) -> None:
        """Let go of the runs: they go on."""
        self._backstage.close()
        if self._watcher:
            self._watcher.stop()
        if self._follower:
            self._follower.stop()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed."""
        if action == "run":
            idle = self._pipeline not in self._launching and (self._view.is_over or not self._follower)
            return True if self._pipeline and idle else None
        if action == "cancel":
            return True if self._follower and not self._view.is_over else None
        if action == "log_of_node":
            return isinstance(self.focused, DagView)
        return True

    # What the project tells.

    def on_project_read(self, event: ProjectRead) -> None:
        """Fill the tree; choose a pipeline if none is chosen, or if the chosen one is gone."""
        self._listing = event.listing
        tree = self.query_one(ProjectTree)
        tree.show(event.listing)
        tree.show_runs(self._runs or ())
        names = [entry.name for entry in event.listing.pipelines]
        if self._pipeline is not None and self._pipeline not in names:
            self._let_go_of_pipeline()
        if not names:
            self._preview.say("This project has no pipeline yet. `fp-tui new NAME` makes one.")
        self._choose_first()

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
        newest = self._newest()
        if newest and (self._follower is None or self._follower.run.id != newest.id):
            self._follow(newest.directory)

    def on_graph_found(self, event: GraphFound) -> None:
        """Draw the graph, or say why there is none; the last good one stays."""
        graph = event.inspection.graph
        if graph is not None:
            self._graphs[event.pipeline] = graph
        if event.fresh:
            self._problems[event.pipeline] = "\n".join(map(str, event.inspection.problems))
        if event.pipeline != self._pipeline:
            return
        self._show_problems()
        if graph is not None or event.pipeline in self._graphs:
            self._show_graph()
        elif self._file is None:
            self._preview.say("There is no DAG to show before this is mended." if event.fresh else "Building the DAG…")
            self._tell_state()

    def on_source_read(self, event: SourceRead) -> None:
        """Show a file, if it is still wanted."""
        path = event.path
        if path == self._file:
            name = path.relative_to(self._root) if path.is_relative_to(self._root) else path
            self._preview.show_file(str(name), event.lines, event.marked)
            self._tell_log()

    # What runs tell.

    def on_runs_listed(self, event: RunsListed) -> None:
        """Keep the tree's states true; a run that is begun elsewhere is shown, unless one is looked at."""
        self._runs = list(event.runs)
        self.query_one(ProjectTree).show_runs(self._runs)
        self.query_one(TitleBar).show_live([run for run in self._runs if not run.is_over])
        self.query_one(LogPanel).look_for_files()
        self._choose_first()
        newest = self._newest()
        if newest and (self._follower is None or self._is_done_with(newest)):
            self._follow(newest.directory)

    def on_log_read(self, event: LogRead) -> None:
        """Show the log of the followed run."""
        if self._follower is not None and event.run == self._follower.run:
            self.query_one(LogPanel).show(event.rows, event.moved)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        """Take in what happened: the DAG's colours, the log, the status."""
        if self._follower is None or event.run != self._follower.run:
            return
        was_over = self._view.is_over
        for happened in event.events:
            self._view.apply(happened)
        if event.over:
            self._view.mark_lost()
            if not was_over:
                self._say_why_it_failed()
                # A run may have written files; and its state is in the tree at once.
                self._backstage.read_project()
            if self._watcher:
                self._watcher.look_now()
        self.query_one(LogPanel).grown()
        if event.graph is not None and self._pipeline and (not event.over or self._pipeline not in self._graphs):
            self._graphs[self._pipeline] = event.graph
            self._show_graph()
        else:
            self.query_one(DagView).set_states(self._states())
        self._go_along(event.events)
        self._tell_state()
        self._tell_node()
        if self._view.is_over != was_over:
            self.refresh_bindings()

    def on_launched(self, event: Launched) -> None:
        """Follow the run that was asked for."""
        self._launching.discard(event.pipeline)
        if event.pipeline == self._pipeline:
            self._follow(event.run)
        if self._watcher:
            self._watcher.look_now()

    def on_troubled(self, event: Troubled) -> None:
        """Say what could not be done."""
        self._launching.clear()
        self._trouble = str(event.error)
        self._show_problems()
        self.refresh_bindings()
        self.app.bell()

    # What the widgets tell.

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

    def action_run(self) -> None:
        """Start the chosen pipeline, once however often the key is hit."""
        if self._pipeline is not None and self._pipeline not in self._launching:
            self._launching.add(self._pipeline)
            self._trouble = ""
            self._show_problems()
            self._backstage.launch(self._pipeline)
            self.refresh_bindings()

    def action_cancel(self) -> None:
        """Ask the shown run to end."""
        if self._follower is not None:
            self._backstage.cancel(self._follower.run)

    def action_reread(self) -> None:
        """Read the project's files again, and look at the chosen pipeline anew."""
        self._trouble = ""
        self._backstage.read_project()
        if self._file is not None:
            self._backstage.read_source(self._file, self._line)
        if self._pipeline is not None:
            self._backstage.inspect(self._pipeline, anew=True)

    def action_back(self) -> None:
        """Leave zoom, or the source, for the DAG."""
        if self.maximized is not None:
            self.minimize()
        elif self._pipeline is not None:
            self._file = None
            self._show_graph()

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused)

    def action_log_of_node(self) -> None:
        """Show only the log of the node under the DAG's cursor; or all of it again."""
        node = self.query_one(DagView).cursor
        if node is not None:
            self.query_one(LogPanel).only_node(node)

    def action_help(self) -> None:
        """List the keys that work here."""
        self.app.push_screen(Help(self.active_bindings.values()))

    # How it is done.

    def _read(self, path: Path, line: int = 0) -> None:
        self._file, self._line = path, line
        self._backstage.read_source(path, line)

    @property
    def _preview(self) -> Preview:
        return self.query_one(Preview)

    def _choose_first(self) -> None:
        """Of a project that was just opened, show what runs in it, else its first pipeline."""
        if self._pipeline is not None or self._listing is None or self._runs is None:
            return
        names = [entry.name for entry in self._listing.pipelines]
        live = [run.pipeline for run in self._runs if not run.is_over and run.pipeline in names]
        if names:
            self.query_one(ProjectTree).go_to_pipeline((live or names)[0])

    def _choose(self, pipeline: str) -> None:
        self._file = None
        if pipeline != self._pipeline:
            self._let_go_of_pipeline()
            self._pipeline = pipeline
            newest = self._newest()
            if newest:
                self._follow(newest.directory)
            if pipeline not in self._graphs:
                self._backstage.recall(pipeline)
            self.set_timer(_REST_SECONDS, lambda: self._rest_on(pipeline))
            self.refresh_bindings()
        self._show_problems()
        self._show_graph()
        self._tell_state()

    def _let_go_of_pipeline(self) -> None:
        self._let_go()
        self._pipeline = None
        self._trouble = ""
        self._show_problems()

    def _rest_on(self, pipeline: str) -> None:
        if pipeline == self._pipeline:
            self._backstage.inspect(pipeline, anew=False)

    def _follow(self, run: RunDirectory) -> None:
        self._let_go()
        self._follower = RunFollower(run, self)
        self.query_one(DagView).goes_along = True
        self.refresh_bindings()

    def _let_go(self) -> None:
        if self._follower:
            self._follower.stop()
        self._follower = None
        self._view = RunView()
        self.query_one(LogPanel).show(())

    def _newest(self) -> RunInfo | None:
        return next((run for run in self._runs or () if run.pipeline == self._pipeline), None)

    def _is_done_with(self, newest: RunInfo) -> bool:
        """Whether `newest` began after the run that is shown had ended.

        One that began meanwhile does not take its place: whoever watches a run sees its end.
        """
        if self._follower is None or not self._view.is_over or self._view.started is None:
            return False
        ended = self._view.started + timedelta(seconds=self._view.duration or 0.0)
        return newest.id != self._follower.run.id and newest.started > ended

    def _states(self) -> dict[str, str]:
        return {name: node.state for name, node in self._view.nodes.items()}

    def _show_graph(self) -> None:
        """Show the DAG, if there is one; a file that is read is not taken away."""
        graph = self._graphs.get(self._pipeline or "")
        if self._file is not None or self._pipeline is None:
            return
        if graph is None:
            self._preview.say("Building the DAG…")
        else:
            self._preview.show_dag(graph, self._states())
        self._tell_state()
        self._tell_node()

    def _go_along(self, events: Sequence[AnyEvent]) -> None:
        """Keep what runs in sight, and what failed above all."""
        failed = [event.node for event in events if isinstance(event, NodeFailed)]
        started = [event.node for event in events if isinstance(event, NodeStarted)]
        if failed or (started and not self._view.is_over):
            self.query_one(DagView).go_along((failed or started)[-1])

    def _show_problems(self) -> None:
        self._preview.show_problems(self._problems.get(self._pipeline or "", ""), self._trouble)

    def _say_why_it_failed(self) -> None:
        """A mistake in input ends a run before its first node: no node tells of it, so the screen does."""
        failure = self._view.failure
        if failure is not None and failure.user_error:
            self._trouble = "\n".join(render(failure))
            self._show_problems()

    def _tell_state(self) -> None:
        """Say in the titles how the run stands."""
        graph = self._graphs.get(self._pipeline or "")
        if not self._preview.shows_file:
            self._preview.retitle(f"DAG  {one_line(self._pipeline or '')}", "  ".join(self._progress(graph)))
        self._tell_log()

    def _progress(self, graph: Graph | None) -> list[str]:
        if self._follower is None:
            return [f"{len(graph.nodes)} nodes, never run"] if graph else []
        view = self._view
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

    def _tell_log(self) -> None:
        """Say in the log's title whose it is, how it stands while no DAG shows it, and whether it follows."""
        log = self.query_one(LogView)
        detail = self._follower.run.id if self._follower else "no run yet"
        if not log.following:
            detail = f"▼ {log.pending:,} new" if log.pending else "scrolled up"
        elif self._follower and self._preview.shows_file:
            detail = f"{look(self._view.state).glyph} {self._view.state}  {detail}"
        self.query_one("#log", Pane).retitle(f"Log  {one_line(self._pipeline or '')}", detail)

    def _tell_node(self) -> None:
        """Tell of the node under the DAG's cursor."""
        dag = self.query_one(DagView)
        node = dag.graph.by_name.get(dag.cursor or "") if dag.graph else None
        if node is None or dag.graph is None:
            self._preview.tell_node(None, None)
            return
        run = self._view.node(node.name)
        self._preview.tell_node(node, run)
        self.query_one(Inspector).show(dag.graph, node, run)

    def _tick(self) -> None:
        """Let the clock of a live run go on."""
        if self._follower is not None and not self._view.is_over:
            self._tell_state()
            self._tell_node()
