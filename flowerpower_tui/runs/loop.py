"""Save, see, run again: watches a project, looks at a pipeline after each change, and runs what the change made stale.

Both front ends show what it tells; who asks for the next happening drives it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import msgspec

from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import FlowerPowerError, Problem, RunStoreError
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.compare import Comparison, compare, previous
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, RunFinished
from flowerpower_tui.runs.inspect import Inspection
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.runs.lookout import Lookout, Picture
from flowerpower_tui.runs.looks import Looks
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed
from flowerpower_tui.runs.staleness import Made
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.successes import Successes
from flowerpower_tui.runs.surroundings import Changes, ProjectFiles
from flowerpower_tui.runs.watching import Watcher, Watching, mode_of

OnChange = Literal["stale", "run", "check"]
"""What a change leads to: a run of what is stale, a run of everything, or none."""
WhileRunning = Literal["restart", "queue"]
"""What happens to a run when a change makes another one of it: it is cancelled, or the next waits for its end."""
INTERVAL = 0.01
"""Seconds between two looks at the journal of a live run."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The pipeline was looked at; without `changes` for the first time, or after a run.

    Attributes:
        time: when, UTC.
        changes: the files that led to the look.
        picture: what was seen.
        mended: whether it was broken before.
    """

    time: datetime
    changes: Changes
    picture: Picture
    mended: bool = False


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A run has started; what happens in it follows."""

    time: datetime
    run: RunDirectory


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened in the run."""

    run: RunDirectory
    event: AnyEvent


class Rested(msgspec.Struct, frozen=True, kw_only=True):
    """That was all that has happened in the run so far."""

    run: RunDirectory


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The run is over.

    Attributes:
        time: when, UTC.
        run: the run.
        outcome: how it ended; `lost` if its supervisor died without a word.
        comparison: with the run before it, if there was one.
        stale: what is stale now.
    """

    time: datetime
    run: RunDirectory
    outcome: str
    comparison: Comparison | None
    stale: Mapping[str, str]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A run could not be started."""

    time: datetime
    problems: tuple[Problem, ...]


Happening = Seen | Begun | Told | Rested | Ended | Refused


class Loop:
    """The loop of one pipeline.

    Args:
        root: the project's folder.
        pipeline: the pipeline's name.
        seedbed: looks and starts runs.
        overrides: shaped like the pipeline's YAML.
        on_change: what a change leads to.
        while_running: what it leads to during a run.
        watching: how changes of its files are seen.
    """

    def __init__(
        self,
        root: Path,
        pipeline: str,
        seedbed: Seedbed,
        overrides: Mapping[str, Any] = _NOTHING,
        *,
        on_change: OnChange = "stale",
        while_running: WhileRunning = "restart",
        watching: Watching = "auto",
    ) -> None:
        self._watching = watching
        self.on_change = on_change
        self.while_running = while_running
        self._root = root
        self._pipeline = pipeline
        self._seedbed = seedbed
        self._overrides = overrides
        self._store = RunStore()
        self.lookout = Lookout(root, pipeline, Successes(self._store, str(root), pipeline), overrides)
        self._mail: queue.SimpleQueue[Changes | Inspection] = queue.SimpleQueue()
        self._changes = Changes()
        self._looks = Looks(lambda: seedbed.inspect(pipeline, overrides), self._mail.put)
        self._live: _LiveRun | None = None
        self._is_run_due = False
        self._is_seen = False

    def happenings(self, ends: Callable[[], int]) -> Iterator[Happening]:
        """Yield what happens, from the first look on.

        Args:
            ends: how often the end was asked for: the first cancels the live run and waits for its end, the second
                leaves it alone.
        """
        mode = mode_of(self._root, self._watching)
        with Watcher(self._root, ProjectFiles(self._root), self._changed, mode, foresee=self._changing) as watcher:
            self._looks.ask()
            while not ends():
                yield from self._step(watcher)
        if self._live:
            # If it has ended by itself, its journal tells.
            with suppress(RunStoreError):
                cancel(self._live.run)
        self._is_run_due = False
        while self._live and ends() < 2:
            yield from self._tell_run()
            self._wait()

    def _step(self, watcher: Watcher) -> Iterator[Happening]:
        for letter in self._letters():
            if isinstance(letter, Changes):
                self._changes = _joined(self._changes, letter)
            else:
                watcher.follow(letter.files)
                yield from self._looked(letter)
        if self._live:
            yield from self._tell_run()
        if self._is_run_due and not self._live:
            self._is_run_due = False
            if self.on_change == "run" or self.lookout.picture.stale:
                yield self._begin()

    def _changing(self, changes: Changes) -> None:
        """Look already: what is told a moment later has been seen by then, or is seen sooner."""
        if changes:
            self._looks.look_ahead()
        else:
            self._looks.take_back()

    def _changed(self, changes: Changes) -> None:
        self._mail.put(changes)
        self._looks.settle()

    def _letters(self) -> Iterator[Changes | Inspection]:
        with suppress(queue.Empty):
            yield self._mail.get(timeout=INTERVAL if self._live else 10 * INTERVAL)
            while True:
                yield self._mail.get_nowait()

    def _wait(self) -> None:
        threading.Event().wait(INTERVAL)

    def _looked(self, inspection: Inspection) -> Iterator[Happening]:
        was_broken, is_first = self.lookout.picture.is_broken, not self._is_seen
        self._is_seen = True
        picture = self.lookout.take(inspection)
        changes, self._changes = self._changes, Changes()
        mended = was_broken and not picture.is_broken
        if is_first:
            # What came while it was looked at is part of what was seen, and there is nothing to compare with.
            changes = Changes()
        yield Seen(time=datetime.now(UTC), changes=changes, picture=picture, mended=mended)
        if picture.is_broken or self.on_change == "check":
            return
        if self._live:
            if self.lookout.matters_to(self._live.made):
                self._is_run_due = True
                if self.while_running == "restart":
                    with suppress(RunStoreError):
                        cancel(self._live.run)
        elif picture.stale or self.on_change == "run":
            self._is_run_due = True

    def _begin(self) -> Happening:
        made = self.lookout.made
        assert made is not None
        try:
            run = self._seedbed.start(self._request())
        except FlowerPowerError as error:
            return Refused(time=datetime.now(UTC), problems=error.problems)
        self._live = _LiveRun(run, made)
        return Begun(time=datetime.now(UTC), run=run)

    def _request(self) -> RunRequest:
        if self.on_change == "run":
            return self.lookout.whole()
        cache = resolve_pipeline(self._root, self._pipeline, self._overrides).pipeline.run.cache
        return self.lookout.request(cache=cache)

    def _tell_run(self) -> Iterator[Happening]:
        live = self._live
        assert live is not None
        # Asked before reading: what a supervisor wrote before it died is read in any case.
        is_alive = live.run.is_locked
        events = live.reader.read()
        for event in events:
            yield Told(run=live.run, event=event)
        if events:
            yield Rested(run=live.run)
        last = events[-1] if events else None
        if isinstance(last, RunFinished) or not (is_alive or events):
            self._live = None
            yield self._ended(live.run, last.outcome if isinstance(last, RunFinished) else "lost")

    def _ended(self, run: RunDirectory, outcome: str) -> Ended:
        comparison = None
        # It may have been pruned meanwhile.
        with suppress(RunStoreError):
            before = previous(run, self._store) if outcome in ("succeeded", "failed") else None
            comparison = compare(before, run) if before else None
        stale = self.lookout.judge().stale
        return Ended(time=datetime.now(UTC), run=run, outcome=outcome, comparison=comparison, stale=stale)


class _LiveRun:
    """A run that goes on, and what it is made of."""

    def __init__(self, run: RunDirectory, made: Made) -> None:
        self.run = run
        self.made = made
        self.reader = JournalReader(run.path)


def _joined(one: Changes, other: Changes) -> Changes:
    """Both, each path once."""
    fields = one.__struct_fields__
    return Changes(*(tuple(dict.fromkeys((*getattr(one, name), *getattr(other, name)))) for name in fields))
