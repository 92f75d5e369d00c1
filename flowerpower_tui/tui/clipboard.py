"""Copying text to where the terminal is, over SSH too: by OSC 52, or to a file when there is too much of it."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from flowerpower_tui.runs.location import state_directory

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App

LIMIT = 74_994
"""Bytes that every terminal takes: in base64, and with what is around it, they are 100,000."""


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
    if os.environ.get("TMUX") and app._driver is not None:  # noqa: SLF001 - Textual has no other way to write a sequence
        # What tmux does not take for itself it hands on to its terminal, where that is allowed.
        app._driver.write(f"\x1bPtmux;\x1b\x1b]52;c;{base64.b64encode(data).decode()}\a\x1b\\")  # noqa: SLF001
    return f"{what} copied"
