"""Looks at a pipeline in threads: one that hangs in an import keeps no other back, and only the latest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flowerpower_tui.errors import FlowerPowerError, Problem
from flowerpower_tui.runs.inspect import Inspection

MOST = 3
"""Looks at once."""


class Looks:
    """Looks at one thing again and again; also ahead, while it is not sure yet that there is something to see.

    Args:
        look: looks; blocks until it has seen.
        tell: is handed what the latest look has found, by its thread, or by that of `settle`.
    """

    def __init__(self, look: Callable[[], Inspection], tell: Callable[[Inspection], object]) -> None:
        self._look = look
        self._tell = tell
        self._lock = threading.Lock()
        self._latest = 0
        self._begun = 0
        self._going_on = 0
        # Whether somebody waits for what the latest look finds; or may yet, and what it has found by then.
        self._is_awaited = False
        self._is_ahead = False
        self._found: Inspection | None = None

    def ask(self) -> None:
        """Look; what earlier looks still find counts no more."""
        with self._lock:
            self._is_awaited, self._is_ahead = True, False
            self._look_anew()

    def look_ahead(self) -> None:
        """Look, and tell nothing of it until `settle`; what earlier looks still find counts no more."""
        with self._lock:
            self._is_ahead = True
            self._look_anew()

    def settle(self) -> None:
        """What was looked at ahead is what there is to see; if nothing was, look."""
        with self._lock:
            self._is_awaited = True
            if not self._is_ahead:
                self._look_anew()
                return
            self._is_ahead = False
            if self._found is not None:
                self._answer(self._found)

    def take_back(self) -> None:
        """Forget what was looked at ahead: it is not what there is to see."""
        with self._lock:
            if self._is_ahead:
                self._is_ahead = False
                self._found = None
                if self._is_awaited:
                    # It took the place of a look that somebody still waits for.
                    self._look_anew()

    def _look_anew(self) -> None:
        self._found = None
        self._latest += 1
        if self._going_on < MOST:
            self._begin()

    def _begin(self) -> None:
        self._begun = self._latest
        self._going_on += 1
        threading.Thread(target=self._work, args=(self._latest,), name="look", daemon=True).start()

    def _work(self, number: int) -> None:
        try:
            inspection = self._look()
        except FlowerPowerError as error:
            inspection = Inspection(problems=error.problems)
        except OSError as error:
            inspection = Inspection(problems=(Problem(f"The pipeline cannot be looked at: {error}"),))
        with self._lock:
            self._going_on -= 1
            if self._begun < self._latest:
                self._begin()
            elif number == self._latest:
                if self._is_ahead:
                    self._found = inspection
                elif self._is_awaited:
                    self._answer(inspection)

    def _answer(self, inspection: Inspection) -> None:
        self._is_awaited = False
        self._found = None
        self._tell(inspection)
