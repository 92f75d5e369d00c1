"""Executors of this process: nodes one after the other, or side by side in threads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from flowerpower_tui.config.models import ExecutorConfig
from flowerpower_tui.pipeline.engine.computation import Performer
from flowerpower_tui.pipeline.engine.messages import Recipe
from flowerpower_tui.pipeline.engine.schedule import Schedule
from flowerpower_tui.pipeline.engine.workers import Beside, work_in_threads, work_in_turn


def in_turn(_config: ExecutorConfig, _recipe: Callable[[], Recipe]) -> InTurn:
    """Make what runs one node after the other."""
    return InTurn()


def in_threads(config: ExecutorConfig, _recipe: Callable[[], Recipe]) -> Threads:
    """Make what runs nodes side by side."""
    return Threads(config.max_workers)


class InTurn:
    """Runs one node after the other, in the calling thread, in topological order."""

    workers = 1

    def work(self, schedule: Schedule, performer: Performer) -> None:
        """See `Executor`."""
        work_in_turn(schedule, performer.perform)

    def beside(self, _performer: Performer) -> AbstractContextManager[Beside | None]:
        """See `OnLoop`."""
        return nullcontext()


class Threads:
    """Runs independent nodes, and the items of Parallelizable blocks, side by side in at most `workers` threads."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def work(self, schedule: Schedule, performer: Performer) -> None:
        """See `Executor`."""
        if self.workers == 1:
            work_in_turn(schedule, performer.perform)
        else:
            work_in_threads(schedule, performer.perform, self.workers)

    def beside(self, performer: Performer) -> AbstractContextManager[Beside | None]:
        """See `OnLoop`: everything where nothing is awaited. Beside coroutines, nodes may belong to the loop.

        A session of an HTTP client, say, is made in a plain node for coroutines to use, and only where the loop runs.
        """
        return nullcontext(None if performer.plan.awaits else Beside(performer.perform, lambda _: True))
