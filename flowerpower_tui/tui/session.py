"""What is open: a project, the pipeline that is looked at, the run of it that is shown. All places share it.

Threads find things out and post them here; here they become state, and every place is told by a signal. So no two
places can say different things of one run.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.signal import Signal

from flowerpower_tui.graph.model import Graph
from flowerpower_tui.project.tree import ProjectListing
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent
from flowerpower_tui.runs.store import RunInfo, RunStore
from flowerpower_tui.runs.view import RunView
from flowerpower_tui.settings import Settings
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.background import Troubled
from flowerpower_tui.tui.backstage import Backstage, Compared, Launched, ProjectRead
from flowerpower_tui.tui.follow import LogRead, RunAdvanced, RunFollower, RunsListed, RunsWatcher, SinksFailed
from flowerpower_tui.tui.launches import Launches
from flowerpower_tui.tui.link import Link
from flowerpower_tui.tui.notices import Ending
from flowerpower_tui.tui.reload import Reload
from flowerpower_tui.tui.scout import FilesChanged, PictureTaken, StorageHeard
from flowerpower_tui.tui.shown_run import ShownRun
from flowerpower_tui.tui.spots import Spot
from flowerpower_tui.tui.wanted import Wanted

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

    from flowerpower_tui.errors import Problem
    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.runs.lookout import Picture

# The cursor may pass many pipelines on its way: only where it rests is a process started.
_REST_SECONDS = 0.25


@dataclass(frozen=True)
class Advance:
    """What a batch of events changed in the run that is shown.

    Attributes:
        events: what happened.
        drawn_anew: whether the graph is another one now.
        ended: whether the run is over, and was not before.
    """

    events: Sequence[AnyEvent]
    drawn_anew: bool
    ended: bool


class Session:
    """One open project.

    Attributes:
        root: its folder.
        mirror: what keeps that folder as the project is in a storage; None for one on this machine's disks.
        link: to the user's terminal: how often the screen changes.
        reload: what saves lead to; it knows how each pipeline stands.
        launches: what starts runs.
        pipeline: the chosen pipeline.
        listing: the project's files, None before they are read.
        runs: the project's runs, newest first, None before they are listed.
        graphs: the last good graph of each pipeline that was looked at.
        shown: the run that is shown, or none: the chosen pipeline's newest, unless another was asked for.
        listed: the files were read.
        runs_listed: the runs, or their states, have changed.
        chosen: another pipeline is chosen, or none; or what is known of it has changed.
        ended: runs have ended, shown or not, wherever they were started.
        followed: another run is shown, or none.
        log_read: the log of the shown run is there.
        advanced: something happened in the shown run.
        troubled: what is wrong has changed.
        pictured: what is stale, or changed, in that pipeline is something else now.
        rewritten: these files hold something else now, or are gone.
        asked: so many nodes are stale after a save, and the user wants to be asked.
        compared: the shown run stands beside the one before it.
        wanted_spots: places in files that the editor shall show.
        wanted_nodes: nodes of the chosen pipeline that the DAG's place shall go to.
        wanted_runs: runs that the place for runs shall show.
        unsaved: files whose text was not saved when the editor closed; it is kept.
    """

    def __init__(
        self,
        app: App[int],
        root: Path,
        link: Link | None = None,
        settings: Settings | None = None,
        mirror: Mirror | None = None,
    ) -> None:
        self._app = app
        self.root = root
        self.mirror = mirror
        self.link = link or Link()
        self.store = RunStore()
        self.backstage = Backstage(root, self, mirror)
        self.reload = Reload(self, settings or Settings())
        self.launches = Launches(app, self)
        self.pipeline: str | None = None
        self.listing: ProjectListing | None = None
        self.runs: Sequence[RunInfo] | None = None
        self.graphs: dict[str, Graph] = {}
        self.shown = ShownRun()
        self.listed: Signal[ProjectListing] = Signal(app, "listed")
        self.runs_listed: Signal[Sequence[RunInfo]] = Signal(app, "runs-listed")
        self.chosen: Signal[str | None] = Signal(app, "chosen")
        self.ended: Signal[Sequence[Ending]] = Signal(app, "ended")
        self.followed: Signal[RunDirectory | None] = Signal(app, "followed")
        self.log_read: Signal[LogRead] = Signal(app, "log-read")
        self.advanced: Signal[Advance] = Signal(app, "advanced")
        self.troubled: Signal[None] = Signal(app, "troubled")
        self.pictured: Signal[str | None] = Signal(app, "pictured")
        self.rewritten: Signal[Collection[str]] = Signal(app, "rewritten")
        self.asked: Signal[int] = Signal(app, "asked")
        self.compared: Signal[None] = Signal(app, "compared")
        self.wanted_spots: Wanted[Spot] = Wanted(app, "edit")
        self.wanted_nodes: Wanted[str] = Wanted(app, "dag")
        self.wanted_runs: Wanted[RunDirectory] = Wanted(app, "runs")
        self.unsaved: list[Path] = []
        # What could not be done of late.
        self._trouble = ""
        self._follower: RunFollower | None = None
        self._watcher: RunsWatcher | None = None

    def open(self) -> None:
        """Read the project, and watch its files and its runs from now on."""
        self.backstage.read_project()
        self.reload.start()
        self._watcher = RunsWatcher(self.store, str(self.root), self)

    def close(self) -> None:
        """Let go of the runs: they go on."""
        self.reload.scout.close()
        self.backstage.close()
        if self._watcher:
            self._watcher.stop()
        if self._follower:
            self._follower.stop()

    # What is known.

    @property
    def graph(self) -> Graph | None:
        """The chosen pipeline's graph: the last good one, or the one that runs."""
        return self.graphs.get(self.pipeline or "")

    @property
    def run(self) -> RunDirectory | None:
        """The run that is shown, None if none is."""
        return self.shown.run

    @property
    def view(self) -> RunView:
        """How the shown run stands."""
        return self.shown.view

    @property
    def states(self) -> dict[str, str]:
        """How the nodes of the shown run stand."""
        return {name: node.state for name, node in self.view.nodes.items()}

    @property
    def problems(self) -> tuple[str, str]:
        """What is wrong with the chosen pipeline, and what could not be done of late; empty where nothing is."""
        said = "\n".join(map(str, self.picture.problems))
        return said.replace(f"{self.root}/", ""), self._trouble

    @property
    def picture(self) -> Picture:
        """How the chosen pipeline stands: what is stale in it, and why; whether it is broken."""
        return self.reload.picture(self.pipeline)

    @property
    def fault(self) -> Problem | None:
        """The first thing wrong with the chosen pipeline that has a place."""
        return next((problem for problem in self.picture.problems if problem.location), None)

    @property
    def fault_spot(self) -> Spot | None:
        """Where to mend: the place where the pipeline is broken, else the line where the shown run failed first."""
        if self.fault is not None and self.fault.location is not None:
            place = self.fault.location
            return Spot(self.root / place.file, place.line, place.column or 1)
        return self.shown.failed_at(self.graph)

    @property
    def is_looked_at(self) -> bool:
        """Whether the chosen pipeline's graph was built, or failed to be, since the project was opened."""
        return self.reload.is_looked_at(self.pipeline)

    @property
    def can_run(self) -> bool:
        """Whether the chosen pipeline is idle."""
        return bool(self.pipeline) and not self.launches.is_starting(self.pipeline) and not self.shown.goes_on

    @property
    def is_settling(self) -> bool:
        """Whether it is not known yet which pipeline is chosen first, or how the run stands that is shown."""
        if self.pipeline is None:
            return self.listing is None or self.runs is None or bool(self.listing.pipelines)
        return self.shown.is_unread

    @property
    def can_cancel(self) -> bool:
        """Whether the shown run goes on."""
        return self.shown.goes_on

    @property
    def newest(self) -> RunInfo | None:
        """The newest run of the chosen pipeline."""
        return next((run for run in self.runs or () if run.pipeline == self.pipeline), None)

    # What is asked for.

    def choose(self, pipeline: str) -> None:
        """Look at a pipeline and its newest run."""
        if pipeline == self.pipeline:
            return
        self._let_go()
        self.pipeline = pipeline
        self._trouble = ""
        newest = self.newest
        if newest:
            self.follow(newest.directory)
        self.reload.choose(pipeline)
        self._app.set_timer(_REST_SECONDS, lambda: self._rest_on(pipeline))
        self.chosen.publish(pipeline)
        self.troubled.publish(None)
        self.launches.more_is_known()

    def follow(self, run: RunDirectory) -> None:
        """Show a run of the chosen pipeline, from its first event to its end."""
        self._let_go()
        self.shown = ShownRun(run)
        self._follower = RunFollower(run, self, self.link)
        self.followed.publish(run)

    def follow_newest(self) -> None:
        """Show the newest run of the chosen pipeline, wherever it was started."""
        newest = self.newest
        if newest and (self.run is None or self.run.id != newest.id):
            self.follow(newest.directory)

    def cancel(self) -> None:
        """Ask the shown run to end."""
        if self.run is not None:
            self.backstage.cancel(self.run)

    def reread(self) -> None:
        """Read the project's files again, and look at the chosen pipeline anew."""
        self.complain("")
        self.backstage.read_project()
        if self.pipeline is not None:
            self.reload.scout.look_for_changes()
            self.reload.scout.look(self.pipeline)

    def edit(self, path: Path, line: int = 0, column: int = 1) -> None:
        """Show a place in a file in the editor."""
        self.wanted_spots.ask(Spot(path, line, column))

    def show_node(self, node: str) -> None:
        """Show a node of the chosen pipeline in the DAG."""
        self.wanted_nodes.ask(node)

    def show_run(self, run: RunDirectory) -> None:
        """Show a run among the runs."""
        self.wanted_runs.ask(run)

    def saved(self, path: Path) -> None:
        """A file was saved here: what hangs on it is looked at anew."""
        self.complain("")
        self.reload.saved(path)
        self.rewritten.publish((str(path),))

    def complain(self, trouble: str) -> None:
        """Say what could not be done; with nothing, that this does not matter any more."""
        self._trouble = trouble
        self.troubled.publish(None)

    # What threads tell.

    @property
    def is_running(self) -> bool:
        """Whether what threads tell is still heard."""
        return self._app.is_running

    def post_message(self, message: Message) -> bool:
        """Take what a thread found out to the loop, and there to its place."""
        return self._app.is_running and self._app.call_later(self._take, message)

    def _take(self, message: Message) -> None:
        match message:
            case ProjectRead():
                self._project_read(message.listing)
            case FilesChanged():
                self.reload.files_changed(message)
                self.rewritten.publish(message.changes.paths)
            case PictureTaken():
                self._picture_taken(message)
            case Compared() if message.run == self.run:
                self.shown.comparison = message.comparison
                self.compared.publish(None)
            case RunsListed():
                self._runs_listed(message.runs)
                self.reload.runs_listed([ending.run.pipeline for ending in message.ended])
                if message.ended:
                    self.ended.publish(message.ended)
            case SinksFailed():
                title = f"Sinks of {one_line(message.pipeline)}"
                for warning in message.warnings:
                    self._app.notify(one_line(warning), title=title, severity="warning", markup=False)
            case LogRead() if message.run == self.run:
                self.shown.rows = message.rows
                self.log_read.publish(message)
            case RunAdvanced():
                message.taken.set()
                if message.run == self.run:
                    self._advanced(message)
            case Launched():
                self._launched(message)
            case StorageHeard():
                self.complain(str(message.error or ""))
            case Troubled():
                self.launches.failed()
                self.complain(str(message.error))
                self._app.bell()

    def _project_read(self, listing: ProjectListing) -> None:
        if listing == self.listing:
            return
        self.listing = listing
        if self.pipeline is not None and self.pipeline not in [entry.name for entry in listing.pipelines]:
            self._let_go()
            self.pipeline = None
            self.complain("")
            self.chosen.publish(None)
        self.listed.publish(listing)

    def _picture_taken(self, told: PictureTaken) -> None:
        was_broken = self.picture.is_broken
        if told.after_change and told.pipeline == self.pipeline:
            # What could not be done was of the files as they were.
            self.complain("")
        self.reload.picture_taken(told)
        if told.pipeline == self.pipeline:
            if was_broken or self.picture.is_broken:
                self.troubled.publish(None)
            self.chosen.publish(self.pipeline)
        self.pictured.publish(told.pipeline)

    def _runs_listed(self, runs: Sequence[RunInfo]) -> None:
        """A run that is begun elsewhere is shown, unless one is looked at."""
        self.runs = runs
        self.runs_listed.publish(runs)
        newest = self.newest
        if newest and self.shown.gives_way_to(newest):
            self.follow(newest.directory)
        self.launches.more_is_known()

    def _advanced(self, message: RunAdvanced) -> None:
        ended = self.shown.advance(message.events, over=message.over)
        if ended:
            self.backstage.compare(message.run)
            if mistake := self.shown.mistake:
                self.complain(mistake)
            # A run may have written files; and its state is in every list at once.
            self.backstage.read_project()
        if message.over and self._watcher:
            self._watcher.look_now()
        pipeline = self.pipeline or ""
        drawn_anew = message.graph is not None and (not message.over or pipeline not in self.graphs)
        if message.graph is not None and drawn_anew:
            self.graphs[pipeline] = message.graph
        self.advanced.publish(Advance(message.events, drawn_anew, ended))
        self.launches.more_is_known()

    def _launched(self, message: Launched) -> None:
        self.reload.launched(message)
        self.launches.begun(message.pipeline)
        if message.pipeline == self.pipeline:
            self.follow(message.run)
        if self._watcher:
            self._watcher.look_now()

    # How it is done.

    def _rest_on(self, pipeline: str) -> None:
        if pipeline == self.pipeline:
            self.reload.scout.look_if_outdated(pipeline)

    def _let_go(self) -> None:
        if self._follower:
            self._follower.stop()
        self._follower, self.shown = None, ShownRun()
        self.followed.publish(None)
