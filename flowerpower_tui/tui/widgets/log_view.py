"""A log's view: follows what comes, stays put when scrolled up, and shows only text that is safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from typing_extensions import override

from flowerpower_tui.tui.widgets.line_view import LineView
from flowerpower_tui.tui.widgets.log_page import LogPage
from flowerpower_tui.tui.widgets.log_places import Place, places
from flowerpower_tui.tui.widgets.log_text import LogText

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.style import Style
    from textual import events

    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.logfilter import TextPattern

COPIED_ROWS = 20_000
"""Rows that a selection with the mouse gives at most."""

_NARROW = 72


class LogView(LineView):
    """Rows of a log, newest last; only those in sight are read. What went wrong in the run is always seen whole.

    Attributes:
        root: the project's folder: a line that names a file in it leads there.
        pattern: what is marked wherever it is shown.
    """

    BINDINGS: ClassVar = [
        Binding("end,G", "follow", "Follow", tooltip="Go to the end and stay there", id="log.follow"),
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="Go a line up", id="log.up"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="Go a line down", id="log.down"),
        Binding("shift+up", "pick(-1)", "Pick up", show=False, tooltip="Pick lines upwards, to copy", id="log.pick-up"),
        Binding(
            "shift+down", "pick(1)", "Pick down", show=False, tooltip="Pick lines down, to copy", id="log.pick-down"
        ),
        Binding("home,g", "top", "Top", show=False, tooltip="Go to the first line", id="log.top"),
        Binding("left,h", "scroll_left", "Left", show=False, tooltip="See what is further left", id="log.left"),
        Binding("right,l", "scroll_right", "Right", show=False, tooltip="See the rest of long lines", id="log.right"),
        Binding("w", "wrap", "Wrap", show=False, tooltip="Wrap long lines, or let them go on", id="log.wrap"),
        Binding("t", "times", "Times", show=False, tooltip="Show or hide the times", id="log.times"),
        Binding(
            "enter", "open", "Open", show=False, tooltip="Show the source a line names, or all of it", id="log.open"
        ),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--node",
        "log--run",
        "log--error",
        "log--warning",
        "log--quiet",
        "log--match",
        "log--cursor",
    }

    DEFAULT_CSS = """
    LogView {
        /* So that lines keep their width, and with it their height, when the scrollbar comes. */
        scrollbar-gutter: stable;
        & > .log--time { color: $text-disabled; }
        & > .log--node { color: $text-accent; }
        & > .log--run { color: $text-muted; text-style: italic; }
        & > .log--error { color: $text-error; }
        & > .log--warning { color: $text-warning; }
        & > .log--quiet { color: $text-muted; }
        & > .log--match { background: $warning; color: $background; }
        & > .log--cursor { background: $primary 30%; }
    }
    """

    following: reactive[bool] = reactive(True)
    """Whether the view stays at the newest line."""

    pending: reactive[int] = reactive(0)
    """Lines that came while the view was scrolled up."""

    times: reactive[bool] = reactive(True)
    """Whether each line starts with its time."""

    wrap: reactive[bool] = reactive(False)
    """Whether a long line goes on below."""

    cursor: reactive[int | None] = reactive[int | None](None)
    """The row that keys go from; there is none while the view follows."""

    class FollowChanged(Message):
        """The view began or ceased to follow, or more lines are pending."""

    @dataclass
    class LineOpened(Message):
        """Someone wants to see more of a line: `place`, if it names one."""

        line: LogLine
        place: Place | None

    def __init__(self, *, root: Path | None = None, id: str | None = None) -> None:
        super().__init__(id=id)
        self.root = root
        self.pattern: TextPattern | None = None
        self._rows: Sequence[LogLine] = ()
        self._counted = 0
        self._widest = 0
        self._pick: int | None = None
        self._page = LogPage(lambda _: Strip([]), lambda _: False, 0, 0, Size(0, 0))
        self._page_at: tuple[int, Size, int, bool] | None = None
        self._scrolling_itself = False

    @property
    def lines(self) -> Sequence[LogLine]:
        """What is shown, oldest first; nothing of it is kept here."""
        return self._rows

    @property
    def picked(self) -> range:
        """The rows that are picked; the one under the cursor if there are no others."""
        if self.cursor is None:
            return range(0)
        other = self.cursor if self._pick is None else self._pick
        return range(min(self.cursor, other), max(self.cursor, other) + 1)

    def show(self, rows: Sequence[LogLine], at: int | None = None) -> None:
        """Show other rows: follow them, or go to row `at`."""
        self._rows = rows
        self._counted = len(rows)
        self._widest = 0
        self._pick = None
        self.forget_strips()
        self._measure()
        self.pending = 0
        if at is None:
            self._go(0)
            self.following = True
            self._to_the_end()
        else:
            self._go(max(0, at - self.size.height // 2))
            self.go_to(at)
        self.refresh()

    def rebase(self, rows: Sequence[LogLine], moved: int) -> None:
        """Show `rows`, in which the row that was first is number `moved`: nothing that is seen moves."""
        top = self.scroll_offset.y
        self._rows = rows
        self._counted = len(rows)
        self.forget_strips()
        self._measure()
        if self._pick is not None:
            self._pick += moved
        if self.cursor is not None:
            self.set_reactive(LogView.cursor, self.cursor + moved)
        self._go(top + moved)
        if self.following:
            self._to_the_end()
        self.refresh()

    def grown(self) -> None:
        """Take note of rows that have been added at the end."""
        new = len(self._rows) - self._counted
        if not new:
            return
        self._counted += new
        self._measure()
        if self.following:
            self._to_the_end()
        else:
            self.pending += new
        self.refresh()

    def mark(self, pattern: TextPattern | None) -> None:
        """Mark what `pattern` finds, wherever it is shown."""
        self.pattern = pattern
        self.forget_strips()
        self.refresh()

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, and see it."""
        self._pick = None
        self.cursor = row
        self._reveal(row)

    @property
    def row(self) -> int:
        """The row under the cursor; without one the last that is in sight."""
        if self.cursor is not None:
            return self.cursor
        return max(0, min(len(self._rows), self._window.in_sight.stop) - 1)

    def line_count(self) -> int:
        """How many rows there are."""
        return self._counted

    @override
    def render_line(self, y: int) -> Strip:
        """Render row `y` of the visible region."""
        index, start, strip, goes_on_below = self._window.row(y)
        scroll_x = 0 if goes_on_below else self.scroll_offset.x
        width = self.scrollable_content_region.width
        base = self.rich_style
        strip = strip.crop_extend(scroll_x, scroll_x + width, base)
        if index in self.picked and self.has_focus:
            strip = Strip(
                Segment.apply_style(strip, post_style=self._style("cursor").background_style), strip.cell_length
            )
        return strip if index < 0 else strip.apply_offsets(scroll_x + start, index)

    def line_segments(self, index: int) -> list[Segment]:
        """The line with its time and node, in its level's colour."""
        line = self._rows[index]
        segments = self._text.segments(line)
        width = sum(segment.cell_length for segment in segments)
        if width > self._widest and not _is_trouble(line):
            # Known only of what was in sight: how far one can scroll grows with it.
            self._widest = width
            self.call_later(self._measure)
        return segments

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text and what ends it."""
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else self._counted - 1, first + COPIED_ROWS)
        start = Offset(selection.start.x, 0) if selection.start else None
        end = Offset(selection.end.x, selection.end.y - first) if selection.end else None
        return Selection(start, end).extract("\n".join(map(self.line_text, range(first, last + 1)))), "\n"

    @override
    def forget_strips(self) -> None:
        """Render every line anew when it is next visible."""
        self._page_at = None
        super().forget_strips()

    def watch_following(self) -> None:
        """Nothing is pending for one who follows, and nothing is under a cursor."""
        if self.following:
            self.pending = 0
            self._pick = None
            self.cursor = None
        self.post_message(self.FollowChanged())

    def watch_pending(self) -> None:
        """Tell how much is waiting below."""
        self.post_message(self.FollowChanged())

    def watch_times(self) -> None:
        """Lines begin elsewhere now."""
        self._anew()

    def watch_wrap(self) -> None:
        """Lines go on below, or to the right."""
        self.scroll_to(x=0, animate=False, immediate=True)
        self._anew()

    def watch_cursor(self) -> None:
        """See the row under the cursor; whoever has one does not follow."""
        if self.cursor is not None:
            self.following = False
            self._reveal(self.cursor)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Cease to follow when scrolled up, begin again at the end."""
        super().watch_scroll_y(old_value, new_value)
        # Where there is more room now, what was scrolled to may be further than one can.
        if self._scrolling_itself or round(old_value) == round(new_value) or old_value > self.max_scroll_y:
            return
        self.following = self.is_vertical_scroll_end

    def on_resize(self) -> None:
        """Stay at the end through a resize; the times may have another width now."""
        self.forget_strips()
        self._measure()
        self.call_after_refresh(self._stay_at_the_end)

    def on_click(self, event: events.Click) -> None:
        """Go to the line under the mouse; open the place that is clicked, or what is clicked twice."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        index, start, _, goes_on_below = self._window.row(offset.y)
        if index < 0:
            return
        self.go_to(index)
        column = offset.x + start + (0 if goes_on_below else self.scroll_offset.x)
        text = self.line_text(index)
        place = next((place for place in self._places(text) if place.start <= column < place.end), None)
        if place is not None:
            self.post_message(self.LineOpened(self._rows[index], place))
        elif event.chain == 2:
            self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor; at the last line, follow."""
        self._pick = None
        self._move(by)

    def action_pick(self, by: int) -> None:
        """Move the cursor, and pick the lines that it passes."""
        self._pick = self.row if self._pick is None else self._pick
        self._move(by, follow=False)

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._to_the_end()

    def action_top(self) -> None:
        """Go to the first line."""
        if self._counted:
            self.go_to(0)

    @override
    def action_page_up(self) -> None:
        """Go up by what fits in, however high lines are."""
        self.scroll_to(y=self._window.above, animate=False, immediate=True, force=True)

    @override
    def action_page_down(self) -> None:
        """Go down by what is in sight."""
        self.scroll_to(y=self._window.below, animate=False, immediate=True, force=True)

    def action_times(self) -> None:
        """Show or hide the times."""
        self.times = not self.times

    def action_wrap(self) -> None:
        """Wrap long lines, or let them go on to the right."""
        self.wrap = not self.wrap

    def action_open(self) -> None:
        """Ask for more of the line: the first place that it names, or all of it."""
        if self._counted:
            found = self._places(self.line_text(self.row))
            self.post_message(self.LineOpened(self._rows[self.row], found[0] if found else None))

    @property
    def _clock_width(self) -> int:
        # Milliseconds only where there is room.
        return len("12:34:56") if self.size.width < _NARROW else len("12:34:56.789")

    @property
    def _text(self) -> LogText:
        clock = self._clock_width if self.times else 0
        return LogText(clock, self.size.width >= _NARROW, self.root, self.pattern, self._style, self.app.console)

    @property
    def _window(self) -> LogPage:
        """What is in sight now."""
        at = (self.scroll_offset.y, self.scrollable_content_region.size, self._counted, self.wrap)
        if at != self._page_at:
            top, size, count, wrap = self._page_at = at
            self._page = LogPage(
                lambda index: self._strip(index, self.rich_style),
                lambda index: wrap or _is_trouble(self._rows[index]),
                count,
                top,
                size,
            )
        return self._page

    def _measure(self) -> None:
        # A row of scrolling is a line, however high: below the last ones there is only what they need.
        height = self._counted - self._window.fitting(self._counted) + self.size.height
        self.set_extent(0 if self.wrap else self._widest, height)

    def _anew(self) -> None:
        self._widest = 0
        self.forget_strips()
        self._measure()
        if self.following:
            self._to_the_end()
        elif self.cursor is not None:
            self._reveal(self.cursor)
        self.refresh()

    def _move(self, by: int, *, follow: bool = True) -> None:
        if not self._counted:
            return
        sight = self._window.in_sight
        if self.cursor is not None:
            start = min(max(self.cursor, sight.start), sight.stop - 1)
        else:
            start = self.row if self.following or by < 0 else sight.start - 1
        row = min(max(start + by, 0), self._counted - 1)
        if follow and by > 0 and row == self._counted - 1:
            self.action_follow()
        else:
            self.cursor = row

    def _reveal(self, row: int) -> None:
        sight = self._window.in_sight
        if row < sight.start:
            self._go(row)
        elif row >= sight.stop or (row == sight[-1] and row > sight.start):
            self._go(max(0, row + 1 - self._window.fitting(row + 1)))

    def _go(self, top: int) -> None:
        self._scrolling_itself = True
        try:
            self.scroll_to(y=top, animate=False, immediate=True, force=True)
        finally:
            self._scrolling_itself = False

    def _to_the_end(self) -> None:
        self._go(self.max_scroll_y)

    def _stay_at_the_end(self) -> None:
        # Asked only now: a key may have led elsewhere meanwhile.
        if self.following:
            self._to_the_end()

    def _places(self, text: str) -> list[Place]:
        return places(text, self.root) if self.root else []

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log--{name}")


def _is_trouble(line: LogLine) -> bool:
    """Whether the run tells in it what went wrong."""
    return line.source == "run" and line.level != "INFO"
