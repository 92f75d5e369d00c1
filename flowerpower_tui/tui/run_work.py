"""What the runs screen asks of run directories: done off the loop by threads, which post what they found."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from textual.message import Message

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.compare import Comparison, compare
from flowerpower_tui.runs.ending import count_attempts, measures
from flowerpower_tui.runs.replay import Replay
from flowerpower_tui.runs.rerun import request_again
from flowerpower_tui.runs.retention import remove, size_of, surplus
from flowerpower_tui.tui.background import in_background
from flowerpower_tui.tui.sources import Sources, sources_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.request import RunRecord, RunRequest
    from flowerpower_tui.runs.retention import Retention
    from flowerpower_tui.tui.listener import Listener

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass
class RecordRead(Message):
    """What a run was asked for; or why there is no telling."""

    run: RunDirectory
    record: RunRecord | None
    error: RunStoreError | None


@dataclass
class MeasuresRead(Message):
    """What was done so far to end a run."""

    run: RunDirectory
    measures: list[str]


@dataclass
class AttemptsCounted(Message):
    """How many attempts runs had, by their ids."""

    attempts: Mapping[str, int]


@dataclass
class ReplayReady(Message):
    """A run can be gone through."""

    run: RunDirectory
    replay: Replay


@dataclass
class SourcesRead(Message):
    """The lines of files that failures lead to, by their paths; those that cannot be read are missing."""

    failures: Sequence[Failure]
    sources: Sources


@dataclass
class RequestMade(Message):
    """What a run asked for can be asked again."""

    request: RunRequest


@dataclass
class ComparisonMade(Message):
    """Two runs stand side by side."""

    comparison: Comparison


@dataclass
class SurplusFound(Message):
    """So many runs, of so many bytes together, are more than what is to be kept."""

    retention: Retention
    runs: Sequence[RunDirectory]
    size: int


@dataclass
class Pruned(Message):
    """Runs were removed."""

    count: int


def read_record(run: RunDirectory, listener: Listener) -> None:
    """Read what a run was asked for: `RecordRead`."""

    def work() -> Message:
        try:
            return RecordRead(run, run.record(), None)
        except RunStoreError as error:
            return RecordRead(run, None, error)

    in_background("read-record", work, listener)


def read_measures(run: RunDirectory, listener: Listener) -> None:
    """Find out what was done to end a run: `MeasuresRead`."""
    in_background("read-measures", lambda: MeasuresRead(run, measures(run)), listener)


def count_attempts_of(runs: Sequence[RunDirectory], listener: Listener) -> None:
    """Count the attempts of runs: `AttemptsCounted`."""
    in_background("count-attempts", lambda: AttemptsCounted({run.id: count_attempts(run) for run in runs}), listener)


def prepare_replay(run: RunDirectory, events: Sequence[AnyEvent], listener: Listener) -> None:
    """Make a run's events ready to be gone through: `ReplayReady`."""
    in_background("prepare-replay", lambda: ReplayReady(run, Replay(events)), listener)


def read_sources(failures: Sequence[Failure], listener: Listener) -> None:
    """Read the files that failures lead to: `SourcesRead`."""
    in_background("read-sources", lambda: SourcesRead(failures, sources_of(failures)), listener)


def ask_again(run: RunDirectory, listener: Listener, changes: Mapping[str, Any] = _NOTHING) -> None:
    """Find out what a run asked for, and what that is with changes: `RequestMade` or `Troubled`."""
    in_background("ask-again", lambda: RequestMade(request_again(run, changes)), listener)


def compare_runs(left: RunDirectory, right: RunDirectory, listener: Listener) -> None:
    """Compare two runs: `ComparisonMade` or `Troubled`."""
    in_background("compare-runs", lambda: ComparisonMade(compare(left, right)), listener)


def find_surplus(runs: Sequence[RunDirectory], retention: Retention, listener: Listener) -> None:
    """Find out which runs are not to be kept: `SurplusFound`."""

    def work() -> Message:
        found = list(surplus(runs, retention))
        return SurplusFound(retention, found, sum(map(size_of, found)))

    in_background("find-surplus", work, listener)


def prune(runs: Sequence[RunDirectory], listener: Listener) -> None:
    """Remove runs, but those that go on: `Pruned` or `Troubled`."""
    in_background("prune", lambda: Pruned(sum(map(remove, runs))), listener)
