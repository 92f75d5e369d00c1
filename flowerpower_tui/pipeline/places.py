"""Which files are a project's own code: below its root, and in none of its virtual environments."""

from __future__ import annotations

import os
import sysconfig
from functools import lru_cache
from itertools import takewhile
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
"""Where this package lies: never a project's code, not even when the project surrounds it."""
_MOST_FILES = 5_000
_PACKAGES = frozenset({"site-packages", "dist-packages"})


def absolute(root: Path) -> Path:
    """Return the path of a project as files below it have it: absolute, without `..`, its links as they are."""
    return Path(os.path.abspath(root))  # noqa: PTH100 - resolving would leave the project through its links


def is_own_file(file: str, root: Path) -> bool:
    """Whether `file`, an absolute path, is code of the project at `root`, as opposed to a library's or ours."""
    # Asked for every module there is, of which few are: so the cheap question comes first.
    return file.startswith(str(root)) and _is_own(os.path.dirname(file), root)  # noqa: PTH120


def is_edited_file(file: str) -> bool:
    """Whether `file` lies in a folder that people edit: neither of Python's library, nor installed, nor ours."""
    return os.path.isabs(file) and _is_edited(os.path.dirname(file))  # noqa: PTH117, PTH120 - of every module there is


def is_edited_folder(folder: str) -> bool:
    """Whether modules that lie in `folder` are in one that people edit, as `is_edited_file` has it."""
    return _is_edited(os.path.abspath(folder))  # noqa: PTH100


def python_files(root: Path) -> list[str]:
    """Return the Python files of the project at `root`, at most `_MOST_FILES`; hidden folders are left out."""
    found: list[str] = []
    for folder, folders, files in os.walk(absolute(root)):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith((".", "__")) and _is_own(os.path.join(folder, name), root)  # noqa: PTH118
        )
        found += [os.path.join(folder, name) for name in sorted(files) if name.endswith(".py")]  # noqa: PTH118
        if len(found) >= _MOST_FILES:
            break
    return found[:_MOST_FILES]


def is_own_folder(folder: str, root: Path) -> bool:
    """Whether modules that lie in `folder` are code of the project at `root`."""
    return _is_own(os.path.abspath(folder), root)  # noqa: PTH100


@lru_cache(maxsize=4096)
def _is_own(folder: str, root: Path) -> bool:
    # The answer is remembered: environments do not come and go while a process runs.
    path = Path(folder)
    if not path.is_relative_to(root):
        return False
    return not any(map(_is_foreign, takewhile(root.__ne__, (path, *path.parents))))


@lru_cache(maxsize=4096)
def _is_edited(folder: str) -> bool:
    # Nearly all are told by their names, without a look at the disk.
    path = Path(folder)
    if f"{folder}{os.sep}".startswith(_standard_folders()) or not _PACKAGES.isdisjoint(path.parts):
        return False
    return not any(map(_is_foreign, (path, *path.parents)))


@lru_cache(maxsize=1)
def _standard_folders() -> tuple[str, ...]:
    """The folders of Python's own library, and this package."""
    return tuple(f"{folder}{os.sep}" for folder in (*map(sysconfig.get_path, ("stdlib", "platstdlib")), PACKAGE))


def _is_foreign(folder: Path) -> bool:
    return folder.name in _PACKAGES or folder == PACKAGE or (folder / "pyvenv.cfg").exists()
