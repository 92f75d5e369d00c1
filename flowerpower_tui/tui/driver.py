"""The terminal driver: Textual's, with an end when the terminal is gone, and a count of what it is sent.

Textual's input thread spins at end of file and shows a traceback when the terminal hangs up (EIO).
"""

from __future__ import annotations

import os
import select
import time
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

from flowerpower_tui.tui.link import HasLink, Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import App

_PIECE = 1 << 16


class TerminalDriver(LinuxDriver):
    """Tells when the terminal hangs up, and the link what the terminal takes.

    Attributes:
        on_hangup: called from another thread when there will be no more input.
    """

    on_hangup: ClassVar[Callable[[TerminalDriver], None]]

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._link = cast(HasLink, app).link
        # Textual's writer thread writes to it.
        self._file = cast(Any, _MeteredFile(cast(TextIO, self._file), self._link))

    def write(self, data: str) -> None:
        """Hand text to the writer thread."""
        self._link.handed(len(data))
        super().write(data)

    def run_input_thread(self) -> None:
        """Read input until it ends; a terminal that is gone is a hangup, not a crash."""
        Thread(target=self._wait_for_hangup, name="terminal-hangup", daemon=True).start()
        try:
            super().run_input_thread()
        except OSError:
            self._hang_up()

    def _wait_for_hangup(self) -> None:
        poll = select.poll()
        # No event is asked for: hangups and errors are reported always, and input is not ours to wait for.
        poll.register(self.fileno, 0)
        while not self.exit_event.is_set():
            if poll.poll(500):
                self._hang_up()
                return

    def _hang_up(self) -> None:
        if not self.exit_event.is_set():
            self.on_hangup()


class _MeteredFile:
    """The terminal as a file: what is written goes out when it is flushed, in one piece, and is counted."""

    def __init__(self, file: TextIO, link: Link) -> None:
        self._descriptor = file.fileno()
        self._encoding = file.encoding
        self._link = link
        self._held: list[str] = []
        self._size = 0

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Hold text back, but not too much of it."""
        self._held.append(text)
        self._size += len(text)
        if self._size >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Write what is held, for as long as the terminal takes for it; to one that is gone nothing is written."""
        handed, self._size = self._size, 0
        data = "".join(self._held).encode(self._encoding, "backslashreplace")
        self._held.clear()
        began = time.monotonic()
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except OSError:
                break
        self._link.wrote(handed, len(data), time.monotonic() - began)
