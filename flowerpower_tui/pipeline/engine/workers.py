"""Working off a schedule: in turn, in threads, or on an event loop. Each goes on until nothing is left or one fails."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any

from flowerpower_tui.pipeline.engine.schedule import Schedule, Task

Values = Mapping[str, Any]
Perform = Callable[[Task], Values]
"""Runs a task's steps and returns those of their values that others need."""

_NOTHING: Values = MappingProxyType({})

QUICK = 0.0001
"""Seconds: tasks that take less than this are not worth another thread."""
WATCH = 0.001
"""Seconds for which a helper looks whether it is needed; twice as long each time that it is not."""
LONGEST_WATCH = 0.008
LOOKS = 2
"""How often it looks before it believes that."""


@dataclass(frozen=True)
class Beside:
    """What threads do beside an event loop.

    Attributes:
        perform: runs a task, in one of them.
        takes: whether a task that awaits nothing is for them; the others run on the loop's own thread.
    """

    perform: Perform
    takes: Callable[[Task], bool]


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
    schedule: Schedule,
    perform: Perform,
    perform_async: Callable[[Task], Awaitable[Values]],
    awaits: Callable[[Task], bool],
    workers: int,
    beside: Beside | None = None,
) -> None:
    """Run at most `workers` tasks side by side: those that await something on the running loop, others in threads.

    What neither awaits nor is for threads runs in turn, and the loop waits for it. After a failure, or when this is
    cancelled, coroutines are cancelled and awaited; what runs in threads is waited for after a failure only.
    """
    hands = _Hands(beside.perform) if beside else None
    running: dict[asyncio.Future[Values], Task] = {}
    try:
        while True:
            while len(running) < workers and not schedule.is_stopped and (task := schedule.take()) is not None:
                if awaits(task):
                    running[asyncio.ensure_future(perform_async(task))] = task
                elif hands and beside and beside.takes(task):
                    running[hands.take(task)] = task
                else:
                    schedule.complete(task, perform(task))
            if not running:
                return
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                schedule.complete(running.pop(future), future.result())
    except Exception:
        await _cancelled(future for future, task in running.items() if awaits(task))
        await asyncio.gather(*running, return_exceptions=True)
        raise
    finally:
        await _cancelled(running)
        if hands:
            hands.let_go()


async def _cancelled(futures: Iterable[asyncio.Future[Values]]) -> None:
    futures = list(futures)
    for future in futures:
        future.cancel()
    await asyncio.gather(*futures, return_exceptions=True)


class _Hands:
    """Threads that run tasks for an event loop: started when all others are busy, and kept for what comes."""

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._orders: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._hired = self._busy = 0

    def take(self, task: Task) -> asyncio.Future[Values]:
        """Have a task run; return what will have its values."""
        future = asyncio.get_running_loop().create_future()
        self._busy += 1
        if self._busy > self._hired:
            # A daemon: one that runs after an interrupt does not keep the process from ending.
            threading.Thread(target=self._work, name=f"beside-{self._busy}", daemon=True).start()
            self._hired += 1
        self._orders.put(partial(self._run, task, copy_context(), future))
        return future

    def let_go(self) -> None:
        """Have each thread end when it is through with its task."""
        for _ in range(self._hired):
            self._orders.put(None)

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            order()

    def _run(self, task: Task, context: Context, future: asyncio.Future[Values]) -> None:
        try:
            settle = partial(future.set_result, context.run(self._perform, task))
        except StopIteration as error:
            # A future takes none, as a coroutine lets none out.
            changed = RuntimeError("a node raised StopIteration")
            changed.__cause__ = error
            settle = partial(future.set_exception, changed)
        except BaseException as error:  # noqa: BLE001 - raised where the future is awaited
            settle = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: an interrupt left this thread behind
            future.get_loop().call_soon_threadsafe(self._settle, future, settle)

    def _settle(self, future: asyncio.Future[Values], settle: Callable[[], None]) -> None:
        self._busy -= 1
        if not future.cancelled():
            settle()


