from __future__ import annotations

from collections.abc import Callable

import pytest

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    CancelRequested,
    LogEmitted,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.journal import JournalReader, follow
from flowerpower_tui.runs.supervisor import GRACE_VARIABLE

Start = Callable[[str], RunDirectory]
Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GRACE_VARIABLE, "0.3,0.3")


@pytest.fixture
def cancel_in_the_middle(start_script: Start, eventually: Eventually) -> Callable[[str], list[AnyEvent]]:
    """Starts a script, cancels it when it has printed something, and returns its events."""

    def run(script: str) -> list[AnyEvent]:
        started = start_script(script)
        eventually(lambda: any(isinstance(event, OutputWritten) for event in JournalReader(started.path).read()))
        cancel(started)
        return list(follow(started))

    return run


CancelInTheMiddle = Callable[[str], list[AnyEvent]]


def end(events: list[AnyEvent]) -> RunFinished:
    assert isinstance(events[-1], RunFinished)
    return events[-1]


@pytest.mark.parametrize(
    "script",
    [
        "import time; print('up'); time.sleep(60)",
        "print('up')\nwhile True: pass",
        "import subprocess; print('up'); subprocess.run(['sleep', '60'])",
        "import asyncio; print('up'); asyncio.run(asyncio.sleep(60))",
    ],
    ids=["sleep", "loop", "subprocess", "asyncio"],
)
def test_ctrl_c_ends_what_can_be_interrupted(cancel_in_the_middle: CancelInTheMiddle, script: str) -> None:
    events = cancel_in_the_middle(script)

    assert sum(isinstance(event, CancelRequested) for event in events) == 1
    assert end(events).outcome == "cancelled"
    assert (end(events).exit_code, end(events).signal) == (130, "")


def test_what_ignores_ctrl_c_is_terminated(cancel_in_the_middle: CancelInTheMiddle) -> None:
    events = cancel_in_the_middle(
        """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("up")
        time.sleep(60)
        """
    )

    assert (end(events).outcome, end(events).signal) == ("cancelled", "SIGTERM")
    said = [(event.level, event.message) for event in events if isinstance(event, LogEmitted)]
    worker = next(event.worker for event in events if isinstance(event, RunStarted))
    assert [level for level, _ in said] == ["INFO", "WARNING"]
    assert said[0][1].startswith(f"Sent SIGINT to {worker} (")
    assert said[1][1].startswith(f"The worker did not end, so SIGTERM is sent to {worker} (")


def test_a_cancel_tells_who_is_stopped(cancel_in_the_middle: CancelInTheMiddle) -> None:
    events = cancel_in_the_middle("import subprocess; print('up'); subprocess.run(['sleep', '60'])")

    asked = next(index for index, event in enumerate(events) if isinstance(event, CancelRequested))
    said = events[asked + 1]
    assert isinstance(said, LogEmitted)
    assert "(sleep)" in said.message


def test_what_ignores_everything_is_killed(cancel_in_the_middle: CancelInTheMiddle) -> None:
    events = cancel_in_the_middle(
        """
        import signal, time
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("up")
        time.sleep(60)
        """
    )

    assert (end(events).outcome, end(events).signal) == ("cancelled", "SIGKILL")


def test_threads_that_go_on_after_the_interrupt_are_ended(cancel_in_the_middle: CancelInTheMiddle) -> None:
    events = cancel_in_the_middle(
        """
        import time
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            pool.submit(time.sleep, 60)
            print("up")
            time.sleep(60)
        """
    )

    assert end(events).outcome == "cancelled"


def test_a_second_request_takes_the_next_measure_at_once(
    start_script: Start, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GRACE_VARIABLE, "600,600")
    run = start_script(
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up'); time.sleep(600)"
    )
    journal = JournalReader(run.path)
    seen: list[AnyEvent] = []

    def has(kind: type[AnyEvent]) -> bool:
        seen.extend(journal.read())
        return any(isinstance(event, kind) for event in seen)

    eventually(lambda: has(OutputWritten))
    cancel(run)
    eventually(lambda: has(CancelRequested))
    cancel(run)

    events = list(follow(run))
    assert (end(events).outcome, end(events).signal) == ("cancelled", "SIGTERM")
    assert sum(isinstance(event, CancelRequested) for event in events) == 1


def test_what_a_run_had_done_stays_done(cancel_in_the_middle: CancelInTheMiddle) -> None:
    events = cancel_in_the_middle(
        """
        import time
        with node("a"):
            pass
        with node("b"):
            print("up")
            time.sleep(60)
        """
    )

    assert [event.node for event in events if isinstance(event, NodeStarted)] == ["a", "b"]
    assert end(events).outcome == "cancelled"


def test_a_run_that_just_starts_can_be_cancelled(start_script: Start) -> None:
    run = start_script("import time; time.sleep(60)")

    cancel(run)

    assert end(list(follow(run))).outcome == "cancelled"


def test_a_run_that_is_over_cannot_be_cancelled(start_script: Start, eventually: Eventually) -> None:
    run = start_script("pass")
    list(follow(run))
    eventually(lambda: not run.is_locked)

    with pytest.raises(RunStoreError, match="is over"):
        cancel(run)


def test_a_name_that_is_cut_in_the_middle_of_a_character_keeps_no_run_from_its_end(
    cancel_in_the_middle: CancelInTheMiddle,
) -> None:
    # The system keeps 15 bytes of a process's name, and the last one here is the first half of an ü.
    events = cancel_in_the_middle(
        "import time; from pathlib import Path; Path('/proc/self/comm').write_bytes('Ausgangsprüfung'.encode()[:11])\n"
        "print('up'); time.sleep(60)"
    )

    assert end(events).outcome == "cancelled"
    assert "(Ausgangspr\N{REPLACEMENT CHARACTER})" in "".join(
        event.message for event in events if isinstance(event, LogEmitted)
    )
