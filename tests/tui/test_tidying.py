"""Garbage waits until nobody types, and never without end."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.tidying import ENOUGH, TOO_MUCH, Tidying

Asked = list[Callable[[], object]]


class Cycle:
    """Only a collection can free it."""

    def __init__(self) -> None:
        self.myself = self


@pytest.fixture
def asked() -> Asked:
    """What a loop was asked to call."""
    return []


@pytest.fixture
def started(asked: Asked) -> Iterator[Callable[[float], Tidying]]:
    """Starts to tidy."""
    all_of_them: list[Tidying] = []

    def start(rest: float) -> Tidying:
        gc.collect()
        tidying = Tidying(asked.append, rest)
        tidying.start()
        all_of_them.append(tidying)
        return tidying

    yield start
    for tidying in all_of_them:
        tidying.stop()


def age(times: int) -> weakref.ref[Cycle]:
    """Let garbage outlive so many collections of younger objects."""
    cycle = Cycle()
    gc.collect(1)
    gc.collect(1)
    old = weakref.ref(cycle)
    del cycle
    for _ in range(times - 2):
        gc.collect(1)
    return old


def test_garbage_goes_once_nobody_types(started: Callable[[float], Tidying], asked: Asked) -> None:
    started(-1.0)
    garbage = age(ENOUGH + 1)
    assert len(asked) == 1
    assert garbage() is not None
    asked.pop()()
    assert garbage() is None


def test_garbage_stays_while_somebody_types(started: Callable[[float], Tidying], asked: Asked) -> None:
    started(3600.0).touch()
    garbage = age(ENOUGH + 1)
    assert not asked
    assert garbage() is not None


def test_too_much_garbage_goes_whoever_types(started: Callable[[float], Tidying], asked: Asked) -> None:
    started(3600.0).touch()
    garbage = age(TOO_MUCH + 1)
    asked.pop()()
    assert garbage() is None


def test_who_began_to_type_since_it_was_asked_for_is_waited_for(
    started: Callable[[float], Tidying], asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    tidying = started(3600.0)
    monkeypatch.setattr("time.monotonic", lambda: 10_000.0)
    garbage = age(ENOUGH + 1)
    tidying.touch()
    asked.pop()()
    assert garbage() is not None


async def test_the_interface_tidies_and_leaves_python_as_it_was(
    project: Callable[..., object], open_app: Callable[..., FlowerPowerApp]
) -> None:
    before = gc.get_threshold(), list(gc.callbacks)
    app = open_app(project("def one() -> int:\n    return 1\n"))
    async with app.run_test():
        assert gc.get_threshold()[2] > before[0][2]
    assert (gc.get_threshold(), list(gc.callbacks)) == before
