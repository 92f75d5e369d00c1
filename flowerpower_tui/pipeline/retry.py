"""Trying a failed run again: how often, after how long, and for which exceptions."""

from __future__ import annotations

import asyncio
import builtins
import random
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from flowerpower_tui.config.models import RetryConfig
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver

Result = TypeVar("Result")

_MOST_DOUBLINGS = 1000
"""More do not fit into a number; nobody lives to see so many, unless there is nothing to wait for."""


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
        self._sleepers: set[Callable[[], None]] = set()

    def run(self, attempt: Callable[[], Result]) -> Result:
        """Return what the first successful attempt returns.

        Raises:
            Exception: what the last attempt raised, as it was raised.
        """
        for number, delay in self._attempts():
            try:
                return attempt()
            except Exception as error:
                wait = self._failed(number, error, delay)
                if wait is None or self._stopped.wait(wait):
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def run_async(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        """The same for what is awaited; the waits leave the event loop to others.

        Raises:
            Exception: what the last attempt raised, as it was raised.
        """
        for number, delay in self._attempts():
            try:
                return await attempt()
            except Exception as error:
                wait = self._failed(number, error, delay)
                if wait is None or await self._stopped_within(wait):
                    raise
        raise AssertionError("the last attempt returns or raises")

    def stop(self) -> None:
        """Make no further attempt; ends the wait before one. May be called from any thread."""
        self._stopped.set()
        for wake in tuple(self._sleepers):
            wake()

    def _attempts(self) -> Iterator[tuple[int, float | None]]:
        """Tell of each attempt as it begins; yield its number, and how long to wait if it fails."""
        for number in range(1, self.attempts + 1):
            self._observer.attempt_started(number, self.attempts)
            yield number, self._delay(number) if number < self.attempts else None

    def _delay(self, number: int) -> float:
        delay: float = min(self.config.retry_delay * 2 ** min(number - 1, _MOST_DOUBLINGS), threading.TIMEOUT_MAX)
        delay += delay * self.config.jitter_factor * random.random()  # noqa: S311 - spreads load, no secret
        return min(delay, threading.TIMEOUT_MAX)

    def _failed(self, number: int, error: Exception, delay: float | None) -> float | None:
        """Tell of a failed attempt; return how long to wait for the next, None if there is none."""
        delay = delay if self._is_worth_another(error) else None
        self._observer.attempt_failed(number, describe(error, self._root), delay)
        return delay

    async def _stopped_within(self, seconds: float) -> bool:
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(stopped.set)

        self._sleepers.add(wake)
        try:
            async with asyncio.timeout(0 if self._stopped.is_set() else seconds):
                await stopped.wait()
        except TimeoutError:
            pass
        finally:
            self._sleepers.discard(wake)
        return self._stopped.is_set()

    def _is_worth_another(self, error: Exception) -> bool:
        if isinstance(error, FlowerPowerError) or self._stopped.is_set():
            return False
        return matches(error, self.config.retry_exceptions or ("Exception",))


def matches(error: BaseException, wanted: Iterable[str | type[BaseException]]) -> bool:
    """Whether `error` is one of `wanted`: classes, names, or dotted names.

    Names are compared with the exception's own class and its bases, so nothing has to be imported to know them: a bare
    `ConnectionError` is Python's and that of requests, as FlowerPower has it. A dotted name may also be one that a
    module passes on, as `requests.ConnectionError`.
    """
    return any(_is_one(error, kind) for kind in wanted)


def _is_one(error: BaseException, kind: str | type[BaseException]) -> bool:
    if isinstance(kind, type):
        return isinstance(error, kind)
    module, _, name = kind.rpartition(".")
    known = getattr(sys.modules.get(module) if module else builtins, name, None)
    if isinstance(known, type) and isinstance(error, known):
        return True
    return any(kind in (base.__name__, f"{base.__module__}.{base.__qualname__}") for base in type(error).__mro__)
