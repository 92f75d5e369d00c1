"""A project's files where they lie: listed a level at a time, read with their version, written only over what is known.

Used for projects that are not on this machine's disks; `mirror` keeps a local copy of theirs.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from flowerpower_tui.errors import InstallationError, InvalidNameError, NothingThereError, StorageError
from flowerpower_tui.project.address import PACKAGES, Address, is_name, parse
from flowerpower_tui.project.options import from_environment, merged
from flowerpower_tui.project.storage_errors import conflict, storage_error

MOST_ENTRIES = 1_000
LARGEST_FILE = 16 << 20

# Seconds for an answer about files, and for their contents. A silent storage is told of within 5 seconds, of which the
# start and what talks to storages take up to two where others use the processors.
PATIENCE = 3.0
PATIENCE_FOR_CONTENT = 60.0
_AT_A_TIME = 8
_NOTHING: Mapping[str, Any] = MappingProxyType({})
# What the storages of fsspec call that which changes when a file does; most certain first.
_VERSION_KEYS = ("ETag", "etag", "generation", "md5Hash", "content_md5")
_TIME_KEYS = ("LastModified", "last_modified", "updated", "mtime", "created")
# Told apart in advance: a host that never answers is no reason to wait for minutes.
_DEFAULTS: dict[str, dict[str, Any]] = {"sftp": {"timeout": PATIENCE}, "ssh": {"timeout": PATIENCE}}

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class StoredEntry:
    """A file or a folder in a storage.

    Attributes:
        path: relative to the project, with `/` between folders.
        is_folder: it is a folder; then it has neither size nor version.
        size: in bytes.
        version: another one whenever the file is another one: an ETag, where there is one.
    """

    path: str
    is_folder: bool = False
    size: int = 0
    version: str = ""


@dataclass(frozen=True)
class Level:
    """What lies in a folder.

    Attributes:
        entries: folders, then files, each by name.
        is_whole: whether these are all; a folder may hold millions.
        refused: names that no file can have here.
    """

    entries: tuple[StoredEntry, ...]
    is_whole: bool = True
    refused: tuple[str, ...] = ()


class ProjectStorage:
    """The files of a project at a URL; opened without touching the network.

    What it was opened with is no attribute, and in no error.

    Attributes:
        address: where it is.
        fs: fsspec's file system.
        base: the project's folder in `fs`.
    """

    def __init__(self, address: Address, fs: Any, base: str) -> None:
        self.address = address
        self.fs = fs
        self.base = base.rstrip("/")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url})"

    @property
    def url(self) -> str:
        """Where it is, without anything secret."""
        return str(self.address)

    def forget(self) -> None:
        """Let whoever opens it next connect anew: there may be credentials by then."""
        type(self.fs).clear_instance_cache()

    def list_level(self, folder: str = "", *, most: int = MOST_ENTRIES) -> Level:
        """Return what lies in a folder of the project, its root by default; of more than `most` entries, some.

        A storage has no empty folders: what is not there, and what is empty, is the same at the root.

        Raises:
            InvalidNameError: `folder` is not inside the project.
            NothingThereError: there is no such folder.
            StorageError: the storage does not answer, or refuses.
        """
        try:
            found, is_whole = self._level(folder, most)
        except NothingThereError:
            if folder:
                raise
            return Level(())
        entries, refused = self._entries(found, folder)
        entries.sort(key=lambda entry: (not entry.is_folder, entry.path.lower(), entry.path))
        return Level(tuple(entries), is_whole, tuple(refused))

    def list_below(self, folder: str, *, most: int) -> Level:
        """Return the files in a folder and in those below; of more than `most`, none, and `is_whole` is false.

        Raises:
            InvalidNameError: `folder` is not inside the project.
            StorageError: the storage does not answer, or refuses.
        """
        try:
            found = self._below(folder, most)
        except NothingThereError:
            return Level(())
        if found is None:
            return Level((), is_whole=False)
        entries, refused = self._entries(found, folder)
        return Level(tuple(entry for entry in entries if not entry.is_folder), refused=tuple(refused))

    def read(self, path: str) -> tuple[bytes, str]:
        """Return a file and its version.

        Raises:
            InvalidNameError: `path` is not inside the project.
            NothingThereError: there is no such file.
            StorageError: it cannot be read.
        """
        # The older version, if it changes between the two: then it is read again when that is seen.
        version = self._version(path)
        content: bytes = self._call(path, self.fs.cat_file, self._full(path), patience=PATIENCE_FOR_CONTENT)
        return content, version

    def save(self, path: str, content: bytes, expected: str | None) -> str:
        """Write a file, if it is still what it was; return its new version.

        On S3 the storage itself holds to that, whoever else writes; elsewhere it is looked up just before.

        Args:
            path: the file, relative to the project.
            content: what it shall hold.
            expected: the version that is written over; None if there is no such file yet.

        Raises:
            ConflictError: something else stands there, or nothing any more; nothing was written.
            InvalidNameError: `path` is not inside the project.
            StorageError: it cannot be written.
        """
        try:
            return self._put(path, content, expected)
        except NothingThereError:
            raise conflict(f"{self.url}/{path}") from None

    def remove(self, path: str, expected: str) -> None:
        """Delete a file, if it is still what it was; that it is gone is as good.

        Raises:
            ConflictError: something else stands there; it stays.
            InvalidNameError: `path` is not inside the project.
            StorageError: it cannot be deleted.
        """
        with suppress(NothingThereError):
            if self._version(path) != expected:
                raise conflict(f"{self.url}/{path}")
            self._call(path, self.fs.rm_file, self._full(path))

    def each(self, work: Callable[[T], R], items: list[T]) -> Iterator[R]:
        """Yield what `work` makes of each item, in order; several at a time where the storage can."""
        if not (self.fs.async_impl and len(items) > 1):
            yield from map(work, items)
            return
        pool = ThreadPoolExecutor(_AT_A_TIME)
        try:
            yield from pool.map(work, items)
        finally:
            # After a failure, what waits its turn is not asked for any more.
            pool.shutdown(cancel_futures=True)

    def _level(self, folder: str, most: int) -> tuple[list[Mapping[str, Any]], bool]:
        """List a folder: entries as fsspec describes them, and whether these are all."""
        full = self._full(folder)
        self.fs.invalidate_cache()
        found = self._call(folder, self.fs.ls, full, detail=True)
        found = [info for info in found if info["name"].strip("/") != full.strip("/")]
        return found[:most], len(found) <= most

    def _below(self, folder: str, most: int) -> list[Mapping[str, Any]] | None:
        """List the files below a folder; None if there are more than `most`."""
        found: list[Mapping[str, Any]] = []
        waiting = [folder]
        while waiting:
            inner = waiting.pop()
            level, is_whole = self._level(inner, most)
            folders, _ = self._entries([info for info in level if info["type"] == "directory"], inner)
            waiting += [entry.path for entry in folders]
            found += [info for info in level if info["type"] != "directory"]
            if not is_whole or len(found) + len(waiting) > most:
                return None
        return found

    def _put(self, path: str, content: bytes, expected: str | None) -> str:
        full = self._full(path)
        there = self._version(path) if expected is not None or self._call(path, self.fs.exists, full) else None
        if there != expected:
            raise conflict(f"{self.url}/{path}")
        self._call(path, self.fs.makedirs, full.rpartition("/")[0], exist_ok=True)
        self._call(path, self.fs.pipe_file, full, content, patience=PATIENCE_FOR_CONTENT)
        return self._version(path)

    def _version(self, path: str) -> str:
        self.fs.invalidate_cache()
        return version_of(self._call(path, self.fs.info, self._full(path)))

    def _call(
        self, path: str, function: Callable[..., Any], *arguments: Any, patience: float | None = None, **options: Any
    ) -> Any:
        """Have something done about `path`, wait no longer for it than that, and tell what goes wrong as ours."""
        if self.fs.async_impl:
            options["timeout"] = PATIENCE if patience is None else patience
        try:
            return function(*arguments, **options)
        except Exception as error:  # noqa: BLE001 each storage's library raises its own, without a common base
            raise storage_error(error, f"{self.url}/{path}" if path else self.url) from None

    def _entries(self, found: list[Mapping[str, Any]], folder: str) -> tuple[list[StoredEntry], list[str]]:
        """Describe what was listed below `folder`; names that lead elsewhere, and such as no disk has, are refused."""
        below = self._full(folder).strip("/") + "/"
        entries: list[StoredEntry] = []
        refused: list[str] = []
        for info in found:
            name = info["name"].lstrip("/")
            inner = name.removeprefix(below)
            if name.startswith(below) and all(map(is_name, inner.split("/"))):
                path = f"{folder}/{inner}" if folder else inner
                if info["type"] == "directory":
                    entries.append(StoredEntry(path, True))
                else:
                    entries.append(StoredEntry(path, size=int(info.get("size") or 0), version=version_of(info)))
            elif not name.endswith("/"):
                # With a slash at its end it is how some programs make a folder.
                refused.append(inner)
        return entries, refused

    def _full(self, path: str) -> str:
        if path and not all(map(is_name, path.split("/"))):
            raise InvalidNameError(f"'{path}' is not inside the project.", hint="Name it relative to the project.")
        return f"{self.base}/{path}" if path else self.base


def version_of(info: Mapping[str, Any]) -> str:
    """Return what tells this state of a file from others, of fsspec's description of it."""
    if sure := next((info[key] for key in _VERSION_KEYS if info.get(key)), None):
        return str(sure)
    time = next((info[key] for key in _TIME_KEYS if info.get(key)), "")
    # Some describe a file in a listing by a number, and alone by a moment.
    return f"{info.get('size')}@{time.timestamp() if isinstance(time, datetime) else time}"


