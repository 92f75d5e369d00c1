"""The base of every view over many lines: only what is visible is rendered, through one cache of strips."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from typing_extensions import override


class LineView(ScrollView, can_focus=True):
    """A scrollable view over lines that a subclass renders one at a time."""

    DEFAULT_CSS = """
    LineView {
        background: $background;
        color: $foreground;
        scrollbar-size: 0 1;
        scrollbar-color: $panel;
        scrollbar-background: $background;
    }
    """

    CACHED_STRIPS = 1024

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strips: LRUCache[int, Strip] = LRUCache(self.CACHED_STRIPS)

    def line_count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def line_segments(self, index: int) -> list[Segment]:
        """The line as segments, on no background of its own."""
        raise NotImplementedError

    def line_text(self, index: int) -> str:
        """The line as plain text, for copying."""
        return "".join(segment.text for segment in self.line_segments(index))

    def render_line(self, y: int) -> Strip:
        """Render row `y` of the visible region."""
        scroll_x, scroll_y = self.scroll_offset
        index = scroll_y + y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if index >= self.line_count():
            return Strip.blank(width, base)
        strip = self._strip(index, base)
        return strip.crop_extend(scroll_x, scroll_x + width, base).apply_offsets(scroll_x, index)

    def notify_style_update(self) -> None:
        """Forget what was rendered in the old style."""
        self.forget_strips()
        super().notify_style_update()

    @override
    def selection_updated(self, selection: Selection | None) -> None:
        """Show the new selection."""
        self.forget_strips()
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text and what ends it."""
        return selection.extract("\n".join(map(self.line_text, range(self.line_count())))), "\n"

    def forget_strips(self) -> None:
        """Render every line anew when it is next visible."""
        self._strips.clear()

    def forget_strip(self, index: int) -> None:
        """Render one line anew when it is next visible."""
        self._strips.discard(index)

    def set_extent(self, width: int, height: int) -> None:
        """Say how large the whole is, in cells."""
        size = Size(width, height)
        if size != self.virtual_size:
            self.virtual_size = size

    def _strip(self, index: int, base: Style) -> Strip:
        strip = self._strips.get(index)
        if strip is None:
            strip = Strip(self.line_segments(index)).apply_style(base)
            selection = self.text_selection
            if selection is not None and (span := selection.get_span(index)) is not None:
                strip = self._with_selection(strip, *span)
            self._strips[index] = strip
        return strip

    def _with_selection(self, strip: Strip, start: int, end: int) -> Strip:
        length = len(strip.text)
        start = strip.index_to_cell_position(min(start, length))
        end = strip.cell_length if end == -1 else strip.index_to_cell_position(min(end, length))
        # Only its background: the text keeps the colour it has, and stays readable.
        style = Style(bgcolor=self.screen.get_component_rich_style("screen--selection").bgcolor)
        pieces = [strip.crop(0, start), strip.crop(start, end), strip.crop(end)]
        # The selection's style must win over the line's own.
        pieces[1] = Strip([Segment(text, (own or Style()) + style) for text, own, _ in pieces[1]])
        return Strip.join(pieces)
