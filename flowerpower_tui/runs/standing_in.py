"""Becoming what a new process would have been: how one that waited takes over a worker's or an inspector's part."""

from __future__ import annotations

import faulthandler
import fcntl
import os
import signal
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from flowerpower_tui.runs.family import TO_DEFAULT


def die_with(asker: int) -> None:
    """Be ended by the system when nobody can write to the pipe `asker` any more, even in the middle of an import."""
    fcntl.fcntl(asker, fcntl.F_SETOWN, os.getpid())
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(asker, fcntl.F_SETFL, fcntl.fcntl(asker, fcntl.F_GETFL) | os.O_ASYNC)


def open_descriptors() -> set[int]:
    """Return the descriptors of this process, without the standard streams."""
    numbers = [int(entry.name) for entry in Path("/dev/fd").iterdir()]
    return {number for number in numbers if number > 2 and _is_open(number)}


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor but the standard streams and those `kept`."""
    for descriptor in open_descriptors() - set(kept):
        with suppress(OSError):
            os.close(descriptor)


def redirect(stdout: int, stderr: int) -> None:
    """Put other descriptors in the place of the standard streams; there is nothing to read from stdin."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (stdout, 1), (stderr, 2)):
        os.dup2(descriptor, place)
    os.close(nothing)


def forget_signals() -> None:
    """Answer signals as a new Python process does."""
    signal.set_wakeup_fd(-1)
    for number in TO_DEFAULT:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def take_environment(environ: Mapping[bytes, bytes], folder: str, own: Mapping[str, str | None]) -> None:
    """Take the environment and the working directory of who asked.

    `own` is what imports changed in the environment of this process: the same imports would change the asker's.
    """
    wanted = {os.fsdecode(name): os.fsdecode(value) for name, value in environ.items()}
    for name, value in own.items():
        if value is None:
            wanted.pop(name, None)
        else:
            wanted[name] = value
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)
    time.tzset()
    # A folder that is gone: all a run needs of it is not to be ours.
    with suppress(OSError):
        os.chdir(folder)


def be_a_worker() -> None:
    """Do for a worker what its start as a command would have done; its standard streams stand already."""
    os.environ["PYTHONUNBUFFERED"] = "1"
    faulthandler.enable(2)
    # Python's own generator sees to that by itself.
    if generator := sys.modules.get("numpy.random"):
        generator.seed()


def _is_open(descriptor: int) -> bool:
    try:
        fcntl.fcntl(descriptor, fcntl.F_GETFD)
    except OSError:
        return False
    return True
