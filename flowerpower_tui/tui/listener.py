"""Who hears from threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.message import Message


class Listener(Protocol):
    """Takes messages from any thread, as every Textual widget does."""

    @property
    def is_running(self) -> bool:
        """Whether it still listens."""
        ...

    def post_message(self, message: Message) -> bool:
        """Take a message, soon and on the loop; return whether it will."""
        ...
