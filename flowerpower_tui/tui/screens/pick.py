"""Choosing one of many by typing some of its letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.asks_for_text import AsksForText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

SHOWN = 200
"""More are not listed: some letters more find the one that is meant."""


class Pick(AsksForText["int | None"]):
    """Asks for one of `names`, and answers with its number; the cursor begins on the one with the number `at`."""

    CSS_PATH = "pick.tcss"

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss", "Close"),
        Binding("down", "step(1)", "Down", show=False),
        Binding("up", "step(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str], at: int = 0) -> None:
        super().__init__()
        self._at = at
        self._heading = title
        self._names = names

    def compose(self) -> ComposeResult:
        """A field over the list."""
        with Vertical(id="pick"):
            yield Static(Content(self._heading), id="title")
            yield Input(placeholder="some of its letters", id="letters", compact=True)
            yield OptionList(id="names", compact=True)

    def on_mount(self) -> None:
        """All are there to choose from."""
        self._fill("")

    def offer(self, names: Sequence[str]) -> None:
        """Let these be the names from now on; what is typed stays."""
        self._names = names
        for field in self.query(Input):
            self._fill(field.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """List those that have the letters, the nearest first."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Take the one under the cursor."""
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(int(event.option.id or 0))

    def action_step(self, by: int) -> None:
        """Move in the list while typing goes on."""
        names = self.query_one(OptionList)
        if by > 0:
            names.action_cursor_down()
        else:
            names.action_cursor_up()

    def _fill(self, letters: str) -> None:
        matcher = Matcher(letters)
        scored = [(matcher.match(name) if letters else 1.0, index, name) for index, name in enumerate(self._names)]
        found = sorted((-score, index, name) for score, index, name in scored if score > 0)[:SHOWN]
        names = self.query_one(OptionList)
        names.clear_options()
        names.add_options(Option(Content(one_line(name)), id=str(index)) for _, index, name in found)
        if found:
            names.highlighted = 0 if letters else min(self._at, len(found) - 1)
