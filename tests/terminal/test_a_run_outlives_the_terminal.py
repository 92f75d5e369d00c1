"""A run that was started in the interface goes on when the terminal is gone, and nothing of it is lost."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PIPELINE = """
import time


def tick() -> int:
    for number in range(60):
        print(f"tick {number}", flush=True)
        time.sleep(0.1)
    return 60
"""


def fp_tui(*arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "flowerpower_tui", *arguments], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def make_project(root: Path) -> Path:
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: slow\n")
    (root / "conf" / "pipelines" / "slow.yml").write_text("run:\n  final_vars: [tick]\n  executor:\n    type: local\n")
    (root / "pipelines" / "slow.py").write_text(PIPELINE)
    return root


def test_a_run_goes_on_when_its_terminal_is_closed(terminal: Callable, tmp_path: Path) -> None:
    project = make_project(tmp_path / "slow")
    interface = terminal(str(project))
    interface.read_until(b"never run")
    interface.press(b"r")
    interface.read_until(b"tick 3")
    interface.hang_up()
    assert interface.exit_code() == 129

    again = terminal(str(project))
    again.read_until(lambda seen: b"running" in seen and b"tick" in seen)
    again.read_until(b"succeeded")
    again.press(b"q")
    again.rest()
    assert again.exit_code() == 0

    lines = fp_tui("logs", "-C", str(project), "slow").splitlines()
    ticks = [line.rpartition(": ")[2] for line in lines if " stdout " in line]
    assert ticks == [f"tick {number}" for number in range(60)]


def test_whoever_leaves_is_told_what_goes_on(terminal: Callable, tmp_path: Path) -> None:
    project = make_project(tmp_path / "slow")
    interface = terminal(str(project))
    interface.read_until(b"never run")
    interface.press(b"r")
    interface.read_until(b"tick 1")
    interface.press(b"q")
    farewell = interface.rest()
    assert b"slow goes on. To follow it: fp-tui logs -f " in farewell

    fp_tui("cancel", "-C", str(project), "slow")
    deadline = time.monotonic() + 30
    while '"cancelled"' not in fp_tui("runs", "-C", str(project), "--json"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
