"""Adapters that only listen, for a service somewhere, told in a thread of their own: no service holds up a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import Any

from hamilton.lifecycle import base

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.adapting.parts import in_short, patience

logger = logging.getLogger(__name__)

_WAITING = 1000
"""Hooks that may wait to be told. Those of nodes hold the nodes' values."""

Facts = Mapping[str, Any]


class Aside(
    base.BasePostGraphConstruct,  # type: ignore[misc]  # Hamilton has no types
    base.BasePreGraphExecute,  # type: ignore[misc]
    base.BasePreNodeExecute,  # type: ignore[misc]
    base.BasePostNodeExecute,  # type: ignore[misc]
    base.BasePostGraphExecute,  # type: ignore[misc]
):
    """Tells another adapter what happens, in order, in a thread that neither the run nor the process waits for.

    The other adapter is made when the first attempt begins, in that thread: a graph that is only looked at costs
    nothing. The first thing that goes wrong is a warning in the run's log; if the adapter cannot be made, or is not
    told of the attempt, it is told nothing more. What is not told `timeout` seconds after the run is left.

    Args:
        title: what the service is called.
        make: makes the other adapter; may take its time, and raise.
        timeout: seconds for the service to be reached, and again for the rest at the end.
        required: whether the run fails instead.

    Attributes:
        is_over: whether nothing more is told.
    """

    def __init__(self, title: str, make: Callable[[], Any], *, timeout: float, required: bool) -> None:
        self._title = title
        self._make = make
        self._timeout = timeout
        self._required = required
        self._constructed: Facts = {}
        self._queue: Queue[tuple[str, Facts] | None] = Queue(_WAITING)
        self._thread: Thread | None = None
        self._must_begin_by = 0.0
        self._has_begun = Event()
        self.is_over = False
        self._fault = ""
        self._lock = Lock()

    def post_graph_construct(self, **facts: Any) -> None:
        """Keep it for when it is needed."""
        self._constructed = facts

    def pre_graph_execute(self, **facts: Any) -> None:
        """Begin to tell.

        Raises:
            FlowerPowerError: the service is required, and cannot be reached.
        """
        if self.is_over:
            return
        self._must_begin_by = time.monotonic() + self._timeout
        if self._thread is None:
            self._thread = Thread(target=self._tell_all, name=f"telling {self._title}", daemon=True)
            self._thread.start()
        self._has_begun.clear()
        self._put("pre_graph_execute", facts)
        if self._required:
            self.wait_for_begin()
            self._raise_if_required()

    def pre_node_execute(self, **facts: Any) -> None:
        """Tell it."""
        self._put("pre_node_execute", facts)

    def post_node_execute(self, **facts: Any) -> None:
        """Tell it."""
        self._put("post_node_execute", facts)

    def post_graph_execute(self, **facts: Any) -> None:
        """Tell it."""
        self._put("post_graph_execute", facts)

    def run_ended(self, error: BaseException | None) -> None:
        """Wait for what is still to be told, but not for long.

        Raises:
            FlowerPowerError: the service is required, and was not told all of a run that succeeded.
        """
        if self._thread is None:
            return
        now, waiting = time.monotonic(), patience(self._timeout, error)
        deadline = now + waiting if self._has_begun.is_set() else min(now + waiting, self._must_begin_by)
        with suppress(Full):
            self._queue.put(None, timeout=max(0.0, deadline - time.monotonic()))
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive():
            self._stop(f"it did not answer within {waiting:g} seconds")
        if error is None:
            self._raise_if_required()

    def wait_for_begin(self) -> None:
        """Wait until the service knows of the attempt, or its time is over."""
        if not self._has_begun.wait(max(0.0, self._must_begin_by - time.monotonic())):
            self._stop(f"it did not answer within {self._timeout:g} seconds")

    def _put(self, hook: str, facts: Facts) -> None:
        if self.is_over:
            return
        try:
            self._queue.put_nowait((hook, facts))
        except Full:
            self._stop(f"it falls behind: {_WAITING} events wait for it")

    def _tell_all(self) -> None:
        adapter: Any = None
        while (item := self._queue.get()) is not None and not self.is_over:
            hook, facts = item
            try:
                if adapter is None:
                    adapter = self._make()
                    _call(adapter, "post_graph_construct", self._constructed)
                _call(adapter, hook, facts)
            except Exception as error:  # noqa: BLE001 - the service's library may raise anything, the run must go on
                # A node that it cannot tell of is one thing; without the attempt there is nothing to tell of.
                if hook == "pre_graph_execute":
                    self._stop(in_short(error))
                else:
                    self._complain(in_short(error))
            if hook == "pre_graph_execute":
                self._has_begun.set()

    def _stop(self, why: str) -> None:
        self.is_over = True
        self._complain(why)
        self._has_begun.set()
        with suppress(Full):
            # Wakes the thread; where the queue is full, it is awake.
            self._queue.put_nowait(None)

    def _complain(self, why: str) -> None:
        """Say it once; it is nobody's business to hear of every node."""
        with self._lock:
            is_first, self._fault = not self._fault, self._fault or why
        if is_first and not self._required:
            logger.warning("%s is not told of this run, or not of all of it: %s", self._title, why)

    def _raise_if_required(self) -> None:
        if self._required and self._fault:
            raise FlowerPowerError(
                f"{self._title} is required, and was not told of this run: {self._fault}",
                hint="Start or mend it, or let the run go on without it: required: false.",
            )


def _call(adapter: Any, hook: str, facts: Facts) -> None:
    method = getattr(adapter, hook, None)
    if method is not None:
        method(**facts)
