"""The terminal driver: Textual's, and an end when the terminal is gone.

Textual's input thread spins at end of file and shows a traceback when the terminal hangs up (EIO).
"""

from __future__ import annotations

import select
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from collections.abc import Callable


class TerminalDriver(LinuxDriver):
    """Tells when the terminal hangs up.

    Attributes:
        on_hangup: called from another thread when there will be no more input.
    """

    on_hangup: ClassVar[Callable[[TerminalDriver], None]]

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
