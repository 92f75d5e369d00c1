"""Choosing a theme with the screen as its preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from textual.app import ComposeResult


class ThemePick(Modal["str | None"]):
    """Lists the themes; what is under the cursor is worn at once, and taken off again by escape."""

    CSS_PATH = "theme_pick.tcss"

    BINDINGS: ClassVar = [Binding("escape,q", "leave", "Back")]

    def compose(self) -> ComposeResult:
        """A list at the side, so that the screen is seen."""
        with Vertical(id="themes"):
            yield Static(Content("Theme"), id="title")
            yield OptionList(
                *(Option(Content(one_line(name)), id=name) for name in self._names), id="names", compact=True
            )
            yield Static(Content("enter takes it, esc goes back. To have it always:\nfp-tui settings"), id="more")

    def on_mount(self) -> None:
        """Begin with the one that is worn."""
        self._before = self.app.theme
        names = self.query_one(OptionList)
        names.highlighted = self._names.index(self._before) if self._before in self._names else 0
        names.focus()
        # Before it is laid out it cannot be scrolled to.
        self.call_after_refresh(names.scroll_to_highlight)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Wear it."""
        if event.option.id is not None:
            self.app.theme = event.option.id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Keep it."""
        self.dismiss(event.option.id)

    def action_leave(self) -> None:
        """Wear what was worn before."""
        self.app.theme = self._before
        self.dismiss(None)

    @property
    def _names(self) -> list[str]:
        return sorted(self.app.available_themes)
