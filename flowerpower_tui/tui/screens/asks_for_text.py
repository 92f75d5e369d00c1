"""Questions that are answered by typing: what is typed before there is a field to type into is the answer's start."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Key
from textual.widgets import Input

from flowerpower_tui.tui.screens.modal import Modal

Answer = TypeVar("Answer")


class AsksForText(Modal[Answer]):
    """A question with the field `#letters`.

    A terminal sends several keys at once, over a slow line above all: those behind the key that asks are on their way
    to what had the focus. They come by the app, which hands them in here.
    """

    def __init__(self) -> None:
        super().__init__()
        self._has_field = False
        self._waiting: list[Key] = []
        # So many letters of the field came by the app: they were typed before all others.
        self._early = 0

    def on_mount(self) -> None:
        """Type what waits for the field."""
        self._has_field = True
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self.take_early(event)

    def take_early(self, event: Key) -> None:
        """Type a key into the field that came before it had the focus."""
        if not self._has_field:
            self._waiting.append(event)
            return
        field = self.query_one("#letters", Input)
        if event.key == "enter" and self.focused is None:
            # Behind what tells of the letters.
            field.post_message(Input.Submitted(field, field.value))
        elif event.is_printable and event.character is not None:
            # The focus, once it comes, would select all for the next letter to replace.
            field.select_on_focus = False
            cursor = field.cursor_position
            field.insert(event.character, self._early)
            field.cursor_position = cursor + len(event.character)
            self._early += len(event.character)
