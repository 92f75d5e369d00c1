"""A project in a storage as a folder of this machine: what runs, inspections and configuration work with.

The storage has the truth. The mirror is brought up to date before it is used, and what is changed in it through
`changing` is written to the storage first, if nobody else has written there.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowerpower_tui.errors import InvalidNameError, Location, NothingThereError, ProjectError, StorageError
from flowerpower_tui.location import private_directory
from flowerpower_tui.project.contents import Contents, contents_of
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.layout import SKIPPED_FOLDERS, ProjectLayout
from flowerpower_tui.project.mirror_index import INDEX, LOCK, Fetched, Index, locked, read_index, write_index
from flowerpower_tui.project.mirrors import mirrors
from flowerpower_tui.project.storage import ProjectStorage, StoredEntry, open_storage

_TRUSTED = ".trusted"
_README = "README.md"
_NEW = ".new"
_NOTHING: Mapping[str, Any] = MappingProxyType({})
# Where what was fetched has these endings, what was not fetched is no code of the project's.
_CODE = (".py", ".yml", ".yaml")
_ENDPOINTS = ("endpoint_url", "host", "port", "account_name", "connection_string")
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


class Mirror:
    """The folder that stands for a project in a storage; below the state directory, one for each place.

    Attributes:
        storage: where the project is.
        root: the folder; the files in it that a run made are left alone.
    """

    def __init__(self, storage: ProjectStorage) -> None:
        """Stand for the project in `storage`.

        Raises:
            InvalidNameError: its folder has the name of what is noted beside it.
        """
        name = storage.address.name
        if name in (INDEX, LOCK, _TRUSTED, _NEW):
            raise InvalidNameError(f"A project cannot be called '{name}'.", hint="Rename its folder.")
        self.storage = storage
        self._home = private_directory(mirrors() / _digest(storage))
        self.root = self._home / name

    @classmethod
    def open(cls, url: str, options: Mapping[str, Any] = _NOTHING) -> Mirror:
        """Return the mirror of the project at `url`; nothing is asked of the storage yet.

        Raises:
            InstallationError: the package that speaks its protocol is not installed.
            ProjectError: projects are not opened by this URL, or cannot be called so.
        """
        return cls(open_storage(url, options))

    @property
    def url(self) -> str:
        """Where the project is."""
        return self.storage.url

    @property
    def left_off(self) -> tuple[str, ...]:
        """What the project has beside the mirror's files, in words."""
        return self._read_index().left_off

    @property
    def is_trusted(self) -> bool:
        """Whether somebody was told that code from there is run here."""
        return (self._home / _TRUSTED).exists()

    def trust(self) -> None:
        """Remember that somebody was told that code from there is run here."""
        (self._home / _TRUSTED).touch(mode=0o600)

    def sync(self) -> frozenset[str]:
        """Fetch what changed; return the paths of files that came, changed or went. One listing if nothing did.

        Raises:
            StorageError: the storage does not answer; the mirror is as it was, or has some files newer.
        """
        with locked(self._home):
            return self._sync()

    def changed(self, previous: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
        """Look what is in the storage now, fetching nothing.

        Args:
            previous: what this returned before; nothing at first.

        Returns:
            The version of each file, and the paths of those that came, changed or went.

        Raises:
            StorageError: the storage does not answer.
        """
        versions = self._contents().versions
        paths = {path for path in {*versions, *previous} if versions.get(path) != previous.get(path)}
        return versions, frozenset(paths)

    def version(self, path: str) -> str | None:
        """Return the version of a file in the mirror; None if it is not from the storage."""
        fetched = self._read_index().files.get(path)
        return fetched.version if fetched else None

    def save(self, path: str, content: bytes, expected: str | None) -> str:
        """Write a file of the project, in the storage and then here; return its new version.

        Args:
            path: relative to the project.
            content: what it shall hold.
            expected: the version that is written over, as `version` tells it; None for a new file.

        Raises:
            ConflictError: something else stands in the storage; nothing was written.
            StorageError: it cannot be written.
        """
        with locked(self._home):
            version = self.storage.save(path, content, expected)
            index = self._read_index()
            self._write_index({**index.files, path: self._put(path, content, version)}, index.left_off)
        return version

    @contextmanager
    def changing(self) -> Iterator[Path]:
        """Bring the mirror up to date, let it be changed, and write to the storage what was of the project's own files.

        If that fails, or what is done here raises, the mirror is again what the storage is.

        Raises:
            ConflictError: someone else has written one of the files meanwhile; those before it are written.
            StorageError: the storage does not answer, or refuses.
        """
        with locked(self._home):
            self._sync()
            before = self._changeable()
            try:
                yield self.root
                self._publish(before)
            except BaseException:
                for path, state in self._changeable().items():
                    if before.get(path) != state and path not in self._read_index().files:
                        (self.root / path).unlink()
                with suppress(StorageError):  # the next look puts it right
                    self._sync()
                raise

    def _publish(self, before: Mapping[str, tuple[int, int]]) -> None:
        after = self._changeable()
        index = self._read_index()
        files = dict(index.files)
        try:
            for path in [path for path, state in after.items() if before.get(path) != state]:
                content = (self.root / path).read_bytes()
                known = files.get(path)
                version = self.storage.save(path, content, known.version if known else None)
                files[path] = Fetched.at(self.root / path, version)
            for path in [path for path in files if path in before and path not in after]:
                self.storage.remove(path, files[path].version)
                del files[path]
        finally:
            self._write_index(files, index.left_off)

    def _sync(self) -> frozenset[str]:
        contents = self._contents()
        known = self._read_index().files
        current = {
            path: known[path] for path, entry in contents.files.items() if self._is_current(entry, known.get(path))
        }
        wanted = [path for path in contents.files if path not in current]
        gone = [path for path in known if path not in contents.files]
        files = dict(current)
        try:
            # Before others come: a file may have become a folder.
            for path in [*gone, *self._strangers(contents)]:
                self._drop(path)
            for path, found in zip(wanted, self.storage.each(self._read, wanted), strict=True):
                if found is not None:
                    files[path] = self._put(path, *found)
        finally:
            if files != known or self._read_index().left_off != contents.left_off:
                self._write_index(files, contents.left_off)
        self._make_folders(contents)
        return frozenset((*wanted, *gone))

    def _read(self, path: str) -> tuple[bytes, str] | None:
        try:
            return self.storage.read(path)
        except NothingThereError:
            # Gone since it was listed: the next look says so.
            return None

    def _contents(self) -> Contents:
        return contents_of(self.storage, ProjectLayout.of(self.root))

    def _is_current(self, entry: StoredEntry, known: Fetched | None) -> bool:
        """Whether a file is what it is in the storage: that is of no use if something else has changed it here."""
        return known is not None and known.version == entry.version and known.is_at(self.root / entry.path)

    def _strangers(self, contents: Contents) -> list[str]:
        """Code and configuration here that the storage does not have: it would be run."""
        layout = ProjectLayout.of(self.root)
        own = (layout.config_folder, layout.modules_folder, layout.hooks_folder)
        return [
            path
            for path in self._states()
            if path.endswith(_CODE)
            and path not in contents.files
            and any(folder != self.root and (self.root / path).is_relative_to(folder) for folder in own)
        ]

    def _changeable(self) -> dict[str, tuple[int, int]]:
        """The files here that make the project, with time and size; what runs write beside them meanwhile is theirs."""
        layout = ProjectLayout.of(self.root)
        own = {layout.config_folder, layout.modules_folder, layout.hooks_folder} - {self.root}
        # Modules that pipelines import may lie anywhere.
        endings = _CODE if layout.config_folder == self.root else _CODE[:1]
        return {
            path: state
            for path, state in self._states().items()
            if path == _README or path.endswith(endings) or any((self.root / path).is_relative_to(each) for each in own)
        }

    def _states(self) -> dict[str, tuple[int, int]]:
        """Every file here that may be the project's, with time and size."""
        found: dict[str, tuple[int, int]] = {}
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            for name in files:
                path = Path(folder, name)
                with suppress(OSError):
                    status = path.lstat()
                    found[path.relative_to(self.root).as_posix()] = (status.st_mtime_ns, status.st_size)
        return found

    def _put(self, path: str, content: bytes, version: str) -> Fetched:
        # A run may have put a link in the place of a folder.
        target = inside(self.root, (self.root / path).parent) / Path(path).name
        try:
            if target.is_dir() and not target.is_symlink():
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            # Whole or not at all: a module that is cut off would be run.
            # Always by one name, since nobody else is at work here: what a full disk leaves of it takes no more room.
            new = self._home / _NEW
            new.touch(mode=0o600)
            new.write_bytes(content)
            new.replace(target)
        except OSError as error:
            raise ProjectError(f"Cannot be written: {error.strerror}.", location=Location(str(target))) from error
        return Fetched.at(target, version)

    def _drop(self, path: str) -> None:
        try:
            target = inside(self.root, (self.root / path).parent) / Path(path).name
        except InvalidNameError:
            return
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self.root:
                break
            with suppress(OSError):  # others' files are in it
                folder.rmdir()

    def _make_folders(self, contents: Contents) -> None:
        """A storage has no empty folders; a project has both of its own, also while one of them is empty."""
        layout = ProjectLayout.of(self.root)
        is_project = any(f"{layout.config_dir}/project{suffix}".lstrip("/") in contents.files for suffix in _CODE[1:])
        for folder in (layout.config_folder / "pipelines", layout.config_folder, layout.modules_folder):
            if is_project:
                folder.mkdir(parents=True, exist_ok=True)
            else:
                with suppress(OSError):  # it is not there, or there is something in it
                    folder.rmdir()

    def _read_index(self) -> Index:
        return read_index(self._home) or Index(self.url)

    def _write_index(self, files: dict[str, Fetched], left_off: tuple[str, ...]) -> None:
        write_index(self._home, Index(self.url, files, left_off))


def _digest(storage: ProjectStorage) -> str:
    """Tell places apart: a bucket of the same name at another endpoint is another bucket."""
    options = storage.fs.storage_options
    options = {**options, **options.get("client_kwargs", {})}
    endpoint = [str(options[key]) for key in _ENDPOINTS if options.get(key)]
    if not endpoint and storage.address.protocol in ("s3", "s3a"):
        endpoint = [os.environ[variable] for variable in _ENDPOINT_VARIABLES if os.environ.get(variable)][:1]
    return hashlib.blake2b("\0".join((storage.url, *endpoint)).encode(), digest_size=10).hexdigest()
