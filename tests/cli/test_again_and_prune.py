"""`fp-tui rerun`, `compare` and `prune`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.directory import REQUEST, RunDirectory
from flowerpower_tui.runs.events import AttemptStarted, NodeFinished, NodeStarted, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.request import RunRecord, RunRequest, StoredConfig
from flowerpower_tui.runs.store import RunStore

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

ADDS = """
    import time

    def total(first: int = 1, second: int = 2) -> int:
        return first + second
"""


def test_rerun_asks_for_the_same_with_changes(fp_tui: Callable, project: Callable) -> None:
    root = project(adds=ADDS)
    fp_tui("run", "-C", root, "adds", "--input", "first=10")
    first = RunStore().latest().id

    again = fp_tui("rerun", "-C", root, first, "--input", "second=20", "--json").events
    compared = fp_tui("compare", "-C", root, first, "latest", "--json").json
    shown = fp_tui("compare", "-C", root, first, "latest").out

    assert again[-1]["outcome"] == "succeeded"
    assert next(event for event in again if event["type"] == "NodeFinished")["summary"]["preview"] == "30"
    assert [(given["path"], given["left"], given["right"]) for given in compared["given"]] == [
        ("pipeline.run.inputs.second", None, 20)
    ]
    assert [node["node"] for node in compared["nodes"]] == ["total"]
    assert "pipeline.run.inputs.second" in shown
    assert "int (changed)" in shown


@pytest.fixture
def told(state: Path) -> Callable[..., str]:
    """Writes a run of which every node's duration and value are known; returns its id."""

    def run(number: int, **nodes: tuple[float, str]) -> str:
        made = RunDirectory(state / "runs" / f"20260501-12000{number}-orders-0000")
        made.path.mkdir(parents=True)
        asked, config = RunRequest("/p", "orders"), StoredConfig({}, {})
        record = RunRecord(id=made.id, time=NOW, request=asked, versions={}, config=config)
        (made.path / REQUEST).write_bytes(msgspec.json.encode(record))
        with JournalWriter(made.path) as journal:
            journal.append(RunStarted(time=NOW, run=made.id, project="/p", pipeline="orders", supervisor=1, worker=2))
            journal.append(AttemptStarted(time=NOW, attempt=1, attempts=1))
            for node, (duration, value) in nodes.items():
                journal.append(NodeStarted(time=NOW, node=node))
                summary = ValueSummary("str", preview=value)
                journal.append(NodeFinished(time=NOW, node=node, duration=duration, summary=summary))
            journal.append(RunFinished(time=NOW, outcome="succeeded", duration=3.0))
        return made.id

    return run


def test_of_two_runs_the_nodes_that_differ_are_shown_and_the_others_counted(fp_tui: Callable, told: Callable) -> None:
    before = told(1, same=(1.0, "x"), slower=(1.0, "x"), other=(1.0, "x"))
    after = told(2, same=(1.1, "x"), slower=(2.0, "x"), other=(1.0, "y"))

    def nodes(shown: str) -> list[str]:
        return [line.split()[0] for line in shown.partition("\nNODE ")[2].splitlines()[1:]]

    few = fp_tui("compare", before, after)
    assert nodes(few.out) == ["other", "slower"]
    assert few.err == "The same in both: 1 of 3 nodes. --all shows every node.\n"
    every = fp_tui("compare", before, after, "--all")
    assert (nodes(every.out), every.err) == (["other", "slower", "same"], "")
    data = fp_tui("compare", before, after, "--json").json
    assert [node["node"] for node in data["nodes"]] == ["same", "slower", "other"]
    none = fp_tui("compare", after, after)
    assert "NODE" not in none.out
    assert none.err.startswith("The same in both: 3 of 3 nodes.")


def test_rerun_of_what_is_not_there_is_a_mistake(fp_tui: Callable, project: Callable) -> None:
    outcome = fp_tui("rerun", "-C", project(adds=ADDS), "nothing")

    assert outcome.code == 2
    assert "There is no run 'nothing'" in outcome.err


def test_prune_removes_what_is_not_kept(fp_tui: Callable, project: Callable) -> None:
    root = project(adds=ADDS)
    for _ in range(2):
        fp_tui("run", "-C", root, "adds")
    newest, oldest = (run.id for run in RunStore().runs())

    tried = fp_tui("prune", "-C", root, "--keep", "1", "--dry-run")
    assert (tried.out.split(), len(RunStore().runs())) == ([oldest], 2)
    done = fp_tui("prune", "-C", root, "--keep", "1", "--json").json

    assert done["removed"] == [oldest]
    assert done["bytes"] > 1000
    assert [run.id for run in RunStore().runs()] == [newest]
    assert fp_tui("prune", "-C", root).out == ""


def test_runs_are_listed_by_state_and_time(fp_tui: Callable, project: Callable) -> None:
    root = project(adds=ADDS, fails="def total() -> int:\n    raise ValueError('no')\n")
    fp_tui("run", "-C", root, "adds")
    fp_tui("run", "-C", root, "fails")

    def listed(*options: str) -> list[str]:
        return [run["pipeline"] for run in fp_tui("runs", "-C", root, "--json", *options).json]

    assert listed("--state", "failed") == ["fails"]
    assert listed("--state", "failed", "--state", "succeeded") == ["fails", "adds"]
    assert listed("--since", "1h") == ["fails", "adds"]
    assert listed("--since", "2999-01-01") == []
    assert fp_tui("runs", "-C", root, "--since", "2999-01-01").err == "There are no such runs.\n"
    assert fp_tui("runs", "--since", "soon").code == 2


def test_prune_says_what_it_cannot_read(fp_tui: Callable) -> None:
    for option, value in (("--size", "much"), ("--keep", "-1")):
        outcome = fp_tui("prune", option, value)
        assert outcome.code == 2
        assert f"{option} {value}" in outcome.err
