"""The link governor: how often the screen changes, by what the terminal and the way to it can take.

The writer thread tells the link what it wrote and how long that took; the threads that follow runs ask it how long to
rest. Nothing here has a timer: a quiet interface costs nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from threading import Event as Flag
from threading import Lock
from typing import Protocol

from flowerpower_tui.settings import Settings

LOCAL_SECONDS = 0.06
REMOTE_SECONDS = 0.2
"""Between two updates over a link that a person types over too: fewer, larger ones."""
FLOOD_SECONDS = 0.25
FLOOD_ROWS = 100
"""Rows at once from which on nobody reads along: then the screen changes only every `FLOOD_SECONDS`."""
UNFOCUSED_SECONDS = 1.0
LOCAL_BUDGET = 100_000
REMOTE_BUDGET = 50_000
"""Bytes a second above which updates become rarer."""
MOST_STRETCH = 16.0
BEHIND_SECONDS = 0.1
"""After so long without taking what it was sent the terminal gets no more frames, until it has."""

_WINDOW = 1.0
_LONG_AGO = 5.0


class Link:
    """What lies between the interface and the eyes of its user.

    Attributes:
        is_remote: whether it goes over SSH.
        sent: bytes that the terminal has taken so far.
        has_focus: whether the terminal has the focus, as far as it tells.
    """

    def __init__(
        self,
        *,
        is_remote: bool = False,
        frame_rate: int = 60,
        pauses: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.is_remote = is_remote
        self.sent = 0
        self.has_focus = True
        self._least = 1 / frame_rate
        self._pauses = pauses
        self._clock = clock
        self._base = REMOTE_SECONDS if is_remote else LOCAL_SECONDS
        self._budget = REMOTE_BUDGET if is_remote else LOCAL_BUDGET
        self._stretch = 1.0
        self._window_began = clock()
        self._window_bytes = 0
        self._window_busy = 0.0
        self._hurry = Flag()
        self._lock = Lock()
        self._pending = 0
        self._pending_since = 0.0
        self._owes_frame = False
        self._frame_is_due: Callable[[], object] = lambda: None

    @classmethod
    def of(cls, settings: Settings, environ: Mapping[str, str] = os.environ) -> Link:
        """Return the link that the settings want, or that the environment tells of."""
        ssh = bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
        return cls(
            is_remote=settings.link == "ssh" or (settings.link == "auto" and ssh),
            frame_rate=settings.frame_rate,
            pauses=settings.pause_when_unfocused,
        )

    # How often.

    @property
    def flush_seconds(self) -> float:
        """Seconds between two updates of the screen, for those who follow something."""
        return self._paced(self._base)

    @property
    def flood_seconds(self) -> float:
        """The same while so much comes that nobody can read along."""
        return self._paced(max(self._base, FLOOD_SECONDS))

    def pause_for(self, rows: int) -> float:
        """Return the seconds between two updates when the next one brings so many rows."""
        return self.flood_seconds if rows > FLOOD_ROWS else self.flush_seconds

    def rest(self, seconds: float) -> None:
        """Wait so long, unless somebody is in a hurry."""
        self._hurry.wait(seconds)

    def hurry(self) -> None:
        """Wake everyone who rests."""
        self._hurry.set()
        self._hurry.clear()

    def focus(self, has_focus: bool) -> None:
        """Take note of the terminal's focus; who gets it back sees at once how things stand."""
        self.has_focus = has_focus
        if has_focus:
            self.hurry()

    def _paced(self, seconds: float) -> float:
        least = UNFOCUSED_SECONDS if self._pauses and not self.has_focus else self._least
        return max(least, seconds * self._stretch)

    # What it takes. The first is said by whoever writes, the second by the writer thread.

    def handed(self, size: int) -> None:
        """So much more is to be written."""
        with self._lock:
            if not self._pending:
                self._pending_since = self._clock()
            self._pending += size

    def wrote(self, handed: int, size: int, seconds: float) -> None:
        """Of what was handed over `handed` characters were written, as `size` bytes; it took the terminal `seconds`."""
        with self._lock:
            self._pending -= handed
            self._pending_since = self._clock()
            is_due = self._owes_frame and not self._pending
            if is_due:
                self._owes_frame = False
        self.sent += size
        self._window_bytes += size
        self._window_busy += seconds
        elapsed = self._clock() - self._window_began
        if elapsed >= _WINDOW:
            self._judge(self._window_bytes / elapsed, self._window_busy / elapsed, elapsed)
        if is_due:
            self._frame_is_due()

    def _judge(self, rate: float, busy: float, elapsed: float) -> None:
        if busy > 0.5 or rate > self._budget:
            self._stretch = min(self._stretch * 2, MOST_STRETCH)
        elif elapsed > _LONG_AGO:
            self._stretch = 1.0
        elif busy < 0.1 and rate < self._budget / 3:
            # Twice as much would still fit well.
            self._stretch = max(1.0, self._stretch / 2)
        self._window_began, self._window_bytes, self._window_busy = self._clock(), 0, 0.0

    # A terminal that does not read.

    def on_frame_due(self, call: Callable[[], object]) -> None:
        """Have `call` called, from the writer thread, when a frame was left out and the terminal reads again."""
        self._frame_is_due = call

    def takes_frame(self) -> bool:
        """Return whether the next frame may be sent; one that may not is owed, and the whole screen is due later."""
        with self._lock:
            is_behind = self._pending > 0 and self._clock() - self._pending_since > BEHIND_SECONDS
            self._owes_frame = self._owes_frame or is_behind
            return not is_behind


class HasLink(Protocol):
    """An application that knows its link."""

    link: Link
