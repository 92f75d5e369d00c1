"""Where a manager works: one project, wherever it lies, and the environment that its configuration is read with."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.errors import NoProjectError
from flowerpower_tui.location import at_home
from flowerpower_tui.project.address import is_url
from flowerpower_tui.project.layout import ProjectLayout

if TYPE_CHECKING:
    from flowerpower_tui.project.mirror import Mirror

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProjectHome:
    """A project as a manager and its parts see it.

    Attributes:
        root: its folder; of a project in a storage, the folder that mirrors it.
        folders: variables that name its folders, where they are not those of the environment.
        mirror: what keeps `root` as the storage is; None for a project on this machine's disks.
    """

    root: Path
    folders: Mapping[str, str] = field(default_factory=dict)
    mirror: Mirror | None = None

    @classmethod
    def of(
        cls,
        base_dir: str | os.PathLike[str] | None = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
    ) -> ProjectHome:
        """Return the home of a project; it need not exist, and nothing is asked of a storage yet.

        Args:
            base_dir: its folder or URL; the working directory without one.
            cfg_dir: where the YAML lies, if not where the environment says.
            pipelines_dir: where the modules lie, if not where the environment says.
            storage_options: how the storage of a URL is reached, for fsspec.
            fs: an open file system of fsspec that `base_dir` is a path in; or a folder of one (`DirFileSystem`).

        Raises:
            InstallationError: the package that speaks the URL's protocol is not installed.
            ProjectError: projects are not opened by such a URL.
        """
        named = {"FP_CONFIG_DIR": cfg_dir, "FP_PIPELINES_DIR": pipelines_dir}
        folders = {variable: folder for variable, folder in named.items() if folder is not None}
        mirror = _mirror(base_dir, storage_options or {}, fs)
        if mirror is not None:
            return cls(mirror.root, folders, mirror)
        # A folder as a file system is the project's, whatever else is said.
        return cls(local_folder(getattr(fs, "path", None) or base_dir), folders)

    @property
    def place(self) -> str:
        """Where the project is, for people."""
        return self.mirror.url if self.mirror else str(self.root)

    def shown(self, path: Path) -> str:
        """Return where a file of the project is, for people."""
        return f"{self.place}/{path.relative_to(self.root).as_posix()}"

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of this process, with the project's own folders."""
        return {**os.environ, **self.folders}

    @property
    def layout(self) -> ProjectLayout:
        """Where the project's files lie now."""
        return ProjectLayout.of(self.root, self.environ)

    def fresh(self) -> ProjectHome:
        """Return this home when its folder is what the project is now.

        Raises:
            StorageError: the storage does not answer.
        """
        if self.mirror:
            self.mirror.sync()
        return self

    def fresh_code(self) -> ProjectHome:
        """Return this home as `fresh` does; before the first time, a warning tells where the code comes from."""
        if self.mirror and not self.mirror.is_trusted:
            logger.warning("Code from %s will run on this machine.", self.mirror.url)
            self.mirror.trust()
        return self.fresh()

    @contextmanager
    def changing(self) -> Iterator[ProjectHome]:
        """Let the folder's files be changed; at the end they are changed where the project is.

        Raises:
            ConflictError: someone else has changed one of the files there meanwhile.
            StorageError: the storage does not answer, or refuses.
        """
        if self.mirror is None:
            yield self
            return
        with self.mirror.changing():
            yield self

    def check(self) -> None:
        """Make sure that there is a project.

        Raises:
            NoProjectError: there is none.
            StorageError: the storage does not answer.
        """
        layout = self.fresh().layout
        if not layout.exists:
            folders = f"{layout.config_dir or '.'}/ and {layout.pipelines_dir or '.'}/"
            raise NoProjectError(
                f"There is no project at '{self.place}': it would have {folders}.",
                hint=f"Check the {'URL' if self.mirror else 'path'}, or make a project there: fp-tui init "
                f"{'URL' if self.mirror else 'PATH'}",
            )


def local_folder(base_dir: Any) -> Path:
    """Return the absolute path of a folder that is given as text, as a path or as a `file://` URL."""
    text = os.fspath(base_dir or ".")
    for protocol in ("file://", "local://"):
        text = text.removeprefix(protocol)
    return at_home(text).absolute()


def _mirror(base_dir: Any, options: Mapping[str, Any], fs: Any) -> Mirror | None:
    if fs is None and not is_url(base_dir):
        return None
    # Late: what talks to storages takes half a second to import.
    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.project.storage import storage_of

    if fs is None:
        return Mirror.open(os.fspath(base_dir), options)
    storage = storage_of(fs, os.fspath(base_dir or ""))
    return Mirror(storage) if storage else None
