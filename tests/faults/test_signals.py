"""SIGHUP, SIGTERM and SIGKILL: of the launcher, of the supervisor, of the worker; and a terminal that is closed."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, LogEmitted, OutputWritten, RunStarted
from flowerpower_tui.runs.journal import JournalReader
from flowerpower_tui.runs.store import RunStore

Start = Callable[[str], RunDirectory]
Wait = Callable[[RunDirectory], None]
Told = Callable[[RunDirectory], tuple[list[AnyEvent], object, bytes]]

LAUNCH = """
import sys
from pathlib import Path
from flowerpower_tui.runs.launcher import launch
from flowerpower_tui.runs.request import RunRequest
state, root, script, *worker = sys.argv[1:]
print(launch(RunRequest(root, "script", {"script": script}), None, Path(state), worker).path, flush=True)
input()
"""
COUNTS = "import time\nfor number in range(20):\n    print(number)\n    time.sleep(0.02)"
FAMILY = """
import subprocess, time
subprocess.Popen(["sleep", "600"])
subprocess.Popen(["setsid", "sleep", "600"])
stubborn = "trap '' TERM INT; echo up; while :; do sleep 1; done"
subprocess.Popen(["sh", "-c", stubborn], stdout=subprocess.PIPE).stdout.readline()
print("up")
time.sleep(600)
"""


def started(run: RunDirectory) -> RunStarted:
    first = JournalReader(run.path).read()[0]
    assert isinstance(first, RunStarted)
    return first


@pytest.fixture
def launcher_command(state: Path, tmp_path: Path) -> list[str]:
    worker = [sys.executable, "-P", str(Path(__file__).parents[1] / "scripted_worker.py")]
    return [sys.executable, "-P", "-c", LAUNCH, str(state), str(tmp_path), COUNTS, *worker]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL])
def test_what_ends_the_launcher_does_not_end_the_run(
    launcher_command: list[str], number: signal.Signals, told: Told, nobody_is_left: Wait
) -> None:
    with subprocess.Popen(launcher_command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout is not None
        run = RunDirectory(Path(os.fsdecode(launcher.stdout.readline().strip())))
        # As a shell and a terminal do it: to the whole group.
        launcher.send_signal(number)

    _, end, output = told(run)
    assert end.outcome == "succeeded"
    assert output.split() == [b"%d" % number for number in range(20)]
    nobody_is_left(run)


def test_a_closed_terminal_does_not_end_the_run(launcher_command: list[str], told: Told, nobody_is_left: Wait) -> None:
    launcher, terminal = pty.fork()
    if not launcher:
        os.execv(launcher_command[0], launcher_command)
    words = b""
    while b"\n" not in words:
        words += os.read(terminal, 1000)

    os.close(terminal)
    os.waitpid(launcher, 0)

    run = RunDirectory(Path(os.fsdecode(words.split(b"\r\n")[0])))
    _, end, output = told(run)
    assert end.outcome == "succeeded"
    assert len(output.split()) == 20
    nobody_is_left(run)


def test_a_supervisor_that_hears_of_a_hangup_goes_on(start_script: Start, told: Told, nobody_is_left: Wait) -> None:
    run = start_script(COUNTS)

    os.kill(started(run).supervisor, signal.SIGHUP)

    assert told(run)[1].outcome == "succeeded"
    nobody_is_left(run)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_supervisor_that_shall_end_ends_the_run(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait, number: signal.Signals
) -> None:
    run = start_script(FAMILY)
    has_printed(run)

    os.kill(started(run).supervisor, number)

    events, end, output = told(run)
    assert (end.outcome, output) == ("cancelled", b"up\n")
    said = " ".join(event.message for event in events if isinstance(event, LogEmitted))
    assert "Sent SIGINT" in said
    nobody_is_left(run)


def test_a_killed_supervisor_leaves_a_lost_run_and_nobody_behind(
    start_script: Start, has_printed: Wait, nobody_is_left: Wait, state: Path
) -> None:
    run = start_script(FAMILY)
    has_printed(run)

    os.kill(started(run).supervisor, signal.SIGKILL)

    nobody_is_left(run)
    assert [info.state for info in RunStore(state).runs()] == ["lost"]
    output = [run.output(event) for event in JournalReader(run.path).read() if isinstance(event, OutputWritten)]
    assert b"".join(output) == b"up\n"


def test_a_killed_warden_is_not_missed(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script(COUNTS)
    has_printed(run)
    warden = int(Path(f"/proc/{started(run).supervisor}/stat").read_text().rpartition(")")[2].split()[1])

    os.kill(warden, signal.SIGKILL)

    assert told(run)[1].outcome == "succeeded"
    nobody_is_left(run)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGSEGV])
def test_a_killed_worker_is_crashed_with_its_signal(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait, number: signal.Signals
) -> None:
    run = start_script(FAMILY)
    has_printed(run)

    os.kill(started(run).worker, number)

    _, end, output = told(run)
    assert (end.outcome, end.signal, output) == ("crashed", number.name, b"up\n")
    nobody_is_left(run)


def test_a_run_whose_group_is_killed_is_crashed(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script(FAMILY)
    has_printed(run)

    os.killpg(started(run).worker, signal.SIGKILL)

    assert (told(run)[1].outcome, told(run)[1].signal) == ("crashed", "SIGKILL")
    nobody_is_left(run)


def test_a_stopped_worker_can_be_cancelled(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait
) -> None:
    from flowerpower_tui.runs.cancel import cancel

    run = start_script("import time; print('up'); time.sleep(600)")
    has_printed(run)
    os.kill(started(run).worker, signal.SIGSTOP)

    cancel(run)

    assert told(run)[1].outcome == "cancelled"
    nobody_is_left(run)
