"""Looks at a pipeline in threads: one that hangs in an import keeps no other back, and only the latest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flowerpower_tui.errors import FlowerPowerError, Problem
from flowerpower_tui.runs.inspect import Inspection

MOST = 3
"""Looks at once."""


class Looks:
    """Looks at one thing again and again.

    Args:
        look: looks; blocks until it has seen.
        tell: is handed what the latest look has found, by its thread.
    """

    def __init__(self, look: Callable[[], Inspection], tell: Callable[[Inspection], object]) -> None:
        self._look = look
        self._tell = tell
        self._lock = threading.Lock()
        self._asked = 0
        self._begun = 0
        self._going_on = 0

    def ask(self) -> None:
        """Look; what earlier looks still find counts no more."""
        with self._lock:
            self._asked += 1
            if self._going_on < MOST:
                self._begin()

    def _begin(self) -> None:
        self._begun = self._asked
        self._going_on += 1
        threading.Thread(target=self._work, args=(self._asked,), name="look", daemon=True).start()

    def _work(self, number: int) -> None:
        try:
            inspection = self._look()
        except FlowerPowerError as error:
            inspection = Inspection(problems=error.problems)
        except OSError as error:
            inspection = Inspection(problems=(Problem(f"The pipeline cannot be looked at: {error}"),))
        with self._lock:
            self._going_on -= 1
            if number == self._asked:
                self._tell(inspection)
            elif self._begun < self._asked:
                self._begin()
