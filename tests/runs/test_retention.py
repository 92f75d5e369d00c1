from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import LOCK, OUTPUT, REQUEST, RunDirectory
from flowerpower_tui.runs.events import AnyEvent, RunFinished, RunOutcome, RunStarted
from flowerpower_tui.runs.journal import JOURNAL, JournalWriter
from flowerpower_tui.runs.request import run_id
from flowerpower_tui.runs.retention import Retention, keep_within, parse_size, remove, surplus, sweep, sweep_results
from flowerpower_tui.runs.store import RunStore

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Make = Callable[..., RunDirectory]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def make(store: RunStore) -> Make:
    """Makes a run that began some minutes after noon and has printed so many bytes."""

    def run(minute: float, size: int = 0, outcome: RunOutcome = "succeeded", pipeline: str = "etl") -> RunDirectory:
        start = NOON + timedelta(minutes=minute)
        made = RunDirectory(store.path / run_id(pipeline, start.timestamp()))
        made.path.mkdir()
        (made.path / LOCK).touch()
        (made.path / OUTPUT).write_bytes(b"x" * size)
        with JournalWriter(made.path) as journal:
            journal.append(RunStarted(time=start, run=made.id, project="/p", pipeline=pipeline, supervisor=1, worker=2))
            journal.append(RunFinished(time=start, outcome=outcome, duration=7.0))
        return made

    return run


def left(store: RunStore) -> list[str]:
    return [info.id for info in RunStore(store.path.parent).runs()]


def test_the_newest_are_kept(store: RunStore, make: Make) -> None:
    runs = [make(minute) for minute in range(4)]

    keep_within(Retention(runs=2), store.path)

    assert left(store) == [runs[3].id, runs[2].id]


def test_what_fits_is_kept_and_the_newest_in_any_case(store: RunStore, make: Make) -> None:
    _, old, new = make(0, 3_000), make(1, 5_000), make(2, 4_000)

    keep_within(Retention(size=10_000), store.path)
    assert left(store) == [new.id, old.id]
    keep_within(Retention(size=100), store.path)
    assert left(store) == [new.id]


def test_a_run_that_goes_on_is_never_touched(store: RunStore, make: Make) -> None:
    old, _, new = make(0), make(1), make(2)
    with (old.path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        keep_within(Retention(runs=1), store.path)

        assert not remove(old)
        assert left(store) == [new.id, old.id]


def test_a_run_that_cannot_be_read_is_in_nobodys_way(store: RunStore, make: Make) -> None:
    # As one of another user is; here for root, too.
    old, run, new = make(0), make(1), make(2)
    for name in (LOCK, JOURNAL, REQUEST):
        (run.path / name).unlink(missing_ok=True)
        (run.path / name).symlink_to(name)

    assert [info.id for info in store.runs()] == [new.id, old.id]
    keep_within(Retention(runs=1), store.path)
    assert {path.name for path in store.path.iterdir()} == {run.id, new.id}


def test_a_run_is_removed_once(make: Make) -> None:
    run = make(0)

    assert [remove(run), remove(run)] == [True, False]


def test_what_killed_launchers_left_is_swept(store: RunStore, make: Make) -> None:
    make(0)
    names = (".tmpold", ".tmpnew", ".tmpowned", ".removed-x")
    for name in names:
        (store.path / name).mkdir()
        (store.path / name / LOCK).touch()
    for name in (".tmpold", ".tmpowned"):
        os.utime(store.path / name, (time.time() - 3600,) * 2)
    with (store.path / ".tmpowned" / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        assert sweep(store.path) == 2

    assert {name for name in names if (store.path / name).exists()} == {".tmpnew", ".tmpowned"}
    assert len(left(store)) == 1


def test_nothing_is_surplus_by_default(make: Make) -> None:
    runs = [make(minute) for minute in range(5)]

    assert list(surplus(runs, Retention())) == []


@pytest.mark.parametrize(
    ("text", "size"), [("1000", 1000), ("500MB", 500 * 10**6), ("2 G", 2 * 10**9), ("1.5kb", 1500), ("0", 0)]
)
def test_sizes_are_written_as_people_do(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "2 GiB", "much", "1..2"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


def test_the_environment_chooses_what_is_kept() -> None:
    assert Retention.of({}) == Retention(1000, 5 * 10**9)
    assert Retention.of({"FP_TUI_KEEP_RUNS": "7", "FP_TUI_KEEP_SIZE": "1GB"}) == Retention(7, 10**9)
    with pytest.raises(RunStoreError, match="FP_TUI_KEEP_RUNS"):
        Retention.of({"FP_TUI_KEEP_RUNS": "many"})


def test_every_run_that_ends_makes_room(
    run_script: Callable[[str], tuple[RunDirectory, list[AnyEvent]]],
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    eventually: Callable[[Callable[[], object]], None],
) -> None:
    monkeypatch.setenv("FP_TUI_KEEP_RUNS", "2")
    runs = [run_script("pass")[0] for _ in range(4)]

    eventually(lambda: len(RunStore(state).runs()) == 2)

    assert [info.id for info in RunStore(state).runs()] == [runs[3].id, runs[2].id]


def test_runs_are_filtered_by_state_and_time(store: RunStore, make: Make) -> None:
    early, failed, late = make(0), make(1, outcome="failed"), make(2, pipeline="report")

    def ids(**filters: object) -> list[str]:
        return [info.id for info in store.runs(**filters)]  # type: ignore[arg-type]

    assert ids(states=["failed", "crashed"]) == [failed.id]
    assert ids(states=["succeeded"], limit=1) == [late.id]
    assert ids(since=NOON + timedelta(minutes=1)) == [late.id, failed.id]
    assert ids(until=NOON + timedelta(minutes=1)) == [early.id]
    assert ids(pipeline="etl", since=NOON + timedelta(seconds=1)) == [failed.id]


def test_of_kept_results_the_oldest_go_until_there_is_room(tmp_path: Path) -> None:
    results = tmp_path / "results/project/ab"
    results.mkdir(parents=True)
    for age, name in enumerate(("new", "old", "oldest")):
        (results / name).write_bytes(b"x" * 100)
        os.utime(results / name, (1_000 - age, 1_000 - age))

    assert sweep_results(tmp_path / "results", 250) == 1
    assert {path.name for path in results.iterdir()} == {"new", "old"}
    assert sweep_results(tmp_path / "results", 250) == 0
    assert sweep_results(tmp_path / "nowhere", 0) == 0
