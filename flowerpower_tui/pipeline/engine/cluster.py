"""The executor that runs nodes on a cluster, whichever: what Ray and Dask have in common."""

from __future__ import annotations

import threading
import time
import uuid
from asyncio import CancelledError
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Protocol, Self

from flowerpower_tui.errors import GraphError, ModuleError
from flowerpower_tui.pipeline.engine.computation import Performer
from flowerpower_tui.pipeline.engine.elsewhere import Elsewhere, every, find_movable, hear
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Finished,
    Message,
    Recipe,
    Request,
    Started,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.engine.plan import Step
from flowerpower_tui.pipeline.engine.schedule import Schedule
from flowerpower_tui.pipeline.engine.workers import Values, work_in_threads, work_in_turn
from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.pipeline.node_events import NodeEvents

LARGE = 100_000
"""Bytes: values from this size on are brought to the cluster once, and not with each node that takes them."""
LAST_WORDS = 0.5
"""Seconds to wait for what a worker told before it died."""


@dataclass(eq=False)
class Errand:
    """Some steps that a worker of the cluster is to run.

    Attributes:
        steps: the steps; a node, or those of a block for one item.
        values: what they may take, each packed, or as the cluster has it.
        wanted: whose values are to come back.
        tells: whether the steps' beginnings and ends are to be told.
        key: names it on the cluster.
        inbox: what comes back; any thread may put something in.
    """

    steps: tuple[Step, ...]
    values: Mapping[str, Any]
    wanted: tuple[str, ...]
    tells: bool
    key: str
    inbox: SimpleQueue[Posted | Done | Lost] = field(default_factory=SimpleQueue)

    def request(self, values: Mapping[str, bytes]) -> Request:
        """Return what the worker is asked for, once it has the values."""
        return Request(tuple(step.name for step in self.steps), values, self.wanted, self.tells)


@dataclass(frozen=True)
class Posted:
    """What a worker told meanwhile, packed: the number of the first message, and messages."""

    data: bytes


@dataclass(frozen=True)
class Done:
    """What an errand returned: all its messages, packed."""

    data: bytes


@dataclass(frozen=True)
class Lost:
    """An errand that returned nothing.

    Attributes:
        error: gives what is to be raised instead, told the node that ran.
    """

    error: Callable[[str], BaseException]


class Cluster(Protocol):
    """Where errands are run.

    Attributes:
        title: what the cluster is, as users call it.
        workers: how many errands it may run at once.
    """

    title: str
    workers: int

    def bring(self, data: bytes) -> Any:
        """Bring a large value to the cluster; return what an errand takes in its place."""

    def send(self, run: str, recipe: Any, errand: Errand) -> None:
        """Have an errand run. What it tells goes into its inbox, and last of all `Done` or `Lost`."""

    def close(self) -> None:
        """End the errands that still run, as far as that is possible, and all that was started for this run."""


class OnCluster:
    """Runs the items of Parallelizable blocks, and ordinary nodes, on a cluster.

    It is connected to when there is work for it, and let go of when the run has ended: what was started for the run
    is ended then. Which nodes go there is decided as for processes, or all do.

    Args:
        connect: connects to the cluster, or starts one.
        recipe: what the cluster's workers build the graph from.
        all_nodes: whether every node goes there.
    """

    workers = 1

    def __init__(self, connect: Callable[[], Cluster], recipe: Recipe, *, all_nodes: bool = False) -> None:
        self._connect = connect
        self._recipe = packed(recipe)
        self._all_nodes = all_nodes
        self._run = uuid.uuid4().hex
        self._cluster: Cluster | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._cluster is not None:
            self._cluster.close()

    def work(self, schedule: Schedule, performer: Performer) -> None:
        """See `Executor`."""
        movable = every(performer.plan) if self._all_nodes else find_movable(performer.plan)
        if self._cluster is None and movable:
            self._cluster = self._connect()
        if self._cluster is None:
            work_in_turn(schedule, performer.perform)
            return
        self.workers = self._cluster.workers
        with _Party(self._cluster, self._run, self._recipe, schedule, performer, movable) as party:
            work_in_threads(schedule, party.perform, self.workers)


