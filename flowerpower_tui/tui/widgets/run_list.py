"""The runs of a project: those that go on first, then the newest; a line each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.message import Message
from typing_extensions import override

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.runfilter import RunFilter
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.when import ago, clock
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.tui.widgets.cursor_view import Piece

MARK = "●"
_LONGEST_NAME = 28
# From so many cells on there is room for the clock's time, and for the id.
_WITH_CLOCK, _WITH_ID = 56, 104


class RunList(CursorView):
    """Runs as they stand; the cursor stays on its run when the list changes.

    Attributes:
        shown: the runs that the filter leaves, in the order of the list.
        marked: the id of the run that another will be compared with.
    """

    BINDINGS: ClassVar = [
        Binding("enter", "open", "Open", tooltip="Look at the run", id="runs.open"),
        # The screen's keys, which are of use here above all: so they are told of here.
        Binding(
            "m", "screen.mark", "Compare", tooltip="Mark the run; on a second one, compare the two", id="runs.compare"
        ),
        Binding(
            "slash",
            "screen.filter",
            "Filter",
            key_display="/",
            tooltip="Only some runs: by name, state, time",
            id="runs.filter",
        ),
        Binding("y", "copy", "Copy id", show=False, tooltip="Copy the run's id", id="runs.copy"),
    ]

    @dataclass
    class InSight(Message):
        """Other runs can be seen: of these more may be asked."""

        runs: Sequence[RunInfo]

    @dataclass
    class CopyWanted(Message):
        """Someone wants a run's id."""

        run: RunInfo

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shown: list[RunInfo] = []
        self.marked = ""
        self._runs: Sequence[RunInfo] = ()
        self._filter = RunFilter()
        self._attempts: dict[str, int] = {}
        self._name_width = 0
        # What the clocks of those in sight said last.
        self._told: list[tuple[str, str, str]] = []

    @property
    def run(self) -> RunInfo | None:
        """The run under the cursor."""
        return self.shown[self.cursor] if self.shown else None

    def show(self, runs: Sequence[RunInfo]) -> None:
        """Show runs that come newest first."""
        self._runs = runs
        self._arrange()

    def filter(self, wanted: RunFilter) -> None:
        """Show only the runs that are wanted."""
        self._filter = wanted
        self._arrange()

    def mark(self, run_id: str) -> None:
        """Mark a run; an empty id marks none."""
        self.marked = run_id
        self.forget_strips()
        self.refresh()

    def show_attempts(self, attempts: Mapping[str, int]) -> None:
        """Take note of how many attempts runs had, by their ids."""
        self._attempts.update(attempts)
        self.forget_strips()
        self.refresh()

    def go_to_run(self, run_id: str) -> bool:
        """Put the cursor on a run; return whether it is in the list."""
        place = next((index for index, run in enumerate(self.shown) if run.id == run_id), None)
        if place is not None:
            self.go_to(place)
        return place is not None

    def tick(self) -> None:
        """Let the clocks go on: of live runs, and of how long ago the others were; drawn only if they say more."""
        self.forget_strips()
        told, now = self._told, datetime.now(UTC)
        self._told = [(run.id, *_times(run, now)) for run in self._in_sight]
        if self._told != told:
            self.refresh()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is listed, nothing is offered."""
        return bool(self.shown) if action in ("open", "copy") else True

    def line_count(self) -> int:
        """The runs that the filter leaves."""
        return len(self.shown)

    def pieces(self, index: int) -> Iterator[Piece]:
        """State, pipeline, duration, when, attempts, and the id where there is room."""
        run, now = self.shown[index], datetime.now(UTC)
        mark, width = look(run.state), self.size.width
        yield (MARK if run.id == self.marked else " "), "text-warning"
        yield f"{mark.glyph} ", mark.variable
        name = one_line(run.pipeline)
        room = min(self._name_width, max(8, width - 28))
        if cell_len(name) > room:
            name = set_cell_size(name, room - 1) + "…"
        yield set_cell_size(name, room), "strong" if not run.is_over else ""
        lasted, age = _times(run, now)
        yield f"{lasted:>10}", mark.variable if not run.is_over else ""
        yield f"{age:>10}", "text-muted"
        if width >= _WITH_CLOCK:
            yield f"  {clock(run.started, now):<12}", "text-disabled"
        attempts = self._attempts.get(run.id, 1)
        yield f"{f'×{attempts}':>4}" if attempts > 1 else "    ", "text-warning"
        if width >= _WITH_ID:
            yield f"  {one_line(run.id)}", "text-disabled"

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell which runs are in sight now."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_in_sight()

    def on_resize(self) -> None:
        """There may be more in sight."""
        self._tell_in_sight()

    def action_copy(self) -> None:
        """Ask for the run's id to be copied."""
        if self.run is not None:
            self.post_message(self.CopyWanted(self.run))

    def _arrange(self) -> None:
        here = self.run
        wanted = [run for run in self._runs if self._filter.accepts(run)]
        # What goes on is what people look for first; the order is stable, so each part is newest first.
        self.shown = sorted(wanted, key=lambda run: run.is_over)
        self._name_width = min(max((cell_len(one_line(run.pipeline)) for run in self.shown), default=0), _LONGEST_NAME)
        at_top = self.cursor == 0 and not self.scroll_offset.y
        place = None
        if here is not None:
            place = next((index for index, run in enumerate(self.shown) if run.id == here.id), None)
        self.set_reactive(CursorView.cursor, min(self.cursor if place is None else place, max(0, len(self.shown) - 1)))
        self.rows_changed()
        if place is not None and not at_top:
            self._reveal()
        self._tell_in_sight()
        now_here = self.run
        if (now_here.id if now_here else "") != (here.id if here else ""):
            self.post_message(self.Highlighted(self, self.cursor))

    @property
    def _in_sight(self) -> Sequence[RunInfo]:
        top = self.scroll_offset.y
        return self.shown[top : top + self.size.height]

    def _tell_in_sight(self) -> None:
        if runs := self._in_sight:
            self.post_message(self.InSight(runs))


def _times(run: RunInfo, now: datetime) -> tuple[str, str]:
    """How long a run lasts or lasted, and how long ago it began."""
    seconds = run.duration if run.is_over else max(0.0, (now - run.started).total_seconds())
    return spoken_time(seconds), ago(run.started, now)
