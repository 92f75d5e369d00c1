"""A project to look at: its pipelines, configuration and modules, and its other files folder by folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flowerpower_tui.errors import Location, ProjectError
from flowerpower_tui.project.layout import SKIPPED_FOLDERS, PipelineEntry, ProjectLayout

MOST_ENTRIES = 1_000

_CONFIG_SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True)
class Folder:
    """One level of a folder; iterates over its entries.

    Attributes:
        path: the folder.
        entries: the folders in it that are worth a look, then the files, each by name.
        left_off: how many entries more there are than are listed; None if nobody has counted them.
        folders: which of the entries are folders.
        trouble: why it could not be listed, or not all of it.
    """

    path: Path
    entries: tuple[Path, ...]
    left_off: int | None = 0
    folders: frozenset[Path] = frozenset()
    trouble: str = ""

    def __iter__(self) -> Iterator[Path]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class ProjectListing:
    """What a project shows of itself.

    Attributes:
        root: its folder.
        pipelines: what can be run, by name.
        config: `project.yml`, `.env` and other configuration that is no pipeline's.
        modules: modules that no configuration makes a pipeline: helpers.
        data: everything else: data, notebooks, notes; one level, `list_folder` gives the next.
    """

    root: Path
    pipelines: tuple[PipelineEntry, ...]
    config: tuple[Path, ...]
    modules: tuple[Path, ...]
    data: Folder


def read_project(
    root: Path, environ: Mapping[str, str] | None = None, *, level: Callable[[Path], Folder] | None = None
) -> ProjectListing:
    """Return what is in the project at `root`; of its data, the first level.

    Args:
        root: the project's folder.
        environ: the environment; that of this process by default.
        level: lists that level; `list_folder` by default.

    Raises:
        ProjectError: the folder cannot be read.
    """
    layout = ProjectLayout.of(root, environ)
    pipelines = layout.pipelines()
    shown = {layout.config_folder, layout.modules_folder, *(entry.config for entry in pipelines)}
    data = (level or list_folder)(root)
    return ProjectListing(
        root,
        pipelines,
        _config_files(layout, shown),
        tuple(entry.module for entry in layout.modules() if entry.module is not None),
        replace(data, entries=tuple(path for path in data if path not in shown)),
    )


def list_folder(path: Path) -> Folder:
    """Return what is in the folder `path`, without what is hidden or made by tools.

    A link to a folder is not followed, nor a link to a file elsewhere.

    Raises:
        ProjectError: the folder cannot be read.
    """
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in SKIPPED_FOLDERS:
                        folders.append(entry.name)
                elif is_file(entry) and _stays_inside(entry, path):
                    files.append(entry.name)
    except OSError as error:
        raise ProjectError(f"Cannot be read: {error.strerror}.", location=Location(str(path))) from error
    names = [*sorted(folders, key=_alphabet), *sorted(files, key=_alphabet)]
    listed = tuple(path / name for name in names[:MOST_ENTRIES])
    return Folder(path, listed, max(0, len(names) - MOST_ENTRIES), frozenset(listed[: len(folders)]))


def is_file(entry: os.DirEntry[str]) -> bool:
    """Whether an entry of a folder is an ordinary file, or a link to one."""
    try:
        return entry.is_file()
    except OSError:
        # A link in a circle, or to a disk that does not answer: no reason not to list the others.
        return False


def _stays_inside(entry: os.DirEntry[str], folder: Path) -> bool:
    return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(folder.resolve())


def _config_files(layout: ProjectLayout, shown: set[Path | None]) -> tuple[Path, ...]:
    found = [layout.root / ".env"] if (layout.root / ".env").is_file() else []
    if layout.config_folder.is_dir() and layout.config_folder != layout.root:
        listed = list_folder(layout.config_folder)
        found += [path for path in listed if path.suffix in _CONFIG_SUFFIXES and path.is_file() and path not in shown]
    # The project's own comes first, wherever the alphabet puts it.
    return tuple(sorted(found, key=lambda path: (path != layout.project_file(), _alphabet(path.name))))


def _alphabet(name: str) -> tuple[str, str]:
    return name.lower(), name
