"""One key at a time: what a key does has been done before the next one is handled.

Textual hands a key to the widget with the focus; what is bound to it is done only when the key has gone up from there
to the application, from queue to queue. A letter right behind it is quicker: of `ctrl+end` and `x` that come at once,
as they do over a slow line, `x` would be typed first. So keys wait here for the one before.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import App
    from textual.events import Key, Paste
    from textual.message_pump import MessagePump

PATIENCE = 0.5
"""Seconds that a key waits for the one before: whoever has that is busy, or gone."""


@runtime_checkable
class TakesEarlyKeys(Protocol):
    """A screen that asks for text."""

    def take_early(self, event: Key) -> None:
        """Type a key into its field that came before that had the focus."""


class KeyDone(Message):
    """Goes behind a key, on the same way up: once it is there, the key is not on its way any more."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class KeyOrder:
    """Hands on keys, and what was pasted, in the order in which they came.

    Args:
        app: gets them.
        handle: does what Textual does with a key that comes from the terminal.
    """

    def __init__(self, app: App[int], handle: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[Key | Paste] = deque()
        self._number = 0
        self._is_on_its_way = False

    async def take(self, event: Key | Paste) -> None:
        """Handle a key, now or in its turn."""
        self._waiting.append(event)
        if self._is_on_its_way:
            number = self._number
            self._app.set_timer(PATIENCE, lambda: self.done(number))
        else:
            await self._go_on()

    async def done(self, number: int) -> None:
        """What that key does is done: handle the next."""
        if self._is_on_its_way and number == self._number:
            self._is_on_its_way = False
            await self._go_on()

    async def _go_on(self) -> None:
        while self._waiting and not self._is_on_its_way:
            event = self._waiting.popleft()
            to: MessagePump = self._app.focused or self._app.screen
            await self._handle(event)
            if event.is_forwarded:
                self._number += 1
                self._is_on_its_way = to.post_message(KeyDone(self._number))
