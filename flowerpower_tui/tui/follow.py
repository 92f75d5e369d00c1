"""Following runs off the loop: threads read run directories and post what is new in batches."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.events import AttemptStarted, RunFinished
from flowerpower_tui.runs.logbook import LARGE, LogBook
from flowerpower_tui.runs.sinks import troubles
from flowerpower_tui.runs.store import GOING_ON
from flowerpower_tui.tui.link import Link
from flowerpower_tui.tui.notices import Ending, ending_of, newly_ended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.store import RunInfo, RunState, RunStore
    from flowerpower_tui.tui.listener import Listener

TAIL_ROWS = 2_000
LISTING_SECONDS = 0.7
SINKS_SECONDS = 60.0
SETTLED_NS = 2_000_000_000
_SLICE_SECONDS = 0.03
# Seconds after which it is told once more to an interface that has not come to what it was told last.
_PATIENCE = 5.0


@dataclass
class LogRead(Message):
    """The rows of a followed run's log can be seen: first perhaps only the last ones, then all.

    Attributes:
        moved: which row of these the first row was that was there before; None if this is a beginning.
    """

    run: RunDirectory
    rows: Sequence[LogLine]
    moved: int | None


@dataclass
class RunAdvanced(Message):
    """A followed run has more rows, or something happened that says more than a row.

    Attributes:
        graph: the graph as it runs, in the batch in which an attempt begins.
        over: nothing more will come.
        taken: set by who was told, as soon as it comes to it: what is next waits for that.
    """

    run: RunDirectory
    events: Sequence[AnyEvent]
    graph: Graph | None
    over: bool
    taken: Flag = field(default_factory=Flag, compare=False)


@dataclass
class RunsListed(Message):
    """The project's runs, newest first, as they stand now.

    Attributes:
        ended: those that have ended since the last time, and why.
    """

    runs: Sequence[RunInfo]
    ended: Sequence[Ending] = ()


@dataclass
class SinksFailed(Message):
    """A run's sinks could not do their work."""

    pipeline: str
    warnings: Sequence[str]


class RunFollower:
    """Reads a run from its first event to its end, live or past, and posts `LogRead` and `RunAdvanced`."""

    def __init__(self, run: RunDirectory, listener: Listener, link: Link | None = None) -> None:
        self.run = run
        self._link = link or Link()
        self._listener = listener
        self._stopped = Flag()
        Thread(target=self._follow, name=f"follow-{run.id}", daemon=True).start()

    def stop(self) -> None:
        """Post nothing more."""
        self._stopped.set()
        self._link.hurry()

    def _follow(self) -> None:
        book = LogBook(self.run)
        until = None
        if book.size >= LARGE:
            tail = book.tail(TAIL_ROWS)
            until = tail.end
            self._post(LogRead(self.run, tail.lines, None))
        else:
            self._post(LogRead(self.run, book, None))
        events: list[AnyEvent] = []
        taken = Flag()
        taken.set()
        told, told_at = 0, 0.0
        finished = over = False
        while not over and not self._stopped.is_set():
            # Asked before reading: what a supervisor wrote before it died is read in any case.
            alive = self.run.is_locked
            new, more = book.extend(_SLICE_SECONDS, until=until)
            events += new
            finished = finished or any(isinstance(event, RunFinished) for event in new)
            if until is not None and not more:
                self._post(LogRead(self.run, book, len(book) - len(tail.lines)))
                until, more = None, True
            over = not more and (finished or not alive)
            if over and not finished:
                book.close()
            grown = len(book) - told
            pause = self._link.pause_for(grown)
            waited = time.monotonic() - told_at
            # An interface that is behind is not told again and again: keys would wait behind all of it.
            if over or ((events or grown) and waited >= (pause if taken.is_set() else _PATIENCE)):
                advanced = RunAdvanced(self.run, events, self._graph(events), over)
                self._post(advanced)
                taken = advanced.taken
                events = []
                told, told_at = len(book), time.monotonic()
            # While there is more it yields, so that the interface's own thread comes to its turn.
            until_due = told_at + pause - time.monotonic()
            self._link.rest(0.001 if more else max(self._link.flush_seconds, until_due))

    def _post(self, message: Message) -> None:
        if not self._stopped.is_set():
            self._listener.post_message(message)

    def _graph(self, events: Sequence[AnyEvent]) -> Graph | None:
        if not any(isinstance(event, AttemptStarted) for event in events):
            return None
        try:
            return self.run.graph()
        except RunStoreError:
            return None


class RunsWatcher:
    """Lists a project's runs again and again, and posts `RunsListed` when something changed."""

    def __init__(self, store: RunStore, project: str, listener: Listener) -> None:
        self._store = store
        self._project = project
        self._listener = listener
        self._stopped = Flag()
        self._due = Flag()
        # Of late runs: until when their sinks are watched, and how many of their troubles were told.
        self._sinks: dict[RunInfo, tuple[float, int]] = {}
        Thread(target=self._watch, name="runs-watcher", daemon=True).start()

    def look_now(self) -> None:
        """Do not wait for the next turn."""
        self._due.set()

    def stop(self) -> None:
        """Post nothing more."""
        self._stopped.set()
        self._due.set()

    def _watch(self) -> None:
        known: dict[str, RunState] | None = None
        stamp = 0
        while not self._stopped.is_set():
            self._due.clear()
            # Runs come and go by renames in this folder: where that is as it was and nothing lives, nothing is new.
            seen = self._store.path.stat().st_mtime_ns
            # Two changes within a tick of the file system's clock have one time.
            is_settled = time.time_ns() - seen > SETTLED_NS
            if known is None or not is_settled or seen != stamp or any(state in GOING_ON for state in known.values()):
                runs = self._store.runs(self._project)
                states = {run.id: run.state for run in runs}
                if states != known:
                    ended = [] if known is None else [ending_of(run) for run in newly_ended(known, runs)]
                    self._sinks |= {run.run: (time.monotonic() + SINKS_SECONDS, 0) for run in ended}
                    known = states
                    self._listener.post_message(RunsListed(runs, ended))
                stamp = seen
            self._look_for_sinks()
            self._due.wait(LISTING_SECONDS)

    def _look_for_sinks(self) -> None:
        """Sinks may still be at work when their run has ended."""
        for run, (until, told) in list(self._sinks.items()):
            warnings = [event.message for event in troubles(run.directory)]
            if len(warnings) > told:
                self._listener.post_message(SinksFailed(run.pipeline, warnings[told:]))
            if time.monotonic() > until:
                del self._sinks[run]
            else:
                self._sinks[run] = until, len(warnings)
