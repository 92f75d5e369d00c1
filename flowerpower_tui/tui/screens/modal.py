"""What lies over the places, asks or shows something, and closes once."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen
from typing_extensions import override

Answer = TypeVar("Answer")


class Modal(ModalScreen[Answer]):
    """A screen over the others."""

    @override
    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer; the second time, nothing.

        Two keys or resizes that came at once both reach it, and Textual would close what lies below for the second.
        """
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()
