"""Tells the supervisor what happens in the worker: the runner's calls and Python's logging, as events."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

import msgspec

from flowerpower_tui.runs.channel import Channel
from flowerpower_tui.runs.directory import GRAPH, INGREDIENTS, RunDirectory
from flowerpower_tui.runs.events import (
    AttemptFailed,
    AttemptStarted,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    Progress,
    RunFinished,
    RunOutcome,
)
from flowerpower_tui.runs.location import put

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.pipeline.ingredients import Ingredients
    from flowerpower_tui.pipeline.summary import ValueSummary

MESSAGE_LIMIT = 100_000

_node_here: ContextVar[str] = ContextVar("node", default="")


class Reporter:
    """A `RunObserver` that sends what it hears over a channel."""

    def __init__(self, run: RunDirectory, channel: Channel) -> None:
        self._run = run
        self._channel = channel
        self._final_vars: tuple[str, ...] = ()
        self._running: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._after_fork)

    @property
    def node(self) -> str:
        """The node that runs in this context, or the only one that runs at all; empty if there is no telling."""
        if here := _node_here.get():
            return here
        names = {node for node, _ in tuple(self._running)}
        return names.pop() if len(names) == 1 else ""

    def graph_built(self, graph: Graph, final_vars: tuple[str, ...], weigh: Callable[[], Ingredients]) -> None:
        """Store the graph, and what its values are made of."""
        self._final_vars = final_vars
        self._store(INGREDIENTS, weigh())
        self._store(GRAPH, graph)

    def attempt_started(self, attempt: int, attempts: int) -> None:
        """Tell it; nothing runs yet."""
        with self._lock:
            self._running.clear()
        self._channel.send(AttemptStarted, attempt=attempt, attempts=attempts, final_vars=self._final_vars)

    def attempt_failed(self, attempt: int, failure: Failure, retry_in: float | None) -> None:
        """Tell it."""
        self._channel.send(AttemptFailed, attempt=attempt, failure=failure, retry_in=retry_in)

    def node_started(self, node: str, task: str) -> None:
        """Tell it; what is logged in this context belongs to the node from now on."""
        with self._lock:
            self._running.add((node, task))
        self._channel.send(NodeStarted, node=node, task=task)
        _node_here.set(node)

    def node_finished(self, node: str, task: str, duration: float, summary: ValueSummary, reused: bool = False) -> None:
        """Tell it."""
        self._end(node, task)
        self._channel.send(NodeFinished, node=node, task=task, duration=duration, summary=summary, reused=reused)

    def node_failed(self, node: str, task: str, duration: float, failure: Failure) -> None:
        """Tell it."""
        self._end(node, task)
        self._channel.send(NodeFailed, node=node, task=task, duration=duration, failure=failure)

    def node_skipped(self, node: str, why: str) -> None:
        """Tell it."""
        self._channel.send(NodeSkipped, node=node, why=why)

    def progress(self, node: str, done: int, total: int) -> None:
        """Tell it."""
        self._channel.send(Progress, node=node, done=done, total=total)

    def finish(self, outcome: RunOutcome, failure: Failure | None) -> None:
        """Tell how the run ended; the supervisor writes that down when this process has ended too."""
        self._channel.send(RunFinished, outcome=outcome, duration=0.0, failure=failure)

    def _store(self, name: str, content: Graph | Ingredients) -> None:
        put(self._run.path / name, msgspec.json.encode(content))

    def _end(self, node: str, task: str) -> None:
        _node_here.set("")
        with self._lock:
            self._running.discard((node, task))

    def _after_fork(self) -> None:
        self._lock = threading.Lock()


class LogSender(logging.Handler):
    """Sends log records as events, with the node that wrote them; as text to stderr where nobody listens."""

    def __init__(self, reporter: Reporter, channel: Channel) -> None:
        super().__init__()
        self._reporter = reporter
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record, its traceback included."""
        try:
            # Lone surrogates, from names of files that are no UTF-8, cannot be stored.
            message = self.format(record)[:MESSAGE_LIMIT].encode(errors="backslashreplace").decode()
            if self._channel.is_open:
                level, logger, node = record.levelname, record.name, self._reporter.node
                self._channel.send(LogEmitted, level=level, logger=logger, message=message, node=node)
            else:
                self._channel.stderr.write(f"{record.levelname} {record.name}: {message}\n")
        except Exception:  # noqa: BLE001 the user's arguments are formatted here; logging has its own way to tell
            self.handleError(record)
