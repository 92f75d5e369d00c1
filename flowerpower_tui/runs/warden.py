"""Stays behind when a supervisor goes to work, and ends whom it leaves without a witness if it is killed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from flowerpower_tui.runs.family import adopt_orphans, kill_children

PATIENCE = 10.0
"""Seconds in which everyone left behind should be gone, even those that start others while they are ended."""

_DEAF_TO = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)


def leave_a_warden() -> None:
    """Go on in a child of this process, which becomes its warden and ends with it.

    The warden holds none of its descriptors: the lock of a run is free as soon as its supervisor is gone.
    """
    adopt_orphans()
    child = os.fork()
    if not child:
        return
    try:
        _ward(child)
    finally:
        # Whatever happens, it must not go on as a second supervisor.
        os._exit(0)


def _ward(child: int) -> None:
    # Out of the group that a person may end as a whole.
    os.setpgid(0, 0)
    for number in _DEAF_TO:
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, os.sysconf("SC_OPEN_MAX"))
    os.chdir("/")
    while True:
        with suppress(InterruptedError):
            process, _ = os.waitpid(-1, 0)
            if process == child:
                break
    # A supervisor that came to its end has seen to everyone; what a killed one leaves comes to us, its parent.
    deadline = time.monotonic() + PATIENCE
    while kill_children() and time.monotonic() < deadline:
        time.sleep(0.005)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