class _Crew:
    """Threads that take tasks from one schedule. Who finds nothing to do sleeps until there is news.

    Nodes that take microseconds are quickest in one thread: many would only stand in each other's way. So a helper
    first watches whether the others get on without it, and takes a task if they do not.
    """

    def __init__(self, schedule: Schedule, perform: Perform, workers: int) -> None:
        self._schedule = schedule
        self._perform = perform
        self._places = workers - 1
        self._hired: list[threading.Thread] = []
        self._idle = 0
        self._running = 0
        self._completed = 0
        self._is_quick = True
        self._patience = WATCH
        self._is_watched = False
        self._is_called = False
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._context = copy_context()

    def work(self) -> None:
        """Work in this thread until nothing is left, and hire others while there is work for them."""
        try:
            self._take_part(self._next)
        except BaseException:
            with self._lock:
                self._schedule.stop()
                self._news.notify_all()
            raise
        # Helpers are not waited for: they have nothing to do any more, and go when they wake.
        if self._error is not None:
            raise self._error

    def _help(self) -> None:
        try:
            self._take_part(self._next_for_helper)
        except BaseException as error:  # noqa: BLE001 - an interrupt that a node raised itself: for the first thread
            self._fail(error)

    def _take_part(self, next_task: Callable[..., Task | None]) -> None:
        task = next_task()
        while task is not None:
            began = time.perf_counter()
            try:
                # A copy: what a node leaves in its context is nobody else's, whichever thread it ran in.
                values = self._context.copy().run(self._perform, task)
                task = next_task(task, values, time.perf_counter() - began)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - raised again by `work`
                self._fail(error)
                task = next_task()

    def _next(self, done: Task | None = None, values: Values = _NOTHING, duration: float = 0.0) -> Task | None:
        """Settle what is done and wait for a task; None when everything is, or has ended after a failure."""
        with self._lock:
            if done is not None:
                self._settle(done, values, duration)
            while True:
                if self._schedule.ready and not self._schedule.is_stopped:
                    return self._start()
                if not self._running:
                    self._news.notify_all()
                    return None
                self._sleep()

    def _next_for_helper(
        self, done: Task | None = None, values: Values = _NOTHING, duration: float = 0.0
    ) -> Task | None:
        """The same for tasks that the others do not get round to; None when this thread can go."""
        with self._lock:
            if done is not None:
                self._settle(done, values, duration)
            self._is_called = False
            while not self._schedule.is_stopped and (self._running or self._schedule.ready):
                if self._is_watched or not self._schedule.ready:
                    self._sleep()
                elif self._are_slow() and self._schedule.ready and not self._schedule.is_stopped:
                    return self._start()
            return None

    def _are_slow(self) -> bool:
        """Watch the others for a moment, if there are any and what they had last was quick."""
        if not self._running:
            return True
        if self._is_quick:
            self._is_watched = True
            # More than once: they may only have had no processor.
            self._is_quick = any(self._get_on() for _ in range(LOOKS))
            self._is_watched = False
            self._patience = min(2 * self._patience, LONGEST_WATCH) if self._is_quick else WATCH
        return not self._is_quick

    def _get_on(self) -> bool:
        before = self._completed
        self._news.wait(self._patience)
        return self._completed - before >= self._patience / QUICK

    def _sleep(self) -> None:
        self._idle += 1
        self._news.wait()
        self._idle -= 1
        self._is_called = False

    def _start(self) -> Task | None:
        """Take a task, and call for help if there are more."""
        task = self._schedule.take()
        self._running += 1
        if self._schedule.ready and not self._is_watched and not self._is_called:
            if self._idle:
                self._is_called = True
                self._news.notify()
            elif len(self._hired) < self._places:
                self._is_called = True
                self._hire()
        return task

    def _hire(self) -> None:
        # A daemon: one that runs after an interrupt does not keep the process from ending.
        thread = threading.Thread(target=self._help, name=f"nodes-{len(self._hired) + 1}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._places = len(self._hired)  # the system gives no more of them: those who are here do it
        else:
            self._hired.append(thread)

    def _settle(self, done: Task, values: Values, duration: float) -> None:
        self._schedule.complete(done, values)
        self._running -= 1
        self._completed += 1
        self._is_quick = duration < QUICK
        if not self._running and (self._schedule.is_stopped or not self._schedule.ready):
            self._news.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            self._schedule.stop()
            self._error = self._error or error
            self._running -= 1
            self._news.notify_all()
