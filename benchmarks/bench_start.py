"""How long until there is something to see: `fp-tui --help` against bare Python, the interface against bare Textual.

Both of a pair run in turn, so that a busy machine slows both; the ratio of each pair is what counts. Aims: `--help`
within 0.12 s, the first paint within 1.3 times a bare Textual application's.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "sales-etl"
PAIRS = 7
BARE_TEXTUAL = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("Pipelines")
Bare().run()
"""


def seconds_of(command: list[str]) -> float:
    """How long a command takes from start to end."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def seconds_until(command: list[str], wanted: bytes) -> tuple[float, int]:
    """How long until `wanted` is written to a terminal, and how many bytes that took."""
    started = time.perf_counter()
    child, terminal = pty.fork()
    if not child:
        os.execv(command[0], command)
    seen = b""
    while wanted not in seen and select.select([terminal], [], [], 30)[0]:
        seen += os.read(terminal, 65536)
    elapsed = time.perf_counter() - started
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    return elapsed, len(seen)


def report(name: str, pairs: list[tuple[float, float]], peer: str) -> None:
    """Print both medians and the median of the ratios, pair by pair."""
    ratio = statistics.median(our / their for our, their in pairs)
    ours, theirs = zip(*pairs, strict=True)
    print(
        f"{name:<34} {statistics.median(ours) * 1000:6.0f} ms   {peer} {statistics.median(theirs) * 1000:6.0f} ms   "
        f"ratio {ratio:.2f}"
    )


def main() -> None:
    """Print a line for each promise."""
    os.environ |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    python = sys.executable
    help_times = [
        (seconds_of([python, "-m", "flowerpower_tui", "--help"]), seconds_of([python, "-c", ""])) for _ in range(PAIRS)
    ]
    report("fp-tui --help", help_times, "python -c ''")
    with tempfile.TemporaryDirectory() as state:
        os.environ["FP_TUI_STATE_DIR"] = state
        paints = []
        sizes = []
        for _ in range(PAIRS):
            ours, size = seconds_until([python, "-m", "flowerpower_tui", str(EXAMPLE)], b"Project")
            theirs, _size = seconds_until([python, "-c", BARE_TEXTUAL], b"Pipelines")
            paints.append((ours, theirs))
            sizes.append(size)
    report("first paint of the interface", paints, "bare Textual")
    print(f"bytes up to the first paint        {statistics.median(sizes) / 1000:6.1f} KB")


if __name__ == "__main__":
    main()
