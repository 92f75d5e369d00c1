"""Real runs: what stands in the journal, in which order, and how each ends."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import (
    AnyEvent,
    AttemptStarted,
    LogEmitted,
    NodeFailed,
    NodeFinished,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.launcher import launch
from flowerpower_tui.runs.lines import LineReader, LogLine
from flowerpower_tui.runs.request import RunRequest

RunScript = Callable[[str], tuple[RunDirectory, list[AnyEvent]]]


def lines(run: RunDirectory, *sources: str) -> list[LogLine]:
    return [line for line in LineReader(run).read()[1] if line.source in sources]


def test_a_run_is_told_from_start_to_end(run_script: RunScript) -> None:
    _, events = run_script(
        """
        reporter.attempt_started(1, 1)
        with node("a"):
            print("hello")
        """
    )

    kinds = [RunStarted, AttemptStarted, NodeStarted, OutputWritten, NodeFinished, RunFinished]
    assert [type(event) for event in events] == kinds
    assert [event.seq for event in events] == list(range(1, len(kinds) + 1))
    assert all(earlier.time <= later.time for earlier, later in pairwise(events))
    assert events[-1] == RunFinished(
        seq=6, time=events[-1].time, outcome="succeeded", duration=events[-1].duration, exit_code=0
    )


def test_everything_of_a_run_is_for_its_owner_only(run_script: RunScript) -> None:
    run, _ = run_script("print('secret')")

    assert stat.S_IMODE(run.path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in run.path.iterdir()} == {0o600}


def test_the_worker_runs_in_the_project_and_keeps_the_umask(run_script: RunScript, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        run_script("open('made.txt', 'w').write(os.getcwd())")
    finally:
        os.umask(before)

    assert (tmp_path / "made.txt").read_text() == str(tmp_path)
    assert stat.S_IMODE((tmp_path / "made.txt").stat().st_mode) == 0o644


def test_printed_lines_stand_between_the_events_they_were_printed_between(run_script: RunScript) -> None:
    run, _ = run_script(
        """
        import subprocess, sys
        for number in range(150):
            print(f"before {number}")
            with node(f"n{number}"):
                print(f"out {number}")
                print(f"err {number}", file=sys.stderr)
                print(f"out again {number}")
                if number % 50 == 0:
                    subprocess.run(["echo", f"child {number}"])
                os.write(1, b"raw\\n")
        """
    )

    told = [(line.node, line.text) for line in LineReader(run).read()[1] if line.source != "run" or "n" in line.node]
    expected = []
    for number in range(150):
        name = f"n{number}"
        expected += [("", f"before {number}"), (name, f"{name} started"), (name, f"out {number}")]
        expected += [(name, f"err {number}"), (name, f"out again {number}")]
        expected += [(name, f"child {number}")] * (number % 50 == 0)
        expected += [(name, "raw"), (name, f"{name} finished after 1 ms: int")]
    assert told == expected


def test_output_without_a_newline_belongs_to_the_node_that_printed_it(run_script: RunScript) -> None:
    run, events = run_script(
        """
        with node("a"):
            print("dots: ...", end="")
        print("after", end="")
        """
    )

    assert [(run.output(event), event.node) for event in events if isinstance(event, OutputWritten)] == [
        (b"dots: ...", "a"),
        (b"after", ""),
    ]
    assert [type(event) for event in events][1:4] == [NodeStarted, OutputWritten, NodeFinished]


def test_nothing_is_lost_of_a_hundred_thousand_lines(run_script: RunScript) -> None:
    run, events = run_script("for number in range(100_000): print(number)")

    assert [line.text for line in lines(run, "stdout")] == [str(number) for number in range(100_000)]
    assert len(events) < 1000, "a flood is a few large pieces"


def test_binary_output_is_kept_byte_for_byte(run_script: RunScript) -> None:
    run, _ = run_script(
        """
        import sys
        for _ in range(50):
            os.write(1, bytes(range(256)) * 40)
        sys.stdout.buffer.write(b"\\x00\\xff" * 100_000)
        """
    )

    assert (run.path / OUTPUT).read_bytes() == bytes(range(256)) * 2000 + b"\x00\xff" * 100_000


def test_what_cannot_be_encoded_does_not_end_a_run(run_script: RunScript) -> None:
    run, _ = run_script(r"print('\udcff ok')")

    assert (run.path / OUTPUT).read_bytes() == b"\\udcff ok\n"


def test_nothing_is_lost_of_what_threads_print(run_script: RunScript) -> None:
    run, _ = run_script(
        """
        from concurrent.futures import ThreadPoolExecutor
        def work(name):
            for number in range(200):
                print(f"<{name} {number}>")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, "abcd"))
        """
    )

    texts = [line.text for line in lines(run, "stdout")]
    assert sorted(re.findall("<.*?>", "".join(texts))) == sorted(f"<{name} {n}>" for name in "abcd" for n in range(200))


def test_log_records_belong_to_the_node_of_their_thread(run_script: RunScript) -> None:
    _, events = run_script(
        """
        import logging, threading
        def work(name, barrier):
            with node(name):
                barrier.wait()
                logging.getLogger("etl").warning("from %s", name)
                barrier.wait()
        barrier = threading.Barrier(2)
        threads = [threading.Thread(target=work, args=(name, barrier)) for name in "ab"]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        try:
            1 / 0
        except ZeroDivisionError:
            logging.exception("oh")
        """
    )

    records = [event for event in events if isinstance(event, LogEmitted)]
    assert {(r.level, r.logger, r.message, r.node) for r in records[:2]} == {
        ("WARNING", "etl", "from a", "a"),
        ("WARNING", "etl", "from b", "b"),
    }
    assert records[2].message.startswith("oh\nTraceback")
    assert records[2].message.endswith("ZeroDivisionError: division by zero")


def test_an_exception_makes_the_run_failed(run_script: RunScript) -> None:
    _, events = run_script(
        """
        with node("a"):
            raise ValueError("no")
        """
    )

    end = events[-1]
    assert isinstance(end, RunFinished)
    assert isinstance(events[-2], NodeFailed)
    assert (end.outcome, end.exit_code, end.signal) == ("failed", 1, "")
    assert end.failure is not None
    assert (end.failure.type, end.failure.message) == ("ValueError", "no")


@pytest.mark.parametrize(
    ("script", "exit_code", "signal"),
    [
        ("os.kill(os.getpid(), 9)", None, "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", None, "SIGSEGV"),
        ("os.kill(os.getpid(), 35)", None, "SIG35"),
        ("os._exit(3)", 3, ""),
        ("os._exit(0)", 0, ""),
    ],
)
def test_a_worker_that_dies_without_an_account_is_crashed(
    run_script: RunScript, script: str, exit_code: int | None, signal: str
) -> None:
    run, events = run_script(f"print('before')\nwith node('a'):\n    {script}")

    end = events[-1]
    assert isinstance(end, RunFinished)
    assert (end.outcome, end.exit_code, end.signal) == ("crashed", exit_code, signal)
    assert lines(run, "stdout")[0].text == "before"


def test_sys_exit_in_a_node_is_a_failure(run_script: RunScript) -> None:
    _, events = run_script("import sys; sys.exit(0)")

    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.outcome == "failed"
    assert end.failure is not None
    assert end.failure.type == "SystemExit"


def test_a_forked_child_prints_and_logs_and_disturbs_nothing(run_script: RunScript) -> None:
    run, events = run_script(
        """
        import logging
        with node("a"):
            for number in range(5):
                child = os.fork()
                if not child:
                    print(f"child {number}")
                    logging.warning("of child %s", number)
                    reporter.node_skipped("never", "in a child")
                    import sys; sys.stdout.flush(); os._exit(0)
                os.waitpid(child, 0)
        """
    )

    assert [line.text for line in lines(run, "stdout")] == [f"child {number}" for number in range(5)]
    assert [line.text for line in lines(run, "stderr")] == [f"WARNING root: of child {number}" for number in range(5)]
    assert [type(event) for event in events if not isinstance(event, OutputWritten)] == [
        RunStarted,
        NodeStarted,
        NodeFinished,
        RunFinished,
    ]


def test_a_large_event_arrives_whole(run_script: RunScript) -> None:
    _, events = run_script("import logging; [logging.error('x' * 90_000) for _ in range(30)]")

    assert [len(event.message) for event in events if isinstance(event, LogEmitted)] == [90_000] * 30


def test_a_child_that_floods_the_output_cannot_hold_up_the_run(run_script: RunScript) -> None:
    _, events = run_script(
        """
        import subprocess
        flood = subprocess.Popen(["timeout", "20", "yes"])
        for number in range(20):
            with node(f"n{number}"):
                pass
        flood.kill()
        """
    )

    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.outcome == "succeeded"
    assert sum(isinstance(event, NodeFinished) for event in events) == 20


def test_a_worker_that_cannot_be_started_leaves_no_run_behind(state: Path, tmp_path: Path) -> None:
    with pytest.raises(RunStoreError, match="could not be started") as raised:
        launch(RunRequest(str(tmp_path), "x"), None, state, ["/no/such/python"])

    assert "/no/such/python" in raised.value.hint
    assert list((state / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("project", "environ", "words"),
    [
        ("/caf\udce9", {}, "no UTF-8: '/caf.udce9'"),
        ("/cafe", {"LONG": "x" * 3_000_000}, "could not be started: Argument list too long"),
    ],
)
def test_a_run_that_cannot_be_begun_leaves_nothing_behind(
    state: Path, project: str, environ: dict[str, str], words: str
) -> None:
    descriptors = len(list(Path("/dev/fd").iterdir()))

    with pytest.raises(RunStoreError, match=words):
        launch(RunRequest(project, "x"), None, state, ["/no/such/python"], environ)

    assert list((state / "runs").iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == descriptors


@pytest.mark.parametrize("closing", ["__import__('sys').stdout.close()", "os.close(1)"])
def test_a_node_that_closes_its_output_fails_nothing(run_script: RunScript, closing: str) -> None:
    _, events = run_script(
        f"""
        with node("closes"):
            print("half a line", end="")
            {closing}
        with node("next"):
            pass
        """
    )

    assert isinstance(events[-1], RunFinished)
    assert events[-1].outcome == "succeeded"
    assert [event.node for event in events if isinstance(event, NodeFinished)] == ["closes", "next"]


def test_the_name_of_a_file_that_is_no_text_can_be_logged(run_script: RunScript) -> None:
    _, events = run_script("import logging; logging.warning('read %s', os.fsdecode(b'caf\\xe9'))")

    assert [event.message for event in events if isinstance(event, LogEmitted)] == [r"read caf\udce9"]
    assert not any(isinstance(event, OutputWritten) for event in events)
