"""Where data lies, as a file of this machine while it is read or written: a path, or a URL that fsspec speaks.

What is written appears whole or not at all: beside its place first, and then renamed; in a bucket, by one request.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from flowerpower_tui.errors import NothingThereError, OutputError, Problem, ProjectError, did_you_mean
from flowerpower_tui.location import at_home
from flowerpower_tui.project.address import PACKAGES, is_url
from flowerpower_tui.project.options import from_environment, merged
from flowerpower_tui.project.storage_errors import storage_error

_WEB = ("http", "https")
# Data is larger than modules, and who waits for it has worked for it: more patience than a project is opened with.
_PATIENCE = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 4, "mode": "standard"}}
_CURES = {
    errno.ENOSPC: "Make room on that disk, or write to another.",
    errno.EDQUOT: "Your quota on that disk is used up: make room, or write to another.",
    errno.EACCES: "Write to a folder that you may write to.",
    errno.EPERM: "Write to a folder that you may write to.",
    errno.EROFS: "It is mounted read-only: write to another place.",
    errno.ENOTDIR: "A part of the path is a file.",
    errno.EISDIR: "There is a folder of that name.",
}


class Place(Protocol):
    """Where data lies."""

    @property
    def shown(self) -> str:
        """Where it is, without anything secret."""

    def problem(self) -> Problem | None:
        """Return why nothing can be read from there, as far as that can be known at once and without a network."""

    def reading(self) -> AbstractContextManager[Path]:
        """Have what lies there as a file of this machine.

        Raises:
            NothingThereError: there is nothing.
            StorageError: the storage does not answer, or refuses.
        """

    def writing(self, *, onto: bool = False) -> AbstractContextManager[Path]:
        """Have a path to write to; what is there at the end is put in its place, unless an exception leaves.

        Args:
            onto: begin with what lies there.

        Raises:
            OutputError: it cannot be written.
            StorageError: the storage does not answer, or refuses.
        """


def place_of(path: str, root: Path, storage_options: Mapping[str, Any]) -> Place:
    """Return the place that `path` means.

    Args:
        path: a path, relative to `root` or not, or a URL.
        root: the project's folder.
        storage_options: for the URL's storage, laid over FP_TUI_STORAGE_OPTIONS.

    Raises:
        ProjectError: it is a URL of a kind that is not opened.
    """
    if is_url(path):
        return _Stored(path, storage_options)
    local = path.removeprefix("file://").removeprefix("local://")
    return _Local(root / at_home(local), local)


class _Local:
    """A file or a folder on this machine's disks."""

    def __init__(self, path: Path, written: str) -> None:
        self._path = path
        self.shown = written

    def problem(self) -> Problem | None:
        return None if self._path.exists() else Problem(f"There is no file {self.shown}.", hint=_nearby(self._path))

    @contextmanager
    def reading(self) -> Iterator[Path]:
        if problem := self.problem():
            raise NothingThereError(problem.message, hint=problem.hint)
        yield self._path

    @contextmanager
    def writing(self, *, onto: bool = False) -> Iterator[Path]:
        # What a link leads to is written, and the link stays one.
        target = self._path.resolve()
        with telling_what_cannot_be_written(self.shown):
            if target.exists() and not (target.is_file() or target.is_dir()):
                yield target  # a pipe or a device: nothing can take its place
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fp-tui-", dir=target.parent) as folder:
                draft = Path(folder, target.name)
                if onto and target.is_file():
                    shutil.copy2(target, draft)
                yield draft
                _put(draft, target)


