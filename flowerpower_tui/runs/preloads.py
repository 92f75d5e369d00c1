"""What the runs of a project import that is not their own: learnt from each run, imported in advance for the next."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import msgspec

from flowerpower_tui.pipeline.places import PACKAGE, is_own_file
from flowerpower_tui.runs.environment import OURS, installed_folders, standard_folders
from flowerpower_tui.runs.location import private_directory, put

_UNHEEDED = frozenset({"LOGURU_LEVEL"})
"""Variables that the worker itself sets, and sees to it that it does not matter when."""
LIMIT = 10_000
"""Modules that are remembered of a pipeline; nobody imports more on purpose."""


class Preloads(msgspec.Struct, frozen=True):
    """What runs imported.

    Attributes:
        modules: their names in the order in which they were imported: of Python's library, of what is installed, of
            this package. None is the project's own, and none comes from a folder that people edit.
        variables: of the environment, that were changed while they ran. Who reads them when it is imported must not
            be imported before that.
    """

    modules: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def packages(self) -> frozenset[str]:
        """The top of each module's name."""
        return frozenset(name.partition(".")[0] for name in self.modules)


def learn(state: Path, root: Path, pipeline: str, before: Mapping[str, str]) -> None:
    """Remember what the run of a pipeline, which was done in this process, has imported.

    `before` is the environment that it began with.

    Raises:
        OSError: it cannot be written.
        RunStoreError: the same, of its folder.
    """
    modules = tuple(name for name, module in sys.modules.copy().items() if _is_lasting(name, module, root))
    names = before.keys() | os.environ.keys()
    variables = tuple(sorted(name for name in names if before.get(name) != os.environ.get(name)))
    heeded = tuple(name for name in variables if not name.startswith(OURS) and name not in _UNHEEDED)
    preloads = Preloads(modules[:LIMIT], heeded)
    path = _path(state, root)
    known = _read(path)
    if known.get(pipeline) != preloads:
        put(path, msgspec.json.encode(known | {pipeline: preloads}))


def recall(state: Path, root: Path) -> Preloads:
    """Return what the last runs of all pipelines of the project imported."""
    known = _read(_path(state, root)).values()
    return Preloads(
        tuple(dict.fromkeys(name for preloads in known for name in preloads.modules)),
        tuple(dict.fromkeys(name for preloads in known for name in preloads.variables)),
    )


def import_in_advance(name: str) -> None:
    """Import a module; one that cannot be imported any more is the run's to complain about."""
    if name not in sys.modules:
        with suppress(BaseException):  # it is others' code that runs here: SystemExit has been seen
            importlib.import_module(name)


def files_of(modules: Iterable[ModuleType | None]) -> dict[str, tuple[int, int]]:
    """Return the modification time and size of each file that the modules were loaded from."""
    found: dict[str, tuple[int, int]] = {}
    for module in modules:
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and (status := status_of(file)):
            found[file] = status
    return found


def status_of(file: str) -> tuple[int, int] | None:
    """Return the modification time and size of a file; None if it is not there."""
    try:
        status = os.stat(file)  # noqa: PTH116 - of every module there is
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _is_lasting(name: str, module: ModuleType | None, root: Path) -> bool:
    if name in ("__main__", "__mp_main__"):
        return False
    spec = getattr(module, "__spec__", None)
    file = getattr(spec, "origin", None)
    # An alias, or what was made by hand, cannot be imported by this name.
    if file is None or getattr(spec, "name", "") != name or not file.startswith(os.sep):
        return False
    return _is_installed(file) and not is_own_file(file, root)


def _is_installed(file: str) -> bool:
    folders = (*installed_folders(), *standard_folders(), str(PACKAGE))
    return any(file.startswith(folder + os.sep) for folder in folders)


def _read(path: Path) -> dict[str, Preloads]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Preloads])
    except (OSError, ValueError):
        return {}


def _path(state: Path, root: Path) -> Path:
    key = hashlib.blake2b(os.path.realpath(root).encode(errors="surrogateescape"), digest_size=16)
    return private_directory(state / "preloads") / f"{key.hexdigest()}.json"
