"""Garbage is collected while nobody types: a full collection would hold the answer to a key up, for 60 ms and more.

Python looks at all objects whenever those that outlived two collections have grown by a quarter. Here it waits until
no key or mouse button was touched for a moment, or until there is so much that it must be.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

REST = 1.0
"""Seconds without a touch after which nobody waits for an answer."""
ENOUGH = 10
"""Collections of younger objects, each of some 7,000 new ones, after which a full one is worth its while."""
TOO_MUCH = 200
"""The same, after which it can wait no longer."""
_NEVER = 2**31 - 1


class Tidying:
    """Decides when Python collects all garbage, from `start` to `stop`.

    Args:
        later: has something called by the loop that answers keys, as soon as it is free; from any thread.
        rest: seconds without a touch; `REST` by default.
    """

    def __init__(self, later: Callable[[Callable[[], object]], object], rest: float = REST) -> None:
        self._later = later
        self._rest = rest
        self._touched = 0.0
        self._is_due = False
        self._thresholds = gc.get_threshold()

    def start(self) -> None:
        """Keep full collections from coming by themselves."""
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*self._thresholds[:2], _NEVER)
        gc.callbacks.append(self._collected)

    def stop(self) -> None:
        """Let them come again."""
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)
            gc.set_threshold(*self._thresholds)

    def touch(self) -> None:
        """Take note that somebody types."""
        self._touched = time.monotonic()

    def _collected(self, phase: str, info: Mapping[str, int]) -> None:
        # Python calls this in the midst of whatever needed memory, in any thread: it only asks.
        if phase == "stop" and info["generation"] == 1 and not self._is_due and self._wants_more():
            self._is_due = True
            self._later(self._collect)

    def _wants_more(self) -> bool:
        waiting = gc.get_count()[2]
        return waiting >= TOO_MUCH or (waiting >= ENOUGH and time.monotonic() - self._touched > self._rest)

    def _collect(self) -> None:
        self._is_due = False
        if self._wants_more():
            gc.collect()
