"""What is typed and not saved is kept, against a crash: soon after the last key, and at once when its page goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message_pump import MessagePump
    from textual.timer import Timer

    from flowerpower_tui.tui.desk import Desk
    from flowerpower_tui.tui.widgets.page import Page

# Long enough that nothing is written while somebody types.
_REST_SECONDS = 0.7


class Unsaved:
    """Keeps the unsaved text of pages.

    Args:
        screen: has the pages, and the time.
        desk: writes the text down.
    """

    def __init__(self, screen: MessagePump, desk: Desk) -> None:
        self._screen = screen
        self._desk = desk
        self._timers: dict[Path, Timer] = {}

    def typed(self, page: Page) -> None:
        """The text of a page has changed: keep it soon, or nothing any more if it is what is saved."""
        if timer := self._timers.pop(page.path, None):
            timer.stop()
        if page.is_dirty:
            self._timers[page.path] = self._screen.set_timer(_REST_SECONDS, lambda: self._keep(page))
        else:
            self._desk.forget(page.path)

    def keep_now(self, page: Page) -> None:
        """Keep the text of a page before returning."""
        self._desk.keep_now(page.path, page.buffer.base, page.area.text)

    def stop(self) -> None:
        """Keep nothing by itself any more."""
        for timer in self._timers.values():
            timer.stop()

    def _keep(self, page: Page) -> None:
        if page.is_dirty:
            self._desk.keep(page.path, page.buffer.base, page.area.text)
