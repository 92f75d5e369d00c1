"""What is asked for that takes time: done off the loop, answered by a message."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
from textual.message import Message

from flowerpower_tui.errors import FlowerPowerError, ProjectError, RunStoreError
from flowerpower_tui.project.files import read_text
from flowerpower_tui.project.tree import Folder, ProjectListing, list_folder, read_project
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.inspect import inspect
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.background import in_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.runs.compare import Comparison
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.inspect import Inspection
    from flowerpower_tui.runs.request import RunRequest
    from flowerpower_tui.runs.seedbed import Seedbed
    from flowerpower_tui.runs.store import RunState
    from flowerpower_tui.tui.highlight import Run
    from flowerpower_tui.tui.listener import Listener

_GOOD: tuple[RunState, ...] = ("succeeded",)


@dataclass
class ProjectRead(Message):
    """The project's files are listed."""

    listing: ProjectListing


@dataclass
class FolderListed(Message):
    """One level of the project's other files."""

    folder: Folder


@dataclass
class Compared(Message):
    """A run stands beside the one before it that succeeded; `comparison` is None if there is none."""

    run: RunDirectory
    comparison: Comparison | None


@dataclass
class SourceRead(Message):
    """A file was read for showing; line `marked`, from 1, is meant, 0 for none."""

    path: Path
    lines: list[list[Run]]
    marked: int


@dataclass
class Launched(Message):
    """A run has started."""

    run: RunDirectory
    pipeline: str


class Backstage:
    """Works for one project; what cannot be done is told as `Troubled`.

    Args:
        root: its folder.
        listener: is told what came of what was asked for.
        mirror: what keeps `root` as it is in a storage; None for a project on this machine's disks.
    """

    def __init__(self, root: Path, listener: Listener, mirror: Mirror | None = None) -> None:
        self._root = root
        self._listener = listener
        self._mirror = mirror
        self._seedbed: Seedbed | None = None

    def warm_up(self) -> None:
        """Have a process in waiting, so that runs and graphs begin at once.

        It takes a core for a second: call it when the first screen stands.
        """
        if self._mirror is not None and not self._mirror.is_trusted:
            return
        # Sockets and processes are not needed for the first paint.
        from flowerpower_tui.runs.seedbed import Seedbed

        self._seedbed = Seedbed(self._root)

    def close(self) -> None:
        """Let the process in waiting go; runs go on."""
        if self._seedbed is not None:
            self._seedbed.close()

    def read_project(self) -> None:
        """List the project's files: `ProjectRead`."""
        self._do("read-project", lambda: ProjectRead(read_project(self._root, level=self._level)))

    def list_folder(self, path: Path, *, to: Listener) -> None:
        """List one level of the project's other files: `FolderListed`, told to `to` alone."""

        def work() -> Message:
            try:
                return FolderListed(self._level(path))
            except FlowerPowerError as error:
                return FolderListed(Folder(path, (), trouble=str(error)))

        self._do("list-folder", work, to)

    def look(self, pipeline: str) -> Inspection:
        """Build a graph in a process of its own. Blocks: for threads.

        Raises:
            FlowerPowerError: it cannot be looked at.
        """
        self._freshen()
        return self._seedbed.inspect(pipeline) if self._seedbed else inspect(self._root, pipeline)

    def begin(self, request: RunRequest) -> RunDirectory:
        """Start a run, which lives on its own. Blocks until it has begun: for threads.

        Raises:
            FlowerPowerError: it cannot be started.
        """
        self._freshen()
        if self._mirror is not None:
            request = msgspec.structs.replace(request, url=self._mirror.url)
        return self._seedbed.start(request) if self._seedbed else start(request)

    def compare(self, run: RunDirectory) -> None:
        """Put a run that is over beside the one before it that succeeded: `Compared`."""

        def work() -> Message | None:
            # Not needed for the first paint.
            from flowerpower_tui.runs.compare import compare, previous
            from flowerpower_tui.runs.store import RunStore

            # It may be removed meanwhile.
            with suppress(RunStoreError):
                before = previous(run, RunStore(), _GOOD)
                return Compared(run, compare(before, run) if before else None)
            return None

        self._do("compare", work)

    def read_source(self, path: Path, marked: int = 0, *, to: Listener | None = None) -> None:
        """Read and colour a file: `SourceRead`, told to `to` alone if given."""

        def work() -> Message:
            # Pygments is not needed for the first paint.
            from flowerpower_tui.tui.highlight import highlight

            if self._mirror is not None and path.is_relative_to(self._root) and not path.exists():
                name = path.relative_to(self._root).as_posix()
                raise ProjectError(
                    f"{self._mirror.url}/{name} stays in the storage: it is none of the files that runs need.",
                    hint="A pipeline reads it by its URL.",
                )
            file = read_text(path)
            if file.binary:
                return SourceRead(path, [[(f"{file.size:,} bytes that are no text", "comment")]], 0)
            lines = highlight(sanitise(file.text).expandtabs(4), path.name)
            if file.truncated:
                lines.append([(f"… and more, {file.size:,} bytes in all", "comment")])
            return SourceRead(path, lines, marked)

        self._do("read-source", work, to)

    def launch(self, request: RunRequest) -> None:
        """Start a run, which lives on its own: `Launched`."""
        self._do("launch", lambda: Launched(self.begin(request), request.pipeline))

    def cancel(self, run: RunDirectory) -> None:
        """Ask a run to end; its journal tells when it does."""
        self._do("cancel", lambda: cancel(run))

    def _level(self, path: Path) -> Folder:
        if self._mirror is None:
            return list_folder(path)
        from flowerpower_tui.tui.mirrored import list_level

        return list_level(self._mirror, path)

    def _freshen(self) -> None:
        """Make sure that no old code runs, and none that nobody wants to run here."""
        if self._mirror is None:
            return
        if not self._mirror.is_trusted:
            raise ProjectError(
                f"Nothing of {self._mirror.url} runs here: you wanted to look at it only.",
                hint="It is asked for again when the project is opened again.",
            )
        self._mirror.sync()

    def _do(self, name: str, work: Callable[[], Message | None], listener: Listener | None = None) -> None:
        in_background(name, work, listener or self._listener)
