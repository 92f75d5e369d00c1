"""The timeline of a run: one row a node in the order of their starts, attempt by attempt, under an axis of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.view import NodeRun
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.bars import Window, bar, joined, tick_label, ticks
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from textual.app import ComposeResult

    from flowerpower_tui.runs.timeline import Attempt, Timeline
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.widgets.cursor_view import Piece

CRITICAL = "◆"
_LONGEST_NAME = 32
# Behind what ends last there is room for its label.
_LABEL_ROOM = 10
_ZOOM = 2.0
_LEAST_PER_CELL = 1e-6

_BARS = {"running": "text-accent", "failed": "text-error", "crashed": "text-error", "lost": "text-error"}


@dataclass(frozen=True)
class Row:
    """A node in an attempt; or an attempt's head, which names no node."""

    attempt: int
    node: str = ""


class TimelineRows(CursorView):
    """The rows below the axis.

    Attributes:
        timeline: what is shown.
        critical: the nodes of the last attempt's critical path.
        past: how the run stood at the moment that is replayed; None at its end.
    """

    BINDINGS: ClassVar = [
        Binding(
            "plus,equals_sign",
            "zoom(1)",
            "Zoom in",
            key_display="+",
            show=False,
            tooltip="Zoom in on time",
            id="time.in",
        ),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-", show=False, tooltip="Zoom out", id="time.out"),
        Binding("0", "whole", "All", show=False, tooltip="The whole run from side to side", id="time.all"),
        Binding("left,h", "pan(-1)", "Earlier", show=False, tooltip="See what was earlier", id="time.earlier"),
        Binding("right,l", "pan(1)", "Later", show=False, tooltip="See what was later", id="time.later"),
    ]

    window: reactive[Window | None] = reactive[Window | None](None)
    """The stretch of time in sight."""

    moment: reactive[float | None] = reactive[float | None](None)
    """The moment that is replayed, in seconds; what is later is dim."""

    class WindowMoved(Message):
        """Another stretch of time is in sight."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.timeline: Timeline | None = None
        self.critical: Collection[str] = ()
        self.past: RunView | None = None
        self.rows: list[Row] = []
        self._is_whole = True
        self._name_width = 0

    @property
    def node(self) -> str:
        """The node under the cursor; empty if there is none."""
        return self.rows[self.cursor].node if self.rows else ""

    @property
    def label_width(self) -> int:
        """Cells before the bars."""
        return self._name_width + 5

    def show(self, timeline: Timeline | None, critical: Collection[str] = ()) -> None:
        """Show a timeline from its beginning, or as it has grown; the cursor stays on its row."""
        is_other = timeline is not self.timeline
        here = self.rows[self.cursor] if self.rows and not is_other else None
        self.timeline, self.critical = timeline, critical
        self.rows = list(self._listed())
        self._measure_names()
        if is_other:
            self._is_whole = True
        self.rows_changed()
        if here in self.rows:
            self.cursor = self.rows.index(here)
        self.tick()

    def tick(self) -> None:
        """Let what runs grow."""
        if self._is_whole:
            self.window = self._whole()
        self.forget_strips()
        self.refresh()

    def go_to_node(self, node: str) -> None:
        """Put the cursor on a node, in the last attempt that it is in."""
        place = max((index for index, row in enumerate(self.rows) if row.node == node), default=None)
        if place is not None and self.node != node:
            self.cursor = place

    def line_count(self) -> int:
        """Nodes and heads."""
        return len(self.rows)

    def pieces(self, index: int) -> Iterator[Piece]:
        """A node's name and its bars, or what an attempt came to."""
        row = self.rows[index]
        assert self.timeline is not None
        attempt = self.timeline.attempts[row.attempt]
        if not row.node:
            yield from self._head(attempt)
            return
        run = self._node_run(attempt, row.node)
        mark = look(run.state)
        is_critical = row.node in self.critical and row.attempt == len(self.timeline.attempts) - 1
        name = one_line(row.node)
        if cell_len(name) > self._name_width:
            name = set_cell_size(name, self._name_width - 1) + "…"
        yield f"{mark.glyph} ", mark.variable
        yield f"{set_cell_size(name, self._name_width)} ", "strong" if is_critical else ""
        yield f"{CRITICAL if is_critical else ' '} ", "text-warning"
        yield from self._bars(attempt, row.node, run, is_critical=is_critical)

    def watch_window(self) -> None:
        """Draw the bars anew, and the axis."""
        self.forget_strips()
        self.refresh()
        self.post_message(self.WindowMoved())

    def watch_moment(self) -> None:
        """Draw the bars anew."""
        self.forget_strips()
        self.refresh()
        self.post_message(self.WindowMoved())

    def on_resize(self) -> None:
        """There is more room for the bars, or less."""
        self._measure_names()
        if self._is_whole or self.window is None:
            self.window = self._whole()
        else:
            self.window = Window(self.window.start, self.window.per_cell, self._room)

    def action_zoom(self, by: int) -> None:
        """Zoom on the beginning of what the cursor is on."""
        if self.window is None:
            return
        centre = self._middle()
        per_cell = max(_LEAST_PER_CELL, self.window.per_cell / _ZOOM**by)
        share = min(max(self.window.cell(centre) / max(1, self.window.width), 0.1), 0.9)
        self._look(centre - share * per_cell * self._room, per_cell)

    def action_pan(self, by: int) -> None:
        """See a quarter of the window more."""
        if self.window is not None:
            self._look(self.window.start + by * self.window.per_cell * self._room / 4, self.window.per_cell)

    def action_whole(self) -> None:
        """See all of it."""
        self._is_whole = True
        self.tick()

    def _look(self, start: float, per_cell: float) -> None:
        whole = self._whole()
        if whole is None or per_cell >= whole.per_cell:
            self.action_whole()
            return
        self._is_whole = False
        latest = max(whole.start, whole.end - per_cell * self._room)
        self.window = Window(min(max(whole.start, start), latest), per_cell, self._room)

    def _whole(self) -> Window | None:
        if self.timeline is None or self._room <= 0:
            return None
        # Before the first attempt no node runs: imports may take long, and would leave little room for the rest.
        start = self.timeline.attempts[0].start if self.timeline.attempts else 0.0
        extent = max(self.timeline.extent(datetime.now(UTC)) - start, 1e-3)
        return Window(start, extent / max(1, self._room - _LABEL_ROOM), self._room)

    def _middle(self) -> float:
        """The moment to zoom on: the beginning of what the cursor is on."""
        assert self.window is not None
        if self.timeline is None or not self.rows:
            return self.window.start
        row = self.rows[self.cursor]
        attempt = self.timeline.attempts[row.attempt]
        spans = attempt.spans.get(row.node)
        return spans[0].start if spans else attempt.start

    def _measure_names(self) -> None:
        longest = max((cell_len(one_line(row.node)) for row in self.rows), default=0)
        self._name_width = min(longest, _LONGEST_NAME, max(8, self.size.width * 2 // 5))

    @property
    def _room(self) -> int:
        return max(0, self.scrollable_content_region.width - self.label_width)

    def _listed(self) -> Iterator[Row]:
        attempts = self.timeline.attempts if self.timeline else []
        for number, attempt in enumerate(attempts):
            if len(attempts) > 1:
                yield Row(number)
            for node in attempt.order:
                if node in attempt.nodes:
                    yield Row(number, node)

    def _node_run(self, attempt: Attempt, node: str) -> NodeRun:
        """How a node stands, or stood at the moment that is replayed."""
        if self.past is None or attempt.number < self.past.attempt:
            return attempt.nodes[node]
        return self.past.node(node) if attempt.number == self.past.attempt else NodeRun()

    def _head(self, attempt: Attempt) -> Iterator[Piece]:
        is_past = self.moment is None or (attempt.end is not None and attempt.end <= self.moment)
        has_begun = self.moment is None or attempt.start <= self.moment
        mark = look(attempt.state if is_past else "running" if has_begun else "waiting")
        yield f"{mark.glyph} ", mark.variable
        yield f"attempt {attempt.number} of {attempt.of}", "head"
        if not is_past:
            return
        if attempt.end is not None:
            yield f"  {spoken_time(max(0.0, attempt.end - attempt.start))}", "text-muted"
        if attempt.failure is not None:
            yield f"  {one_line(attempt.failure.type)}", "text-error"
        if attempt.retry_in is not None:
            yield f"  again after {spoken_time(attempt.retry_in)}", "text-muted"

    def _bars(self, attempt: Attempt, node: str, run: NodeRun, *, is_critical: bool) -> Iterator[Piece]:
        spans, window = attempt.spans.get(node), self.window
        if not spans:
            why = f": {one_line(run.why)}" if run.why else ""
            yield f"{run.state}{why}" if run.state != "waiting" else "", "text-disabled"
            return
        if window is None or self.timeline is None:
            return
        now = self.timeline.extent(datetime.now(UTC))
        stretches = [(span.start, now if span.end is None else span.end) for span in spans]
        style = _BARS.get(attempt.nodes[node].state) or ("text-warning" if is_critical else "text-primary")
        if node in attempt.reused:
            style = "text-muted"
        cells = self._ground(window)
        future = window.width if self.moment is None else window.cell(self.moment)
        last = -1
        for cell, glyph, is_reversed in bar(stretches, window):
            colour = style if cell <= future else "text-disabled"
            cells[cell] = (glyph, f"{colour} reverse" if is_reversed else colour)
            last = cell
        elapsed = run.elapsed() if run.duration is None and self.moment is None else run.duration
        label = "at hand" if node in attempt.reused else spoken_time(elapsed) if elapsed is not None else ""
        first = next((index for index, cell in enumerate(cells) if cell[0] not in " ┊│"), 0)
        at = _label_at(label, first, last, window.width)
        if last >= 0 and at is not None:
            cells[at : at + len(label)] = [(letter, "text-muted") for letter in label]
        elif last < 0:
            # It lies outside of what is in sight: an arrow says on which side.
            edge = 0 if stretches[-1][1] <= window.start else window.width - 1
            cells[edge] = ("‹" if edge == 0 else "›", style)
        yield from joined(cells)

    def _ground(self, window: Window) -> list[Piece]:
        cells: list[Piece] = [(" ", "")] * window.width
        for tick in ticks(window):
            cell = round(window.cell(tick))
            if 0 <= cell < window.width:
                cells[cell] = ("┊", "text-disabled")
        if self.moment is not None and 0 <= (cell := int(window.cell(self.moment))) < window.width:
            cells[cell] = ("│", "strong")
        return cells


def _label_at(label: str, first: int, last: int, width: int) -> int | None:
    """Where a bar's label begins: behind the bar, else before it; None where there is no room."""
    if last + 2 + len(label) <= width:
        return last + 2
    return first - 1 - len(label) if first - 1 - len(label) >= 0 else None


class TimelinePanel(Vertical):
    """The axis, which stays where it is, and the rows."""

    DEFAULT_CSS = """
    TimelinePanel {
        & > #axis { height: 1; color: $text-muted; background: $surface; text-wrap: nowrap; }
        & > TimelineRows { height: 1fr; }
    }
    """

    def compose(self) -> ComposeResult:
        """Axis and rows."""
        yield Static(id="axis")
        yield TimelineRows(id="spans")

    @property
    def rows(self) -> TimelineRows:
        """What is below the axis."""
        return self.query_one(TimelineRows)

    def on_timeline_rows_window_moved(self, event: TimelineRows.WindowMoved) -> None:
        """Label the moments that are in sight now."""
        event.stop()
        rows = self.rows
        text = axis(rows.window, rows.label_width) if rows.window else ""
        self.query_one("#axis", Static).update(Content(text), layout=False)


def axis(window: Window, indent: int) -> str:
    """Return an axis: each tick's label begins at its cell."""
    marks = ticks(window)
    step = marks[1] - marks[0] if len(marks) > 1 else window.per_cell * window.width
    # Where the window begins, if that is not the beginning of the run.
    line = f"from {spoken_time(window.start)}" if window.start else ""
    line = line if len(line) < indent else ""
    for tick in marks:
        label = tick_label(tick, step)
        at = indent + round(window.cell(tick))
        if at + len(label) <= indent + window.width:
            line = f"{line:<{at}}{label}"
    return line
