from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowerpower_tui.config.secrets import MASK
from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.compare import Difference, NodeComparison, Side, compare
from flowerpower_tui.runs.directory import REQUEST, RunDirectory
from flowerpower_tui.runs.events import AttemptStarted, NodeFinished, NodeStarted, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.request import RunRecord, RunRequest, StoredConfig
from flowerpower_tui.runs.rerun import request_again

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Make = Callable[..., RunDirectory]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a run with a record, and with nodes: their durations and the rows of their results."""

    def run(
        name: str,
        overrides: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        nodes: Mapping[str, tuple[float, int]] | None = None,
        finished: bool = True,
    ) -> RunDirectory:
        made = RunDirectory(tmp_path / name)
        made.path.mkdir()
        record = RunRecord(
            id=name,
            time=NOW,
            request=RunRequest("/p", "etl", overrides or {}),
            versions={"python": "3.11"},
            config=StoredConfig(config or {}, {}),
        )
        (made.path / REQUEST).write_bytes(msgspec.json.encode(record))
        with JournalWriter(made.path) as journal:
            journal.append(RunStarted(time=NOW, run=name, project="/p", pipeline="etl", supervisor=1, worker=2))
            journal.append(AttemptStarted(time=NOW, attempt=1, attempts=1))
            for node, (duration, rows) in (nodes or {}).items():
                journal.append(NodeStarted(time=NOW, node=node))
                summary = ValueSummary("pandas.DataFrame", (rows, 2))
                journal.append(NodeFinished(time=NOW, node=node, duration=duration, summary=summary))
            if finished:
                journal.append(RunFinished(time=NOW, outcome="succeeded", duration=3.0))
        return made

    return run


def test_a_run_is_asked_for_again_as_it_was(make: Make) -> None:
    run = make("a", {"run": {"final_vars": ["x"]}})

    assert request_again(run) == RunRequest("/p", "etl", {"run": {"final_vars": ["x"]}})


def test_changes_join_what_was_asked(make: Make) -> None:
    run = make("a", {"run": {"final_vars": ["x"], "inputs": {"a": 1, "b": 2}}, "params": {"n": 1}})

    again = request_again(run, {"run": {"inputs": {"b": 3}, "final_vars": ["y"]}, "params": 7})

    assert again.overrides == {"run": {"final_vars": ["y"], "inputs": {"a": 1, "b": 3}}, "params": 7}
    assert run.record().request.overrides["run"]["inputs"] == {"a": 1, "b": 2}


def test_a_secret_has_to_be_given_again(make: Make) -> None:
    run = make("a", {"params": {"api_key": MASK, "url": [f"s3://me:{MASK}@host"]}})

    with pytest.raises(RunStoreError, match=r"params\.api_key, params\.url") as raised:
        request_again(run)
    assert "--set params.api_key=…" in raised.value.hint
    again = request_again(run, {"params": {"api_key": "hunter2", "url": "s3://x"}})
    assert again.overrides == {"params": {"api_key": "hunter2", "url": "s3://x"}}


def test_a_run_without_a_record_cannot_be_asked_for_again(tmp_path: Path) -> None:
    with pytest.raises(RunStoreError, match="record of run"):
        request_again(RunDirectory(tmp_path / "nothing"))


def test_two_runs_stand_side_by_side(make: Make) -> None:
    one = make("one", config={"pipeline": {"n": 1, "same": {}}}, nodes={"load": (1.0, 10), "old": (0.5, 1)})
    other = make("other", config={"pipeline": {"n": 2, "same": {}}}, nodes={"load": (1.5, 12), "new": (0.1, 1)})

    found = compare(one, other)

    assert (found.left, found.right) == ("one", "other")
    assert found.left_run == Side("succeeded", 3.0)
    assert found.given == (Difference("pipeline.n", 1, 2),)
    assert [node.node for node in found.nodes] == ["load", "old", "new"]
    load, old, new = found.nodes
    assert (load.left.duration, load.right.duration) == (1.0, 1.5)
    assert load.left_result == ValueSummary("pandas.DataFrame", (10, 2))
    assert not load.same_result
    assert (old.right, old.right_result) == (Side("waiting"), None)
    assert new.left == Side("waiting")


def test_a_run_is_the_same_as_itself(make: Make) -> None:
    run = make("one", config={"a": [1]}, nodes={"load": (1.0, 10)})

    found = compare(run, run)

    assert found.given == ()
    assert all(node.same_result and node.left == node.right for node in found.nodes)


def test_what_differs_comes_first_and_then_what_took_another_time(make: Make) -> None:
    before = {"a": (1.0, 10), "b": (1.0, 10), "c": (0.001, 10), "d": (1.0, 10), "gone": (1.0, 10)}
    after = {"a": (1.1, 10), "b": (2.0, 10), "c": (0.01, 10), "d": (1.0, 11)}

    found = compare(make("one", nodes=before), make("other", nodes=after))

    assert [node.node for node in found.nodes] == ["a", "b", "c", "d", "gone"]
    assert [node.node for node in found.changed_first] == ["d", "gone", "b", "a", "c"]
    assert [node.node for node in found.nodes if not node.same_end] == ["d", "gone"]
    assert [node.node for node in found.nodes if not node.same_time] == ["b"]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1.0, 1.19, True),
        (1.0, 1.3, False),
        (1.0, 0.7, False),
        (0.01, 0.04, True),
        (0.0, 0.06, False),
        (None, 9.0, True),
    ],
)
def test_a_time_is_the_same_within_a_fifth_or_where_it_is_short(
    left: float | None, right: float, *, same: bool
) -> None:
    assert NodeComparison("n", Side("succeeded", left), Side("succeeded", right)).same_time is same


def test_a_lost_run_can_be_compared(make: Make) -> None:
    found = compare(make("one", nodes={"load": (1.0, 10)}, finished=False), make("other"))

    assert (found.left_run.state, found.right_run.state) == ("lost", "succeeded")
