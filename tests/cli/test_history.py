"""`fp-tui runs`, `logs` and `cancel`."""

from __future__ import annotations

import time
from collections.abc import Callable

from flowerpower_tui.runs.store import RunStore

TALKATIVE = """
    import logging
    import time

    def talkative(pause: float = 0.0) -> str:
        print("first words")
        logging.getLogger("talk").warning("mind\\nthe gap")
        time.sleep(pause)
        print("last words, without an end", end="")
        return "done"
"""


def test_runs_lists_the_newest_first(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE, other="def other() -> int:\n    return 1\n")
    fp_tui("run", "-C", root, "talkative")
    fp_tui("run", "-C", root, "other")

    everything = fp_tui("runs", "--all", "--json").json
    table = fp_tui("runs", "-C", root).out.splitlines()

    assert [(run["pipeline"], run["state"]) for run in everything] == [
        ("other", "succeeded"),
        ("talkative", "succeeded"),
    ]
    assert set(everything[0]) >= {"id", "pipeline", "state", "started", "duration", "project"}
    assert [line.split()[0] for line in table[1:]] == [run["id"] for run in everything]
    assert [run["pipeline"] for run in fp_tui("runs", "-C", root, "talkative", "--json").json] == ["talkative"]
    assert len(fp_tui("runs", "-C", root, "--limit", "1", "--json").json) == 1


def test_no_runs_are_an_empty_list(fp_tui: Callable) -> None:
    outcome = fp_tui("runs", "--all")

    assert (outcome.code, outcome.out, outcome.err) == (0, "", "There are no runs yet.\n")
    assert fp_tui("runs", "--all", "--json").json == []


def test_logs_print_output_records_and_nodes(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    fp_tui("run", "-C", root, "talkative")

    outcome = fp_tui("logs", "-C", root, "latest")

    assert outcome.code == 0
    told = [line[10:].split(maxsplit=1) if line[0] != " " else ["", line.strip()] for line in outcome.out.splitlines()]
    assert ["stdout", "talkative: first words"] in told
    assert told[told.index(["WARNING", "talkative: mind"]) + 1] == ["", "talkative: the gap"]
    assert ["stdout", "talkative: last words, without an end"] in told
    assert told[-1][1].startswith("succeeded after")


def test_logs_are_events_for_programs(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    ran = fp_tui("run", "-C", root, "talkative", "--json").events

    assert fp_tui("logs", "-C", root, "talkative", "--json").json == ran
    assert fp_tui("logs", "-C", root, "talkative", "--json", "--follow").events == ran


def test_a_run_is_found_by_a_part_of_its_id(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    fp_tui("run", "-C", root, "talkative")
    run = RunStore().latest().id

    assert fp_tui("logs", run[-8:]).out == fp_tui("logs", run).out


def test_logs_follow_a_run_to_its_end(start: Callable, fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    run = fp_tui("run", "-C", root, "talkative", "--detach", "--input", "pause=1").out.strip()

    out, err = start("logs", "-f", run).communicate(timeout=60)

    assert err == ""
    assert out.splitlines()[-1].split(maxsplit=2)[2].startswith("succeeded after")
    assert "last words" in out


def test_logs_of_a_run_that_goes_on_end_with_what_is_there(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    run = fp_tui("run", "-C", root, "talkative", "--detach", "--input", "pause=60").out.strip()
    while "the gap" not in (printed := fp_tui("logs", run).out):
        time.sleep(0.05)

    assert "succeeded" not in printed
    assert RunStore().find(run).is_locked


def test_cancel_ends_a_run_and_waits_for_it(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    run = fp_tui("run", "-C", root, "talkative", "--detach", "--input", "pause=60").out.strip()

    outcome = fp_tui("cancel", "-C", root, "talkative")

    assert (outcome.code, outcome.err) == (0, f"Run {run} cancelled.\n")
    assert RunStore().latest().state == "cancelled"


def test_a_run_that_is_over_cannot_be_cancelled(fp_tui: Callable, project: Callable) -> None:
    root = project(talkative=TALKATIVE)
    fp_tui("run", "-C", root, "talkative")
    while RunStore().latest().directory.is_locked:
        time.sleep(0.01)

    outcome = fp_tui("cancel", "latest")

    assert outcome.code == 2
    assert "is over" in outcome.err
