"""`fp-tui watch` as a process: what it prints for people and for programs, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowerpower_tui.runs.compare import Difference, spoken
from flowerpower_tui.runs.store import RunStore

MODULE = """
    STEP = 1

    def _helper(x):
        return x + STEP

    def total() -> int:
        return _helper(1)
"""
Start = Callable[..., "subprocess.Popen[str]"]


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    yield from process.stdout


def test_a_save_is_told_with_its_reason_and_run(project: Callable[..., Path], start: Start) -> None:
    root = project(etl=MODULE)
    process = start("-C", root, "watch", "etl")
    printed = lines(process)
    assert next(printed).rstrip().endswith("stale     total (never run)")
    assert any("succeeded" in line for line in printed)
    module = root / "pipelines/etl.py"
    module.write_text(module.read_text().replace("STEP = 1", "STEP = 2"))
    told = [next(printed)[10:].rstrip() for _ in range(2)]
    assert told == ["change    total: constant STEP changed", "stale     total (constant STEP changed)"]
    assert any("succeeded" in line for line in printed)
    assert [next(printed)[10:].rstrip() for _ in range(2)] == ["result    total: - 2", "result    total: + 3"]
    module.write_text("def total( -> int:\n")
    assert "broken    pipelines/etl.py:1:" in next(printed)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert [run.state for run in RunStore().runs()] == ["succeeded", "succeeded"]


def test_nodes_whose_values_are_at_hand_are_one_line(project: Callable[..., Path], start: Start) -> None:
    root = project(etl=MODULE.replace("total()", "total(first: int, second: int)"))
    module = root / "pipelines/etl.py"
    module.write_text(module.read_text() + "\ndef first() -> int: return 1\n\ndef second() -> int: return 2\n")
    process = start("-C", root, "watch", "etl")
    printed = lines(process)
    assert any("succeeded" in line for line in printed)
    module.write_text(module.read_text().replace("STEP = 1", "STEP = 2"))
    again = []
    while "succeeded" not in (line := next(printed)[10:].rstrip()):
        again.append(line)
    process.send_signal(signal.SIGINT)

    assert [line for line in again if "first" in line or "second" in line] == []
    assert "at hand   2 nodes" in again
    assert [line.split()[2] for line in again if line.startswith("INFO      total ")] == ["started", "finished"]


def test_programs_get_one_event_a_line(project: Callable[..., Path], start: Start) -> None:
    root = project(etl=MODULE.replace("return _helper(1)", "import time; time.sleep(60)"))
    process = start("-C", root, "watch", "etl", "--json", "--set", "run.log_level=ERROR")
    events = (json.loads(line) for line in lines(process))
    seen = next(events)
    assert (seen["type"], seen["stale"], seen["problems"]) == ("Seen", {"total": "never run"}, [])
    # As docs/json.md has them.
    assert seen.keys() == {"type", "time", "files", "changed", "diff", "stale", "problems"}
    begun = next(events)
    assert (begun["type"], begun.keys()) == ("Begun", {"type", "time", "run", "path"})
    assert any(event["type"] == "NodeStarted" for event in events)
    process.send_signal(signal.SIGINT)
    rest = list(events)
    assert rest[-1].keys() == {"type", "time", "run", "outcome", "against", "results", "stale"}
    assert (rest[-1]["type"], rest[-1]["outcome"], process.wait(30)) == ("Ended", "cancelled", 130)


def test_a_pipeline_that_is_not_there_is_no_reason_to_wait(
    project: Callable[..., Path], fp_tui: Callable[..., object], capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = fp_tui("-C", project(etl=MODULE), "watch", "elt")
    assert outcome.code == 2  # type: ignore[attr-defined]
    assert "Did you mean 'etl'?" in outcome.err  # type: ignore[attr-defined]


def test_a_change_of_a_result_is_spoken_in_what_is_not_the_same() -> None:
    assert list(spoken(Difference("shape", (3, 2), (2, 2)))) == ["shape 3 × 2 → 2 × 2"]
    assert list(spoken(Difference("nulls", None, 2))) == ["nulls - → 2"]
    assert list(spoken(Difference("head", "a\nb\nc", "a\nx\nc"))) == ["- b", "+ x"]
