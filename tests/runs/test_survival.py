"""What a run survives, and what it never leaves behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, LogEmitted, OutputWritten, RunFinished, RunStarted
from flowerpower_tui.runs.journal import JournalReader, follow
from flowerpower_tui.runs.store import RunStore

Start = Callable[[str], RunDirectory]
RunScript = Callable[[str], tuple[RunDirectory, list[AnyEvent]]]
Eventually = Callable[[Callable[[], object]], None]
IsAlive = Callable[[int], bool]

SLOW = "import time\nfor number in range(10):\n    print(number)\n    time.sleep(0.05)"
LAUNCH = """
import sys
from pathlib import Path
from flowerpower_tui.runs.launcher import launch
from flowerpower_tui.runs.request import RunRequest
state, root, script, *worker = sys.argv[1:]
print(launch(RunRequest(root, "script", {"script": script}), None, Path(state), worker).path, flush=True)
input()
"""


@pytest.fixture
def launcher_command(state: Path, tmp_path: Path) -> list[str]:
    """A process that starts a slow run, prints its path and then waits."""
    worker = [sys.executable, "-P", str(Path(__file__).parents[1] / "scripted_worker.py")]
    return [sys.executable, "-P", "-c", LAUNCH, str(state), str(tmp_path), SLOW, *worker]


def ends_well(run: RunDirectory) -> bool:
    events = list(follow(run))
    output = b"".join(run.output(event) for event in events if isinstance(event, OutputWritten))
    end = events[-1]
    return (
        isinstance(end, RunFinished) and end.outcome == "succeeded" and output.split() == [b"%d" % n for n in range(10)]
    )


def test_a_run_survives_its_launcher(launcher_command: list[str]) -> None:
    with subprocess.Popen(launcher_command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout is not None
        run = RunDirectory(Path(os.fsdecode(launcher.stdout.readline().strip())))
        launcher.kill()

    assert ends_well(run)


def test_a_run_survives_the_end_of_its_terminal(launcher_command: list[str]) -> None:
    launcher, terminal = pty.fork()
    if not launcher:
        os.execv(launcher_command[0], launcher_command)
    told = b""
    while b"\n" not in told:
        told += os.read(terminal, 1000)

    os.close(terminal)  # the kernel sends SIGHUP to the session of the terminal
    _, status = os.waitpid(launcher, 0)

    assert os.waitstatus_to_exitcode(status) != 0
    assert ends_well(RunDirectory(Path(os.fsdecode(told.split(b"\r\n")[0]))))


def test_a_run_holds_no_descriptor_of_its_launcher(start_script: Start, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)

    run = start_script("import os, json, time; print(json.dumps(sorted(os.listdir('/proc/self/fd')))); time.sleep(60)")
    os.close(write)

    os.set_blocking(read, False)
    assert os.read(read, 1) == b"", "somebody else holds the writing end"
    os.close(read)
    supervisor = run.supervisor()
    targets = [str(entry.readlink()) for entry in Path(f"/proc/{supervisor}/fd").iterdir()]
    assert all(target.startswith(("pipe:", "/dev/null", str(run.path))) for target in targets)
    assert os.getsid(supervisor or 0) != os.getsid(0)


def test_a_hangup_does_not_end_the_supervisor(start_script: Start) -> None:
    run = start_script(SLOW)

    os.kill(run.supervisor() or 0, signal.SIGHUP)

    assert ends_well(run)


def test_a_launcher_that_ignores_signals_does_not_hand_that_on(start_script: Start) -> None:
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGHUP)}
    try:
        run = start_script("import signal; print(*map(repr, map(signal.getsignal, (2, 1))))")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    events = list(follow(run))
    printed = b"".join(run.output(event) for event in events if isinstance(event, OutputWritten))
    assert b"default_int_handler" in printed
    assert b"SIG_DFL" in printed


def test_the_launcher_has_no_child_left(start_script: Start) -> None:
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    before = children.read_text()

    start_script("import time; time.sleep(60)")

    assert children.read_text() == before


def test_a_run_whose_supervisor_is_killed_is_lost_and_its_worker_ends(
    start_script: Start, eventually: Eventually, is_alive: IsAlive, state: Path
) -> None:
    run = start_script("import time; print('up'); time.sleep(60)")
    eventually(lambda: any(isinstance(event, OutputWritten) for event in JournalReader(run.path).read()))
    started = JournalReader(run.path).read()[0]
    assert isinstance(started, RunStarted)

    os.kill(started.supervisor, signal.SIGKILL)

    eventually(lambda: not is_alive(started.worker))
    assert not isinstance(list(follow(run))[-1], RunFinished)
    assert [info.state for info in RunStore(state).runs()] == ["lost"]


def test_processes_that_outlive_the_worker_are_ended(
    run_script: RunScript, is_alive: IsAlive, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, events = run_script(
        """
        import json, subprocess
        sleeper = subprocess.Popen(["sleep", "60"])
        stranger = subprocess.Popen(["setsid", "sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE)
        grandchild = int(stranger.stdout.readline())
        script = "trap '' TERM; echo up; while :; do sleep 1; done"
        stubborn = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE)
        stubborn.stdout.readline()
        reporter.node_skipped(json.dumps([sleeper.pid, stranger.pid, grandchild, stubborn.pid]), "")
        """
    )

    left = json.loads(next(event.node for event in events if hasattr(event, "why")))
    assert [process for process in left if is_alive(process)] == []
    said = [event.message for event in events if isinstance(event, LogEmitted)]
    assert any("SIGTERM" in message and "(sleep)" in message for message in said)
    assert any("SIGKILL" in message for message in said)
    end = events[-1]
    assert isinstance(end, RunFinished)
    assert end.outcome == "succeeded"


def test_a_child_that_ends_soon_after_the_worker_may_finish(run_script: RunScript) -> None:
    run, events = run_script("import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.1; echo done'])")

    assert b"".join(run.output(event) for event in events if isinstance(event, OutputWritten)) == b"done\n"
    assert not any(isinstance(event, LogEmitted) for event in events)


def test_orphans_of_a_running_worker_are_no_zombies(start_script: Start, eventually: Eventually) -> None:
    run = start_script("os.system('(exit 0 & ) ; true'); print('up'); import time; time.sleep(60)")
    eventually(lambda: any(isinstance(event, OutputWritten) for event in JournalReader(run.path).read()))
    supervisor = run.supervisor()
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children")

    eventually(lambda: len(children.read_text().split()) == 1)


def test_many_starts_in_a_second_have_ids_in_their_order(start_script: Start, state: Path) -> None:
    started = [start_script("pass") for _ in range(4)]
    for run in started:
        list(follow(run))

    assert [info.id for info in RunStore(state).runs()] == [run.id for run in reversed(started)]


def test_a_worker_without_a_supervisor_ends_at_once(state: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    command = [sys.executable, "-P", "-m", "flowerpower_tui.runs.worker", str(tmp_path), str(write)]

    done = subprocess.run(command, pass_fds=(write,), capture_output=True)

    os.close(read)
    os.close(write)
    assert done.returncode == 1
    assert b"Nobody owns run" in done.stderr
