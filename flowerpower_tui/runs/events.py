"""What happens in a run, as msgspec tagged structs: one a line in `events.jsonl`, the only account there is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary

RunOutcome = Literal["succeeded", "failed", "cancelled", "crashed"]
Stream = Literal["stdout", "stderr"]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says of which zone it is: others cannot be compared with it."""

SUPERVISOR = "flowerpower_tui.runs.supervisor"
"""The logger of what the supervisor has to say itself: what it does to end a run."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True, tag_field="type"):
    """Something that happened.

    Attributes:
        seq: its place in the journal, from 1; the supervisor gives it.
        time: when it happened, UTC.
    """

    seq: int = 0
    time: Moment


class RunStarted(Event, frozen=True, kw_only=True):
    """The supervisor is up; `supervisor` and `worker` are process ids, for people and for cancel."""

    run: str
    project: str
    pipeline: str
    supervisor: int
    worker: int


class AttemptStarted(Event, frozen=True, kw_only=True):
    """An attempt begins; `graph.json` is there by now, `final_vars` is what will be computed."""

    attempt: int
    attempts: int
    final_vars: tuple[str, ...] = ()


class NodeStarted(Event, frozen=True, kw_only=True):
    """A node begins; `task` names the instance inside a Parallelizable block."""

    node: str
    task: str = ""


class NodeFinished(Event, frozen=True, kw_only=True):
    """A node gave its value, after `duration` seconds; or it was `reused`, and the node itself did not run."""

    node: str
    task: str = ""
    duration: float
    summary: ValueSummary
    reused: bool = False


class NodeFailed(Event, frozen=True, kw_only=True):
    """A node raised, after `duration` seconds."""

    node: str
    task: str = ""
    duration: float
    failure: Failure


class NodeSkipped(Event, frozen=True, kw_only=True):
    """A node will not run, and why."""

    node: str
    why: str


class Progress(Event, frozen=True, kw_only=True):
    """`done` of `total` items of a Parallelizable node are through."""

    node: str
    done: int
    total: int


class LogEmitted(Event, frozen=True, kw_only=True):
    """A record of Python's logging."""

    level: str
    logger: str
    message: str
    node: str = ""


class OutputWritten(Event, frozen=True, kw_only=True):
    """Bytes `start` to `end` of `output.log` were written to `stream`; by `node`, where that is known."""

    stream: Stream
    start: int
    end: int
    node: str = ""


class AttemptFailed(Event, frozen=True, kw_only=True):
    """An attempt failed; the next begins in `retry_in` seconds, None if there is none."""

    attempt: int
    failure: Failure
    retry_in: float | None = None


class CancelRequested(Event, frozen=True, kw_only=True):
    """Someone asked for the end; `RunFinished` follows when the worker is gone."""


class RunFinished(Event, frozen=True, kw_only=True):
    """The end, always written while the supervisor lives.

    Attributes:
        outcome: how it ended.
        duration: seconds since `RunStarted`.
        exit_code: the worker's, if it exited.
        signal: the name of the signal that ended the worker, e.g. `SIGKILL`.
        failure: why, for a failed run.
    """

    outcome: RunOutcome
    duration: float
    exit_code: int | None = None
    signal: str = ""
    failure: Failure | None = None


class UnknownEvent(Event, frozen=True, kw_only=True):
    """An event of a newer version: shown by its name, never fatal."""

    name: str


AnyEvent = (
    RunStarted
    | AttemptStarted
    | NodeStarted
    | NodeFinished
    | NodeFailed
    | NodeSkipped
    | Progress
    | LogEmitted
    | OutputWritten
    | AttemptFailed
    | CancelRequested
    | RunFinished
    | UnknownEvent
)
