"""A Hamilton adapter that tells a run's observer what the nodes do; right also where Hamilton's hooks are not."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hamilton.execution.grouping import NodeGroupPurpose
from hamilton.lifecycle import base
from hamilton.node import Node

from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.observer import RunObserver
from flowerpower_tui.pipeline.summary import summarise

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Start:
    time: float
    handled: BaseException | None
    """The exception that was being handled already, outside the node."""


class NodeEvents(
    base.BasePreNodeExecute,  # type: ignore[misc]  # Hamilton is untyped
    base.BasePostNodeExecute,  # type: ignore[misc]
    base.BasePreTaskExecute,  # type: ignore[misc]
    base.BasePostTaskExpand,  # type: ignore[misc]
    base.BasePostTaskReturn,  # type: ignore[misc]
):
    """Turns Hamilton's hooks into calls of `RunObserver`.

    No hook raises: a fault in here or in the observer must not end the user's run.

    Attributes:
        started: names of the nodes that began in this attempt.
        failed: names of those that raised, in that order.
    """

    def __init__(self, observer: RunObserver, project_root: Path) -> None:
        self._observer = observer
        self._root = project_root
        self.begin()

    def begin(self) -> None:
        """Forget the attempt before."""
        self.started: set[str] = set()
        self.failed: list[str] = []
        self._running: dict[tuple[str, str], _Start] = {}
        self._instances: dict[str, str] = {}
        self._expanders: dict[str, str] = {}
        self._progress: dict[str, tuple[int, int]] = {}

    def pre_node_execute(self, *, node_: Node, task_id: str | None = None, **_: Any) -> None:
        """Tell that a node begins."""
        with _guarded():
            task = self._instances.get(task_id or "", "")
            self.started.add(node_.name)
            self._observer.node_started(node_.name, task)
            self._running[node_.name, task] = _Start(time.perf_counter(), sys.exc_info()[1])

    def post_node_execute(
        self, *, node_: Node, error: Exception | None, result: Any, task_id: str | None = None, **_: Any
    ) -> None:
        """Tell how a node ended; nothing if Ctrl+C ended it, since then it neither failed nor finished."""
        now = time.perf_counter()
        with _guarded():
            task = self._instances.get(task_id or "", "")
            start = self._running.pop((node_.name, task))
            # Hamilton calls it a success when something other than an Exception is on its way out.
            in_flight = sys.exc_info()[1]
            raised = error or (in_flight if in_flight is not start.handled else None)
            if raised is None:
                self._observer.node_finished(node_.name, task, now - start.time, summarise(result))
            elif not isinstance(raised, KeyboardInterrupt):
                self.failed.append(node_.name)
                self._observer.node_failed(node_.name, task, now - start.time, describe(raised, self._root))

    def pre_task_execute(
        self, *, task_id: str, nodes: list[Node], purpose: NodeGroupPurpose, spawning_task_id: str | None, **_: Any
    ) -> None:
        """Learn which Parallelizable node a task belongs to."""
        with _guarded():
            if purpose is NodeGroupPurpose.EXPAND_UNORDERED:
                self._expanders[task_id] = nodes[0].name
            elif spawning_task_id is not None:
                # `expand-<node>.<index>.block-<node>`
                index = task_id.removeprefix(f"{spawning_task_id}.").partition(".")[0]
                self._instances[task_id] = f"{self._expanders[spawning_task_id]}[{index}]"

    def post_task_expand(self, *, task_id: str, parameters: dict[str, Any], **_: Any) -> None:
        """Tell how many items there are."""
        with _guarded():
            self._advance(task_id, done=0, total=len(parameters))

    def post_task_return(self, *, success: bool, spawning_task_id: str | None, **_: Any) -> None:
        """Tell that one item more is through."""
        with _guarded():
            if success and spawning_task_id is not None:
                done, total = self._progress[spawning_task_id]
                self._advance(spawning_task_id, done + 1, total)

    def _advance(self, task_id: str, done: int, total: int) -> None:
        self._progress[task_id] = done, total
        self._observer.progress(self._expanders[task_id], done, total)


@contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except Exception:  # see the class: the user's run goes on
        logger.warning("A node's event was lost.", exc_info=True)
