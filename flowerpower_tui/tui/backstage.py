"""What is asked for that takes time: done off the loop, answered by a message."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.project.files import read_text
from flowerpower_tui.project.tree import ProjectListing, read_project
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.inspect import Inspection, cached_graph, inspect
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.background import in_background

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.request import RunRequest
    from flowerpower_tui.runs.seedbed import Seedbed
    from flowerpower_tui.tui.highlight import Run
    from flowerpower_tui.tui.listener import Listener


@dataclass
class ProjectRead(Message):
    """The project's files are listed."""

    listing: ProjectListing


@dataclass
class GraphFound(Message):
    """A pipeline was looked at; not `fresh` if this is only what was known from before."""

    pipeline: str
    inspection: Inspection
    fresh: bool


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
    """Works for one project; what cannot be done is told as `Troubled`."""

    def __init__(self, root: Path, listener: Listener) -> None:
        self._root = root
        self._listener = listener
        self._seedbed: Seedbed | None = None

    def warm_up(self) -> None:
        """Have a process in waiting, so that runs and graphs begin at once.

        It takes a core for a second: call it when the first screen stands.
        """
        # Sockets and processes are not needed for the first paint.
        from flowerpower_tui.runs.seedbed import Seedbed

        self._seedbed = Seedbed(self._root)

    def close(self) -> None:
        """Let the process in waiting go; runs go on."""
        if self._seedbed is not None:
            self._seedbed.close()

    def read_project(self) -> None:
        """List the project's files: `ProjectRead`."""
        self._do("read-project", lambda: ProjectRead(read_project(self._root)))

    def recall(self, pipeline: str) -> None:
        """Find the last good graph, importing nothing: `GraphFound`."""

        def work() -> Message:
            known = cached_graph(self._root, pipeline)
            if known is None:
                return GraphFound(pipeline, Inspection(), fresh=False)
            return GraphFound(pipeline, Inspection(known.graph, known.final_vars), known.is_fresh)

        self._do("recall", work)

    def inspect(self, pipeline: str, *, anew: bool) -> None:
        """Build the graph in a process of its own, unless it is known and not to be built `anew`: `GraphFound`."""

        def work() -> Message | None:
            if not anew:
                known = cached_graph(self._root, pipeline)
                if known is not None and known.is_fresh:
                    return None
            look = self._seedbed.inspect if self._seedbed else partial(inspect, self._root)
            return GraphFound(pipeline, look(pipeline), fresh=True)

        self._do("inspect", work)

    def read_source(self, path: Path, marked: int = 0, *, to: Listener | None = None) -> None:
        """Read and colour a file: `SourceRead`, told to `to` alone if given."""

        def work() -> Message:
            # Pygments is not needed for the first paint.
            from flowerpower_tui.tui.highlight import highlight

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

        def work() -> Message:
            begin = self._seedbed.start if self._seedbed else start
            return Launched(begin(request), request.pipeline)

        self._do("launch", work)

    def cancel(self, run: RunDirectory) -> None:
        """Ask a run to end; its journal tells when it does."""
        self._do("cancel", lambda: cancel(run))

    def _do(self, name: str, work: Callable[[], Message | None], listener: Listener | None = None) -> None:
        in_background(name, work, listener or self._listener)
