"""An error of the interface's own: what is written down of it, so that it can be told and mended.

A report has the way to the error, and no values: neither local variables, which may hold anybody's data, nor what
stands in variables of the environment that are named like secrets.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.location import private_directory, state_directory
from flowerpower_tui.terminal import sanitise

if TYPE_CHECKING:
    from textual.app import App

KEPT = 20
"""Older reports go when a new one is written."""

_SHORTEST_SECRET = 6
# Elsewhere that is short for a password.
_WORKING_DIRECTORY = "PWD"
_PACKAGES = ("flowerpower-tui", "textual", "rich", "apache-hamilton", "msgspec")
_VARIABLES = ("TERM", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL", "TMUX", "STY", "SSH_CONNECTION")


def report(app: App[int], error: BaseException, actions: Iterable[str]) -> Path | None:
    """Write down what is known of an error that ends the application, and return the file; None if that fails, too."""
    screen = app.screen_stack[-1] if app.screen_stack else None
    where = f"{type(screen).__name__}, {type(screen.focused if screen else None).__name__}"
    try:
        return write_report(error, screen=where, size=(app.size.width, app.size.height), actions=actions)
    except (OSError, RunStoreError):
        return None


def write_report(
    error: BaseException, *, screen: str, size: tuple[int, int], actions: Iterable[str], state: Path | None = None
) -> Path:
    """Write down what is known of `error` in `<state>/crashes`, and return the file.

    Args:
        error: what nobody caught.
        screen: where in the interface it happened.
        size: columns and rows of the terminal.
        actions: what was done last, the latest at the end.
        state: the state directory; this user's if None.

    Raises:
        RunStoreError: the directory cannot be made.
        OSError: the file cannot be written.
    """
    folder = private_directory((state or state_directory()) / "crashes")
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%S.%f}.txt"
    text = "\n".join(
        (
            f"fp-tui ended by an error of its own, {now:%Y-%m-%d %H:%M:%S} UTC",
            "",
            *(f"{name}: {_version(name)}" for name in _PACKAGES),
            f"python: {platform.python_version()} ({sys.implementation.name}), {platform.platform()}",
            f"terminal: {size[0]} by {size[1]}; {_environment(os.environ)}",
            f"screen: {screen}",
            f"last actions: {', '.join(actions) or 'none'}",
            "",
            "".join(traceback.format_exception(error)),
        )
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(sanitise(without_secrets(text, os.environ)))
    for old in sorted(folder.glob("*.txt"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def without_secrets(text: str, environ: Mapping[str, str]) -> str:
    """Return `text` without the values of variables that are named like secrets, and passwords in URLs."""
    values = (value for name, value in environ.items() if is_secret(name) and name != _WORKING_DIRECTORY)
    secrets = {value for value in values if len(value) >= _SHORTEST_SECRET}
    if secrets:
        # The longest first: one may be the begin of another.
        text = re.sub("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))), MASK, text)
    return str(masked(text))


def _environment(environ: Mapping[str, str]) -> str:
    # Of a connection it is enough to know that there is one.
    return " ".join(
        f"{name}={environ[name] if name not in ('TMUX', 'STY', 'SSH_CONNECTION') else 'set'}"
        for name in _VARIABLES
        if name in environ
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
