"""The whole DAG in a corner, in braille: where it failed, and which part is in sight. A click goes there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from flowerpower_tui.graph.minimap import Minimap, minimap
from flowerpower_tui.graph.shapes import Rect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from textual import events
    from textual.geometry import Size

    from flowerpower_tui.graph.drawing import Drawing

# Of the canvas, at most; and whatever its size.
_SHARE = 5
_LARGEST = (32, 10)
# What braille would be in ASCII, by how many dots there are.
_DENSITY = " ...:::##"


class DagMinimap(Widget):
    """A map of a drawing with the part that is in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "minimap--node",
        "minimap--seen",
        "minimap--succeeded",
        "minimap--running",
        "minimap--failed",
        "minimap--quiet",
    }

    DEFAULT_CSS = """
    DagMinimap {
        background: $surface;
        & > .minimap--node { color: $text-muted; }
        & > .minimap--seen { background: $primary 35%; }
        & > .minimap--succeeded { color: $text-success; }
        & > .minimap--running { color: $text-accent; text-style: bold; }
        & > .minimap--failed { color: $text-error; text-style: bold; }
        & > .minimap--quiet { color: $text-disabled; }
    }
    """

    @dataclass
    class PlaceWanted(Message):
        """Someone wants to see this cell of the drawing."""

        x: int
        y: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._map = Minimap((), (0, 0))
        self._seen = Rect(0, 0, 0, 0)
        self._ascii = False

    def show(
        self, drawing: Drawing, states: Mapping[str, str], room: Size, charset: Literal["unicode", "ascii"]
    ) -> None:
        """Map a drawing that is looked at through a canvas of this size."""
        width, height = (min(most, max(2, side // _SHARE)) for most, side in zip(_LARGEST, room, strict=True))
        made = minimap(drawing, width, height, states)
        self._ascii = charset == "ascii"
        if made != self._map:
            self._map = made
            self.styles.width, self.styles.height = made.size
            self.refresh()

    def show_seen(self, seen: Rect) -> None:
        """Show which part of the drawing is in sight."""
        region = self._map.region(seen)
        if region != self._seen:
            self._seen = region
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render a row of the map."""
        base = self.rich_style
        if y >= len(self._map.rows):
            return Strip.blank(self.size.width, base)
        seen = Style(bgcolor=self.get_component_rich_style("minimap--seen").bgcolor)
        segments: list[Segment] = []
        cells = enumerate(self._map.rows[y])
        for (state, is_seen), alike in groupby(cells, lambda cell: (cell[1].state, self._seen.holds(cell[0], y))):
            glyphs = "".join(cell.glyph for _, cell in alike)
            if self._ascii:
                glyphs = "".join(_DENSITY[(ord(glyph) & 0xFF).bit_count()] for glyph in glyphs)
            style = base + self._style(state)
            segments.append(Segment(glyphs, style + seen if is_seen else style))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and along while the button is held."""
        event.stop()
        self.capture_mouse()
        self._go(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along."""
        if self.app.mouse_captured is self:
            event.stop()
            self._go(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go."""
        event.stop()
        self.release_mouse()

    def _go(self, event: events.MouseEvent) -> None:
        columns, rows = self._map.size
        if columns and rows:
            column, row = max(0, min(event.x, columns - 1)), max(0, min(event.y, rows - 1))
            self.post_message(self.PlaceWanted(*self._map.place(column, row)))

    def _style(self, state: str | None) -> Style:
        match state:
            case "failed" | "crashed" | "lost":
                name = "failed"
            case "running" | "succeeded":
                name = state
            case "cancelled" | "skipped":
                name = "quiet"
            case _:
                name = "node"
        return self.get_component_rich_style(f"minimap--{name}", partial=True)
