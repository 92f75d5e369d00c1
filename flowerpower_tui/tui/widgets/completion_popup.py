"""What could be written at the cursor, in a list over the text; the text keeps the focus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Offset

    from flowerpower_tui.assist.complete import Completion
    from flowerpower_tui.tui.widgets.cursor_view import Piece

_ROWS = 8
_WIDEST_LABEL = 32
_WIDEST_DETAIL = 34


class _Items(CursorView, can_focus=False):
    items: Sequence[Completion] = ()

    def line_count(self) -> int:
        return len(self.items)

    def pieces(self, index: int) -> Iterator[Piece]:
        item = self.items[index]
        label, detail = self.widths
        yield f" {_fit(one_line(item.label), label)} ", ""
        yield f" {_fit(one_line(item.detail), detail)} ", "text-muted"

    @property
    def widths(self) -> tuple[int, int]:
        label = max((cell_len(one_line(item.label)) for item in self.items), default=0)
        detail = max((cell_len(one_line(item.detail)) for item in self.items), default=0)
        return min(label, _WIDEST_LABEL), min(detail, _WIDEST_DETAIL)

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        self.post_message(CompletionPopup.Clicked())


class CompletionPopup(Vertical):
    """Shows completions below the cursor, or above it where there is no room."""

    DEFAULT_CSS = """
    CompletionPopup {
        overlay: screen;
        constrain: inside inflect;
        margin: 1 0;
        width: auto;
        height: auto;
        background: $panel;
        display: none;
        &.-shown { display: block; }
        & > _Items { height: auto; background: $panel; }
        & > _Items > .rows--cursor-away { background: $primary 50%; }
        & > Static { height: auto; max-height: 3; padding: 0 1; background: $surface; color: $text-muted; }
    }
    """

    @dataclass
    class Clicked(Message):
        """The item under the mouse is wanted."""

    def __init__(self) -> None:
        super().__init__()
        # At hand from the first question for keys to the last, which come before they are mounted and after.
        self._items = _Items()
        self._meaning = Static()

    def compose(self) -> ComposeResult:
        """The items over what the highlighted one means."""
        yield self._items
        yield self._meaning

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-shown")

    @property
    def chosen(self) -> Completion | None:
        """The item under the cursor."""
        items = self._items
        return items.items[items.cursor] if self.is_open and items.items else None

    def open(self, items: Sequence[Completion], at: Offset) -> None:
        """Show `items` at a cell of the screen, the first highlighted."""
        view = self._items
        view.items = items
        label, detail = view.widths
        # The bar of a list that has more rows than fit needs a column.
        width = label + detail + 4 + (len(items) > _ROWS)
        view.styles.height = min(_ROWS, len(items))
        view.styles.width = width
        self._meaning.styles.width = width
        view.cursor = 0
        view.rows_changed()
        self.absolute_offset = at
        self.add_class("-shown")
        self.refresh(layout=True)
        self._explain()

    def close(self) -> None:
        """Show nothing."""
        self.remove_class("-shown")

    def step(self, by: int) -> None:
        """Highlight another item, around the ends."""
        view = self._items
        view.cursor = (view.cursor + by) % max(1, view.line_count())
        self._explain()

    def page(self, by: int) -> None:
        """Highlight an item that is further away."""
        self._items.action_page(by)
        self._explain()

    def _explain(self) -> None:
        chosen = self.chosen
        said = sanitise(chosen.doc) if chosen is not None else ""
        self._meaning.display = bool(said)
        self._meaning.update(Content(said))


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
