"""Asking a run to end: a signal to its supervisor, which does the rest."""

from __future__ import annotations

import os
import signal
import time

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import RunDirectory

PATIENCE = 5.0


def cancel(run: RunDirectory) -> None:
    """Ask the run to end and return at once; the journal tells how it goes on.

    A second call, while the run is ending, makes the supervisor take the next harder measure at once.

    Raises:
        RunStoreError: the run is over, or its supervisor does not come up.
    """
    supervisor = _supervisor(run)
    if hasattr(os, "pidfd_open"):
        _signal_by_descriptor(run, supervisor)
    else:
        os.kill(supervisor, signal.SIGTERM)


def _supervisor(run: RunDirectory) -> int:
    """The process that holds the lock; a run that just starts is waited for."""
    deadline = time.monotonic() + PATIENCE
    while run.is_locked:
        if supervisor := run.supervisor():
            return supervisor
        if time.monotonic() > deadline:
            raise RunStoreError(f"Run {run.id} does not start, so it cannot be cancelled.", hint="Try again.")
        time.sleep(0.02)
    raise _over(run)


def _signal_by_descriptor(run: RunDirectory, supervisor: int) -> None:
    try:
        process = os.pidfd_open(supervisor)
    except ProcessLookupError:
        raise _over(run) from None
    try:
        # The descriptor holds the process fast; the lock, still held, says that it is the supervisor's.
        if not run.is_locked:
            raise _over(run)
        signal.pidfd_send_signal(process, signal.SIGTERM)
    except ProcessLookupError:
        raise _over(run) from None
    finally:
        os.close(process)


def _over(run: RunDirectory) -> RunStoreError:
    return RunStoreError(f"Run {run.id} is over: there is nothing to cancel.")
