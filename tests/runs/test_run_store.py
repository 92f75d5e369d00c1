from __future__ import annotations

import fcntl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.directory import GRAPH, LOCK, REQUEST, RunDirectory
from flowerpower_tui.runs.events import (
    CancelRequested,
    LogEmitted,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunOutcome,
    RunStarted,
)
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.location import state_directory
from flowerpower_tui.runs.request import RunRecord, RunRequest, run_id
from flowerpower_tui.runs.store import RunStore

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Make = Callable[..., RunDirectory]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def make(store: RunStore) -> Make:
    """Makes a run that began some minutes after noon."""

    def run(
        pipeline: str = "etl", *, project: str = "/p", minute: float = 0, outcome: RunOutcome | None = "succeeded"
    ) -> RunDirectory:
        time = NOON + timedelta(minutes=minute)
        made = RunDirectory(store.path / run_id(pipeline, time.timestamp()))
        made.path.mkdir()
        with JournalWriter(made.path) as journal:
            journal.append(
                RunStarted(time=time, run=made.id, project=project, pipeline=pipeline, supervisor=1, worker=2)
            )
            journal.append(NodeStarted(time=time + timedelta(seconds=5), node="a"))
            if outcome:
                journal.append(RunFinished(time=time, outcome=outcome, duration=7.0))
        return made

    return run


def ids(store: RunStore, *arguments: str | None, limit: int | None = None) -> list[str]:
    return [info.id for info in store.runs(*arguments, limit=limit)]


def test_an_id_tells_time_and_pipeline_and_sorts_by_time() -> None:
    moments = [NOON.timestamp() + step / 1000 for step in range(0, 3000, 7)]
    made = [run_id("etl", moment) for moment in moments]

    assert made[0] == "20260501-120000-etl-0000"
    assert made == sorted(set(made))


def test_a_strange_name_makes_a_good_id() -> None:
    assert run_id("a/b c\n" + "x" * 300, NOON.timestamp()).startswith("20260501-120000-a_b_c_xxx")
    assert len(run_id("☃" * 300).encode()) < 255


def test_runs_come_newest_first(store: RunStore, make: Make) -> None:
    runs = [make("b", minute=1), make("a", minute=2), make("c", minute=0)]

    assert ids(store) == [runs[1].id, runs[0].id, runs[2].id]
    assert ids(store, limit=1) == [runs[1].id]


def test_runs_of_a_project_or_a_pipeline_are_told_apart(store: RunStore, make: Make) -> None:
    here, there, other = make(), make(project="/q", minute=1), make("etl-2", minute=2)

    assert ids(store, "/p") == [other.id, here.id]
    assert ids(store, None, "etl") == [there.id, here.id]
    assert ids(store, "/p", "etl") == [here.id]
    assert ids(store, "/nowhere") == []


def test_a_run_in_a_line(store: RunStore, make: Make) -> None:
    made = make(outcome="failed")

    info = store.runs()[0]

    assert (info.id, info.project, info.pipeline, info.state) == (made.id, "/p", "etl", "failed")
    assert (info.started, info.duration, info.directory) == (NOON, 7.0, made)


def test_a_run_without_an_end_and_without_a_lock_is_lost(store: RunStore, make: Make) -> None:
    make(outcome=None)

    info = store.runs()[0]
    assert (info.state, info.duration, info.is_over) == ("lost", 5.0, True)


