"""Off the loop: watches the open project, looks at its pipelines, and begins runs of what is stale.

One thread does it, in turn: what it knows of a pipeline is never two things at once. Looks take threads of their own.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.errors import FlowerPowerError, RunStoreError
from flowerpower_tui.tui.background import Troubled
from flowerpower_tui.tui.backstage import Launched

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from flowerpower_tui.errors import ProjectError
    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.inspect import Inspection
    from flowerpower_tui.runs.lookout import Lookout, Picture
    from flowerpower_tui.runs.looks import Looks
    from flowerpower_tui.runs.request import RunRequest
    from flowerpower_tui.runs.surroundings import Changes, Source
    from flowerpower_tui.runs.watching import Watcher, Watching
    from flowerpower_tui.tui.listener import Listener


SWITCHING = 0.001
"""Seconds that one thread may keep the others waiting; Python's 5 ms, a dozen times a look, would be seen."""


@dataclass
class FilesChanged(Message):
    """Files of the project are no longer what they were; some of them are gone, if `is_less`."""

    changes: Changes
    is_less: bool


@dataclass
class StorageHeard(Message):
    """The project's mirror cannot be brought up to date, and why; or it can again."""

    error: ProjectError | None


@dataclass
class PictureTaken(Message):
    """How a pipeline stands.

    Attributes:
        pipeline: its name.
        picture: what is known of it.
        is_current: whether this is what a look finds now, or what was known from before; None where only the
            pipeline's runs were looked at.
        files: the modules that it was made of; none where that was not looked at.
        after_change: whether it was looked at because files had changed.
        live: a run of it that goes on, and would compute something else by now.
        is_busy: whether a run of it goes on at all.
    """

    pipeline: str
    picture: Picture
    is_current: bool | None
    files: frozenset[str] = frozenset()
    after_change: bool = False
    live: RunDirectory | None = None
    is_busy: bool = False


