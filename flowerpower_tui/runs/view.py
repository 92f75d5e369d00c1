"""What a run looks like now: a fold of its events. Live or a week old, every view of a run starts from this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    Progress,
    RunFinished,
    RunStarted,
)

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.pipeline.summary import ValueSummary

RunState = Literal["starting", "running", "cancelling", "succeeded", "failed", "cancelled", "crashed", "lost"]
NodeState = Literal["waiting", "running", "succeeded", "failed", "skipped", "cancelled", "crashed", "lost"]


@dataclass(slots=True)
class NodeRun:
    """A node in the present attempt.

    Attributes:
        state: a node that ran when the run ended shares its end: `cancelled`, `crashed` or `lost`.
        started: when it began, UTC; of several instances, the first.
        duration: seconds; of several instances, their sum.
        summary: of the value, once there is one; of several instances, the latest.
        failure: what it raised.
        why: why it was skipped.
        done: items of this Parallelizable that are through, of `total`.
        total: items that this Parallelizable gave; 0 if it is none.
        tasks: instances of this node that began, if it stands inside a Parallelizable block.
        tasks_running: those that run now.
    """

    state: NodeState = "waiting"
    started: datetime | None = None
    duration: float | None = None
    summary: ValueSummary | None = None
    failure: Failure | None = None
    why: str = ""
    done: int = 0
    total: int = 0
    tasks: int = 0
    tasks_running: int = 0

    def elapsed(self, now: datetime | None = None) -> float | None:
        """Seconds since it began if it runs; else how long it took."""
        if self.state == "running" and self.started is not None:
            return max(0.0, ((now or datetime.now(UTC)) - self.started).total_seconds())
        return self.duration


@dataclass(slots=True)
class RunView:
    """A run as its events tell it so far: hand each of them to `apply`, in order.

    Attributes:
        run: the run's id.
        state: `starting` before the first event; `lost` only by `mark_lost`, since no event tells it.
        started: when it began, UTC.
        duration: seconds, once it ended.
        attempt: the present attempt, from 1; 0 before the first.
        attempts: how many there may be.
        final_vars: what is computed.
        nodes: the nodes of which events told in this attempt; see `node` for the others.
        failure: why the run, or its last attempt, failed.
        exit_code: the worker's, if it exited.
        signal: the name of the signal that ended the worker.
    """

    run: str = ""
    project: str = ""
    pipeline: str = ""
    state: RunState = "starting"
    started: datetime | None = None
    duration: float | None = None
    attempt: int = 0
    attempts: int = 0
    final_vars: tuple[str, ...] = ()
    nodes: dict[str, NodeRun] = field(default_factory=dict)
    failure: Failure | None = None
    exit_code: int | None = None
    signal: str = ""
    _open_blocks: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, events: Iterable[AnyEvent]) -> RunView:
        """Return the view after all these events."""
        view = cls()
        for event in events:
            view.apply(event)
        return view

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return self.state not in ("starting", "running", "cancelling")

    def node(self, name: str) -> NodeRun:
        """Return how a node stands; one that no event told of waits."""
        return self.nodes.get(name) or NodeRun()

    def elapsed(self, now: datetime | None = None) -> float | None:
        """Seconds since the run began if it runs; else how long it took. None if that is not known."""
        if self.is_over or self.started is None:
            return self.duration
        return max(0.0, ((now or datetime.now(UTC)) - self.started).total_seconds())

    def apply(self, event: AnyEvent) -> None:
        """Take in the next event; those that change nothing here are passed over."""
        match event:
            case OutputWritten() | LogEmitted():
                pass
            case NodeStarted():
                self._node_started(event)
            case NodeFinished():
                self._node_finished(event)
            case Progress():
                self._progress(event)
            case NodeFailed():
                self._node_failed(event)
            case NodeSkipped():
                self._node_skipped(event)
            case RunStarted():
                self._run_started(event)
            case AttemptStarted():
                self._attempt_started(event)
            case AttemptFailed():
                self.failure = event.failure
            case CancelRequested():
                self.state = "cancelling"
            case RunFinished():
                self._run_finished(event)

    def after(self, events: Sequence[AnyEvent]) -> RunView:
        """Return the view after these further events; this one stays as it is, and they share what did not change."""
        later = replace(self, nodes=dict(self.nodes), _open_blocks=set(self._open_blocks))
        # An event changes its own node, and the end of a run or of a block those that run.
        running = (name for name, node in self.nodes.items() if node.state == "running")
        told: Iterable[str] = (getattr(event, "node", "") for event in events)
        for name in {*running, *told} & self.nodes.keys():
            later.nodes[name] = replace(self.nodes[name])
        for event in events:
            later.apply(event)
        return later

    def mark_lost(self) -> None:
        """The supervisor is gone and wrote no end: nothing more will come."""
        if not self.is_over:
            self.state = "lost"
            self._end_nodes("lost")

    def _run_started(self, event: RunStarted) -> None:
        self.run, self.project, self.pipeline = event.run, event.project, event.pipeline
        self.state, self.started = "running", event.time

    def _attempt_started(self, event: AttemptStarted) -> None:
        self.attempt, self.attempts, self.final_vars = event.attempt, event.attempts, event.final_vars
        self.failure = None
        self.nodes = {}
        self._open_blocks.clear()

    def _node_started(self, event: NodeStarted) -> None:
        node = self._node(event.node)
        node.state = "running"
        node.started = node.started or event.time
        if event.task:
            node.tasks += 1
            node.tasks_running += 1

    def _node_finished(self, event: NodeFinished) -> None:
        node = self._node(event.node)
        node.summary = event.summary
        self._ended(node, event)
        if node.state != "failed":
            # Inside a block that is not through, more instances may come: it does not flicker between them.
            more = event.task and (node.tasks_running or self._open_blocks)
            node.state = "running" if more else "succeeded"

    def _node_failed(self, event: NodeFailed) -> None:
        node = self._node(event.node)
        node.state, node.failure = "failed", event.failure
        self._ended(node, event)

    def _ended(self, node: NodeRun, event: NodeFinished | NodeFailed) -> None:
        if event.task:
            node.tasks_running = max(0, node.tasks_running - 1)
            node.duration = (node.duration or 0.0) + event.duration
        else:
            node.duration = event.duration

    def _node_skipped(self, event: NodeSkipped) -> None:
        node = self._node(event.node)
        node.state, node.why = "skipped", event.why

    def _progress(self, event: Progress) -> None:
        node = self._node(event.node)
        node.done, node.total = event.done, event.total
        if event.done < event.total:
            self._open_blocks.add(event.node)
            return
        self._open_blocks.discard(event.node)
        if not self._open_blocks:
            for inner in self.nodes.values():
                if inner.tasks and not inner.tasks_running and inner.state == "running":
                    inner.state = "succeeded"

    def _run_finished(self, event: RunFinished) -> None:
        self.state, self.duration = event.outcome, event.duration
        self.exit_code, self.signal = event.exit_code, event.signal
        self.failure = event.failure or (self.failure if event.outcome != "succeeded" else None)
        self._end_nodes("crashed" if event.outcome == "crashed" else "cancelled")

    def _end_nodes(self, state: NodeState) -> None:
        for node in self.nodes.values():
            if node.state == "running":
                node.state = state

    def _node(self, name: str) -> NodeRun:
        node = self.nodes.get(name)
        if node is None:
            node = self.nodes[name] = NodeRun()
        return node
