"""Where runs, graphs and results are kept: one directory for this user, readable by nobody else; and files in it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from flowerpower_tui.errors import RunStoreError

VARIABLE = "FP_TUI_STATE_DIR"


def state_directory() -> Path:
    """Return the state directory, made with mode 0700 if it is not there: `FP_TUI_STATE_DIR`, or the platform's.

    Raises:
        RunStoreError: it cannot be made.
    """
    if chosen := os.environ.get(VARIABLE):
        path = at_home(chosen).absolute()
    else:
        # Late: the supervisor and the worker are told their directory and never ask for this one.
        import platformdirs

        path = platformdirs.user_state_path("flowerpower-tui", appauthor=False)
    return private_directory(path)


def at_home(text: str) -> Path:
    """Return a path as people write it: a `~` or `~name` that it begins with is a home, if there is such a user."""
    # `Path.expanduser` raises a bare RuntimeError if there is none.
    return Path(os.path.expanduser(text))  # noqa: PTH111


def private_directory(path: Path) -> Path:
    """Return `path`, made with mode 0700 if it is not there.

    Raises:
        RunStoreError: it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise RunStoreError(
            f"The state directory {path} cannot be made: {error.strerror}.",
            hint=f"Set {VARIABLE} to a directory that you may write to.",
        ) from error
    return path


def put(path: Path, content: bytes) -> None:
    """Write a file of ours, mode 0600, in one step: whoever reads it finds all of it, whoever else writes it too.

    Raises:
        OSError: it cannot be written; what was there stays.
    """
    # Threads of one process may write the same file at once.
    new = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.new")
    try:
        new.touch(mode=0o600)
        new.write_bytes(content)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
