"""One run, live or past, from all sides: log, DAG, timeline, attempts, values, configuration, failure; and replayed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Static
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.critical import critical_path
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.runs.timeline import Timeline
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.editor import edit
from flowerpower_tui.tui.follow import RunFollower
from flowerpower_tui.tui.run_work import prepare_replay, read_measures, read_record
from flowerpower_tui.tui.widgets.attempts_view import AttemptsView
from flowerpower_tui.tui.widgets.config_table import ConfigTable
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.failure_view import FailureView, Spot
from flowerpower_tui.tui.widgets.log_panel import LogPanel
from flowerpower_tui.tui.widgets.part_bar import PARTS, PartBar
from flowerpower_tui.tui.widgets.results_table import ResultRows, ResultsTable
from flowerpower_tui.tui.widgets.run_head import headline
from flowerpower_tui.tui.widgets.scrubber import Scrubber
from flowerpower_tui.tui.widgets.source_view import SourceView
from flowerpower_tui.tui.widgets.timeline import TimelinePanel, TimelineRows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.replay import Replay
    from flowerpower_tui.runs.request import RunRecord
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.backstage import SourceRead
    from flowerpower_tui.tui.follow import LogRead, RunAdvanced
    from flowerpower_tui.tui.run_work import MeasuresRead, RecordRead, ReplayReady
    from flowerpower_tui.tui.session import Session

_NAMES = [part.name for part in PARTS]


class RunPages(Vertical):
    """Follows a run and shows a part of it; where there is room, the log stands below.

    Attributes:
        run: the run that is shown.
        timeline: what has happened in it.
        part: the name of the part that is shown.
    """

    BINDINGS: ClassVar = [
        *(
            Binding(
                part.key,
                f"part('{part.name}')",
                part.title,
                show=False,
                tooltip=f"Show: {part.title}",
                id=f"run.{part.name}",
            )
            for part in PARTS
        ),
        Binding("less_than_sign", "next_part(-1)", "Part back", show=False, tooltip="The part before", id="run.back"),
        Binding("greater_than_sign", "next_part(1)", "Part", show=False, tooltip="The next part", id="run.next"),
        Binding("s", "replay", "Replay", tooltip="Go through the run in time, or leave that", id="run.replay"),
        Binding(
            "o", "log_of_node", "Node's log", show=False, tooltip="Show only the node's log, or all", id="log.of-node"
        ),
        Binding("E", "edit", "Edit source", show=False, tooltip="Open what is shown in $EDITOR", id="run.edit-source"),
        Binding("escape", "back", "Back", show=False, tooltip="Leave the source, or the replay", id="run.leave"),
    ]

    @dataclass
    class StateChanged(Message):
        """The run that is shown is in another state now, or another run is shown."""

    @dataclass
    class Left(Message):
        """There is nothing more to leave here."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self.run: RunDirectory | None = None
        self.timeline = Timeline()
        self.part = "log"
        self._follower: RunFollower | None = None
        self._graph: Graph | None = None
        self._events: list[AnyEvent] = []
        self._rows: Sequence[LogLine] = ()
        self._record: RunRecord | None = None
        self._critical: Collection[str] = ()
        self._measures: list[str] = []
        self._asked = False
        self._replay: Replay | None = None
        self._past: RunView | None = None
        self._source: Spot | None = None
        self._node = ""

    def compose(self) -> ComposeResult:
        """What the run is; its parts; the part; the log; the scrubber."""
        root = self._session.root
        yield Static(id="run-head")
        yield Static(id="run-note")
        yield PartBar(id="part-bar")
        with ContentSwitcher(initial="nothing", id="part"):
            yield Static(Content("No run is chosen."), id="nothing")
            yield DagView(id="dag")
            yield TimelinePanel(id="timeline")
            yield AttemptsView(id="attempts")
            yield ResultsTable(id="values")
            yield ConfigTable(id="config")
            yield FailureView(root, id="failure")
            yield SourceView(id="source")
        yield LogPanel(root, id="log")
        yield Scrubber(self._session.link, id="scrubber")

    def on_unmount(self) -> None:
        """Let go of the run: it goes on."""
        if self._follower is not None:
            self._follower.stop()

    @property
    def view(self) -> RunView:
        """How the run stands, or stood at the moment that is replayed."""
        return self._past or self.timeline.view

    def show(self, run: RunDirectory | None) -> None:
        """Follow a run from its first event on, unless it is followed already; None shows none."""
        if run == self.run:
            return
        if self._follower is not None:
            self._follower.stop()
        self.run, self.timeline = run, Timeline()
        self._graph, self._record, self._source, self._node = None, None, None, ""
        self._events, self._rows, self._critical, self._measures = [], (), (), []
        self._asked = False
        self._leave_replay()
        self.query_one(LogPanel).show(())
        self.query_one(DagView).show(None)
        self.query_one(ConfigTable).show(None)
        self.query_one(TimelinePanel).rows.show(None)
        self._follower = RunFollower(run, self, self._session.link) if run is not None else None
        if run is not None:
            read_record(run, self)
        self._lay_out()
        self._refresh()
        self.post_message(self.StateChanged())

    def asked_to_end(self) -> None:
        """Say at once that the run was asked to end; what is done then, its journal tells."""
        self._asked = True
        self._tell()

    def tick(self) -> None:
        """Let the clock of a live run go on."""
        if self.run is not None and not self.timeline.view.is_over:
            self._tell()
            if self.part == "timeline" and self._past is None:
                self.query_one(TimelinePanel).rows.tick()

    def focus_part(self) -> None:
        """Give the keys to what is shown."""
        self._shown.focus()

    # What threads tell.

    def on_log_read(self, event: LogRead) -> None:
        """Show the log."""
        event.stop()
        if event.run == self.run:
            self._rows = event.rows
            self.query_one(LogPanel).show(event.rows, event.moved)

    def on_run_advanced(self, event: RunAdvanced) -> None:
        """Take in what happened."""
        event.stop()
        if event.run != self.run:
            return
        before = self.timeline.view.state
        self._events += event.events
        for happened in event.events:
            self.timeline.apply(happened)
        if event.over:
            self.timeline.mark_lost()
        if event.graph is not None:
            self._graph = event.graph
        view = self.timeline.view
        if self._graph is not None and self.timeline.attempts and (event.over or event.graph is not None):
            self._critical = critical_path(self._graph, self.timeline.attempts[-1].durations)
        if view.state in ("cancelling", "cancelled", "crashed") or (before == "cancelling" and event.over):
            read_measures(event.run, self)
        if self._past is None:
            self.query_one(LogPanel).grown()
            self._refresh()
        if view.state != before:
            self._asked = False
            self.post_message(self.StateChanged())

    def on_record_read(self, event: RecordRead) -> None:
        """Show what the run was given."""
        event.stop()
        if event.run == self.run:
            self._record = event.record
            self.query_one(ConfigTable).show(event.record)
            self._lay_out()

    def on_measures_read(self, event: MeasuresRead) -> None:
        """Say what was done to end the run."""
        event.stop()
        if event.run == self.run and event.measures != self._measures:
            self._measures = event.measures
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
            self.query_one(DagView).goes_along = False
            self.refresh_bindings()

    def on_source_read(self, event: SourceRead) -> None:
        """Show a file."""
        event.stop()
        if self._source is not None and event.path == self._source.path:
            self.query_one(SourceView).show(event.lines, marked=event.marked)
            self._lay_out()
            self.query_one(SourceView).focus()

    def on_troubled(self, event: Troubled) -> None:
        """Say why a file cannot be shown."""
        event.stop()
        self._source = None
        self._complain(event.error)

    # What the parts tell.

    def on_part_bar_wanted(self, event: PartBar.Wanted) -> None:
        """Show the part that was clicked."""
        event.stop()
        self.action_part(event.part)

    def on_scrubber_moved(self, event: Scrubber.Moved) -> None:
        """Show the run as it was at that moment: nodes, bars, log."""
        event.stop()
        if self._replay is None:
            return
        is_end = event.count >= len(self._replay)
        self._past = None if is_end else self._replay.view(event.count)
        self.query_one(TimelinePanel).rows.moment = None if is_end else event.seconds
        self._cut_log(None if is_end else event.seconds)
        self._refresh()

    def on_dag_view_node_highlighted(self, event: DagView.NodeHighlighted) -> None:
        """Go to the node everywhere."""
        event.stop()
        self._choose_node(event.node)

    def on_cursor_view_highlighted(self, event: TimelineRows.Highlighted) -> None:
        """Go to the node everywhere."""
        if isinstance(event.view, TimelineRows | ResultRows):
            event.stop()
            self._choose_node(event.view.node)

    def on_cursor_view_opened(self, event: TimelineRows.Opened) -> None:
        """Show where the node under the cursor is defined."""
        if isinstance(event.view, TimelineRows | ResultRows):
            event.stop()
            self._open_node(event.view.node)

    def on_dag_view_source_wanted(self, event: DagView.SourceWanted) -> None:
        """Show where the node is defined."""
        event.stop()
        self._open_node(event.node)

    def on_failure_view_source_wanted(self, event: FailureView.SourceWanted) -> None:
        """Show the line of a traceback, or edit it there."""
        event.stop()
        if event.edit:
            self._edit(event.spot)
        else:
            self._open(event.spot)

    def on_log_panel_source_wanted(self, event: LogPanel.SourceWanted) -> None:
        """Show the place that a log line names."""
        event.stop()
        self._open(Spot(event.path, event.line))

    def on_log_panel_node_wanted(self, event: LogPanel.NodeWanted) -> None:
        """Show a log line's node in the DAG."""
        event.stop()
        self._choose_node(event.node)
        self.action_part("dag")

    # What keys ask for.

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed."""
        if action == "replay":
            return True if self.run is not None and self.timeline.view.is_over and self._events else None
        if action == "log_of_node":
            return self.part in ("dag", "timeline", "values") and self.focused_part is not None
        if action == "edit":
            return self._source is not None
        return True

    def action_part(self, part: str) -> None:
        """Show a part."""
        if self.run is None:
            return
        had_focus = self.has_focus_within
        self._source = None
        self.part = part
        self._lay_out()
        self._refresh()
        if had_focus and not self.query_one(Scrubber).has_focus:
            self._shown.focus()

    def action_next_part(self, by: int) -> None:
        """Show the part before, or the next."""
        self.action_part(_NAMES[(_NAMES.index(self.part) + by) % len(_NAMES)])

    def action_replay(self) -> None:
        """Go through the run in time; or leave that."""
        if self._replay is not None:
            self._leave_replay()
            self._refresh()
            self._shown.focus()
        elif self.run is not None:
            prepare_replay(self.run, list(self._events), self)

    def action_log_of_node(self) -> None:
        """Show only the log of the node that the cursor is on; or all of it again."""
        if self._node:
            self.query_one(LogPanel).only_node(self._node)
            if not self.query_one(LogPanel).display:
                self.action_part("log")

    def action_edit(self) -> None:
        """Open the source that is shown in an editor."""
        if self._source is not None:
            self._edit(self._source)

    def action_back(self) -> None:
        """Leave the source, then the replay, then the run."""
        if self._source is not None:
            self._source = None
            self._lay_out()
            self._shown.focus()
        elif self._replay is not None:
            self.action_replay()
        else:
            self.post_message(self.Left())

    # How it is done.

    @property
    def focused_part(self) -> Widget | None:
        """What has the keys, if it is the part and not the log below it."""
        focused = self.screen.focused
        return focused if focused is not None and self.query_one("#part") in focused.ancestors else None

    @property
    def _shown(self) -> Widget:
        if self._source is not None:
            return self.query_one(SourceView)
        match self.part:
            case "log":
                return self.query_one(LogPanel).view
            case "timeline":
                return self.query_one(TimelinePanel).rows
            case "values":
                return self.query_one(ResultsTable).rows
        return self.query_one(f"#{self.part}")

    def _lay_out(self) -> None:
        """Show the part, or what stands in its place."""
        is_log = self.part == "log" and self._source is None
        switcher = self.query_one("#part", ContentSwitcher)
        missing = self._missing()
        if self.run is None or (missing and not self._source and not is_log):
            said = "No run is chosen." if self.run is None else missing
            self.query_one("#nothing", Static).update(Content(sanitise(said)))
            switcher.current = "nothing"
        else:
            switcher.current = "source" if self._source else "nothing" if is_log else self.part
        self.set_class(is_log and self.run is not None, "-log")
        self.set_class(self.run is None, "-empty")

    def _missing(self) -> str:
        """What to say in the place of a part that has nothing to show."""
        view = self.timeline.view
        match self.part:
            case "dag" if self._graph is None:
                return "This run ended before its DAG was built: F says why." if view.is_over else "Building the DAG…"
            case "timeline" | "attempts" if not self.timeline.attempts:
                return "This run ended before its first attempt: F says why." if view.is_over else "Not begun yet."
            case "values" if not any(node.summary for node in self.view.nodes.values()):
                return "No node has given a value yet." if not view.is_over else "No node gave a value."
            case "config" if self._record is None:
                return "What this run was given cannot be read: its request.json is missing or damaged."
            case "failure" if view.failure is None and not any(node.failure for node in view.nodes.values()):
                if view.state == "lost":
                    return "The supervisor of this run died without a word: the log has all that was written."
                if view.signal:
                    return f"The worker was ended by {view.signal}, and gave no account: the log has what it wrote."
                return "Nothing has failed in this run."
        return ""

    def _refresh(self) -> None:
        """Bring up to date what can be seen."""
        view, switcher = self.view, self.query_one("#part", ContentSwitcher)
        if bool(self._missing()) != (switcher.current == "nothing"):
            self._lay_out()
        match switcher.current:
            case "dag" if self._graph is not None:
                states = {name: node.state for name, node in view.nodes.items()}
                self.query_one(DagView).show(self._graph, states)
                if self._node in self._graph.by_name:
                    self.query_one(DagView).cursor = self._node
            case "timeline":
                rows = self.query_one(TimelinePanel).rows
                rows.show(self.timeline, self._critical)
                rows.go_to_node(self._node)
            case "attempts":
                self.query_one(AttemptsView).show(self.timeline.attempts)
            case "values":
                values = self.query_one(ResultsTable)
                values.show(view.nodes, self.timeline.view.final_vars)
                values.go_to_node(self._node)
            case "failure":
                self.query_one(FailureView).show(self.timeline.view)
        self._tell()

    def _tell(self) -> None:
        """Say in the head which run it is and how it stands; and what was done to end it."""
        view = self.timeline.view
        self.query_one("#run-head", Static).update(headline(self.run, view, self._past))
        note = self.query_one("#run-note", Static)
        words = self._words_on_the_end()
        note.update(Content(sanitise(words)))
        note.set_class(bool(words), "-shown")
        failed = view.failure is not None or any(node.failure for node in view.nodes.values())
        self.query_one(PartBar).show("" if self._source else self.part, failed=failed)

    def _words_on_the_end(self) -> str:
        view = self.timeline.view
        told = " ".join(self._measures)
        if view.is_over:
            return told
        if view.state == "cancelling":
            return f"Cancelling: {told or 'asked.'} c again takes the next harder measure at once."
        return "Asking the run to end…" if self._asked else ""

    def _choose_node(self, node: str) -> None:
        self._node = node or self._node

    def _open_node(self, name: str) -> None:
        node = self._graph.by_name.get(name) if self._graph else None
        if node is not None and node.file:
            self._open(Spot(self._session.root / node.file, node.line))
        elif node is not None:
            self.notify(f"{one_line(name)} is an input: run.inputs gives its value.", timeout=3, markup=False)

    def _open(self, spot: Spot) -> None:
        self._source = spot
        self._session.backstage.read_source(spot.path, spot.line, to=self)

    def _edit(self, spot: Spot) -> None:
        try:
            edit(self.app, spot.path, spot.line)
        except FlowerPowerError as error:
            self._complain(error)

    def _complain(self, error: FlowerPowerError) -> None:
        self.notify(sanitise(str(error)), severity="error", timeout=6, markup=False)

    def _cut_log(self, seconds: float | None) -> None:
        """Show the log up to a moment."""
        begin, rows = self.timeline.begin, self._rows
        if seconds is None or begin is None or not isinstance(rows, LogBook):
            self.query_one(LogPanel).until(None)
            return
        self.query_one(LogPanel).until(
            bisect_right(rows, seconds, key=lambda line: (line.time - begin).total_seconds())
        )

    def _leave_replay(self) -> None:
        scrubber = self.query_one(Scrubber)
        scrubber.playing = False
        scrubber.remove_class("-shown")
        if self._replay is not None:
            self._replay, self._past = None, None
            self.query_one(TimelinePanel).rows.moment = None
            self._cut_log(None)