class _Party(Elsewhere):
    """The errands of one computation: each thread waits for one at a time."""

    def __init__(
        self,
        cluster: Cluster,
        run: str,
        recipe: bytes,
        schedule: Schedule,
        performer: Performer,
        movable: frozenset[Any],
    ) -> None:
        super().__init__(performer, movable)
        self._cluster = cluster
        self._run = run
        self._recipe = cluster.bring(recipe)
        self._schedule = schedule
        self._brought: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._open: set[Errand] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # After an interrupt, threads may still wait.
        for errand in list(self._open):
            errand.inbox.put(Lost(lambda _: CancelledError()))

    def pack(self, name: str, value: Any, is_shared: bool) -> Any:
        """See `Elsewhere`."""
        if not is_shared:
            return packed(value)
        with self._lock:
            for gone in [other for other in self._brought if other not in self._schedule.values]:
                del self._brought[gone]
            if name not in self._brought:
                data = packed(value)
                self._brought[name] = self._cluster.bring(data) if len(data) >= LARGE else data
            return self._brought[name]

    def run(
        self,
        steps: tuple[Step, ...],
        values: Mapping[str, Any],
        wanted: tuple[str, ...],
        instance: str,
        events: NodeEvents | None,
    ) -> Values:
        """See `Elsewhere`."""
        key = f"{steps[0].name}-{uuid.uuid4().hex}"
        errand = Errand(steps, values, wanted, events is not None, key)
        self._open.add(errand)
        try:
            self._cluster.send(self._run, self._recipe, errand)
            return _Hearing(errand, instance, events, self._cluster.title).answer()
        finally:
            self._open.discard(errand)


class _Hearing:
    """One errand, as it is heard of."""

    def __init__(self, errand: Errand, instance: str, events: NodeEvents | None, title: str) -> None:
        self._errand = errand
        self._instance = instance
        self._events = events
        self._title = title
        self._heard = self._finished = 0
        self._running = ""
        self._began = 0.0

    def answer(self) -> Values:
        """Wait for the answer, and tell what happens meanwhile."""
        inbox = self._errand.inbox
        while True:
            match inbox.get():
                case Posted(data):
                    self._hear(*unpacked(data))
                case Done(data):
                    return self._answer(unpacked(data))
                case Lost(error):
                    self._lose(error)

    def _answer(self, messages: list[Message]) -> Values:
        self._hear(0, messages)
        answer = messages[-1]
        assert isinstance(answer, Answer)
        return {name: unpacked(data) for name, data in answer.values.items()}

    def _hear(self, first: int, messages: list[Message]) -> None:
        """Tell what is new; where something is missing, the errand's result has it."""
        if first > self._heard:
            return
        for message in messages[self._heard - first :]:
            self._heard += 1
            match message:
                case Started(node):
                    self._running, self._began = node, time.perf_counter()
                case Finished():
                    self._running = ""
                    self._finished += 1
                case Failed("", _, failure, _):
                    lines = "\n".join(render(failure))
                    raise self._failed(
                        ModuleError(f"The modules that run here cannot be imported on a {self._title} worker. {lines}")
                    )
            hear(message, self._instance, self._events)

    def _lose(self, error: Callable[[str], BaseException]) -> None:
        deadline = time.monotonic() + LAST_WORDS
        with suppress(Empty):
            while isinstance(posted := self._errand.inbox.get(timeout=deadline - time.monotonic()), Posted):
                self._hear(*unpacked(posted.data))
        raise self._failed(error(self._node))

    def _failed(self, error: BaseException) -> BaseException:
        """Tell of the node that ran, or would have, that it failed."""
        if self._events is not None and not isinstance(error, CancelledError):
            if not self._running:
                self._events.start(self._node, self._instance)
            duration = time.perf_counter() - self._began if self._running else 0.0
            self._events.fail(self._node, self._instance, duration, error)
        return error

    @property
    def _node(self) -> str:
        """The node that runs, or would be next."""
        steps = self._errand.steps
        return self._running or steps[min(self._finished, len(steps) - 1)].name


def died(title: str, how: str, node: str) -> ChildProcessError:
    """Return the error for a worker that died; `how` as far as the cluster knows."""
    return ChildProcessError(f"The {title} worker that ran '{node}' died: {how}.")


def could_not_run(title: str, error: BaseException, node: str) -> BaseException:
    """Return the error for what the cluster itself raised instead of running an errand."""
    said = str(error).strip().splitlines() or [""]
    if isinstance(error, ImportError) and "flowerpower_tui" in str(error):
        return GraphError(
            f"The {title} workers have no flowerpower-tui: {said[-1]}",
            hint="Install it there in the same version as here, with what the pipeline imports.",
        )
    return RuntimeError(f"{title} could not run '{node}': {type(error).__name__}: {said[-1]}")
