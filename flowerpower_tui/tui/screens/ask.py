"""One question, one line of answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flowerpower_tui.tui.screens.asks_for_text import AsksForText

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Ask(AsksForText["str | None"]):
    """Asks for a line; None if nobody answers."""

    CSS_PATH = "pick.tcss"

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "Close")]

    def __init__(self, question: str, example: str = "", value: str = "") -> None:
        super().__init__()
        self._question = question
        self._example = example
        self._value = value

    def compose(self) -> ComposeResult:
        """The question over a field."""
        with Vertical(id="pick"):
            yield Static(Content(self._question), id="title")
            yield Input(self._value, placeholder=self._example, id="letters", compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        self.dismiss(event.value)
