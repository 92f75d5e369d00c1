"""Text that is not saved yet, kept where a crash, a hangup or a closed terminal does not reach it."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from flowerpower_tui.location import private_directory, state_directory
from flowerpower_tui.project.saving import fingerprint


class Draft(msgspec.Struct, frozen=True):
    """A file's unsaved text.

    Attributes:
        path: the file.
        base: the fingerprint of what the file held when it was read; None if there was no file.
        text: what was typed.
        time: when it was kept, UTC.
    """

    path: str
    base: str | None
    text: str
    time: datetime

    def is_based_on(self, content: bytes | None) -> bool:
        """Whether the file still holds what this was typed over."""
        return (None if content is None else fingerprint(content)) == self.base


class Drafts:
    """The drafts of this user. What cannot be kept is not: editing goes on."""

    def __init__(self, state: Path | None = None) -> None:
        """Use the state directory `state`, or this user's.

        Raises:
            RunStoreError: the directory cannot be made.
        """
        self._folder = private_directory((state or state_directory()) / "drafts")

    def keep(self, path: Path, base: bytes | None, text: str) -> None:
        """Keep what is typed now, in place of what was kept of this file.

        Raises:
            OSError: it cannot be written.
        """
        draft = Draft(str(path), None if base is None else fingerprint(base), text, datetime.now(UTC))
        place = self._place(path)
        new = place.with_suffix(f".{os.getpid()}.tmp")
        try:
            new.touch(mode=0o600)
            new.write_bytes(msgspec.json.encode(draft))
            new.replace(place)
        finally:
            new.unlink(missing_ok=True)

    def forget(self, path: Path) -> None:
        """Keep nothing of this file any more."""
        self._place(path).unlink(missing_ok=True)

    def find(self, path: Path) -> Draft | None:
        """Return what is kept of a file."""
        return _read(self._place(path))

    def below(self, root: Path) -> list[Draft]:
        """Return what is kept of the files in a folder, the latest first."""
        found = [draft for place in self._folder.glob("*.json") if (draft := _read(place))]
        inside = [draft for draft in found if Path(draft.path).is_relative_to(root)]
        return sorted(inside, key=lambda draft: draft.time, reverse=True)

    def _place(self, path: Path) -> Path:
        return self._folder / f"{hashlib.sha256(str(path).encode()).hexdigest()[:24]}.json"


def _read(place: Path) -> Draft | None:
    try:
        return msgspec.json.decode(place.read_bytes(), type=Draft)
    except (OSError, msgspec.MsgspecError):
        return None
