"""What a save leads to: pipelines are looked at anew; what is stale is told, asked about, or run.

The session owns it, and hands it what the scout tells.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowerpower_tui.runs.lookout import Picture
from flowerpower_tui.runs.staleness import NEVER_RUN
from flowerpower_tui.tui.on_save import Choices, OnSave
from flowerpower_tui.tui.scout import Scout

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flowerpower_tui.project.tree import ProjectListing
    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.runs.surroundings import Changes
    from flowerpower_tui.settings import Settings
    from flowerpower_tui.tui.backstage import Launched
    from flowerpower_tui.tui.scout import FilesChanged, PictureTaken
    from flowerpower_tui.tui.session import Session

_NOTHING = Picture()


class Reload:
    """Keeps what is known of each pipeline true.

    Attributes:
        scout: looks, off the loop.
        outdated: pipelines whose files have changed since they were looked at.
    """

    def __init__(self, session: Session, settings: Settings) -> None:
        self._settings = settings
        self.scout = Scout(session.root, session.backstage.look, session.backstage.begin, session, session.mirror)
        self.outdated: set[str] = set()
        self._session = session
        self._choices = Choices(session.root)
        self._pictures: dict[str, Picture] = {}
        self._taken: dict[str, datetime] = {}
        self._files: dict[str, frozenset[str]] = {}
        self._looked_at: set[str] = set()
        # Runs that were started here; and pipelines that run again when the run that goes on has ended.
        self._ours: set[str] = set()
        self._due: set[str] = set()
        # What was asked about last, so that nobody is asked twice.
        self._asked: tuple[str, frozenset[str]] = ("", frozenset())

    @property
    def settings(self) -> Settings:
        """What the user wants; another wish counts at once."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        before, self._settings = self._settings, settings
        if settings.watch != before.watch:
            self.scout.watch(settings.watch)

    def start(self) -> None:
        """Watch the project's files from now on."""
        self.scout.start(self.settings.watch)

    # What is known.

    def picture(self, pipeline: str | None) -> Picture:
        """How a pipeline stands, as far as it is known."""
        return self._pictures.get(pipeline or "", _NOTHING)

    def is_looked_at(self, pipeline: str | None) -> bool:
        """Whether its graph was built, or failed to be, since the project was opened."""
        return pipeline in self._looked_at

    def is_seen_since(self, pipeline: str | None, moment: datetime) -> bool:
        """Whether a pipeline was looked at after that moment."""
        return self._taken.get(pipeline or "", moment) > moment

    def on_save(self, pipeline: str | None) -> OnSave:
        """What a save leads to."""
        return self._choices.of(pipeline or "", self.settings.on_save)

    def news(self, pipeline: str) -> str:
        """Say in a word what is new of a pipeline; empty if nothing is, as far as it was looked at."""
        picture = self.picture(pipeline)
        if picture.is_broken:
            return "broken"
        if pipeline in self.outdated and pipeline != self._session.pipeline:
            return "changed"
        count = sum(why != NEVER_RUN for why in picture.stale.values())
        return f"{count} stale" if count else ""

    # What is asked for.

    def choose(self, pipeline: str) -> None:
        """Find out what is known of a pipeline, if nothing is known yet."""
        if pipeline not in self._pictures:
            self.scout.recall(pipeline)

    def step(self, pipeline: str) -> OnSave:
        """Let a save lead to something else from now on; return to what."""
        return self._choices.step(pipeline, self.settings.on_save)

    def run_stale(self, pipeline: str) -> None:
        """Run what is stale: at once, or when the run that goes on has ended, which it does now, if that is wanted."""
        self._asked = ("", frozenset())
        live = next((run for run in self._live() if run.pipeline == pipeline), None)
        if live is None:
            self._session.launches.start_stale(pipeline)
            return
        self._due.add(pipeline)
        if self.settings.while_running == "restart" and live.id in self._ours:
            self._session.backstage.cancel(live.directory)

    def saved(self, path: Path) -> None:
        """A file was saved here: see it at once."""
        self.scout.look_for_changes([str(path)])

    # What is told.

    def files_changed(self, told: FilesChanged) -> None:
        """Look at the chosen pipeline anew; at others when they are chosen. List the files, if some came or went."""
        session, changes = self._session, told.changes
        listing = session.listing
        if told.is_less or listing is None or not set(changes.paths) <= _known(listing):
            session.backstage.read_project()
        for pipeline in self._pictures:
            if self._is_made_of(pipeline, changes, listing):
                self.outdated.add(pipeline)
        if session.pipeline is not None and (session.pipeline in self.outdated or changes.modules):
            self.scout.look(session.pipeline, after_change=True)
        session.pictured.publish(session.pipeline)

    def picture_taken(self, told: PictureTaken) -> None:
        """Take in how a pipeline stands, and go on as is wanted after a change."""
        pipeline, picture = told.pipeline, told.picture
        self._pictures[pipeline] = picture
        if told.is_current is not None and picture.graph is not None:
            self._session.graphs[pipeline] = picture.graph
        if told.is_current:
            self._taken[pipeline] = datetime.now(UTC)
            self._looked_at.add(pipeline)
            self.outdated.discard(pipeline)
            self._files[pipeline] = told.files
        if told.after_change and not picture.is_broken:
            self._go_on(told)

    def launched(self, told: Launched) -> None:
        """A run has started."""
        self._ours.add(told.run.id)

    def runs_listed(self, ended: Sequence[str]) -> None:
        """Runs of these pipelines have ended: other nodes are stale, and what has waited for that begins."""
        for pipeline in dict.fromkeys(ended):
            if pipeline in self._pictures:
                self.scout.judge(pipeline)
        busy = {run.pipeline for run in self._live()}
        for pipeline in self._due - busy:
            self._due.discard(pipeline)
            # What is broken runs once it is mended: that is a change, too.
            if not self.picture(pipeline).is_broken:
                self._session.launches.start_stale(pipeline)

    # How it is done.

    def _go_on(self, told: PictureTaken) -> None:
        pipeline, stale = told.pipeline, frozenset(told.picture.stale)
        match self.on_save(pipeline):
            case "ask":
                if stale and (pipeline, stale) != self._asked:
                    self._session.asked.publish(len(stale))
                self._asked = (pipeline, stale)
            case "run" if told.live is not None:
                self._due.add(pipeline)
                if self.settings.while_running == "restart" and told.live.id in self._ours:
                    self._session.backstage.cancel(told.live)
            case "run" if stale and not told.is_busy:
                self._session.launches.start_stale(pipeline)

    def _live(self) -> list[RunInfo]:
        return [run for run in self._session.runs or () if not run.is_over]

    def _is_made_of(self, pipeline: str, changes: Changes, listing: ProjectListing | None) -> bool:
        """Whether a pipeline may be another one after these changes."""
        if changes.project or changes.hooks or changes.dotenv or changes.environment:
            return True
        entries = listing.pipelines if listing else ()
        others = {str(entry.config) for entry in entries if entry.name != pipeline}
        if not others.issuperset(changes.pipelines):
            return True
        files = self._files.get(pipeline)
        if not files or self.picture(pipeline).is_broken:
            return bool(changes.modules)
        return any(path in files or not path.endswith(".py") for path in changes.modules)


def _known(listing: ProjectListing) -> set[str]:
    entries = [path for entry in listing.pipelines for path in (entry.config, entry.module)]
    return {str(path) for path in (*entries, *listing.config, *listing.modules) if path is not None}
