"""Looks: the latest counts, and what was looked at ahead counts once it has turned out to be what there is."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from flowerpower_tui.runs.inspect import Inspection
from flowerpower_tui.runs.looks import Looks


class Bench:
    """Looks whose ends are chosen: each finds its own number, once it is let go."""

    def __init__(self) -> None:
        self.begun: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.told: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._gates = [threading.Event() for _ in range(10)]
        self._count = 0
        self._lock = threading.Lock()
        self.looks = Looks(self._look, lambda found: self.told.put(int(found.final_vars[0])))

    def end(self, number: int) -> None:
        self._gates[number].set()

    def end_all(self) -> None:
        for gate in self._gates:
            gate.set()

    def _look(self) -> Inspection:
        with self._lock:
            number = self._count
            self._count += 1
        self.begun.put(number)
        self._gates[number].wait(30)
        return Inspection(final_vars=(str(number),))


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.end_all()


def begun(bench: Bench) -> int:
    return bench.begun.get(timeout=30)


def told(bench: Bench) -> int:
    return bench.told.get(timeout=30)


def test_only_the_latest_counts(bench: Bench) -> None:
    for _ in range(2):
        bench.looks.ask()
        begun(bench)
    bench.end(1)
    assert told(bench) == 1

    bench.end(0)
    bench.looks.ask()
    bench.end(begun(bench))
    assert told(bench) == 2


@pytest.mark.parametrize("is_through", [False, True])
def test_what_was_looked_at_ahead_is_told_when_it_is_what_there_is(bench: Bench, is_through: bool) -> None:
    bench.looks.look_ahead()
    number = begun(bench)
    if is_through:
        bench.end(number)
        while bench.looks._found is None:
            time.sleep(0.001)
        assert bench.told.empty()
    bench.looks.settle()
    bench.end(number)

    assert told(bench) == number


def test_what_was_taken_back_is_never_told(bench: Bench) -> None:
    bench.looks.look_ahead()
    bench.end(begun(bench))
    bench.looks.take_back()
    bench.looks.settle()
    bench.end(begun(bench))

    assert told(bench) == 1
    assert bench.told.empty()


def test_what_came_in_the_way_of_a_look_is_made_good_when_it_is_taken_back(bench: Bench) -> None:
    bench.looks.ask()
    begun(bench)
    bench.looks.look_ahead()
    begun(bench)
    bench.end(0)
    bench.end(1)
    bench.looks.take_back()
    bench.end(begun(bench))

    assert told(bench) == 2


def test_who_asks_anew_is_not_told_of_what_was_looked_at_ahead(bench: Bench) -> None:
    bench.looks.look_ahead()
    bench.end(begun(bench))
    bench.looks.ask()
    bench.end(begun(bench))

    assert told(bench) == 1


def test_many_at_once_wait_for_their_turn(bench: Bench) -> None:
    for _ in range(5):
        bench.looks.look_ahead()
    bench.looks.settle()
    assert sorted(begun(bench) for _ in range(3)) == [0, 1, 2]
    bench.end(0)
    last = begun(bench)
    bench.end(last)

    assert told(bench) == last
