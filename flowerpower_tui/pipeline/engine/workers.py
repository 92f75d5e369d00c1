"""Working off a schedule: in turn, in threads, or on an event loop. Each goes on until nothing is left or one fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from typing import Any

from flowerpower_tui.pipeline.engine.schedule import Schedule, Task

Values = Mapping[str, Any]
Perform = Callable[[Task], Values]
"""Runs a task's steps and returns those of their values that others need."""


def work_in_turn(schedule: Schedule, perform: Perform) -> None:
    """Run one task after the other, in this thread and context."""
    while (task := schedule.take()) is not None:
        schedule.complete(task, perform(task))


def work_in_threads(schedule: Schedule, perform: Perform, workers: int) -> None:
    """Run tasks side by side in at most `workers` threads, this one among them; a chain never leaves it.

    After a failure nothing new starts, and what runs is waited for. An interrupt of this thread is raised at once:
    the others end with their present task, or with the process.
    """
    _Crew(schedule, perform, workers).work()


async def work_on_loop(
    schedule: Schedule, perform: Perform, perform_async: Callable[[Task], Awaitable[Values]], workers: int
) -> None:
    """Run tasks with coroutines as at most `workers` tasks of the running loop, and the others in turn.

    After a failure, or when this is cancelled, the others are cancelled and awaited.
    """
    running: dict[asyncio.Future[Values], Task] = {}
    try:
        while True:
            while len(running) < workers and (task := schedule.take()) is not None:
                if any(step.awaits for step in task.steps):
                    running[asyncio.ensure_future(perform_async(task))] = task
                else:
                    schedule.complete(task, perform(task))
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                schedule.complete(running[future], future.result())
                del running[future]
    finally:
        for future in running:
            future.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Crew:
    """Threads that take tasks from one schedule. Who finds nothing to do sleeps until there is news."""

    def __init__(self, schedule: Schedule, perform: Perform, workers: int) -> None:
        self._schedule = schedule
        self._perform = perform
        self._places = workers - 1
        self._hired: list[threading.Thread] = []
        self._idle = 0
        self._running = 0
        self._error: BaseException | None = None
        self._news = threading.Condition(threading.Lock())
        self._context = copy_context()

    def work(self) -> None:
        """Work in this thread until nothing is left, and hire others while there is work for them."""
        try:
            self._take_part(self._wait_for_all)
        except BaseException as interrupt:
            with self._news:
                self._error = interrupt
                self._news.notify_all()
            raise
        for thread in self._hired:
            thread.join()
        if self._error is not None:
            raise self._error

    def _help(self) -> None:
        try:
            self._take_part(self._leave)
        except BaseException as error:  # noqa: BLE001 - an interrupt that a node raised itself: for the first thread
            self._fail(error)

    def _take_part(self, is_over: Callable[[], bool]) -> None:
        task = self._next(is_over)
        while task is not None:
            try:
                # A copy: what a node leaves in its context is nobody else's, whichever thread it ran in.
                values = self._context.copy().run(self._perform, task)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - raised again by `work`
                self._fail(error)
                task = self._next(is_over)
            else:
                task = self._next(is_over, task, values)

    def _next(self, is_over: Callable[[], bool], done: Task | None = None, values: Values | None = None) -> Task | None:
        """Settle what is done, and wait for a task; None if this thread can go."""
        with self._news:
            if done is not None and values is not None:
                self._schedule.complete(done, values)
                self._running -= 1
            while self._error is not None or (task := self._schedule.take()) is None:
                if is_over():
                    self._news.notify_all()
                    return None
                self._idle += 1
                self._news.wait()
                self._idle -= 1
            self._running += 1
            is_hiring = self._call_for_help()
        if is_hiring:
            self._hire()
        return task

    def _wait_for_all(self) -> bool:
        return not self._running

    def _leave(self) -> bool:
        return self._error is not None or not self._running

    def _call_for_help(self) -> bool:
        """Wake somebody if there is more to do than this thread takes; say whether somebody is to be hired."""
        if not self._schedule.has_ready:
            return False
        if self._idle:
            self._news.notify()
            return False
        return len(self._hired) < self._places

    def _hire(self) -> None:
        # A daemon: one that runs after an interrupt does not keep the process from ending.
        thread = threading.Thread(target=self._help, name=f"node-{len(self._hired) + 1}", daemon=True)
        self._hired.append(thread)
        thread.start()

    def _fail(self, error: BaseException) -> None:
        with self._news:
            self._error = self._error or error
            self._running -= 1
            self._news.notify_all()