class _Stored:
    """A file or a folder in a storage that fsspec speaks to."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self._url = url
        self._options = options
        self._protocol = url.partition("://")[0].lower()
        # What follows may be a signature.
        self.shown = url.partition("?")[0] if self._protocol in _WEB else url
        if self._protocol not in (*PACKAGES, *_WEB) or "::" in url:
            what = "'::' chains several storages" if "::" in url else f"data is not read by '{self._protocol}://'"
            raise ProjectError(
                f"'{self.shown}' cannot be opened: {what}.", hint=f"There are {', '.join((*PACKAGES, *_WEB, 'file'))}."
            )

    def problem(self) -> Problem | None:
        package = PACKAGES.get(self._protocol, "aiohttp")
        if package and find_spec(package) is None:
            return Problem(
                f"{self._protocol}:// needs {package}, which is not installed.", hint=f"pip install {package}"
            )
        return None

    @contextmanager
    def reading(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="fp-tui-") as folder:
            copy = Path(folder, self._name)
            self._tell(self._fetch, copy)
            yield copy

    @contextmanager
    def writing(self, *, onto: bool = False) -> Iterator[Path]:
        if self._protocol in _WEB:
            raise OutputError(f"{self.shown} cannot be written: nothing is saved by {self._protocol}://.")
        with tempfile.TemporaryDirectory(prefix="fp-tui-") as folder:
            draft = Path(folder, self._name)
            if onto:
                self._tell(self._fetch_if_there, draft)
            with telling_what_cannot_be_written(str(draft)):
                yield draft
            self._tell(self._send, draft)

    @property
    def _name(self) -> str:
        return self.shown.rstrip("/").rpartition("/")[2] or "data"

    def _tell(self, work: Callable[[Path], None], path: Path) -> None:
        try:
            work(path)
        except ProjectError:
            raise
        except OSError as error:
            if error.errno == errno.ENOSPC:
                with telling_what_cannot_be_written(str(path)):
                    raise
            raise storage_error(error, self.shown) from None
        except Exception as error:  # noqa: BLE001 - storages' libraries raise what they like
            raise storage_error(error, self.shown) from None

    def _fetch(self, copy: Path) -> None:
        fs, path = self._open()
        if self._protocol not in _WEB and fs.isdir(path):
            fs.get(f"{path}/", f"{copy}/", recursive=True)
        else:
            fs.get_file(path, str(copy))

    def _fetch_if_there(self, copy: Path) -> None:
        fs, path = self._open()
        if fs.exists(path):
            fs.get_file(path, str(copy))

    def _send(self, draft: Path) -> None:
        fs, path = self._open()
        if draft.is_dir():
            if fs.exists(path):
                fs.rm(path, recursive=True)
            fs.put(f"{draft}/", f"{path}/", recursive=True)
            return
        if PACKAGES[self._protocol] != "paramiko":
            fs.put_file(str(draft), path)
            return
        # No object store: what is being written can be seen there.
        fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        fs.put_file(str(draft), f"{path}.part")
        fs.mv(f"{path}.part", path)

    def _open(self) -> tuple[Any, str]:
        if self._protocol in _WEB:
            made = import_module("fsspec").filesystem(self._protocol, **self._options)
            return made, self._url
        # Late: fsspec is for those who need it.
        from flowerpower_tui.project.storage import open_storage

        options = merged(from_environment(), self._options)
        if self._protocol in ("s3", "s3a"):
            options = merged({"config_kwargs": _PATIENCE}, options)
        storage = open_storage(self._url, options)
        storage.fs.invalidate_cache()
        return storage.fs, storage.base


@contextmanager
def telling_what_cannot_be_written(shown: str) -> Iterator[None]:
    """Tell what a disk refuses, so that a person knows what to do."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        hint = _CURES.get(error.errno, "")
        raise OutputError(f"{shown} cannot be written: {error.strerror}.", hint=hint) from error


def _put(draft: Path, target: Path) -> None:
    """Let what was written take its place, on the same disk."""
    if not draft.exists():
        raise OutputError(f"{target} was not written: its saver made no such file.")
    if draft.is_dir() and target.exists():
        # A folder takes no other's place; for a moment there is none.
        target.rename(draft.parent / f".before-{target.name}")
    if draft.is_file():
        with draft.open("rb") as file:
            os.fsync(file.fileno())
    draft.replace(target)


def _nearby(path: Path) -> str:
    """Say what is there of a path that does not exist."""
    folder = next(folder for folder in path.parents if folder.exists())
    if folder != path.parent:
        return f"The folder {folder} has no '{path.relative_to(folder).parts[0]}'."
    try:
        return did_you_mean(path.name, [entry.name for entry in folder.iterdir()]) or f"It would be in {folder}."
    except OSError:
        return ""
