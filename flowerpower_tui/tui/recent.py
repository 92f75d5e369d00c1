"""The projects that were opened, the latest first: `<state>/recent.json`."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.location import state_directory
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.project.mirrors import url_of

KEPT = 30

_FILE = "recent.json"


class Opened(msgspec.Struct, frozen=True):
    """A project that was opened.

    Attributes:
        root: its folder.
        time: when, UTC.
    """

    root: str
    time: datetime


def recent(state: Path | None = None) -> list[Opened]:
    """Return the projects that are still there, the one that was opened last first; none if that cannot be read."""
    return [opened for opened in _read(state) if ProjectLayout.of(Path(opened.root)).exists]


def remember(root: Path, state: Path | None = None) -> None:
    """Put a project at the head of those that were opened. Where that cannot be written, it is not remembered."""
    others = [opened for opened in _read(state) if opened.root != str(root)]
    opened = [Opened(str(root), datetime.now(UTC)), *others][:KEPT]
    with suppress(OSError, RunStoreError):
        path = (state or state_directory()) / _FILE
        new = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            new.write_bytes(msgspec.json.encode(opened))
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def home_relative(path: Path) -> str:
    """Return a path as people write it: from their home, if it is in there; or the URL, if it is a mirror."""
    if url := url_of(path):
        return url
    try:
        return f"~/{path.relative_to(path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _read(state: Path | None) -> list[Opened]:
    try:
        return msgspec.json.decode(((state or state_directory()) / _FILE).read_bytes(), type=list[Opened])
    except (OSError, RunStoreError, msgspec.MsgspecError):
        return []