def test_a_run_without_an_end_whose_lock_is_held_goes_on(store: RunStore, make: Make) -> None:
    run = make(outcome=None)
    with (run.path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run.is_locked
        assert [info.state for info in store.runs()] == ["running"]

        with JournalWriter(run.path) as journal:
            journal.append(CancelRequested(time=NOON))
        assert [info.state for info in store.runs()] == ["cancelling"]

        with JournalWriter(run.path) as journal:
            journal.append(RunFinished(time=NOON, outcome="cancelled", duration=1.0))
        assert [info.state for info in store.runs()] == ["cancelled"]


def test_a_run_that_was_cancelled_stays_so_whatever_it_tells_until_its_end(store: RunStore, make: Make) -> None:
    run = make(outcome=None)
    with (run.path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with JournalWriter(run.path) as journal:
            journal.append(CancelRequested(time=NOON))
            for number in range(3000):
                journal.append(LogEmitted(time=NOON, level="INFO", logger="x", message=f"{number} {'x' * 1000}"))

        assert [info.state for info in store.runs()] == ["cancelling"]


def test_the_state_of_a_long_run_is_in_its_tail(store: RunStore, make: Make) -> None:
    run = make(outcome=None)
    with JournalWriter(run.path) as journal:
        for number in range(3000):
            journal.append(OutputWritten(time=NOON, stream="stdout", start=number, end=number + 1))
        journal.append(RunFinished(time=NOON, outcome="crashed", duration=3.0))

    assert [(info.state, info.started) for info in store.runs()] == [("crashed", NOON)]


def test_a_run_that_only_has_its_request_is_listed(store: RunStore) -> None:
    run = RunDirectory(store.path / run_id("etl", NOON.timestamp()))
    run.path.mkdir()
    record = RunRecord(
        id=run.id, time=NOON, request=RunRequest("/p", "etl", {"run": {"inputs": {"a": 1}}}), versions={}
    )
    (run.path / REQUEST).write_bytes(msgspec.json.encode(record))

    assert [(info.project, info.pipeline, info.state) for info in store.runs()] == [("/p", "etl", "lost")]
    assert run.record() == record


def test_what_is_no_run_is_passed_over(store: RunStore, make: Make) -> None:
    (store.path / ".hidden").mkdir()
    (store.path / "20260501-120000-etl-ffff").mkdir()
    (store.path / "stray.txt").write_text("x")
    run = make()

    assert ids(store) == [run.id]


def test_a_run_is_found_by_id_part_pipeline_or_latest(store: RunStore, make: Make) -> None:
    first, second = make("etl", minute=1), make("report", minute=2)

    assert store.find(first.id) == first
    assert store.find("120100") == first
    assert store.find("report") == second
    assert store.find("latest") == second
    assert store.find("latest", project="/p") == second


def test_a_pipeline_name_means_its_latest_run(store: RunStore, make: Make) -> None:
    make("etl", minute=1)
    latest = make("etl", minute=2)

    assert store.find("etl") == latest


def test_a_part_of_several_ids_is_refused(store: RunStore, make: Make) -> None:
    first = make("etl", minute=1)
    make("report", minute=2)

    with pytest.raises(RunStoreError, match="could be 2 runs") as raised:
        store.find("20260501")
    assert first.id in raised.value.hint


@pytest.mark.parametrize("reference", ["etll", "..", ".", "", "../runs", "/usr"])
def test_what_is_not_found_is_told_with_what_is_near(store: RunStore, make: Make, reference: str) -> None:
    make("etl")

    with pytest.raises(RunStoreError, match="There is no run") as raised:
        store.find(reference)
    assert raised.value.hint == ("Did you mean 'etl'?" if reference == "etll" else "fp-tui runs lists them.")


def test_an_empty_store_has_no_latest_run(store: RunStore) -> None:
    assert store.runs() == []
    assert store.latest() is None
    with pytest.raises(RunStoreError, match="There is no run 'latest'"):
        store.find("latest")


def test_the_graph_of_a_run(make: Make) -> None:
    run = make()
    assert run.graph() is None

    graph = Graph((Node("a"), Node("b")), (("a", "b"),))
    (run.path / GRAPH).write_bytes(msgspec.json.encode(graph))
    assert run.graph() == graph

    (run.path / GRAPH).write_bytes(b"{")
    with pytest.raises(RunStoreError, match="graph of run"):
        run.graph()


def test_the_state_directory_is_chosen_by_a_variable_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "a" / "b"))

    assert state_directory() == tmp_path / "a" / "b"
    assert state_directory().stat().st_mode & 0o777 == 0o700


def test_a_state_directory_that_cannot_be_made_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "file" / "state"))

    with pytest.raises(RunStoreError, match="cannot be made"):
        state_directory()
