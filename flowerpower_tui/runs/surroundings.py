"""What the graphs of a project are made of on disk: which files there are, of what kind, and what they hold."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import msgspec

from flowerpower_tui.config.resolve import resolve_project
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.project.layout import SKIPPED_FOLDERS, ProjectLayout

Kind = Literal["module", "pipeline", "project", "hook", "dotenv", "environment"]
"""A module or a text that modules read; a pipeline's YAML; the project's; a hook; `.env`; the variables `FP_*`."""
ENVIRONMENT = "FP_*"
"""What stands for the variables of the environment, in the place of a path."""
MOST_BYTES = 2_000_000
MOST_FILES = 5_000

_YAML = (".yml", ".yaml")
_READ_BY_MODULES = (".py", ".sql", ".toml", ".jinja", ".j2", *_YAML)
_TICK = 50_000_000
"""Nanoseconds in which the clocks of all file systems tick."""


class Changes(msgspec.Struct, frozen=True):
    """What is no longer as it was: paths of files that hold something else, came or went.

    Attributes:
        modules: Python modules, and texts beside them.
        pipelines: the YAML of pipelines.
        project: the YAML of the project.
        hooks: what is called around runs.
        dotenv: `.env`.
        environment: `FP_*`, if one of these variables has another value.
    """

    modules: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    dotenv: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.paths)

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.modules, *self.pipelines, *self.project, *self.hooks, *self.dotenv, *self.environment)


Held = Mapping[str, tuple[Kind, str]]
"""By its path, the kind of each file and a text that changes with what it holds: a hash, an etag."""


class Source(Protocol):
    """Where the files of a project are looked at: on this machine's disks, or in a bucket, by its etags."""

    def look(self, touched: Collection[str] = ()) -> Held:
        """Return what there is. What is `touched` is read, however it looks from outside."""

    def folders(self) -> frozenset[str]:
        """Return the folders whose entries tell by events when a look is worth it; none where there are no events."""

    def follow(self, files: Iterable[str]) -> None:
        """Look at these modules too from now on: a pipeline imports them."""


def difference(before: Held, now: Held) -> Changes:
    """Return what changed between two looks."""
    found: dict[Kind, list[str]] = {}
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            found.setdefault((now.get(path) or before[path])[0], []).append(path)
    return Changes(
        *(tuple(found.get(kind, ())) for kind in ("module", "pipeline", "project", "hook", "dotenv", "environment"))
    )


class ProjectFiles:
    """The files of a project on this machine's disks; a `Source`.

    Data, virtual environments and what tools leave behind are not looked at.

    Args:
        root: the project's folder.
        files: modules elsewhere that the pipelines import.
    """

    def __init__(self, root: Path, files: Iterable[str] = ()) -> None:
        self._root = root.absolute()
        self._also = set(files)
        self._known: dict[str, _Seen] = {}
        self._folders: set[str] = set()

    def follow(self, files: Iterable[str]) -> None:
        """See `Source`."""
        self._also.update(files)

    def folders(self) -> frozenset[str]:
        """The folders that were looked into at the last look."""
        return frozenset(self._folders)

    def look(self, touched: Collection[str] = ()) -> Held:
        """See `Source`."""
        self._folders = {str(self._root)}
        found: dict[str, tuple[Kind, str]] = {}
        seen: dict[str, _Seen] = {}
        for path, kind in self._files():
            if len(seen) >= MOST_FILES:
                break
            if path not in seen and (one := self._read(path, path in touched)):
                seen[path] = one
                found[path] = (kind, one.holds)
        self._known = seen
        variables = sorted((name, value) for name, value in os.environ.items() if name.startswith("FP_"))
        found[ENVIRONMENT] = ("environment", _hash(repr(variables).encode(errors="surrogateescape")))
        return found

    def _files(self) -> Iterator[tuple[str, Kind]]:
        try:
            layout = ProjectLayout.of(self._root)
        except FlowerPowerError:
            layout = ProjectLayout(self._root)
        project = layout.project_file()
        if project:
            yield str(project), "project"
        hooks, dotenv = self._settings(layout)
        for path in self._below(str(self._root / hooks), _READ_BY_MODULES):
            yield path, "hook"
        for path in self._below(str(layout.config_folder), _YAML):
            yield path, "pipeline"
        for path in self._below(str(layout.modules_folder), _READ_BY_MODULES):
            yield path, "module"
        for path in self._in(str(self._root), (".py",)):
            yield path, "module"
        for path in sorted(self._also):
            self._folders.add(os.path.dirname(path))  # noqa: PTH120
            yield path, "module"
        for name in dict.fromkeys((".env", dotenv)):
            yield str(self._root / name), "dotenv"

    def _settings(self, layout: ProjectLayout) -> tuple[str, str]:
        """The folder of hooks and the name of the file with variables, as the project's configuration has them."""
        try:
            config = resolve_project(self._root)
        except FlowerPowerError:
            return layout.hooks_dir, ".env"
        return config.hooks_dir, config.dotenv if isinstance(config.dotenv, str) else ".env"

    def _below(self, folder: str, suffixes: tuple[str, ...]) -> Iterator[str]:
        yield from self._in(folder, suffixes)
        with suppress(OSError, ValueError):
            for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                hidden = entry.name.startswith(".") or entry.name in SKIPPED_FOLDERS
                if not hidden and entry.is_dir(follow_symlinks=False):
                    yield from self._below(entry.path, suffixes)

    def _in(self, folder: str, suffixes: tuple[str, ...]) -> Iterator[str]:
        with suppress(OSError, ValueError):
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            self._folders.add(folder)
            for entry in entries:
                if entry.name.endswith(suffixes) and not entry.name.startswith("."):
                    yield entry.path

    def _read(self, path: str, touched: bool) -> _Seen | None:
        """What a file holds now; None if there is none. It is read only if there may be something new in it."""
        try:
            status = os.stat(path)  # noqa: PTH116 - many, often
            if not stat.S_ISREG(status.st_mode):
                return None
            mark = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known = self._known.get(path)
            if known and known.mark == mark and known.is_certain and not touched:
                return known
            if status.st_size > MOST_BYTES:
                return _Seen(mark, repr(mark), is_certain=True)
            content = Path(path).read_bytes()
        except (OSError, ValueError):
            # What the configuration names may be no name that a file can have.
            return None
        # Another write within the clock's tick would leave the same marks.
        certain = time.time_ns() - status.st_ctime_ns > _TICK
        return _Seen(mark, _hash(content), is_certain=certain)


class _Seen(NamedTuple):
    mark: tuple[int, ...]
    holds: str
    is_certain: bool


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
