"""What a DAG is folded by: tick it, and see."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.widgets import SelectionList, Static
from typing_extensions import override

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult

_SAID = {
    "quality": "values with their checks",
    "subdag": "subdags",
    "module": "modules",
    "twins": "twins: same inputs, same consumers",
    "chains": "chains",
}


class Kinds(SelectionList[str]):
    """A list in which what is not ticked has no mark: Textual tells it by its colour alone."""

    @override
    def render_line(self, y: int) -> Strip:
        """Render row `y` of the visible region."""
        strip = super().render_line(y)
        row = self.scroll_offset.y + y
        if row >= self.option_count or self.get_option_at_index(row).value in self.selected:
            return strip
        left, mark, *rest = strip
        return Strip([left, Segment(" " * mark.cell_length, mark.style), *rest], strip.cell_length)


class FoldMenu(Modal[None]):
    """A list of kinds, each with what it leaves to look at; what is ticked is folded at once."""

    CSS_PATH = "fold_menu.tcss"

    BINDINGS: ClassVar = [
        Binding("escape,q,X,enter", "dismiss", "Close", key_display="esc", priority=True),
        Binding("j", "move('down')", "Down", show=False),
        Binding("k", "move('up')", "Up", show=False),
    ]

    def __init__(
        self, yields: Mapping[str, int], ticked: tuple[str, ...], apply: Callable[[tuple[str, ...]], None]
    ) -> None:
        super().__init__()
        self._yields = yields
        self._ticked = ticked
        self._apply = apply

    def compose(self) -> ComposeResult:
        """A box with a line for each kind."""
        width = max(len(_said(kind)) for kind in self._yields)
        with Vertical(id="menu"):
            yield Static(Content("Fold by"), id="title")
            yield Kinds(
                *(
                    (Content(f"{_said(kind):<{width}}  {left:>5,} nodes"), kind, kind in self._ticked)
                    for kind, left in self._yields.items()
                )
            )
            yield Static(Content("space ticks, esc closes this."), id="more")

    def on_selection_list_selected_changed(self, event: SelectionList.SelectedChanged[str]) -> None:
        """Fold by what is ticked, in the order of the list."""
        ticked = set(event.selection_list.selected)
        self._apply(tuple(kind for kind in self._yields if kind in ticked))

    def action_move(self, towards: str) -> None:
        """Go to the next kind, or the one before."""
        kinds = self.query_one(Kinds)
        kinds.action_cursor_down() if towards == "down" else kinds.action_cursor_up()


def _said(kind: str) -> str:
    return _SAID.get(kind) or f"tag {one_line(kind.removeprefix('tag:'))}"
