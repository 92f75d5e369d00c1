"""One run, live or past, from all sides: log, DAG, timeline, attempts, values, configuration, failure; and replayed."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.editor import edit, edit_copy
from flowerpower_tui.tui.follow import RunFollower
from flowerpower_tui.tui.run_facts import RunFacts
from flowerpower_tui.tui.run_work import prepare_replay, read_measures, read_record
from flowerpower_tui.tui.spots import Spot, SpotWanted
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.part_bar import PARTS, PartBar
from flowerpower_tui.tui.widgets.run_head import RunHead
from flowerpower_tui.tui.widgets.run_parts import RunParts
from flowerpower_tui.tui.widgets.scrubber import Scrubber
from flowerpower_tui.tui.widgets.source_part import SourcePart

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.replay import Replay
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.desk import FileSaved
    from flowerpower_tui.tui.follow import LogRead, RunAdvanced
    from flowerpower_tui.tui.run_work import MeasuresRead, RecordRead, ReplayReady
    from flowerpower_tui.tui.session import Session

# Rows from which on the log has its place below every part.
_TALL = 33
_NAMES = [part.name for part in PARTS]


class RunPages(Vertical):
    """Follows a run and shows a part of it; where there is room, the log stands below.

    Attributes:
        facts: what is known of the run.
        part: the name of the part that is shown.
        is_ready: whether a run can be shown.
    """

    BINDINGS: ClassVar = [
        Binding(
            "o", "log_of_node", "Node's log", show=False, tooltip="Show only the node's log, or all", id="log.of-node"
        ),
        Binding("escape", "back", "Back", tooltip="Leave the source, the replay, the run", id="run.leave"),
    ]

    DEFAULT_CSS = """
    RunPages {
        & > #run-note { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
        & > #part { height: 1fr; }
        & > #log, & > #scrubber { display: none; }
        & > #run-note.-shown, & > #scrubber.-shown { display: block; }

        &.-log > #part { display: none; }
        &.-log > #log { display: block; height: 1fr; border-top: none; }
        &.-tall > #part { height: 3fr; }
        &.-tall > #log { display: block; height: 2fr; border-top: hkey $panel; }
        &.-tall.-log > #log { height: 1fr; border-top: none; }
        &.-empty > RunHead, &.-empty > PartBar, &.-empty > #log { display: none; }
    }
    """

    class Ready(Message):
        """Everything is there now; before, no run can be shown."""

    class StateChanged(Message):
        """The run that is shown is in another state now, or another run is shown."""

    class Left(Message):
        """There is nothing more to leave here."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = RunFacts()
        self.part = "log"
        self._session = session
        self._follower: RunFollower | None = None
        self._replay: Replay | None = None
        # How the run stood at the moment that is replayed, unless that is its end.
        self._past: RunView | None = None
        self._words = ""
        self.is_ready = False

    def compose(self) -> ComposeResult:
        """What the run is; its parts; the part; the log; the scrubber."""
        yield RunHead(id="run-head")
        yield Static(id="run-note")
        yield PartBar(id="part-bar")
        yield RunParts(self._session, id="part")
        yield LogPanel(self._session.root, id="log")
        yield Scrubber(self._session.link, id="scrubber")

    def on_mount(self) -> None:
        """Say that no run is chosen."""
        self.is_ready = True
        self._refresh()
        self.post_message(self.Ready())

    def on_resize(self) -> None:
        """Where there is room, the log stands below the part."""
        self.set_class(self.size.height >= _TALL, "-tall")

    def on_unmount(self) -> None:
        """Let go of the run: it goes on."""
        if self._follower is not None:
            self._follower.stop()

    @property
    def run(self) -> RunDirectory | None:
        """The run that is shown."""
        return self.facts.run

    @property
    def view(self) -> RunView:
        """How the run stands, or stood at the moment that is replayed."""
        return self._past or self.facts.view

    def show(self, run: RunDirectory | None) -> None:
        """Follow a run from its first event on, unless it is followed already; None shows none."""
        if run == self.run:
            return
        if self._follower is not None:
            self._follower.stop()
        self._leave_replay()
        self.facts = RunFacts(run)
        self._parts.clear(self.facts)
        self.query_one(LogPanel).show(())
        self._follower = RunFollower(run, self, self._session.link) if run is not None else None
        if run is not None:
            read_record(run, self)
        self._refresh()
        self.post_message(self.StateChanged())

    def asked_to_end(self) -> None:
        """Say at once that the run was asked to end; what is done then, its journal tells."""
        self.facts.was_asked = True
        self._tell()

    def look_for_files(self) -> None:
        """Say so if the run was pruned meanwhile."""
        if self.is_ready:
            self.query_one(LogPanel).look_for_files()

    def tick(self) -> None:
        """Let the clocks go on: how long a live run takes, and how long ago it began, live or over."""
        if self.run is None:
            return
        if self.facts.view.is_over:
            self._tell_head()
        else:
            self._tell()
            if self._parts.current == "timeline":
                self.facts.find_critical_path()
                self._refresh()

    def focus_part(self) -> None:
        """Give the keys to what is shown."""
        self._shown.focus()

    # What threads tell.

    def on_log_read(self, event: LogRead) -> None:
        """Show the log."""
        event.stop()
        if event.run == self.run:
            self.facts.rows = event.rows
            self.query_one(LogPanel).show(event.rows, event.moved)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        """Take in what happened."""
        event.stop()
        event.taken.set()
        if event.run != self.run:
            return
        was_ending = self.facts.view.state == "cancelling"
        is_other = self.facts.take(event)
        if was_ending or self.facts.view.state in ("cancelling", "cancelled", "crashed"):
            read_measures(event.run, self)
        self.query_one(LogPanel).grown()
        self._refresh()
        if is_other:
            self.post_message(self.StateChanged())

    def on_record_read(self, event: RecordRead) -> None:
        """Show what the run was given."""
        event.stop()
        if event.run == self.run:
            self.facts.record = event.record
            self._parts.show_config(event.record)
            self._refresh()

    def on_measures_read(self, event: MeasuresRead) -> None:
        """Say what was done to end the run."""
        event.stop()
        if event.run == self.run and event.measures != self.facts.measures:
            self.facts.measures = event.measures
            self._tell()

    def on_replay_ready(self, event: ReplayReady) -> None:
        """Begin to go through the run, from its end."""
        event.stop()
        if event.run == self.run:
            self._replay = event.replay
            scrubber = self.query_one(Scrubber)
            scrubber.show(event.replay)
            scrubber.add_class("-shown")
            scrubber.focus()

    # What the parts tell.

    def on_source_part_read(self, event: SourcePart.Read) -> None:
        """Show the file in the place of the part."""
        event.stop()
        self._refresh()
        self._shown.focus()

    def on_part_bar_wanted(self, event: PartBar.Wanted) -> None:
        """Show the part that was clicked."""
        event.stop()
        self.turn_to(event.part)

    def on_scrubber_moved(self, event: Scrubber.Moved) -> None:
        """Show the run as it was at that moment: nodes, bars, log."""
        event.stop()
        if self._replay is not None:
            is_end = event.count >= len(self._replay)
            self._past = None if is_end else self._replay.view(event.count)
            self._parts.show_moment(self._past, None if is_end else event.seconds)
            self._cut_log(None if is_end else event.seconds)
            self._refresh()

    def on_spot_wanted(self, event: SpotWanted) -> None:
        """Show a place in a file, or edit it there."""
        event.stop()
        spot = event.spot
        if event.how == "look":
            self._parts.source.open(spot)
        elif event.how == "edit" and spot.path.is_relative_to(self._session.root):
            self._session.edit(spot.path, spot.line)
        else:
            self._edit_elsewhere(spot)

    def on_file_saved(self, event: FileSaved) -> None:
        """Tell what became of what was edited elsewhere."""
        if event.error is None:
            self._session.saved(event.path)
            return
        self._complain(event.error)
        self.notify("What you have written is kept: the editor offers it with the file (4).", timeout=8)

    def on_log_panel_source_wanted(self, event: LogPanel.SourceWanted) -> None:
        """Show the place that a log line names."""
        event.stop()
        self._parts.source.open(Spot(event.path, event.line))

    def on_log_panel_node_wanted(self, event: LogPanel.NodeWanted) -> None:
        """Show a log line's node in the DAG."""
        event.stop()
        self._parts.node = event.node
        self.turn_to("dag")

    # What keys ask for.

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that means nothing here is left to others."""
        if action == "log_of_node":
            return self.part in ("dag", "timeline", "values") and not self.query_one(LogPanel).has_focus_within
        return True

    def turn_to(self, part: str) -> None:
        """Show a part."""
        takes_keys = self.has_focus_within and not self.query_one(Scrubber).has_focus
        self._parts.source.close()
        self.part = part
        self._refresh()
        if takes_keys:
            self._shown.focus()

    def turn(self, by: int) -> None:
        """Show the part before, or the next; that on failures only where there is something to tell."""
        names = [name for name in _NAMES if name != "failure" or name == self.part or self.facts.ended_badly]
        self.turn_to(names[(names.index(self.part) + by) % len(names)])

    @property
    def can_be_replayed(self) -> bool:
        """Whether the run is over, and has something to go through."""
        return self.run is not None and self.facts.view.is_over and bool(self.facts.events)

    def toggle_replay(self) -> None:
        """Go through the run in time; or leave that."""
        if self._replay is not None:
            self._leave_replay()
            self._refresh()
            self._shown.focus()
        elif self.run is not None:
            prepare_replay(self.run, list(self.facts.events), self)

    def action_log_of_node(self) -> None:
        """Show only the log of the node that the cursor is on; or all of it again."""
        if self._parts.node:
            self.query_one(LogPanel).only_node(self._parts.node)
            if not self.query_one(LogPanel).display:
                self.turn_to("log")

    def action_back(self) -> None:
        """Leave the source, then the replay, then the run."""
        if self._parts.source.spot is not None:
            self._parts.source.close()
            self._refresh()
            self._shown.focus()
        elif self._replay is not None:
            self.toggle_replay()
        else:
            self.post_message(self.Left())

    # How it is done.

    @property
    def _parts(self) -> RunParts:
        return self.query_one(RunParts)

    @property
    def _shown(self) -> Widget:
        """What has the keys while it is shown."""
        return self.query_one(LogPanel).view if self.has_class("-log") else self._parts.keyed

    def _refresh(self) -> None:
        """Bring up to date what can be seen."""
        self._parts.show(self.part, self.view)
        self.set_class(self.part == "log" and self.run is not None and not self._parts.source.spot, "-log")
        self.set_class(self.run is None, "-empty")
        self._tell()

    def _tell(self) -> None:
        """Say in the head which run it is and how it stands; and what was done to end it."""
        self._tell_head()
        words = self.facts.words_on_the_end()
        if words != self._words:
            self._words = words
            note = self.query_one("#run-note", Static)
            note.update(Content(sanitise(words)))
            note.set_class(bool(words), "-shown")
        self.query_one(PartBar).show("" if self._parts.source.spot else self.part, failed=self.facts.ended_badly)

    def _tell_head(self) -> None:
        self.query_one(RunHead).show(self.run, self.facts.view, self._past)

    def _edit_elsewhere(self, spot: Spot) -> None:
        mirror = self._session.mirror
        try:
            if mirror is None or not spot.path.is_relative_to(mirror.root):
                edit(self.app, spot.path, spot.line)
            else:
                self._edit_in_storage(spot)
        except FlowerPowerError as error:
            self._complain(error)

    def _edit_in_storage(self, spot: Spot) -> None:
        """Have another editor at a copy, and save what it leaves in the storage, over what was read."""
        # Late, as all that is rarely needed.
        from flowerpower_tui.tui.buffer import Buffer
        from flowerpower_tui.tui.desk import Desk

        read = Buffer.read(spot.path)
        edited = edit_copy(self.app, spot.path, read.base or b"", spot.line)
        if edited != read.base:
            # Kept first: whatever becomes of the save, the editor's place has it.
            desk = Desk(self, self._session.mirror)
            desk.keep_now(spot.path, read.base, edited.decode(errors="replace"))
            desk.save(spot.path, edited, read.base)

    def _complain(self, error: FlowerPowerError) -> None:
        self.notify(sanitise(str(error)), severity="error", timeout=6, markup=False)

    def _cut_log(self, seconds: float | None) -> None:
        """Show the log up to a moment."""
        begin, rows = self.facts.timeline.begin, self.facts.rows
        if seconds is None or begin is None or not isinstance(rows, LogBook):
            self.query_one(LogPanel).until(None)
        else:
            count = bisect_right(rows, seconds, key=lambda line: (line.time - begin).total_seconds())
            self.query_one(LogPanel).until(count)

    def _leave_replay(self) -> None:
        scrubber = self.query_one(Scrubber)
        scrubber.playing = False
        scrubber.remove_class("-shown")
        if self._replay is not None:
            self._replay, self._past = None, None
            self._parts.show_moment(None, None)
            self._cut_log(None)
