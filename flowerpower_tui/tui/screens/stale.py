"""What is not what it was in the last run, node by node, each with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.dag_paint import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.tui.freshness import Reason
    from flowerpower_tui.tui.widgets.cursor_view import Piece

_LONGEST_NAME = 40
_STYLES = {"added": "text-success", "changed": "text-warning", "stale": "text-warning"}


class ReasonRows(CursorView):
    """A row a node."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(id="reasons")
        self.reasons = reasons
        self._width = min(max((cell_len(one_line(one.node)) for one in reasons), default=0), _LONGEST_NAME)

    def on_mount(self) -> None:
        """Have them laid out."""
        self.rows_changed(self._width + 8 + max((cell_len(one_line(one.why)) for one in self.reasons), default=0))

    def line_count(self) -> int:
        """All of them."""
        return len(self.reasons)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Mark, node, reason."""
        mark, node, why = self.reasons[index]
        yield (f" {MARKS[mark]} " if mark else " - " if why == "removed" else "   "), _STYLES.get(mark or "", "")
        yield f"{one_line(node):<{self._width}}  ", "strong" if mark in ("added", "changed") else ""
        yield one_line(why), "text-muted" if mark == "stale" else ""


class Stale(Modal["str | None"]):
    """A panel over the place; answers with a node to go to, or with None."""

    CSS_PATH = "stale.tcss"

    BINDINGS: ClassVar = [
        Binding("escape,q,s", "dismiss", "Close", key_display="esc"),
        Binding("enter", "go", "Go to it", priority=True),
    ]

    def __init__(self, pipeline: str, reasons: Sequence[Reason]) -> None:
        super().__init__()
        self._pipeline = pipeline
        self._reasons = reasons

    def compose(self) -> ComposeResult:
        """A line for each node."""
        with Vertical(id="stale"):
            title = Content.assemble((one_line(self._pipeline), "bold"), "  what is not as in its last successful runs")
            yield Static(title, id="title")
            yield ReasonRows(self._reasons)
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Keys go to the rows."""
        self.query_one(ReasonRows).focus()

    def on_cursor_view_opened(self) -> None:
        """A second click goes there, too."""
        self.action_go()

    def action_go(self) -> None:
        """Go to the node under the cursor, if it is there."""
        reason = self._reasons[self.query_one(ReasonRows).cursor]
        if reason.mark is not None or reason.why == "never run":
            self.dismiss(reason.node)
