"""Runs that are hard to end, or that say too much."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.events import AnyEvent, LogEmitted, NodeFinished, OutputWritten
from flowerpower_tui.runs.lines import LINE_LIMIT, LineReader

Start = Callable[..., RunDirectory]
Wait = Callable[[RunDirectory], None]
Told = Callable[[RunDirectory], tuple[list[AnyEvent], object, bytes]]

STUBBORN = {
    "ignores SIGINT": (
        "import signal, time; signal.signal(2, signal.SIG_IGN); print('up'); time.sleep(600)",
        "SIGTERM",
    ),
    "swallows SIGINT": (
        "print('up')\nimport time\nwhile True:\n    try:\n        time.sleep(600)\n    except BaseException: pass",
        "SIGTERM",
    ),
    "ignores all": (
        "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nprint('up')\ntime.sleep(600)",
        "SIGKILL",
    ),
    "hashes in C": ("import hashlib; print('up'); hashlib.pbkdf2_hmac('sha256', b'x', b'y', 1 << 30)", "SIGTERM"),
    "multiplies in C": (
        "import numpy; a = numpy.ones((4000, 4000)); print('up')\nfor _ in iter(int, 1): a @ a",
        "SIGTERM",
    ),
}


@pytest.mark.parametrize("script", STUBBORN)
def test_a_run_that_does_not_want_to_end_is_ended(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait, script: str
) -> None:
    text, number = STUBBORN[script]
    run = start_script(text)
    has_printed(run)

    cancel(run)

    events, end, output = told(run)
    assert (end.outcome, end.signal, output) == ("cancelled", number, b"up\n")
    assert any(f"{number} is sent to" in event.message for event in events if isinstance(event, LogEmitted))
    nobody_is_left(run)


def test_children_of_every_kind_are_ended_with_their_run(
    start_script: Start, has_printed: Wait, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script(
        """
        import multiprocessing, subprocess, time
        multiprocessing.Process(target=time.sleep, args=[600]).start()
        multiprocessing.Process(target=time.sleep, args=[600], daemon=True).start()
        subprocess.Popen(["sh", "-c", "sleep 600 & sleep 600"], start_new_session=True)
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(600)
        print("up")
        time.sleep(600)
        """
    )
    has_printed(run)

    cancel(run)

    assert told(run)[1].outcome == "cancelled"
    nobody_is_left(run)


def test_a_million_lines_are_kept(start_script: Start, told: Told, nobody_is_left: Wait) -> None:
    run = start_script("import subprocess; subprocess.run(['seq', '1000000'])")

    events, end, output = told(run)

    assert end.outcome == "succeeded"
    assert output.count(b"\n") == 1_000_000
    assert output.endswith(b"\n999999\n1000000\n")
    assert len(events) < 1000
    nobody_is_left(run)


LIGHT_READER = """
import sys
from pathlib import Path
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import OutputWritten
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.lines import LineAssembler
run, lines, longest = RunDirectory(Path(sys.argv[1])), LineAssembler(), 0
for event in follow(run):
    if isinstance(event, OutputWritten):
        for line in lines.output(event, run.output(event)):
            longest = max(longest, len(line.text))
print(longest, Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""


def test_a_line_of_a_hundred_megabytes_is_kept_and_read_in_pieces(
    start_script: Start, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script("import sys; sys.stdout.write('x' * 100_000_000)")

    _, end, _ = told(run)
    reader = [sys.executable, "-P", "-c", LIGHT_READER, str(run.path)]
    longest, kilobytes = map(int, subprocess.run(reader, capture_output=True, check=True).stdout.split())

    assert end.outcome == "succeeded"
    assert (run.path / OUTPUT).stat().st_size == 100_000_000
    assert longest == LINE_LIMIT
    assert kilobytes < 100_000
    nobody_is_left(run)


def test_binary_output_is_kept_byte_for_byte(start_script: Start, told: Told, nobody_is_left: Wait) -> None:
    run = start_script("import random; r = random.Random(1)\nfor _ in range(30): os.write(1, r.randbytes(100_000))")

    _, end, output = told(run)

    same = random.Random(1)
    assert output == b"".join(same.randbytes(100_000) for _ in range(30))
    assert end.outcome == "succeeded"
    for line in LineReader(run).read()[1]:
        line.text.encode()
    nobody_is_left(run)


def test_what_a_run_writes_into_the_pipe_of_events_does_no_harm(
    start_script: Start, told: Told, nobody_is_left: Wait
) -> None:
    run = start_script(
        """
        events = reporter._channel._events
        os.write(events, b"\\xff" * 10_000 + b"\\nnull\\n")
        os.write(events, b'{"type":"\\xff"}\\n' + b'{"x":' * 10_000 + b"\\n")
        for _ in range(30):
            os.write(events, b"x" * 1_000_000)
        os.write(events, b"\\n")
        with node("a"):
            pass
        """
    )

    events, end, _ = told(run)

    assert end.outcome == "succeeded"
    assert [event.node for event in events if isinstance(event, NodeFinished)] == ["a"]


def test_too_little_memory_fails_the_run(start_script: Start, told: Told, nobody_is_left: Wait) -> None:
    run = start_script(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
        print("before")
        hoard = []
        while True:
            hoard.append(bytearray(1 << 24))
        """
    )

    _, end, output = told(run)

    assert end.outcome == "failed"
    assert end.failure is not None
    assert end.failure.type == "MemoryError"
    assert output == b"before\n"
    nobody_is_left(run)


def test_a_worker_that_is_killed_for_its_memory_is_crashed(
    start_script: Start, told: Told, nobody_is_left: Wait, memory_group: Path
) -> None:
    run = start_script(
        f"""
        open({str(memory_group / "cgroup.procs")!r}, "w").write(str(os.getpid()))
        print("before")
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(1 << 20)) * 16)
        """
    )

    _, end, output = told(run)

    assert (end.outcome, end.signal, output) == ("crashed", "SIGKILL", b"before\n")
    nobody_is_left(run)


def test_a_run_that_closes_all_it_has_ends(start_script: Start, told: Told, nobody_is_left: Wait) -> None:
    run = start_script("print('before', flush=True); os.closerange(0, 100)")

    _, end, output = told(run)

    assert end.outcome == "crashed"
    assert output == b"before\n"
    nobody_is_left(run)


def test_output_after_the_end_of_the_supervisors_pipes_is_nobodys(start_script: Start, told: Told) -> None:
    run = start_script("import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.05; echo late'])")

    events, end, output = told(run)

    assert end.outcome == "succeeded"
    assert output == b"late\n"
    assert [event for event in events if isinstance(event, OutputWritten)][-1].seq < end.seq
