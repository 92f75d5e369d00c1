"""The way out: signals are answered, what is typed is kept, and what goes on is told when the terminal is left."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from _thread import start_new_thread
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.driver import TerminalDriver

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.session import Session

CRASHED = 3
"""The exit code after an error of the interface's own: the same as of a run that crashed."""

_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_LAST_RESORT_SECONDS = 3.0
# Told in a crash report.
_LAST_ACTIONS = 20


class WayOut:
    """Ends an application as signals ask for it, and the end of its terminal; and after a crash leaves what is needed.

    Attributes:
        crash_report: what was written down of the error that ended the application; None if that could not be, or if
            none did.
    """

    def __init__(self, app: App[int]) -> None:
        self.crash_report: Path | None = None
        self._app = app
        self._last_actions: deque[str] = deque(maxlen=_LAST_ACTIONS)
        self._is_open = False
        self._code: int | None = None

    def answer_signals(self) -> None:
        """Be ready for signals, from now on; the loop must run.

        The loop's own handlers are not for this: they learn of a signal by a byte in the pipe that wakes the loop, and
        that takes no more while some three hundred keys wait in it.
        """
        loop = asyncio.get_running_loop()

        def end(number: int, _: object) -> None:
            _end_at_last(128 + number)
            loop.call_soon_threadsafe(self._end, number)

        for number in _ENDING_SIGNALS:
            signal.signal(number, end)
        TerminalDriver.on_hangup = lambda _: end(signal.SIGHUP, None)

    def open(self) -> None:
        """The first screen is there: do now what a signal asked for while it was made."""
        self._is_open = True
        if self._code is not None:
            self._app.exit(return_code=self._code)

    def saw(self, action: str) -> None:
        """Take note of what is done: a crash report tells what was done last."""
        self._last_actions.append(action)

    def crashed(self, error: Exception) -> None:
        """Keep what is not saved, and write down what happened: nobody knows in what state the interface is."""
        keep_unsaved(self._app)
        # Hardly ever needed, so it does not weigh on every start.
        from flowerpower_tui.tui.crash import report

        self.crash_report = report(self._app, error, self._last_actions)

    def _end(self, number: int) -> None:
        """Leave a clean terminal and exit as the signal asks."""
        self._code = 128 + number
        if self._is_open:
            self._app.exit(return_code=self._code)


def _end_at_last(code: int) -> None:
    """End in a while, whatever comes of it: a terminal that is stuck, or a loop that is, does not keep us.

    In a signal's handler: `threading` takes locks that may be held at that very moment.
    """

    def wait() -> None:
        time.sleep(_LAST_RESORT_SECONDS)
        os._exit(code)

    start_new_thread(wait, ())


@runtime_checkable
class KeepsText(Protocol):
    """A screen on which text can be typed that is not saved at once."""

    def keep_unsaved(self) -> None:
        """Keep that text, now."""


def keep_unsaved(app: App[int]) -> None:
    """Keep what is typed and not saved on any screen, whatever else does not work any more."""
    for stack in app._screen_stacks.values():  # noqa: SLF001 - the places that are not shown, too
        for screen in stack:
            if isinstance(screen, KeepsText):
                # Nothing may keep us from the way out.
                with suppress(Exception):
                    screen.keep_unsaved()


def farewell(app: FlowerPowerApp) -> int:
    """Tell what goes on without the user, and what went wrong; return the exit code."""
    if app.has_crashed:
        _say("fp-tui has ended by an error of its own. Runs go on, and what was typed is kept.")
        if app.way_out.crash_report is not None:
            _say(f"What is known of it, for whoever mends it: {app.way_out.crash_report}")
    if app.session is not None and (app.return_code == 0 or app.has_crashed):
        _tell_what_goes_on(app.session)
    return CRASHED if app.has_crashed else app.return_code or 0


def _tell_what_goes_on(session: Session) -> None:
    for path in session.unsaved:
        _say(f"{path}: the unsaved text is kept, and offered when it is opened again.")
    for run in session.store.runs(str(session.root)):
        if not run.is_over:
            _say(f"{run.pipeline} goes on. To follow it: fp-tui logs -f {run.id}")


def _say(text: str) -> None:
    print(sanitise(text), file=sys.stderr)
