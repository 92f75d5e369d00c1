"""What the nodes of an attempt do, told to the run's observer: once, in order, and never at the user's cost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowerpower_tui.pipeline.failure import Failure, describe
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.pipeline.summary import ValueSummary, summarise

logger = logging.getLogger(__name__)

INTERRUPTIONS = (KeyboardInterrupt, asyncio.CancelledError, GeneratorExit)
"""What ends a node from outside: it has neither failed nor finished then."""


class NodeEvents:
    """Tells an observer of the nodes, from any thread.

    No call raises: a fault in here or in the observer must not end the user's run. After `close` nothing is told any
    more: threads that an interrupt left behind end in silence.

    Attributes:
        started: names of the nodes that began.
        failed: names of those that raised, in that order.
        cause: the first whose failure ends the attempt; empty while there is none.
        interrupted: names of those that were ended from outside.
        on_failure: called before such a failure is told, so that nothing is started after it.
    """

    def __init__(self, observer: RunObserver, project_root: Path) -> None:
        self.started: set[str] = set()
        self.failed: list[str] = []
        self.cause = ""
        self.interrupted: set[str] = set()
        self.on_failure: Callable[[], None] = lambda: None
        self._observer = observer
        self._root = project_root
        self._is_heard = not isinstance(observer, NullObserver)
        self._is_open = True

    def start(self, node: str, task: str) -> None:
        """Tell that a node begins; `task` names its instance inside a block, and is empty elsewhere."""
        self.started.add(node)
        if self._is_heard and self._is_open:
            try:
                self._observer.node_started(node, task)
            except Exception:  # noqa: BLE001 - see the class
                _lost()

    def finish(self, node: str, task: str, duration: float, value: Any) -> None:
        """Tell that a node gave `value` after `duration` seconds."""
        if self._is_heard and self._is_open:
            try:
                self._observer.node_finished(node, task, duration, summarise(value))
            except Exception:  # noqa: BLE001 - see the class
                _lost()

    def reuse(self, node: str, task: str, duration: float, value: Any) -> None:
        """Tell that a node's value was at hand without running it; finding it took `duration` seconds."""
        if self._is_heard:
            self.reuse_as(node, task, duration, summarise(value))

    def reuse_as(self, node: str, task: str, duration: float, summary: ValueSummary) -> None:
        """Tell the same of a value that is known by its summary."""
        if self._is_heard:
            self._tell(self._observer.node_finished, node, task, duration, summary, True)

    def fail(self, node: str, task: str, duration: float, error: BaseException) -> None:
        """Tell that a node raised, which ends the attempt; nothing if it was interrupted."""
        if isinstance(error, INTERRUPTIONS):
            self.interrupted.add(node)
            return
        self.fail_as(node, task, duration, describe(error, self._root) if self._is_heard else None)

    def fail_as(self, node: str, task: str, duration: float, failure: Failure | None) -> None:
        """Tell the same of a failure that is known as data."""
        self.on_failure()
        self.cause = self.cause or node
        self._tell_failure(node, task, duration, failure)

    def tolerate(self, node: str, task: str, duration: float, error: BaseException) -> None:
        """Tell that a node raised, and that an adapter goes on in spite of it."""
        self._tell_failure(node, task, duration, describe(error, self._root) if self._is_heard else None)

    def finish_as(self, node: str, task: str, duration: float, summary: ValueSummary) -> None:
        """Tell a value that is known by its summary."""
        if self._is_heard:
            self._tell(self._observer.node_finished, node, task, duration, summary)

    def skip(self, node: str, why: str) -> None:
        """Tell that a node will not run, or not to its end."""
        self._tell(self._observer.node_skipped, node, why)

    def progress(self, node: str, done: int, total: int) -> None:
        """Tell that `done` of `total` items are through a block."""
        self._tell(self._observer.progress, node, done, total)

    def close(self) -> None:
        """Tell nothing more."""
        self._is_open = False

    def _tell_failure(self, node: str, task: str, duration: float, failure: Failure | None) -> None:
        self.failed.append(node)
        if self._is_heard:
            self._tell(self._observer.node_failed, node, task, duration, failure)

    def _tell(self, call: Callable[..., None], *facts: Any) -> None:
        if not self._is_open:
            return
        try:
            call(*facts)
        except Exception:  # noqa: BLE001 - see the class
            _lost()


def _lost() -> None:
    logger.warning("A node's event was lost.", exc_info=True)
