"""The open files in a line: which is shown, which are not saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import HorizontalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flowerpower_tui.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

# What closes the shown file stands at the end of its tab: so many cells, with the space behind it.
_CLOSE = " ×"
_CLOSING_CELLS = 3


class _Tab(Static):
    def __init__(self, index: int, label: Content, *, is_shown: bool) -> None:
        super().__init__(label, classes="-shown" if is_shown else "")
        self._index = index
        self._is_shown = is_shown

    def on_click(self, event: events.Click) -> None:
        closes = event.button == 2 or (self._is_shown and event.x >= self.outer_size.width - _CLOSING_CELLS)
        self.post_message(FileTabs.Closed(self._index) if closes else FileTabs.Chosen(self._index))


class FileTabs(HorizontalScroll, can_focus=True):
    """Shows the names of open files; while it has the focus, letters are commands and no text.

    The mouse closes the shown file by its `×`, and any file by the middle button.
    """

    BINDINGS: ClassVar = [
        Binding("left,h", "step(-1)", "Before", show=False, tooltip="Go to the file before", id="files.before"),
        Binding("right,l", "step(1)", "Next", show=False, tooltip="Go to the next file", id="files.next"),
    ]

    DEFAULT_CSS = """
    FileTabs {
        height: 1;
        background: $panel;
        scrollbar-size: 0 0;
        & > _Tab { width: auto; padding: 0 1; color: $text-muted; }
        & > _Tab.-shown { background: $background; color: $foreground; text-style: bold; }
        &:focus > _Tab.-shown { background: $primary; color: $background; }
    }
    """

    @dataclass
    class Chosen(Message):
        """The file of this number is wanted."""

        index: int

    @dataclass
    class Closed(Message):
        """The file of this number is wanted no more."""

        index: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[tuple[tuple[str, bool], ...], int] = ((), -1)

    def show(self, files: Sequence[tuple[str, bool]], current: int) -> None:
        """Show the files' names, with a dot on each that is not saved."""
        if (shown := (tuple(files), current)) == self._shown:
            return
        self._shown = shown
        self.remove_children()
        self.mount_all(
            _Tab(
                index,
                Content.assemble(
                    one_line(name),
                    (" ●", "$text-warning") if is_dirty else "",
                    (_CLOSE, "$text-muted") if index == current else "",
                ),
                is_shown=index == current,
            )
            for index, (name, is_dirty) in enumerate(files)
        )
        self.call_after_refresh(self._reveal)

    def action_step(self, by: int) -> None:
        """Go to a neighbour, around the ends."""
        files, current = self._shown
        if files:
            self.post_message(self.Chosen((current + by) % len(files)))

    def _reveal(self) -> None:
        for tab in self.query(".-shown"):
            tab.scroll_visible(animate=False)