def open_storage(url: str, options: Mapping[str, Any] = _NOTHING) -> ProjectStorage:
    """Return the storage of the project at `url`; nothing is asked of it yet.

    Args:
        url: where the project is.
        options: for fsspec's file system, laid over those of `FP_TUI_STORAGE_OPTIONS`.

    Raises:
        InstallationError: the package that speaks the protocol is not installed.
        ProjectError: projects are not opened by this URL.
    """
    address = parse(url)
    given = merged(from_environment(), options)
    if address.protocol in ("s3", "s3a"):
        from flowerpower_tui.project.s3 import S3Storage, with_limits

        given = with_limits(given)
        kind: type[ProjectStorage] = S3Storage
    else:
        given = {**_DEFAULTS.get(address.protocol, {}), **given}
        kind = ProjectStorage
    try:
        made_by = importlib.import_module("fsspec").get_filesystem_class(address.protocol)
    except ImportError:
        package = PACKAGES[address.protocol]
        raise InstallationError(
            f"Projects on {address.protocol}:// need the package {package}.", hint=f"pip install {package}"
        ) from None
    try:
        # From fsspec's cache, where ours are apart from others' by their limits: a client of S3 takes 0.2 s to make.
        fs = made_by(
            **{**made_by._get_kwargs_from_urls(str(address)), **given},  # noqa: SLF001 - what url_to_fs does
            use_listings_cache=False,
        )
    except (TypeError, ValueError, KeyError):
        raise StorageError(
            f"The storage options for {address} do not fit.", hint="See FP_TUI_STORAGE_OPTIONS and --storage-option."
        ) from None
    except Exception as error:  # noqa: BLE001 some connect here, and raise what they like
        raise storage_error(error, str(address)) from None
    # s3fs would try five times.
    fs.retries = 1
    return kind(address, fs, made_by._strip_protocol(str(address)))  # noqa: SLF001 - likewise


def storage_of(fs: Any, base_dir: str = "") -> ProjectStorage | None:
    """Return the storage that an open file system of fsspec leads to; None if it leads to this machine's disks.

    Args:
        fs: a file system, or a folder of one (`DirFileSystem`), which then is the project's.
        base_dir: the project's folder in it, as a path or a URL, if `fs` is no folder.

    Raises:
        ProjectError: projects are not opened by its protocol.
    """
    from fsspec.implementations.dirfs import DirFileSystem

    base = str(base_dir)
    if isinstance(fs, DirFileSystem):
        base, fs = fs.path, fs.fs
    while isinstance(fs, DirFileSystem):
        base, fs = f"{fs.path}/{base}", fs.fs
    protocols = (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
    if {"file", "local"} & set(protocols):
        return None
    base = fs._strip_protocol(base)  # noqa: SLF001 - fsspec has no other name for it
    protocol = next((name for name in protocols if name in PACKAGES), protocols[0])
    address = parse(f"{protocol}://{base.strip('/')}")
    if protocol in ("s3", "s3a"):
        from flowerpower_tui.project.s3 import S3Storage

        return S3Storage(address, fs, base)
    return ProjectStorage(address, fs, base)
