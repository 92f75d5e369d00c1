"""Trying again: how long the waits are, for which exceptions, and how they end."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from flowerpower_tui.config.models import RetryConfig
from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.retry import RetryManager, matches


class Failing:
    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def manager(recorder, **settings) -> RetryManager:
    return RetryManager(RetryConfig(**{"retry_delay": 0.0, **settings}), Path("/nowhere"), recorder)


def test_the_waits_double_and_carry_a_random_share(recorder):
    retry = manager(recorder, max_retries=3, retry_delay=0.001, jitter_factor=0.5)
    assert retry.run(Failing(*[ValueError()] * 3)) == "done"
    waits = [wait for _, _, wait in recorder.of("attempt_failed")]
    assert all(base <= wait <= 1.5 * base for base, wait in zip((0.001, 0.002, 0.004), waits, strict=True))


def test_a_negative_number_of_retries_is_one_attempt(recorder):
    with pytest.raises(ValueError, match="first"):
        manager(recorder, max_retries=-2).run(Failing(ValueError("first")))


def test_attempts_without_a_wait_may_be_very_many(recorder):
    assert manager(recorder, max_retries=1100).run(Failing(*[ValueError() for _ in range(1100)])) == "done"


def test_a_wait_without_an_end_is_as_long_as_python_waits(recorder):
    retry = manager(recorder, max_retries=1, retry_delay=float("inf"), jitter_factor=0.0)
    waits = threading.Event()
    threading.Thread(target=lambda: retry.stop() if waits.wait(60) else None, daemon=True).start()
    recorder.attempt_failed = lambda *told: (recorder.calls.append(told), waits.set())
    with pytest.raises(ValueError, match="once"):
        retry.run(Failing(ValueError("once")))
    assert recorder.calls[-1][-1] == threading.TIMEOUT_MAX


def test_a_mistake_in_input_is_not_tried_again(recorder):
    with pytest.raises(GraphError):
        manager(recorder).run(Failing(GraphError("no")))
    assert len(recorder.of("attempt_started")) == 1


def test_an_interrupt_is_not_tried_again_and_not_called_a_failure(recorder):
    with pytest.raises(KeyboardInterrupt):
        manager(recorder).run(Failing(KeyboardInterrupt()))
    assert recorder.told == ["attempt_started 1"]


def test_stopping_ends_the_wait_and_raises_what_was_raised(recorder):
    retry = manager(recorder, retry_delay=3600.0)
    threading.Timer(0.05, retry.stop).start()
    with pytest.raises(ValueError, match="first"):
        retry.run(Failing(ValueError("first")))
    assert len(recorder.of("attempt_started")) == 1


class OwnTimeout(TimeoutError): ...  # noqa: N818 - named as users do


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("Exception", True),
        ("TimeoutError", True),
        ("OSError", True),
        ("IOError", True),
        ("OwnTimeout", True),
        (f"{__name__}.OwnTimeout", True),
        ("socket.timeout", True),
        (OSError, True),
        ("ValueError", False),
        ("requests.exceptions.Timeout", False),
        ("Timeout", False),
        (KeyError, False),
    ],
)
def test_exceptions_are_matched_by_class_and_by_name(wanted, expected):
    import socket  # noqa: F401 - a dotted name is looked up where it has been imported

    assert matches(OwnTimeout(), [wanted]) is expected


def test_a_bare_name_is_of_any_library_that_calls_its_exception_so():
    of_requests = type("ConnectionError", (OSError,), {"__module__": "requests.exceptions"})
    assert matches(of_requests(), ["ConnectionError"])
    assert matches(ConnectionResetError(), ["ConnectionError"])
    assert not matches(of_requests(), ["builtins.ConnectionError"])


# The same on an event loop.


async def attempts_of(failing: Failing) -> str:
    return failing()


async def test_an_event_loop_tells_the_same_as_a_thread(recorder):
    retry = manager(recorder, max_retries=3, retry_delay=0.001, jitter_factor=0.5)
    failing = Failing(*[ValueError()] * 3)
    assert await retry.run_async(lambda: attempts_of(failing)) == "done"
    waits = [wait for _, _, wait in recorder.of("attempt_failed")]
    assert all(base <= wait <= 1.5 * base for base, wait in zip((0.001, 0.002, 0.004), waits, strict=True))
    assert [number for number, _ in recorder.of("attempt_started")] == [1, 2, 3, 4]


async def test_on_an_event_loop_a_mistake_is_not_tried_again_either(recorder):
    with pytest.raises(GraphError):
        await manager(recorder).run_async(lambda: attempts_of(Failing(GraphError("no"))))
    assert len(recorder.of("attempt_started")) == 1


async def test_stopping_from_a_thread_ends_the_wait_of_an_event_loop(recorder):
    retry = manager(recorder, retry_delay=3600.0)
    threading.Timer(0.05, retry.stop).start()
    with pytest.raises(ValueError, match="first"):
        await retry.run_async(lambda: attempts_of(Failing(ValueError("first"))))
    assert len(recorder.of("attempt_started")) == 1


async def test_cancelling_ends_the_wait_of_an_event_loop(recorder):
    task = asyncio.create_task(
        manager(recorder, retry_delay=3600.0).run_async(lambda: attempts_of(Failing(ValueError("first"))))
    )
    while not recorder.of("attempt_failed"):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_loop_goes_on_while_a_retry_waits(recorder):
    beats = []

    async def beat() -> None:
        while len(beats) < 5:
            beats.append(1)
            await asyncio.sleep(0.001)

    failing = Failing(ValueError())
    await asyncio.gather(beat(), manager(recorder, retry_delay=0.05).run_async(lambda: attempts_of(failing)))
    assert len(beats) == 5


def test_stopping_before_the_first_failure_makes_it_the_last(recorder):
    retry = manager(recorder, retry_delay=0.0)
    retry.stop()
    with pytest.raises(ValueError, match="first"):
        retry.run(Failing(ValueError("first")))
    assert len(recorder.of("attempt_started")) == 1
