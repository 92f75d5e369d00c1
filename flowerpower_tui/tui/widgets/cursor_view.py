"""The base of every list and table in the runs screen: rows with a cursor on one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from typing_extensions import override

from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

Piece = tuple[str, str]
"""A text and the names of its styles, with spaces between; empty for plain text."""


class CursorView(LineView):
    """Rows that a subclass gives as pieces; keys and clicks move the cursor."""

    BINDINGS: ClassVar = [
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="Go a row up", id="rows.up"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="Go a row down", id="rows.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, tooltip="Go a page up", id="rows.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, tooltip="Go a page down", id="rows.page-down"),
        Binding("home,g", "go_to_end(False)", "First", show=False, tooltip="Go to the first row", id="rows.first"),
        Binding("end,G", "go_to_end(True)", "Last", show=False, tooltip="Go to the last row", id="rows.last"),
        Binding("left,h", "scroll_left", "Left", show=False, tooltip="See what is further left", id="rows.left"),
        Binding("right,l", "scroll_right", "Right", show=False, tooltip="See the rest of long rows", id="rows.right"),
        Binding("enter", "open", "Open", show=False, tooltip="Open what the cursor is on", id="rows.open"),
    ]

    # Named for the theme variables that they are, so that a state's look names its style.
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--cursor-away",
        "rows--strong",
        "rows--head",
        "rows--text-muted",
        "rows--text-disabled",
        "rows--text-primary",
        "rows--text-secondary",
        "rows--text-accent",
        "rows--text-success",
        "rows--text-warning",
        "rows--text-error",
    }

    DEFAULT_CSS = """
    CursorView {
        & > .rows--cursor { background: $primary 30%; }
        & > .rows--cursor-away { background: $panel; }
        & > .rows--strong { text-style: bold; }
        & > .rows--head { color: $text-muted; text-style: bold; }
        & > .rows--text-muted { color: $text-muted; }
        & > .rows--text-disabled { color: $text-disabled; }
        & > .rows--text-primary { color: $text-primary; }
        & > .rows--text-secondary { color: $text-secondary; }
        & > .rows--text-accent { color: $text-accent; }
        & > .rows--text-success { color: $text-success; }
        & > .rows--text-warning { color: $text-warning; }
        & > .rows--text-error { color: $text-error; }
    }
    """

    cursor: reactive[int] = reactive(0)
    """The row that keys go from."""

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row now."""

        view: CursorView
        row: int

        @property
        def control(self) -> CursorView:
            """Whose row."""
            return self.view

    @dataclass
    class Opened(Message):
        """Someone wants to see more of a row."""

        view: CursorView
        row: int

        @property
        def control(self) -> CursorView:
            """Whose row."""
            return self.view

    def pieces(self, index: int) -> Iterable[Piece]:
        """A row, safe to show."""
        raise NotImplementedError

    def rows_changed(self, widest: int = 0) -> None:
        """Take note that the rows are others now, the widest of them `widest` cells; the cursor stays on a row."""
        count = self.line_count()
        self.forget_strips()
        self.set_extent(widest, count)
        self.cursor = min(self.cursor, max(0, count - 1))
        self.refresh()

    def go_to(self, row: int) -> None:
        """Put the cursor on a row, and see it."""
        self.cursor = row
        self._reveal()

    def line_segments(self, index: int) -> list[Segment]:
        """The row in its styles."""
        return [Segment(text, self._style(names)) for text, names in self.pieces(index)]

    @override
    def render_line(self, y: int) -> Strip:
        """Render row `y` of the visible region; the cursor's lies on a bar."""
        strip = super().render_line(y)
        if self.scroll_offset.y + y != self.cursor or not self.line_count():
            return strip
        bar = self._style("cursor" if self.has_focus else "cursor-away").background_style
        return Strip(Segment.apply_style(strip, post_style=bar), strip.cell_length)

    def validate_cursor(self, row: int) -> int:
        """Keep it on a row."""
        return min(max(row, 0), max(0, self.line_count() - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """See the row, and tell of it."""
        self._reveal()
        self.refresh()
        if old != new:
            self.post_message(self.Highlighted(self, new))

    def on_resize(self) -> None:
        """Rows may be laid out in another way; the cursor stays in sight."""
        self.forget_strips()
        # They may have been drawn in the new size already, as they were in the old one.
        self.refresh()
        self.call_after_refresh(self._reveal)

    def on_focus(self) -> None:
        """The cursor's bar is another one."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor's bar is another one."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse; a second click opens it."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        row = offset.y + self.scroll_offset.y
        if row < self.line_count():
            self.cursor = row
            if event.chain == 2:
                self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move the cursor by what can be seen."""
        self.cursor += by * max(1, self.size.height - 1)

    def action_go_to_end(self, last: bool) -> None:
        """Go to the first or the last row."""
        self.cursor = self.line_count() - 1 if last else 0

    def action_open(self) -> None:
        """Ask for more of the row."""
        if self.line_count():
            self.post_message(self.Opened(self, self.cursor))

    def _reveal(self) -> None:
        if self.line_count():
            row = Region(self.scroll_offset.x, self.cursor, 1, 1)
            self.scroll_to_region(row, animate=False, force=True, immediate=True)

    def _style(self, names: str) -> Style:
        return Style.combine(map(self._named, names.split())) if names else Style()

    def _named(self, name: str) -> Style:
        # The other way round: how a bar begins within a cell.
        return Style(reverse=True) if name == "reverse" else self.get_component_rich_style(f"rows--{name}")
