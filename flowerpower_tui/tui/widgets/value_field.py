"""One line for one value: what is typed is checked against the schema while it is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from flowerpower_tui.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from flowerpower_tui.assist.form import Field


class _Line(Input):
    BINDINGS: ClassVar = [
        Binding("enter", "submit", "Keep", tooltip="Let this be the value", id="form.keep"),
    ]


class ValueField(Vertical):
    """Asks for the value of a field, below the form."""

    BINDINGS: ClassVar = [
        Binding("escape", "leave", "Leave", tooltip="Leave the value as it is", id="form.leave"),
    ]

    DEFAULT_CSS = """
    ValueField {
        height: auto;
        background: $panel;
        padding: 0 1;
        display: none;
        &.-shown { display: block; }
        & > Input { height: 1; background: $surface; }
        & > Static { height: auto; color: $text-muted; }
        & > #value-refusal { color: $text-error; }
    }
    """

    @dataclass
    class Answered(Message):
        """The field shall have the value that `text` is in YAML."""

        field: Field
        text: str

    @dataclass
    class Left(Message):
        """Nobody wants to change the value any more."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._field: Field | None = None
        self._refusal: Callable[[str], str] = lambda _: ""

    def compose(self) -> ComposeResult:
        """What it is over the line, what is wrong with it below."""
        yield Static(id="value-name")
        yield _Line(id="value", compact=True)
        yield Static(id="value-refusal")

    def open(self, field: Field, text: str, refusal: Callable[[str], str]) -> None:
        """Ask for the value of `field`, which is `text` now; `refusal` says why a text will not do."""
        self._field, self._refusal = field, refusal
        wanted = (f"  {one_line(field.wanted)}", "$text-muted") if field.wanted else ""
        self.query_one("#value-name", Static).update(Content.assemble((field.key, "bold"), wanted))
        line = self.query_one("#value", Input)
        line.value = text
        line.placeholder = one_line(field.default)
        line.cursor_position = len(text)
        self.refuse("")
        self.add_class("-shown")
        line.focus()

    def close(self) -> None:
        """Ask for nothing."""
        self.remove_class("-shown")

    def refuse(self, why: str) -> None:
        """Say why the value will not do; nothing, if it will."""
        note = self.query_one("#value-refusal", Static)
        note.update(Content(why))
        note.display = bool(why)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check it."""
        event.stop()
        self.refuse(self._refusal(event.value) if event.value.strip() else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        event.stop()
        if self._field is None or not event.value.strip():
            self.action_leave()
        elif why := self._refusal(event.value):
            self.refuse(why)
        else:
            self.post_message(self.Answered(self._field, event.value))

    def action_leave(self) -> None:
        """Leave the value as it is."""
        self.close()
        self.post_message(self.Left())
