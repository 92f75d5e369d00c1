"""`fp-tui rerun`, `compare` and `prune`."""

from __future__ import annotations

from collections.abc import Callable

from flowerpower_tui.runs.store import RunStore

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
