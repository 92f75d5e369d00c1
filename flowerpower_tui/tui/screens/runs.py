"""The place for runs: those that go on and those that were, and one of them from all sides."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.lazy import Lazy
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.retention import Retention
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.run_facts import ENDED_BADLY
from flowerpower_tui.tui.run_work import ask_again, compare_runs, count_attempts_of
from flowerpower_tui.tui.screens.place import EVERYWHERE, Place
from flowerpower_tui.tui.widgets.part_bar import PART_KEYS
from flowerpower_tui.tui.widgets.run_list import RunList
from flowerpower_tui.tui.widgets.run_pages import RunPages
from flowerpower_tui.tui.widgets.runs_pane import RunsPane

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.timer import Timer
    from textual.widget import Widget

    from flowerpower_tui.runs.request import RunRequest
    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.run_work import AttemptsCounted, ComparisonMade, RequestMade
    from flowerpower_tui.tui.session import Session
    from flowerpower_tui.tui.widgets.dag_panel import DagPanel

# The cursor may pass many runs on its way: only where it rests is one read.
_REST_SECONDS = 0.15
_TICK_SECONDS = 0.5
_CANCELS = "Ask the run to end; again: by harder means"
# Of the keys that work everywhere these are shown: what the parts of a run have for keys needs the room.
_ALWAYS_SHOWN = ("app.help", "app.leave")


class Runs(Place):
    """Runs at the left, one of them at the right; where that is too narrow, one after the other."""

    PLACE = "runs"
    AUTO_FOCUS = "#runs"

    # Not in a file of its own: with that, going here first would style all of the interface anew.
    DEFAULT_CSS = """
    Runs {
        & > #body { height: 1fr; }
        & #list { width: 1fr; }
        & RunPages { width: 1fr; display: none; }
        &.-open #list { display: none; }
        &.-open RunPages { display: block; }
        &.-wide #list, &.-wide.-open #list { display: block; width: 48; border-right: vkey $panel; }
        &.-wide RunPages { display: block; }
    }
    """

    BINDINGS: ClassVar = [
        Binding("enter", "open", "Open", show=False, tooltip="Look at the run", id="runs.open"),
        Binding("r", "again", "Again", tooltip="Run again what the run was asked for", id="runs.again"),
        Binding("R", "edit", "Edit", show=False, tooltip="Run again, with changes", id="runs.edit"),
        Binding("c", "cancel", "Cancel", tooltip=_CANCELS, id="runs.cancel"),
        # The same key where there is nothing to end, which no hint offers.
        Binding("c", "say_over", show=False, tooltip=_CANCELS, id="runs.cancel"),
        Binding("s", "replay", "Replay", tooltip="Go through the open run in time, or leave that", id="runs.replay"),
        Binding(
            "m",
            "mark",
            "Compare",
            show=False,
            tooltip="Mark the run; on a second one, compare the two",
            id="runs.compare",
        ),
        Binding(
            "slash",
            "filter",
            "Filter",
            show=False,
            key_display="/",
            tooltip="Only some runs: by name, state, time",
            id="runs.filter",
        ),
        Binding(
            "f",
            "next_state",
            "State",
            show=False,
            tooltip="All, live, failed, succeeded, cancelled runs",
            id="runs.state",
        ),
        Binding("p", "prune", "Prune", show=False, tooltip="Remove old runs", id="runs.prune"),
        Binding(
            "Y",
            "copy_command",
            "Copy command",
            show=False,
            tooltip="Copy the command that runs it again",
            id="runs.copy-command",
        ),
        Binding(
            "escape", "back", "Back", show=False, tooltip="Back to the list; unmark; show all runs", id="runs.back"
        ),
        *PART_KEYS,
        *(replace(binding, show=binding.id in _ALWAYS_SHOWN) for binding in EVERYWHERE),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._pane = RunsPane(id="list")
        self._list = self._pane.list
        self._pages = RunPages(session, id="pages")
        self._rest: Timer | None = None
        self._counted: set[str] = set()
        self._keys: tuple[bool, ...] = ()
        # Whether someone wants to look at a run before there is what shows it.
        self._open_when_ready = False
        # The runs there were when one was asked for: the next one is it.
        self._before: set[str] | None = None

    def compose_body(self) -> Iterable[Widget]:
        """The list, and the run."""
        with Horizontal(id="body"):
            yield self._pane
            # The list can be seen and moved in before the rest is made.
            yield Lazy(self._pages)

    def on_mount(self) -> None:
        """Listen to the runs."""
        self.session.runs_listed.subscribe(self, self._runs_listed)
        self.session.wanted_runs.asked.subscribe(self, lambda _: self._go_to_wanted())
        self.session.troubled.subscribe(self, self._troubled)
        self.set_interval(_TICK_SECONDS, self._tick)
        if self.session.runs is not None:
            self._runs_listed(self.session.runs)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that can do nothing now is dimmed, or is not told of where others need the room."""
        if not self._list.is_mounted:
            # The footer may ask before there is a list.
            return None
        run = self._chosen
        match action:
            case "again" | "edit" | "mark" | "copy_command":
                return True if run else None
            case "cancel":
                return bool(run and not run.is_over)
            case "say_over":
                return bool(run and run.is_over)
            case "replay":
                return self._pages.can_be_replayed and self._pages.display
            case "prune":
                return True if self.session.runs else None
            case "part" if parameters == ("failure",):
                return self._ended_badly
        return True

    # What is told.

    def _runs_listed(self, runs: Sequence[RunInfo]) -> None:
        """Keep the list true; a run that was asked for here is shown."""
        self._pane.show(runs)
        if self._before is not None and (new := [run for run in runs if run.id not in self._before]):
            self._before = None
            if self._list.go_to_run(new[0].id):
                self._pages.show(new[0].directory)
        self._go_to_wanted()
        self._pages.look_for_files()

    def _go_to_wanted(self) -> None:
        """Show the run that somebody wants to see, once it is in the list."""
        run = self.session.wanted_runs.newest
        if run is not None and self._list.go_to_run(run.id):
            self.session.wanted_runs.take()
            self.action_open()

    def _troubled(self, _: None) -> None:
        """Say what could not be done, if it was asked for here."""
        trouble = self.session.problems[1]
        if trouble and self.is_current:
            self._before = None
            self.notify(sanitise(trouble), severity="error", timeout=8, markup=False)

    def on_cursor_view_highlighted(self, event: RunList.Highlighted) -> None:
        """Look at the run, if the cursor rests there and there is room for it."""
        if isinstance(event.view, RunList):
            if self._rest is not None:
                self._rest.stop()
            self._rest = self.set_timer(_REST_SECONDS, self._rest_on)
            self._tell_keys()

    def on_cursor_view_opened(self, event: RunList.Opened) -> None:
        """Look at the run."""
        if isinstance(event.view, RunList):
            self.action_open()

    def on_run_list_in_sight(self, event: RunList.InSight) -> None:
        """Find out how often those in sight were tried; of one that is over, once."""
        wanted = [run for run in event.runs if run.id not in self._counted]
        self._counted.update(run.id for run in wanted if run.is_over)
        if wanted:
            count_attempts_of([run.directory for run in wanted], self)

    def on_attempts_counted(self, event: AttemptsCounted) -> None:
        """Show how often runs were tried."""
        self._list.show_attempts(event.attempts)

    def on_run_list_copy_wanted(self, event: RunList.CopyWanted) -> None:
        """Copy a run's id."""
        self._copy(event.run.id)

    def on_run_pages_state_changed(self) -> None:
        """Keys may do something else now."""
        self._tell_keys()

    def on_run_pages_ready(self) -> None:
        """Look at the run that the cursor is on."""
        if self._open_when_ready:
            self.action_open()
        else:
            self._rest_on()

    def on_run_pages_left(self) -> None:
        """Go back to the list."""
        self.remove_class("-open")
        self._list.focus()

    def on_dag_panel_run_wanted(self, event: DagPanel.RunWanted) -> None:
        """Run again, only what some nodes need: what was run then is meant, not what is chosen elsewhere."""
        event.prevent_default()
        if self._pages.run is not None:
            ask_again(self._pages.run, self, {"run": {"final_vars": list(event.final_vars)}})
            self.notify(f"Running up to {', '.join(map(one_line, event.final_vars))}", timeout=3, markup=False)

    def on_request_made(self, event: RequestMade) -> None:
        """Start what was asked for again."""
        self._start(event.request)

    def on_comparison_made(self, event: ComparisonMade) -> None:
        """Show two runs side by side."""
        from flowerpower_tui.tui.screens.compare import Compare

        self._pane.unmark()
        self.app.push_screen(Compare(event.comparison))

    def on_troubled(self, event: Troubled) -> None:
        """Say why not."""
        self._complain(event.error)

    def on_runs_pane_changed(self) -> None:
        """Keys may do something else now."""
        self._tell_keys()

    # What keys ask for.

    def action_open(self) -> None:
        """Look at the run that the cursor is on."""
        run, pages = self._list.run, self._pages
        self._open_when_ready = not pages.is_ready
        if run is not None and pages.is_ready:
            pages.show(run.directory)
            self.add_class("-open")
            pages.focus_part()

    def action_part(self, part: str) -> None:
        """Show a part of the run; where only the list was, open it."""
        self._see_run()
        self._pages.turn_to(part)

    def action_turn(self, by: int) -> None:
        """Show the part before, or the next."""
        self._see_run()
        self._pages.turn(by)

    def action_replay(self) -> None:
        """Go through the run in time; or leave that."""
        self._pages.toggle_replay()

    def action_again(self) -> None:
        """Run again what the run was asked for."""
        if self._chosen is not None:
            ask_again(self._chosen.directory, self)

    def action_edit(self) -> None:
        """Run again with changes."""
        from flowerpower_tui.tui.screens.edit_run import EditRun

        if self._chosen is not None:
            self.app.push_screen(EditRun(self._chosen.directory, self.session.root), self._start_edited)

    def action_cancel(self) -> None:
        """Ask the run to end; once more: with the next harder measure."""
        run = self._chosen
        if run is not None:
            pages = self._pages
            if pages.run == run.directory:
                pages.asked_to_end()
            self.session.backstage.cancel(run.directory)

    def action_say_over(self) -> None:
        """Say why the run cannot be asked to end."""
        self.notify("This run has ended.", timeout=3)

    def action_mark(self) -> None:
        """Mark a run; if another is marked, compare the two."""
        run = self._chosen
        if run is None:
            return
        if (marked := self._pane.mark(run)) is not None:
            # The older one first: what changed since is what is asked.
            older, newer = sorted((marked, run), key=lambda each: each.started)
            compare_runs(older.directory, newer.directory, self)
        elif self._list.marked and not self._pane.display:
            # The list says so itself, where it is seen.
            self.notify("This run is marked: m on a second one compares the two, esc unmarks it.", timeout=4)

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.remove_class("-open")
        self._pane.ask()

    def action_next_state(self) -> None:
        """Show only the runs in the next state; then all again."""
        self._pane.next_state()

    def action_prune(self) -> None:
        """Ask which runs should go."""
        from flowerpower_tui.tui.screens.prune import Prune

        try:
            retention = Retention.of(os.environ)
        except FlowerPowerError as error:
            self._complain(error)
            return
        self.app.push_screen(Prune([run.directory for run in self.session.runs or ()], retention))

    def action_copy_command(self) -> None:
        """Copy the command that does what `r` does."""
        if self._chosen is not None:
            self._copy(f"fp-tui rerun {self._chosen.id}")

    def action_back(self) -> None:
        """Leave the filter's line, the mark, the filter."""
        self._pane.leave()

    # How it is done.

    @property
    def _chosen(self) -> RunInfo | None:
        """The run that keys mean: the one that is looked at, else the one under the cursor."""
        pages = self._pages
        if pages.has_focus_within and pages.run is not None:
            return next((run for run in self.session.runs or () if run.id == pages.run.id), self._list.run)
        return self._list.run

    @property
    def _ended_badly(self) -> bool:
        """Whether there is something to tell of failures: of one that is not read yet, the list knows."""
        run, pages = self._chosen, self._pages
        if run is None:
            return False
        return run.state in ENDED_BADLY or (pages.run == run.directory and pages.facts.ended_badly)

    def _tell_keys(self) -> None:
        """Dim the keys that can do nothing now; the footer is made anew for it, so only when that changed."""
        run = self._chosen
        is_over = run is not None and run.is_over
        keys = (run is not None, is_over, self._pages.can_be_replayed, self._ended_badly, bool(self.session.runs))
        if keys != self._keys:
            self._keys = keys
            self.refresh_bindings()

    def _see_run(self) -> None:
        """Have a run to look at: what is looked at, or what the cursor is on."""
        pages = self._pages
        if pages.is_ready and not pages.has_focus_within and self._list.run is not None:
            pages.show(self._list.run.directory)
            if not pages.display:
                self.action_open()

    def _rest_on(self) -> None:
        run = self._list.run
        pages = self._pages
        # One that is looked at stays, wherever the list goes.
        if pages.is_ready and pages.display and not (pages.has_focus_within and pages.run is not None):
            pages.show(run.directory if run else None)

    def _start_edited(self, request: RunRequest | None) -> None:
        if request is not None:
            self._start(request)

    def _start(self, request: RunRequest) -> None:
        self._before = {run.id for run in self.session.runs or ()}
        self.session.launches.start(request)

    def _copy(self, text: str) -> None:
        try:
            copy(self.app, text)
        except (FlowerPowerError, OSError) as error:
            self.notify(sanitise(str(error)), severity="error", timeout=5, markup=False)
        else:
            self.notify(f"Copied: {one_line(text)}", timeout=3, markup=False)

    def _complain(self, error: FlowerPowerError) -> None:
        self.notify(sanitise(str(error)), severity="error", timeout=8, markup=False)

    def _tick(self) -> None:
        """Let clocks go on, while somebody can see them."""
        if self.is_current:
            self._list.tick()
            self._pages.tick()
