"""Which files of a storage are a project's: what a run may need, and no more than that is asked for or fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowerpower_tui.errors import StorageError
from flowerpower_tui.project.layout import SKIPPED_FOLDERS, ProjectLayout
from flowerpower_tui.project.storage import LARGEST_FILE, Level, ProjectStorage, StoredEntry

MOST_FILES = 5_000
# Of a folder that is not the project's own, and of the files beside the folders: one page of a listing.
MOST_OTHERS = 1_000
_MOST_FOLDERS = 50


@dataclass(frozen=True)
class Contents:
    """The files of a project in a storage.

    Attributes:
        files: by their path.
        left_off: what else there is, and why it stays where it is.
    """

    files: Mapping[str, StoredEntry]
    left_off: tuple[str, ...] = ()

    @property
    def versions(self) -> dict[str, str]:
        """The version of each file."""
        return {path: entry.version for path, entry in self.files.items()}


def contents_of(storage: ProjectStorage, layout: ProjectLayout) -> Contents:
    """List the files of a project: one request for its root, and one for each folder that is there (a page of 1,000).

    Its folders of configuration, modules and hooks are listed whole. Of other folders it takes those that have at most
    1,000 files, for modules and small data; hidden ones and those of tools are left alone, but for `.env`.

    Raises:
        StorageError: the storage does not answer, or a folder of the project's own has more than 5,000 files.
    """
    own = [folder for folder in (layout.config_dir, layout.pipelines_dir, layout.hooks_dir) if folder]
    top = storage.list_level(most=MOST_OTHERS)
    others = [entry.path for entry in top.entries if entry.is_folder and _is_taken(entry.path)]
    # What the project's own folders lie in is no folder of its own; and they need not be on the first page.
    others = [name for name in others if not any(folder == name or folder.startswith(f"{name}/") for folder in own)]
    left_off = [] if top.is_whole else [f"files beside its folders, of which it has more than {MOST_OTHERS:,}"]
    left_off += [f"{name}/" for name in others[_MOST_FOLDERS:]]
    there = {entry.path for entry in top.entries if entry.is_folder}
    folders = [folder for folder in own if not top.is_whole or folder.partition("/")[0] in there]
    folders += others[:_MOST_FOLDERS]
    found = [entry for entry in top.entries if not entry.is_folder and _is_taken(entry.path)]
    left_off += [f"{name!r}, which is no name for a file" for name in top.refused]

    def below(folder: str) -> Level:
        return storage.list_below(folder, most=MOST_FILES if folder in own else MOST_OTHERS)

    for folder, level in zip(folders, storage.each(below, folders), strict=True):
        if not level.is_whole and folder in own:
            raise StorageError(
                f"{storage.url}/{folder} has more than {MOST_FILES:,} files: this is no project's folder."
            )
        if not level.is_whole:
            left_off.append(f"{folder}/, which has more than {MOST_OTHERS:,} files")
        found += [entry for entry in level.entries if all(map(_is_taken, entry.path.split("/")))]
        left_off += [f"{name!r} in {folder}/, which is no name for a file" for name in level.refused]
    files = {entry.path: entry for entry in found}
    for path in list(files):
        # A bucket can have both `a` and `a/b`; a disk cannot.
        if any(path[:place] in files for place, letter in enumerate(path) if letter == "/"):
            left_off.append(f"{path}, which lies in a file")
        elif files[path].size > LARGEST_FILE:
            left_off.append(f"{path}, which has more than {LARGEST_FILE >> 20} MB")
        else:
            continue
        del files[path]
    return Contents(files, tuple(left_off))


def _is_taken(name: str) -> bool:
    return name == ".env" or not (name.startswith(".") or name in SKIPPED_FOLDERS)
