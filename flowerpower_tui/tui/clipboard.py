"""Copying text to where the terminal is, over SSH too: by OSC 52, or to a file when there is too much of it."""

from __future__ import annotations

import base64
import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

from flowerpower_tui.runs.location import state_directory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from textual.app import App
    from textual.driver import Driver

LIMIT = 74_994
"""Bytes that every terminal takes: in base64, and with what is around it, they are 100,000."""

# What screen hands on at once is at most 256 bytes.
_PIECE = 240
# Seconds that tmux has; it takes some milliseconds.
_PATIENCE = 1.0


def copy(app: App[Any], text: str) -> str:
    """Copy `text`, and return a word on where it is now.

    Raises:
        RunStoreError: the state directory cannot be made.
        OSError: the file in it cannot be written.
    """
    data = text.encode("utf-8", "replace")
    lines = text.count("\n") + 1
    what = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
    if len(data) > LIMIT:
        path = state_directory() / "copied.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return f"{what} are too much for a clipboard; they are in {path}"
    app.copy_to_clipboard(text)
    return f"{what} copied"


def hand_over(text: str, driver: Driver, environ: Mapping[str, str] = os.environ) -> None:
    """Have the terminal take `text` for its clipboard, through tmux or screen if need be.

    tmux takes no notice of a program's OSC 52 unless `set-clipboard` is `on`, which it is not by itself; but what is in
    its own buffer it passes on, whatever that says.
    """
    data = text.encode("utf-8", "replace")
    if environ.get("TMUX") and _taken_by_tmux(data):
        return
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    if environ.get("STY"):
        pieces = (sequence[start : start + _PIECE] for start in range(0, len(sequence), _PIECE))
        sequence = "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    driver.write(sequence)


def _taken_by_tmux(data: bytes) -> bool:
    with suppress(OSError, subprocess.SubprocessError):
        # Versions before 3.2 know no -w.
        command = ("tmux", "load-buffer", "-w", "-")
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE, check=False)
        return done.returncode == 0
    return False