class Scout:
    """Looks at one project.

    Args:
        root: its folder.
        look: looks at a pipeline; blocks.
        begin: starts a run; blocks until it has started.
        listener: is told `FilesChanged`, `PictureTaken`, `Launched`, `StorageHeard`, and `Troubled`.
        mirror: what keeps `root` as it is in a storage; None for a project on this machine's disks.
    """

    def __init__(
        self,
        root: Path,
        look: Callable[[str], Inspection],
        begin: Callable[[RunRequest], RunDirectory],
        listener: Listener,
        mirror: Mirror | None = None,
    ) -> None:
        self._root = root
        self._mirror = mirror
        self._look = look
        self._begin = begin
        self._listener = listener
        self._work: SimpleQueue[Callable[[], Message | None] | None] = SimpleQueue()
        self._lookouts: dict[str, Lookout] = {}
        self._looks: dict[str, Looks] = {}
        # What will be looked at when something changes.
        self._in_sight = ""
        # The pipelines that are looked at because files have changed.
        self._after_change: set[str] = set()
        self._watcher: Watcher | None = None
        self._files: Source | None = None
        self._thread = Thread(target=self._do_all, name="scout", daemon=True)

    def start(self, watching: Watching) -> None:
        """Watch the project's files from now on, so."""
        # Each time that it has asked the system something it waits so long for the loop to make way.
        sys.setswitchinterval(SWITCHING)
        self.watch(watching)
        self._thread.start()

    def watch(self, watching: Watching) -> None:
        """Watch the project's files in this way from now on; what has changed since the last look is told."""
        self._work.put(lambda: self._watch(watching))

    def close(self) -> None:
        """Tell nothing more."""
        self._work.put(None)

    def recall(self, pipeline: str) -> None:
        """Find what is known of a pipeline, importing nothing: `PictureTaken`."""
        self._work.put(lambda: self._recall(pipeline))

    def look(self, pipeline: str, *, after_change: bool = False) -> None:
        """Look at a pipeline: `PictureTaken`."""
        self._work.put(lambda: self._ask(pipeline, after_change))

    def look_if_outdated(self, pipeline: str) -> None:
        """Look at a pipeline, unless what is known of it is what a look would find: `PictureTaken`."""
        self._work.put(lambda: self._recall(pipeline, and_look=True))

    def judge(self, pipeline: str) -> None:
        """Look at a pipeline's runs again: one has ended: `PictureTaken`."""
        self._work.put(lambda: self._judge(pipeline))

    def look_for_changes(self, touched: Collection[str] = ()) -> None:
        """See at once what has changed on disk: `FilesChanged`."""
        self._work.put(lambda: self._watcher.look_now(touched) if self._watcher else None)

    def run_stale(self, pipeline: str) -> None:
        """Start a run of what is stale, and of what that needs: `Launched`."""
        self._work.put(lambda: self._run_stale(pipeline))

    # In its thread.

    def _do_all(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                answer = work()
            except FlowerPowerError as error:
                answer = Troubled(error)
            except OSError as error:
                answer = Troubled(FlowerPowerError(f"{error.filename or self._root}: {error.strerror or error}"))
            if answer is not None:
                self._tell(answer)
        if self._watcher:
            self._watcher.close()

    def _tell(self, message: Message) -> None:
        if self._listener.is_running:
            self._listener.post_message(message)

    def _watch(self, watching: Watching) -> None:
        # Late: the first screen does not wait for it.
        from flowerpower_tui.runs.surroundings import ProjectFiles
        from flowerpower_tui.runs.watching import Watcher, mode_of

        def changed(changes: Changes) -> None:
            self._tell(FilesChanged(changes, any(not os.path.exists(path) for path in changes.paths)))  # noqa: PTH110

        since = self._watcher.held if self._watcher else None
        if self._watcher:
            self._watcher.close()
        if self._mirror is None:
            mode = mode_of(self._root, watching)
            self._files = self._files or ProjectFiles(self._root)
            self._watcher = Watcher(self._root, self._files, changed, mode, foresee=self._changing, since=since)
        else:
            from flowerpower_tui.tui.mirrored import INTERVAL, MirroredFiles

            self._files = self._files or MirroredFiles(self._mirror, lambda error: self._tell(StorageHeard(error)))
            mode = "off" if watching == "off" else "poll"
            self._watcher = Watcher(self._root, self._files, changed, mode, INTERVAL, since=since)
        self._watcher.start()

    def _changing(self, changes: Changes) -> None:
        """Look already at what will be asked for a moment later."""
        if looks := self._looks.get(self._in_sight):
            if changes:
                looks.look_ahead()
            else:
                looks.take_back()

    def _lookout(self, pipeline: str) -> Lookout:
        from flowerpower_tui.runs.lookout import Lookout
        from flowerpower_tui.runs.store import RunStore
        from flowerpower_tui.runs.successes import Successes

        if pipeline not in self._lookouts:
            successes = Successes(RunStore(), str(self._root), pipeline)
            self._lookouts[pipeline] = Lookout(self._root, pipeline, successes)
        return self._lookouts[pipeline]

    def _recall(self, pipeline: str, *, and_look: bool = False) -> Message | None:
        lookout = self._lookout(pipeline)
        is_current = lookout.recall()
        if and_look:
            self._see(pipeline)
            if not is_current:
                self._ask(pipeline, after_change=False)
                return None
        return PictureTaken(pipeline, lookout.picture, is_current)

    def _ask(self, pipeline: str, after_change: bool) -> None:
        looks = self._see(pipeline)
        if after_change:
            self._after_change.add(pipeline)
            looks.settle()
        else:
            looks.ask()

    def _see(self, pipeline: str) -> Looks:
        """Have a pipeline in sight, and forget what was looked at ahead of others, or of this one in its time."""
        from flowerpower_tui.runs.looks import Looks

        if pipeline not in self._looks:
            self._looks[pipeline] = Looks(
                partial(self._look, pipeline), lambda found: self._work.put(lambda: self._take(pipeline, found))
            )
        looks = self._looks[pipeline]
        if pipeline != self._in_sight:
            for other in self._looks.values():
                other.take_back()
            self._in_sight = pipeline
        return looks

    def _take(self, pipeline: str, inspection: Inspection) -> Message:
        lookout = self._lookout(pipeline)
        picture = lookout.take(inspection)
        if self._watcher:
            self._watcher.follow(inspection.files)
        after_change = pipeline in self._after_change
        self._after_change.discard(pipeline)
        run = self._live_run(pipeline) if after_change else None
        is_old = run is not None and not picture.is_broken and self._is_old(lookout, run)
        files = frozenset(inspection.files)
        return PictureTaken(pipeline, picture, True, files, after_change, run if is_old else None, run is not None)

    def _judge(self, pipeline: str) -> Message | None:
        lookout = self._lookouts.get(pipeline)
        return PictureTaken(pipeline, lookout.judge(), None) if lookout and lookout.made else None

    def _live_run(self, pipeline: str) -> RunDirectory | None:
        from flowerpower_tui.runs.store import RunStore

        newest = RunStore().runs(str(self._root), pipeline, 1)
        return newest[0].directory if newest and not newest[0].is_over else None

    def _is_old(self, lookout: Lookout, run: RunDirectory) -> bool:
        """Whether a run computes something else than it would now; where there is no telling, it may."""
        from flowerpower_tui.runs.staleness import Made

        with suppress(RunStoreError):
            graph, ingredients = run.graph(), run.ingredients()
            if graph is not None and ingredients is not None:
                return lookout.matters_to(Made(graph, ingredients))
        return True

    def _run_stale(self, pipeline: str) -> Message:
        from flowerpower_tui.config.resolve import resolve_pipeline

        cache = resolve_pipeline(self._root, pipeline).pipeline.run.cache
        return Launched(self._begin(self._lookout(pipeline).request(cache=cache)), pipeline)
