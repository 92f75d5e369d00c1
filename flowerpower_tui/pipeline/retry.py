"""Trying a failed run again: how often, after how long, and for which exceptions."""

from __future__ import annotations

import builtins
import random
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from flowerpower_tui.config.models import RetryConfig
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver

Result = TypeVar("Result")


class RetryManager:
    """Calls something until it succeeds, the attempts are used up, or what it raises is not worth another one.

    Mistakes in input (`FlowerPowerError`) and what is no `Exception` (Ctrl+C) are never tried again.

    Args:
        config: how often, after how long, for which exceptions.
        project_root: where the user's code lies, for telling failures.
        observer: hears of every attempt.
    """

    def __init__(self, config: RetryConfig, project_root: Path, observer: RunObserver | None = None) -> None:
        self.config = config
        self.attempts = max(0, config.max_retries) + 1
        self._root = project_root
        self._observer = observer or NullObserver()
        self._stopped = threading.Event()

    def run(self, attempt: Callable[[], Result]) -> Result:
        """Return what the first successful attempt returns.

        Raises:
            Exception: what the last attempt raised, as it was raised.
        """
        delays = self._delays()
        number = 1
        while True:
            self._observer.attempt_started(number, self.attempts)
            try:
                return attempt()
            except Exception as error:
                delay = next(delays, None) if self._is_worth_another(error) else None
                self._observer.attempt_failed(number, describe(error, self._root), delay)
                if delay is None or self._stopped.wait(delay):
                    raise
            number += 1

    def stop(self) -> None:
        """Make no further attempt; ends the wait before one. May be called from any thread."""
        self._stopped.set()

    def _delays(self) -> Iterator[float]:
        for retry in range(self.attempts - 1):
            delay: float = self.config.retry_delay * 2**retry
            yield delay + delay * self.config.jitter_factor * random.random()  # noqa: S311 - spreads load, no secret

    def _is_worth_another(self, error: Exception) -> bool:
        if isinstance(error, FlowerPowerError) or self._stopped.is_set():
            return False
        return matches(error, self.config.retry_exceptions or ("Exception",))


def matches(error: BaseException, wanted: Iterable[str | type[BaseException]]) -> bool:
    """Whether `error` is one of `wanted`: classes, names, or dotted names.

    Names are compared with the exception's own class and its bases, so nothing has to be imported to know them. A
    dotted name may also be one that a module passes on, as `requests.ConnectionError`.
    """
    return any(_is_one(error, kind) for kind in wanted)


def _is_one(error: BaseException, kind: str | type[BaseException]) -> bool:
    if isinstance(kind, type):
        return isinstance(error, kind)
    module, _, name = kind.rpartition(".")
    known = getattr(sys.modules.get(module) if module else builtins, name, None)
    if isinstance(known, type):
        return isinstance(error, known)
    return any(kind in (base.__name__, f"{base.__module__}.{base.__qualname__}") for base in type(error).__mro__)
