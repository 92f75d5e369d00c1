"""How much goes to the terminal: now, and since the start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.timer import Timer

    from flowerpower_tui.tui.link import HasLink, Link

SECONDS = 1.0
OWN_BYTES = 512
"""What a second may carry for the meter's own sake: less than this is silence, or it would never fall silent."""


class LinkMeter(Static):
    """`12.3 KiB/s  4.1 MiB`, as the driver counts it. It changes only while something is sent."""

    DEFAULT_CSS = """
    LinkMeter { width: auto; color: $text-muted; margin: 0 1; display: none; }
    LinkMeter.-on { display: block; }
    """

    on = reactive(False)
    """Whether it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None
        self._sent = 0
        self._at = 0.0
        self._is_silent = False

    def on_mount(self) -> None:
        """Show what the application's link tells, when the application wants it shown."""
        self.watch(self.app, "shows_meter", self._show)

    def watch_on(self, on: bool) -> None:
        """Count only while somebody looks."""
        self.set_class(on, "-on")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(SECONDS, self._tick) if on else None
        if on:
            self._sent, self._at, self._is_silent = self._link.sent, time.monotonic(), False
            self._tell(0.0)

    def _show(self, on: bool) -> None:
        self.on = on

    @property
    def _link(self) -> Link:
        return cast("HasLink", self.app).link

    def _tick(self) -> None:
        sent, now = self._link.sent, time.monotonic()
        added, elapsed = sent - self._sent, now - self._at
        self._sent, self._at = sent, now
        was_silent, self._is_silent = self._is_silent, added <= OWN_BYTES
        if not (was_silent and self._is_silent) and self.screen.is_current:
            self._tell(0.0 if self._is_silent else added / elapsed)

    def _tell(self, rate: float) -> None:
        self.update(Content(f"{rate / 1024:.1f} KiB/s  {spoken_size(self._sent)}"))


def spoken_size(size: int) -> str:
    """Return a number of bytes as people say it: `812 B`, `4.1 KiB`, `2.0 MiB`."""
    amount, units = float(size), ["B", "KiB", "MiB", "GiB"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:.0f} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"
