"""Files for the editor: read, saved and kept as drafts off the loop, answered by messages."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.project.saving import save
from flowerpower_tui.tui.background import in_background
from flowerpower_tui.tui.buffer import Buffer
from flowerpower_tui.tui.drafts import Draft, Drafts

if TYPE_CHECKING:
    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.tui.listener import Listener


@dataclass
class FileRead(Message):
    """A file was read.

    Attributes:
        path: the file.
        buffer: what it holds; None if it cannot be edited.
        draft: unsaved text from before.
        error: why it cannot be edited.
    """

    path: Path
    buffer: Buffer | None
    draft: Draft | None = None
    error: FlowerPowerError | None = None


@dataclass
class DraftsFound(Message):
    """Unsaved text is kept of these files, the latest first."""

    drafts: list[Draft]


@dataclass
class FileSaved(Message):
    """A save has ended.

    Attributes:
        path: the file.
        content: what was to be written.
        error: why it was not; `ChangedOnDiskError` if the file holds something else by now.
    """

    path: Path
    content: bytes
    error: FlowerPowerError | None = None


class Desk:
    """Reads and writes for one editor, which hears what came of it.

    Args:
        listener: the editor.
        mirror: of the open project, if that lies in a storage: its files are saved there.
    """

    def __init__(self, listener: Listener, mirror: Mirror | None = None) -> None:
        self._listener = listener
        self._mirror = mirror
        self._drafts = Drafts()

    def read(self, path: Path) -> None:
        """Read a file: `FileRead`."""

        def work() -> Message:
            try:
                buffer = Buffer.read(path)
            except FlowerPowerError as error:
                return FileRead(path, None, error=error)
            draft = self._drafts.find(path)
            if draft is not None and buffer.encode(draft.text) == buffer.base:
                # It was saved after all, by another hand.
                self._drafts.forget(path)
                draft = None
            return FileRead(path, buffer, draft)

        in_background("read-file", work, self._listener)

    def look_for_drafts(self, root: Path) -> None:
        """Find what unsaved text is kept of the files in a folder: `DraftsFound`."""
        in_background("find-drafts", lambda: DraftsFound(self._drafts.below(root)), self._listener)

    def save(self, path: Path, content: bytes, expected: bytes | None) -> None:
        """Write a file that held `expected`: `FileSaved`."""

        def work() -> Message:
            try:
                self._write(path, content, expected)
            except FlowerPowerError as error:
                return FileSaved(path, content, error)
            self._drafts.forget(path)
            return FileSaved(path, content)

        in_background("save-file", work, self._listener)

    def keep(self, path: Path, base: bytes | None, text: str) -> None:
        """Keep unsaved text."""

        def work() -> None:
            # A full disk is told when the file is saved; nobody is stopped typing by it.
            with suppress(OSError):
                self._drafts.keep(path, base, text)

        in_background("keep-draft", work, self._listener)

    def keep_now(self, path: Path, base: bytes | None, text: str) -> bool:
        """Keep unsaved text before returning, at the end; return whether it is kept."""
        try:
            self._drafts.keep(path, base, text)
        except OSError:
            return False
        return True

    def forget(self, path: Path) -> None:
        """Keep nothing of a file any more."""
        with suppress(OSError):
            self._drafts.forget(path)

    def _write(self, path: Path, content: bytes, expected: bytes | None) -> None:
        if self._mirror is None or not path.is_relative_to(self._mirror.root):
            save(path, content, expected)
            return
        from flowerpower_tui.tui import mirrored

        mirrored.save(self._mirror, path, content, expected)
