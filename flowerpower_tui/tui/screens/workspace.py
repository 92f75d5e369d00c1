"""The main screen: the project at the left, the chosen pipeline's DAG and log at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer, Static
from typing_extensions import override

from flowerpower_tui.runs.events import NodeFailed, NodeStarted
from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import RunView
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.backstage import Backstage, GraphFound, Launched, ProjectRead, SourceRead, Troubled
from flowerpower_tui.tui.follow import LogRead, RunAdvanced, RunFollower, RunsListed, RunsWatcher
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import Inspector, in_a_line
from flowerpower_tui.tui.widgets.log_view import LogView
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.project_tree import ProjectTree
from flowerpower_tui.tui.widgets.source_view import SourceView
from flowerpower_tui.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.store import RunInfo

# The tree's cursor may pass many pipelines on its way: only where it rests is a process started.
_REST_SECONDS = 0.25


class Workspace(Screen[None]):
    """One project, one pipeline at a time."""

    CSS_PATH = "workspace.tcss"

    BINDINGS: ClassVar = [
        Binding("r", "run", "Run", tooltip="Run the chosen pipeline", id="run.start"),
        Binding("c", "cancel", "Cancel", tooltip="Cancel the run that is shown", id="run.cancel"),
        Binding("tab", "app.focus_next", "Pane", tooltip="Go to the next pane", id="pane.next"),
        Binding("shift+tab", "app.focus_previous", "Pane back", show=False, tooltip="Go back a pane", id="pane.back"),
        Binding("z", "zoom", "Zoom", tooltip="Give the pane the whole screen, or give it back", id="pane.zoom"),
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
        self._graphs: dict[str, Graph] = {}
        self._runs: list[RunInfo] = []
        self._view = RunView()
        self._follower: RunFollower | None = None
        self._watcher: RunsWatcher | None = None

    def compose(self) -> ComposeResult:
        """Title, panes, keys."""
        yield TitleBar(self._root.name, self._root)
        with Horizontal(id="body"):
            yield Pane("Project", ProjectTree(id="tree"), id="project")
            with Vertical(id="main"):
                yield Pane(
                    "DAG",
                    Static(id="problems", markup=False),
                    ContentSwitcher(
                        Static(Content("Choose a pipeline at the left."), id="message"),
                        DagView(id="dag"),
                        SourceView(id="source"),
                        initial="message",
                    ),
                    Static(id="node-line"),
                    id="preview",
                )
                with Horizontal(id="below"):
                    yield Pane("Log", LogView(root=self._root, id="lines"), id="log")
                    yield Pane("Node", Inspector(id="inspector"), id="node")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the project, watch its runs."""
        self.action_reread()
        self._watcher = RunsWatcher(self._store, str(self._root), self)
        self.set_interval(0.5, self._tick)
        self.query_one(ProjectTree).focus()

    def on_unmount(self) -> None:
        """Let go of the runs: they go on."""
        if self._watcher:
            self._watcher.stop()
        if self._follower:
            self._follower.stop()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed."""
        if action == "run":
            return True if self._pipeline and (self._view.is_over or not self._follower) else None
        if action == "cancel":
            return True if self._follower and not self._view.is_over else None
        return True

    # What the project tells.

    def on_project_read(self, event: ProjectRead) -> None:
        """Fill the tree; choose the first pipeline if none is chosen."""
        tree = self.query_one(ProjectTree)
        tree.show(event.listing)
        tree.show_runs(self._runs)
        if self._pipeline is None and event.listing.pipelines:
            tree.go_to_pipeline(event.listing.pipelines[0].name)
        elif not event.listing.pipelines:
            self._say("This project has no pipeline yet. `fp-tui new NAME` makes one.")

    def on_project_tree_item_highlighted(self, event: ProjectTree.ItemHighlighted) -> None:
        """Show what the tree's cursor is on."""
        item = event.item
        if item.kind == "pipeline":
            self._choose(item.name)
        elif item.path is not None and item.kind == "file":
            self._read(item.path)

    def on_graph_found(self, event: GraphFound) -> None:
        """Draw the graph, or say why there is none; the last good one stays."""
        graph = event.inspection.graph
        if graph is not None:
            self._graphs[event.pipeline] = graph
        if event.pipeline != self._pipeline:
            return
        self._show_problems("\n".join(map(str, event.inspection.problems)))
        if graph is not None:
            self._show_graph()
        elif event.pipeline not in self._graphs:
            self._say("There is no DAG to show as long as this is not mended." if event.fresh else "Building the DAG…")

    def on_source_read(self, event: SourceRead) -> None:
        """Show a file, if it is still wanted."""
        path = event.path
        if path != self._file:
            return
        name = path.relative_to(self._root) if path.is_relative_to(self._root) else path
        self._switch_to("source")
        self.query_one(SourceView).show(event.lines, marked=event.marked)
        self.query_one("#preview", Pane).retitle(one_line(str(name)), "esc: back to the DAG")

    # What runs tell.

    def on_runs_listed(self, event: RunsListed) -> None:
        """Keep the tree's states true; a newer run of the chosen pipeline is shown, wherever it was started."""
        self._runs = list(event.runs)
        self.query_one(ProjectTree).show_runs(self._runs)
        self.query_one(TitleBar).show_live([run for run in self._runs if not run.is_over])
        newest = self._newest()
        if newest and (self._follower is None or (self._view.is_over and self._follower.run.id < newest.id)):
            self._follow(newest.directory)

    def on_log_read(self, event: LogRead) -> None:
        """Show the log of the followed run."""
        if self._follower is not None and event.run == self._follower.run:
            log = self.query_one(LogView)
            if event.moved is None:
                log.show(event.rows)
            else:
                log.rebase(event.rows, event.moved)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        """Take in what happened: the DAG's colours, the log, the status."""
        if self._follower is None or event.run != self._follower.run:
            return
        was_over = self._view.is_over
        for happened in event.events:
            self._view.apply(happened)
        if event.over:
            self._view.mark_lost()
            if self._watcher:
                self._watcher.look_now()
        self.query_one(LogView).grown()
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
        if event.pipeline == self._pipeline:
            self._follow(event.run)
        if self._watcher:
            self._watcher.look_now()

    def on_troubled(self, event: Troubled) -> None:
        """Say what could not be done."""
        self._show_problems(str(event.error))
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

    def on_log_view_follow_changed(self) -> None:
        """Say in the log's title whether it follows."""
        self._tell_log()

    # What keys ask for.

    def action_run(self) -> None:
        """Start the chosen pipeline."""
        if self._pipeline is not None:
            self._show_problems("")
            self._backstage.launch(self._pipeline)

    def action_cancel(self) -> None:
        """Ask the shown run to end."""
        if self._follower is not None:
            self._backstage.cancel(self._follower.run)

    def action_reread(self) -> None:
        """Read the project's files again, and look at the chosen pipeline anew."""
        self._backstage.read_project()
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

    def action_help(self) -> None:
        """List the keys that work here."""
        self.app.push_screen(Help(self.active_bindings.values()))

    # How it is done.

    def _read(self, path: Path, line: int = 0) -> None:
        self._file = path
        self._backstage.read_source(path, line)

    def _choose(self, pipeline: str) -> None:
        self._file = None
        if pipeline == self._pipeline:
            self._show_graph()
            return
        self._pipeline = pipeline
        self._let_go()
        self._show_problems("")
        newest = self._newest()
        if newest:
            self._follow(newest.directory)
        if pipeline in self._graphs:
            self._show_graph()
        else:
            self._backstage.recall(pipeline)
        self.set_timer(_REST_SECONDS, lambda: self._rest_on(pipeline))
        self._tell_state()
        self.refresh_bindings()

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
        self.query_one(LogView).show(())

    def _newest(self) -> RunInfo | None:
        return next((run for run in self._runs if run.pipeline == self._pipeline), None)

    def _states(self) -> dict[str, str]:
        return {name: node.state for name, node in self._view.nodes.items()}

    def _show_graph(self) -> None:
        """Show the DAG, or what is said in its place; a file that is read is not taken away."""
        if self._file is not None:
            return
        graph = self._graphs.get(self._pipeline or "")
        if graph is None:
            self._switch_to("message")
            return
        self._switch_to("dag")
        self.query_one(DagView).show(graph, self._states())
        self._tell_state()
        self._tell_node()

    def _go_along(self, events: Sequence[AnyEvent]) -> None:
        """Keep what runs in sight, and what failed above all."""
        failed = [event.node for event in events if isinstance(event, NodeFailed)]
        started = [event.node for event in events if isinstance(event, NodeStarted)]
        if failed or (started and not self._view.is_over):
            self.query_one(DagView).go_along((failed or started)[-1])

    def _show_problems(self, text: str) -> None:
        problems = self.query_one("#problems", Static)
        problems.update(Content(sanitise(text)))
        problems.set_class(bool(text), "-shown")

    def _say(self, text: str) -> None:
        self.query_one("#message", Static).update(Content(text))
        if self._file is None:
            self._switch_to("message")

    def _switch_to(self, view: str) -> None:
        switcher = self.query_one("#preview ContentSwitcher", ContentSwitcher)
        shown = switcher.visible_content
        switcher.current = view
        if shown is not None and shown.has_focus and shown.id != view:
            switcher.get_child_by_id(view).focus()

    def _shows(self, view: str) -> bool:
        return self.query_one("#preview ContentSwitcher", ContentSwitcher).current == view

    def _tell_state(self) -> None:
        """Say in the DAG's title how the run stands."""
        if self._shows("source"):
            return
        graph = self._graphs.get(self._pipeline or "")
        parts = []
        if self._follower is not None:
            parts.append(f"{look(self._view.state).glyph} {self._view.state}")
            wanted = graph.ancestors(name for name in self._view.final_vars if name in graph.by_name) if graph else ()
            if wanted:
                done = sum(self._view.node(name).state == "succeeded" for name in wanted)
                total = sum(graph.by_name[name].role != "input" for name in wanted) if graph else 0
                parts.append(f"{done}/{total} nodes")
            if self._view.attempt > 1:
                parts.append(f"attempt {self._view.attempt} of {self._view.attempts}")
            elapsed = self._view.elapsed()
            if elapsed is not None:
                parts.append(spoken_time(elapsed))
        elif graph:
            parts.append(f"{len(graph.nodes)} nodes, never run")
        self.query_one("#preview", Pane).retitle(f"DAG  {self._pipeline or ''}", "  ".join(parts))
        self._tell_log()

    def _tell_log(self) -> None:
        """Say in the log's title whose it is, and whether it follows."""
        log = self.query_one(LogView)
        run = self._follower.run.id if self._follower else "no run yet"
        behind = f"▼ {log.pending:,} new" if log.pending else "scrolled up"
        detail = run if log.following else behind
        self.query_one("#log", Pane).retitle("Log", detail)

    def _tell_node(self) -> None:
        """Tell of the node under the DAG's cursor."""
        dag = self.query_one(DagView)
        node = dag.graph.by_name.get(dag.cursor or "") if dag.graph else None
        if node is None or dag.graph is None:
            self.query_one("#node-line", Static).update("")
            return
        run = self._view.node(node.name)
        self.query_one("#node-line", Static).update(in_a_line(node, run))
        self.query_one(Inspector).show(dag.graph, node, run)

    def _tick(self) -> None:
        """Let the clock of a live run go on."""
        if self._follower is not None and not self._view.is_over:
            self._tell_state()
            self._tell_node()
