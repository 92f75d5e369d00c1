"""What is said on the terminal when the interface has left it, and the exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from flowerpower_tui.terminal import sanitise

if TYPE_CHECKING:
    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.session import Session

CRASHED = 3
"""The exit code after an error of the interface's own: the same as of a run that crashed."""


def farewell(app: FlowerPowerApp) -> int:
    """Tell what goes on without the user, and what went wrong; return the exit code."""
    if app.has_crashed:
        _say("fp-tui has ended by an error of its own. Runs go on, and what was typed is kept.")
        if app.crash_report is not None:
            _say(f"What is known of it, for whoever mends it: {app.crash_report}")
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
