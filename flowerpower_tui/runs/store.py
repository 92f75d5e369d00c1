"""All runs of this user: list them, find one, ask for the latest."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from flowerpower_tui.errors import RunStoreError, did_you_mean
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import CancelRequested, RunFinished, RunStarted
from flowerpower_tui.runs.journal import from_the_end, read_head, tells
from flowerpower_tui.runs.location import private_directory, state_directory
from flowerpower_tui.runs.request import slug
from flowerpower_tui.runs.retention import newest_first

__all__ = ["RunDirectory", "RunInfo", "RunState", "RunStore"]

RunState = Literal["running", "cancelling", "succeeded", "failed", "cancelled", "crashed", "lost"]
GOING_ON: tuple[RunState, ...] = ("running", "cancelling")
"""The states in which something may still happen."""
LONGEST_END = 1 << 23
"""Bytes that a run's journal is taken to grow by while the run is being cancelled."""


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A run in a line.

    Attributes:
        id: the run's id.
        project: path of the project's root.
        pipeline: the pipeline's name.
        state: as far as the journal and the lock tell; `lost` if the supervisor died without a word.
        started: when, UTC.
        duration: seconds: in all, so far, or until the last event of a lost run.
        path: the run's directory.
    """

    id: str
    project: str
    pipeline: str
    state: RunState
    started: datetime
    duration: float
    path: str

    @property
    def directory(self) -> RunDirectory:
        """The run itself."""
        return RunDirectory(Path(self.path))

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return self.state not in GOING_ON


class RunStore:
    """The runs below a state directory. Asking again is cheap: what is over is read once."""

    def __init__(self, state: Path | None = None) -> None:
        """Use the state directory `state`, or this user's.

        Raises:
            RunStoreError: the directory cannot be made.
        """
        self.path = private_directory((state or state_directory()) / "runs")
        self._over: dict[str, RunInfo] = {}

    def runs(
        self,
        project: str | None = None,
        pipeline: str | None = None,
        limit: int | None = None,
        *,
        states: Collection[RunState] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[RunInfo]:
        """Return the runs, newest first, at most `limit` of them.

        Args:
            project: only those of this project.
            pipeline: only those of this pipeline.
            limit: how many at most.
            states: only those in one of these states; in any, if there are none.
            since: only those that were started then or later.
            until: only those that were started before.
        """
        root = _canonical(project) if project is not None else None
        found: list[RunInfo] = []
        for run in self._directories(pipeline):
            if limit is not None and len(found) >= limit:
                break
            info = self._info(run)
            if (
                info
                and root in (None, _canonical(info.project))
                and pipeline in (None, info.pipeline)
                and (not states or info.state in states)
                and (since is None or info.started >= since)
                and (until is None or info.started < until)
            ):
                found.append(info)
        return found

    def latest(self, project: str | None = None, pipeline: str | None = None) -> RunInfo | None:
        """Return the newest run there is."""
        return next(iter(self.runs(project, pipeline, limit=1)), None)

    def find(self, reference: str, project: str | None = None) -> RunDirectory:
        """Return the run that is meant by an id, `latest`, a pipeline's name (its latest run) or a part of one id.

        Raises:
            RunStoreError: there is none, or the part stands in several ids.
        """
        exact = RunDirectory(self.path / reference)
        if "/" not in reference and reference.strip(".") and exact.path.is_dir():
            return exact
        newest = self.latest(project) if reference == "latest" else self.latest(project, reference)
        if newest:
            return newest.directory
        infos = self.runs(project)
        found = [info for info in infos if reference and reference in info.id]
        if len(found) == 1:
            return found[0].directory
        if found:
            some = "\n".join(f"  {info.id}" for info in found[:3])
            raise RunStoreError(f"'{reference}' could be {len(found)} runs.", hint=f"Say more of the id:\n{some}")
        near = did_you_mean(reference, {name for info in infos for name in (info.id, info.pipeline)})
        none = "" if infos else "There are no runs yet."
        raise RunStoreError(f"There is no run '{reference}'.", hint=near or none or "fp-tui runs lists them.")

    def _directories(self, pipeline: str | None) -> Iterator[RunDirectory]:
        for run in newest_first(self.path):
            if pipeline is None or f"-{slug(pipeline)}-" in run.id:
                yield run

    def _info(self, run: RunDirectory) -> RunInfo | None:
        if known := self._over.get(run.id):
            return known
        info = _read_info(run)
        if info and info.is_over:
            self._over[run.id] = info
        return info


@lru_cache(maxsize=1024)
def _canonical(project: str) -> str:
    """The same for every path that leads to a project, through links too."""
    return os.path.realpath(project)


def _read_info(run: RunDirectory) -> RunInfo | None:
    """Read the head and the tail of a run's journal; None if there is no telling what it is."""
    # Asked before reading: whoever frees the lock has written the end before.
    alive = run.is_locked
    head = read_head(run.path)
    if isinstance(head, RunStarted):
        project, pipeline, started = head.project, head.pipeline, head.time
    else:
        try:
            record = run.record()
        except RunStoreError:
            return None
        project, pipeline, started = record.request.project, record.request.pipeline, record.time
    state, duration = _state(run, alive, started)
    return RunInfo(
        id=run.id,
        project=project,
        pipeline=pipeline,
        state=state,
        started=started,
        duration=duration,
        path=str(run.path),
    )


def _state(run: RunDirectory, alive: bool, started: datetime) -> tuple[RunState, float]:
    last = next(from_the_end(run.path), None)
    if isinstance(last, RunFinished):
        return last.outcome, last.duration
    if not alive:
        return "lost", max(0.0, (last.time - started).total_seconds()) if last else 0.0
    asked = tells(run.path, CancelRequested, LONGEST_END)
    return "cancelling" if asked else "running", max(0.0, (datetime.now(UTC) - started).total_seconds())
