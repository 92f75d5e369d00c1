"""What the adapters that we ship have in common: the libraries that they need, and how a service's fault is told."""

from __future__ import annotations

from importlib.util import find_spec

from flowerpower_tui.config.secrets import masked
from flowerpower_tui.errors import ConfigError, Problem

_LONGEST = 240
_AFTER_INTERRUPT = 1.0


def need(library: str, title: str, extra: str) -> None:
    """Make sure that a library is there, without importing it.

    Args:
        library: its module.
        title: what people call it.
        extra: the part of ours that brings it along.

    Raises:
        ConfigError: it is not.
    """
    try:
        is_there = find_spec(library) is not None
    except (ModuleNotFoundError, ValueError):  # the package around it is not there either; or it is kept out
        is_there = False
    if not is_there:
        message = f"{title} is not installed in this environment."
        raise ConfigError([Problem(message, hint=f"pip install 'flowerpower-tui[{extra}]'")])


def patience(timeout: float, error: BaseException | None) -> float:
    """Return for how many seconds a service is waited for after a run: its `timeout`, or less after a Ctrl+C."""
    return timeout if error is None or isinstance(error, Exception) else min(timeout, _AFTER_INTERRUPT)


def in_short(error: BaseException) -> str:
    """Return what a service's library says of a fault, in a line; see `shortened`."""
    return shortened(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def shortened(said: str) -> str:
    """Return what a service's library says, in a line that is not too long, without passwords in URLs."""
    text: str = masked(" ".join(said.split()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
