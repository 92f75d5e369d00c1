"""A file as it is: highlighted, numbered, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.selection import Selection

from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from flowerpower_tui.tui.highlight import Run

# Stands in no text that was made safe to show.
_NO_TEXT = "\x00"


class SourceView(LineView):
    """Shows highlighted lines with their numbers, and marks one of them."""

    BINDINGS: ClassVar = [
        Binding("up,k", "scroll_up", "Up", show=False, tooltip="Scroll up", id="source.up"),
        Binding("down,j", "scroll_down", "Down", show=False, tooltip="Scroll down", id="source.down"),
        Binding("left,h", "scroll_left", "Left", show=False, tooltip="See what is further left", id="source.left"),
        Binding(
            "right,l", "scroll_right", "Right", show=False, tooltip="See the rest of long lines", id="source.right"
        ),
        Binding("home,g", "scroll_home", "Top", show=False, tooltip="Go to the first line", id="source.top"),
        Binding("end,G", "scroll_end", "End", show=False, tooltip="Go to the last line", id="source.end"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "source--number",
        "source--marked",
        "source--comment",
        "source--keyword",
        "source--name",
        "source--decorator",
        "source--builtin",
        "source--string",
        "source--number-literal",
    }

    DEFAULT_CSS = """
    SourceView {
        & > .source--number { color: $text-disabled; }
        & > .source--marked { background: $primary 25%; }
        & > .source--comment { color: $text-muted; text-style: italic; }
        & > .source--keyword { color: $text-secondary; }
        & > .source--name { color: $text-primary; }
        & > .source--decorator { color: $text-warning; }
        & > .source--builtin { color: $text-accent; }
        & > .source--string { color: $text-success; }
        & > .source--number-literal { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[list[Run]] = []
        self._marked = 0

    def show(self, lines: list[list[Run]], *, marked: int = 0) -> None:
        """Show `lines`; mark line `marked`, from 1, and scroll to it; 0 marks none."""
        self._marked = marked
        self.renew(lines)
        # Only then it is known how much can be seen.
        self.call_after_refresh(self._go_to_mark)

    def renew(self, lines: list[list[Run]]) -> None:
        """Show what the file holds now; the mark stays, and what is in sight."""
        self._lines = lines
        self.forget_strips()
        widest = max((sum(cell_len(text) for text, _ in line) for line in lines), default=0)
        self.set_extent(widest + self._gutter + 1, len(lines))
        self.refresh()

    def line_count(self) -> int:
        """How many lines the file has."""
        return len(self._lines)

    def line_segments(self, index: int) -> list[Segment]:
        """The line's number and its coloured text."""
        marked = index == self._marked - 1
        mark = self._style("marked") if marked else Style()
        number = Segment(f"{index + 1:>{self._gutter - 1}} ", self._style("number") + mark)
        return [number, *(Segment(text, self._style_of(name) + mark) for text, name in self._lines[index])]

    def line_text(self, index: int) -> str:
        """The line; in the columns of its number stands what is never copied."""
        return _NO_TEXT * self._gutter + "".join(text for text, _ in self._lines[index])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text without the numbers, so that it can be pasted as source."""
        selected = super().get_selection(selection)
        return (selected[0].replace(_NO_TEXT, ""), selected[1]) if selected else None

    def _go_to_mark(self) -> None:
        top = max(0, self._marked - 1 - self.size.height // 3)
        self.scroll_to(0, top, animate=False, immediate=True, force=True)

    @property
    def _gutter(self) -> int:
        return len(str(len(self._lines))) + 2

    def _style_of(self, name: str) -> Style:
        if not name:
            return Style()
        return self._style("number-literal" if name == "number" else name)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"source--{name}")
