"""A project in a storage, as the interface works with it: listed, watched, and saved where it is, not only here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.errors import (
    ChangedOnDiskError,
    ConflictError,
    Location,
    NothingThereError,
    ProjectError,
    StorageError,
)
from flowerpower_tui.project.layout import SKIPPED_FOLDERS
from flowerpower_tui.project.tree import Folder, list_folder
from flowerpower_tui.runs.surroundings import Held, ProjectFiles

if TYPE_CHECKING:
    from flowerpower_tui.project.mirror import Mirror

INTERVAL = 3.0
"""Seconds between two looks into a storage."""


class MirroredFiles:
    """The files of a project in a storage; a `Source`: its mirror is made what the storage is, and looked at.

    Args:
        mirror: of the project.
        tell: is handed why the mirror cannot be brought up to date, once; and None when it can again.
    """

    def __init__(self, mirror: Mirror, tell: Callable[[ProjectError | None], object]) -> None:
        self._mirror = mirror
        self._files = ProjectFiles(mirror.root)
        self._tell = tell
        self._is_away = False

    def look(self, touched: Collection[str] = ()) -> Held:
        """See `Source`. While the storage does not answer, nothing changes here."""
        try:
            self._mirror.sync()
        except ProjectError as error:
            if not self._is_away:
                self._tell(error)
            self._is_away = True
        else:
            if self._is_away:
                self._tell(None)
            self._is_away = False
        return self._files.look(touched)

    def folders(self) -> frozenset[str]:
        """None: a storage tells nothing by itself."""
        return frozenset()

    def follow(self, files: Iterable[str]) -> None:
        """See `Source`."""
        self._files.follow(files)


def list_level(mirror: Mirror, path: Path) -> Folder:
    """Return a folder of the mirror as it is in the storage, with what runs have made here.

    Where the storage does not list it, the folder says why.
    """
    here = list_folder(path) if path.is_dir() else Folder(path, ())
    name = path.relative_to(mirror.root).as_posix()
    try:
        level = mirror.storage.list_level("" if name == "." else name)
    except NothingThereError:
        return here
    except StorageError as error:
        return replace(here, trouble=str(error))
    there = {mirror.root / entry.path: entry.is_folder for entry in level.entries}
    shown = {path for path in there if not path.name.startswith(".") and path.name not in SKIPPED_FOLDERS}
    folders = here.folders | {path for path in shown if there[path]}
    entries = sorted(shown.union(here), key=lambda path: (path not in folders, path.name.lower(), path.name))
    return Folder(path, tuple(entries), here.left_off if level.is_whole else None, folders)


def save(mirror: Mirror, path: Path, content: bytes, expected: bytes | None) -> None:
    """Write a file of the project in the storage, and then here.

    Args:
        mirror: of the project.
        path: the file in the mirror.
        content: all that it shall hold.
        expected: what it held when it was read; None if there was no file.

    Raises:
        ChangedOnDiskError: it holds something else by now, which stays as it is and is in the error.
        StorageError: it cannot be written.
    """
    name = path.relative_to(mirror.root).as_posix()
    # First the version: what is fetched in between is no longer what is expected.
    version = mirror.version(name)
    found = _content(path)
    if found != expected:
        raise _changed(found, path)
    try:
        mirror.save(name, content, version)
    except ConflictError:
        mirror.sync()
        found = _content(path)
        if found == expected:
            # Nothing to ask about: it is not among what is fetched.
            raise
        raise _changed(found, path) from None


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _changed(found: bytes | None, path: Path) -> ChangedOnDiskError:
    what = "was changed by someone else" if found is not None else "was deleted"
    return ChangedOnDiskError(f"This file {what} since it was read.", current=found, location=Location(str(path)))
