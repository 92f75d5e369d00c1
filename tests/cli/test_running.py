"""`fp-tui run`, up to its exit codes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from flowerpower_tui.runs.store import RunStore

SLOW = """
    import logging
    import time

    def slow(seconds: float = 60) -> str:
        print("begun", flush=True)
        time.sleep(seconds)
        return "done"
"""


def test_sales_etl_prints_one_event_a_line_and_exits_0(fp_tui: Callable, example: Callable) -> None:
    root = example("sales-etl")

    outcome = fp_tui("run", "-C", root, "sales_etl", "--json", "--set", "params.exchange_rates.seconds_per_month=0")

    events = outcome.events
    assert (outcome.code, outcome.err) == (0, "")
    assert (events[0]["type"], events[-1]["type"]) == ("RunStarted", "RunFinished")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["node"] for event in events if event["type"] == "NodeFinished"} >= {"headline", "saved_reports"}
    assert "Revenue" in "".join(event["text"] for event in events if event["type"] == "OutputWritten")
    assert (root / "output/revenue_by_region.csv").is_file()


def test_a_failing_pipeline_exits_1_with_a_traceback_that_starts_at_the_users_code(
    fp_tui: Callable, example: Callable
) -> None:
    root = example("flaky")

    outcome = fp_tui("run", "-C", root, "broken")

    frames = [line.strip() for line in outcome.err.splitlines() if line.strip().startswith("File ")]
    caused, last = frames[0], frames[1:]
    assert outcome.code == 1
    assert caused.startswith(f'File "{root}/pipelines/ledger.py"')
    assert last[0].startswith(f'File "{root}/pipelines/broken.py"')
    assert last[0].endswith("in balances")
    assert last[-1].endswith("in parse_amount")
    assert "return closing_balances(ledger_lines)" in outcome.err
    assert outcome.err.rstrip().splitlines()[-1].count("'-91,40' is not an amount")


def test_flaky_tries_again_and_exits_0(fp_tui: Callable, example: Callable) -> None:
    outcome = fp_tui("run", "-C", example("flaky"), "flaky")

    assert (outcome.code, outcome.out) == (0, "Thursday was the warmest day, with 17.5 °C on average\n")
    assert outcome.err.count("trying again in") == 2


def test_the_pipelines_own_output_passes_byte_for_byte(start: Callable, project: Callable) -> None:
    written = bytes(range(256)) + b"\x1b[31mred\x1b]0;title\x07 no newline at the end"
    root = project(
        raw=f"import os\ndef raw() -> int:\n    os.write(1, {written!r})\n    os.write(2, b'oh')\n    return 1\n"
    )
    process = start("run", "-C", root, "raw")

    out, err = process.stdout.buffer.read(), process.stderr.buffer.read()

    assert process.wait() == 0
    assert out == written
    assert b"oh" in err


def test_options_override_the_yaml(fp_tui: Callable, example: Callable, tmp_path: Path) -> None:
    root = example("flaky")
    data = tmp_path / "other.csv"
    data.write_text("day,hour,celsius\nToday,00:00,40\n")

    outcome = fp_tui(
        *("run", "-C", root, "flaky", "--json"),
        *("--set", "params.readings.outages=0", "--set", "run.retry={max_retries: 1}"),
        *("--input", f"readings_file={data}", "--final-var", "daily_means", "--executor", "threadpool"),
    )

    attempt = next(event for event in outcome.events if event["type"] == "AttemptStarted")
    request = json.loads((RunStore().latest().directory.path / "request.json").read_text())["request"]
    assert outcome.code == 0
    assert (attempt["attempts"], attempt["final_vars"]) == (2, ["daily_means"])
    assert request["overrides"]["run"]["executor"] == {"type": "threadpool"}
    assert "Today" in str(outcome.events)


def test_ctrl_c_cancels_the_run_and_exits_130(start: Callable, project: Callable) -> None:
    root = project(slow=SLOW)
    process = start("run", "-C", root, "slow")
    assert process.stdout.readline() == "begun\n"

    process.send_signal(signal.SIGINT)

    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "cancelled after" in err
    assert "Traceback" not in err
    assert RunStore().latest().state == "cancelled"


def test_a_hangup_leaves_the_run_going(start: Callable, project: Callable) -> None:
    root = project(slow=SLOW)
    process = start("run", "-C", root, "slow", "--set", "run.inputs.seconds=2")
    assert process.stdout.readline() == "begun\n"

    process.send_signal(signal.SIGHUP)

    assert process.wait(timeout=60) == -signal.SIGHUP
    run = RunStore().latest()
    assert run.state == "running"
    assert _end(run.id) == "succeeded"


def test_a_reader_that_leaves_leaves_the_run_going(start: Callable, project: Callable) -> None:
    root = project(slow=SLOW)
    process = start("run", "-C", root, "slow", "--json", "--set", "run.inputs.seconds=2")
    process.stdout.readline()

    process.stdout.close()

    run = RunStore().latest()
    assert process.wait(timeout=60) == 141
    assert process.stderr.read() == f"Nobody reads; run {run.id} goes on.\n"
    assert _end(run.id) == "succeeded"


def test_detach_prints_the_id_of_a_run_that_goes_on(fp_tui: Callable, project: Callable) -> None:
    root = project(slow=SLOW)

    outcome = fp_tui("run", "-C", root, "slow", "--detach")

    assert outcome.code == 0
    run = RunStore().find(outcome.out.strip())
    assert run.is_locked
    assert "fp-tui logs" in outcome.err


def test_a_run_that_is_killed_exits_3(fp_tui: Callable, project: Callable) -> None:
    root = project(killed="import os\ndef killed() -> int:\n    os.kill(os.getpid(), 9)\n    return 1\n")

    outcome = fp_tui("run", "-C", root, "killed")

    assert outcome.code == 3
    assert "SIGKILL" in outcome.err


def test_a_run_whose_supervisor_dies_exits_3(start: Callable, project: Callable) -> None:
    root = project(slow=SLOW)
    process = start("run", "-C", root, "slow")
    assert process.stdout.readline() == "begun\n"

    os.kill(RunStore().latest().directory.supervisor(), signal.SIGKILL)

    _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "is lost" in err


def test_a_notice_about_the_yaml_is_told_before_the_run(fp_tui: Callable, project: Callable) -> None:
    root = project(quick="def quick() -> int:\n    return 1\n")
    (root / "conf/pipelines/quick.yml").write_text("run:\n  final_varz: [quick]\n")

    outcome = fp_tui("run", "-C", root, "quick")

    assert outcome.code == 0
    assert outcome.err.startswith(f"{root}/conf/pipelines/quick.yml:2:3: ")
    assert "final_vars" in outcome.err.splitlines()[0]


def _end(run: str) -> str:
    """How the run ended, once it has."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        info = next(info for info in RunStore().runs() if info.id == run)
        if info.is_over:
            return info.state
        time.sleep(0.02)
    raise AssertionError("it did not end")
