"""What goes over the link: bytes a second at rest and in a flood, near and far, against `tail -f` and `less +F`.

A run prints 50,000 lines a second; the same output goes to each program in a terminal of 120 × 40. Aims: nothing at
rest; in the flood less than 100 KB a second, keys answered within 50 ms, and memory flat.
`bench_link.py --small` takes a third of the time.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench_log import Terminal, answer_time, go_to_the_log, make_project

from flowerpower_tui.runs.directory import OUTPUT
from flowerpower_tui.runs.store import RunStore

LINES_A_SECOND = 50_000
SECONDS = 5.0 if "--small" in sys.argv else 15.0
FLOOD = """
import sys, time
def flood() -> int:
    begun, number, write = time.monotonic(), 0, sys.stdout.write
    while number < {lines}:
        for number in range(number + 1, number + 501):
            write(f"{{number:09d}} processed an order of region North, 395 rows kept, 3 rejected, quantity missing\\n")
        sys.stdout.flush()
        time.sleep(max(0.0, begun + number / {rate} - time.monotonic()))
    return number
"""


def rate(terminal: Terminal, seconds: float) -> float:
    """How many KB a second a program writes, over so many seconds."""
    before, begun = terminal.received, time.perf_counter()
    terminal.settle(seconds)
    return (terminal.received - before) / (time.perf_counter() - begun) / 1000


def report(work: Path, link: str) -> Path:
    """Print how the interface does over a link; return what the run printed."""
    state, project = work / f"state-{link}", make_project(work / f"project-{link}")
    (project / "pipelines" / "job.py").write_text(
        FLOOD.format(lines=int(LINES_A_SECOND * SECONDS), rate=LINES_A_SECOND)
    )
    os.environ |= {"FP_TUI_STATE_DIR": str(state), "FP_TUI_CONFIG_DIR": str(work), "FP_TUI_LINK": link}
    terminal = Terminal([sys.executable, "-m", "flowerpower_tui", str(project)])
    terminal.until(b"never run")
    terminal.settle(3)
    idle = rate(terminal, SECONDS / 3)
    go_to_the_log(terminal)
    quiet = [answer_time(terminal) for _ in range(5)]
    terminal.press(b"r")
    terminal.until(b" processed an")
    terminal.settle(0.5)
    memory = terminal.memory()
    flood = rate(terminal, SECONDS / 3)
    (run,) = RunStore(state).runs()
    latencies = [answer_time(terminal)]
    while run.directory.is_locked:
        latencies.append(answer_time(terminal))
    grown = terminal.memory() - memory
    terminal.close()
    print(
        f"{link:<6} at rest {idle:6.2f} KB/s   in the flood {flood:7.1f} KB/s"
        f"   a key p50 {statistics.median(latencies) * 1000:4.0f} ms, most {max(latencies) * 1000:4.0f} ms"
        f" of {len(latencies)} (at rest {statistics.median(quiet) * 1000:.0f} ms)   memory +{grown:.1f} MB"
    )
    return run.directory.path / OUTPUT


def report_peer(name: str, command: list[str], source: Path, copy: Path) -> None:
    """Print what another program writes to its terminal while the same lines come."""
    copy.touch()
    terminal = Terminal([*command, str(copy)])
    terminal.settle(0.5)
    before, begun = terminal.received, time.perf_counter()
    with source.open("rb") as lines, copy.open("ab", buffering=0) as file:
        size = source.stat().st_size / SECONDS / 100
        while (now := time.perf_counter() - begun) < SECONDS / 3:
            file.write(lines.read(int(size)))
            terminal.settle(max(0.0, (lines.tell() / size) / 100 - now))
    written = (terminal.received - before) / (time.perf_counter() - begun) / 1000
    terminal.close()
    copy.unlink()
    print(f"{name:<6} in the flood {written:7.1f} KB/s")


def main() -> None:
    """Print a line for each."""
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        output = report(work, "local")
        report(work, "ssh")
        report_peer("tail", ["tail", "-f"], output, work / "tailed.log")
        report_peer("less", ["less", "+F"], output, work / "read.log")


if __name__ == "__main__":
    main()
