"""Two interfaces, or two people, on one project."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, CancelRequested
from flowerpower_tui.runs.store import RunStore

Start = Callable[..., RunDirectory]
Wait = Callable[[RunDirectory], None]
Told = Callable[[RunDirectory], tuple[list[AnyEvent], object, bytes]]


def at_once(*actions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_runs_that_are_started_at_once_are_runs_of_their_own(start_script: Start, told: Told, state: Path) -> None:
    runs: list[RunDirectory] = []

    at_once(*(lambda number=number: runs.append(start_script(f"print({number})")) for number in range(4)))

    assert sorted(told(run)[2] for run in runs) == [b"0\n", b"1\n", b"2\n", b"3\n"]
    assert len({info.id for info in RunStore(state).runs()}) == 4


def test_a_run_that_two_cancel_is_cancelled_once(
    start_script: Start, told: Told, has_printed: Wait, nobody_is_left: Wait
) -> None:
    run = start_script("print('up'); import time; time.sleep(600)")
    has_printed(run)

    def try_to_cancel() -> None:
        with suppress(RunStoreError):
            cancel(run)

    at_once(try_to_cancel, try_to_cancel)

    events, end, _ = told(run)
    assert end.outcome == "cancelled"
    assert sum(isinstance(event, CancelRequested) for event in events) == 1
    nobody_is_left(run)


def test_two_stores_tell_the_same(start_script: Start, told: Told, state: Path) -> None:
    first, second = RunStore(state), RunStore(state)
    run = start_script("import time; time.sleep(0.3)")

    assert [info.state for info in first.runs()] == [info.state for info in second.runs()] == ["running"]
    told(run)
    assert first.runs() == second.runs()
    assert first.runs()[0].state == "succeeded"
