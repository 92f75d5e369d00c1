"""How long until there is something to see, and what it costs then: beside a bare Textual application, and others.

All programs are started in turn, so that a busy machine slows all of them; a ratio is that of a pair that ran one
after the other. Aims, each printed as reached or missed: the first paint within 1.3 times a bare application's and
before posting's and harlequin's; 55 MB; at rest 0.2 % of a core and no bytes; the first screen in 30 KB, a key in 2;
`--help` within 0.12 s; out within 0.5 s while 20 runs go on. `--small` measures each a few times;
`--peers FOLDER` keeps the others' environments for the next time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from start_peers import Measured, Program, bare, median, peers

from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed

EXAMPLE = Path(__file__).parents[1] / "examples" / "sales-etl"
ROUNDS = 3 if "--small" in sys.argv else 9
IDLE_SECONDS = 5.0 if "--small" in sys.argv else 20.0
KEYS = 8 if "--small" in sys.argv else 40
STREAMS = 20
STREAM = """
import sys, time
def stream() -> int:
    for number in range(6000):
        print(f"{number:05d} processed an order", flush=True)
        time.sleep(0.05)
    return number
"""
UP, DOWN, RIGHT, LEFT = b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D"


def tell(what: str, ours: float, unit: str, aim: float, others: str = "") -> None:
    """Print a line: what was measured, and whether the aim is reached."""
    verdict = "reached" if ours <= aim else "MISSED"
    print(f"{what:<42} {ours:8.2f} {unit:<5} aim {aim:6.2f}  {verdict:<8} {others}", flush=True)


def help_seconds() -> list[float]:
    """How long the help takes, a few times."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "flowerpower_tui", "--help"], check=True, stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - started)
    return found


def report_paint(ours: Program, others: list[Program]) -> None:
    """Print when the first paint comes, and what comes behind it."""
    paints: dict[str, list[float]] = {program.name: [] for program in (ours, *others)}
    later: dict[str, list[float]] = {what: [] for what in ours.later}
    for _ in range(ROUNDS):
        for program in (ours, *others):
            terminal = Measured(program)
            paints[program.name].append(terminal.paint())
            for what, wanted in program.later.items():
                later[what].append(terminal.until(wanted) - terminal.started)
            terminal.close()
    for program in others:
        pairs = zip(paints[ours.name], paints[program.name], strict=True)
        ratio = statistics.median(mine / theirs for mine, theirs in pairs)
        aim = 1.3 if program is others[0] else 1.0
        seconds = f"{median(paints[ours.name]) * 1000:.0f} against {median(paints[program.name]) * 1000:.0f} ms"
        tell(f"first paint, times that of {program.name}", ratio, "x", aim, seconds)
    for what, found in later.items():
        print(f"  {what:<40} {median(found) * 1000:8.0f} ms    behind the first paint")


def report_rest(ours: Program, others: list[Program]) -> None:
    """Print what programs cost that nobody touches: memory, a processor's time, bytes; and what got them there."""
    cost = {}
    for program in (ours, *others):
        terminal = Measured(program)
        terminal.paint()
        for wanted in program.later.values():
            terminal.until(wanted)
        terminal.rest(2.0)
        first = terminal.received
        terminal.settle(5.0)
        received, busy = terminal.received, terminal.busy()
        terminal.settle(IDLE_SECONDS)
        idle = (terminal.busy() - busy) / IDLE_SECONDS * 100
        cost[program.name] = (*terminal.resident(), idle, terminal.received - received, first / 1000)
        terminal.close()
    whats = (
        ("memory, resident", "MB", 55.0),
        ("memory, its part of what is shared", "MB", 55.0),
        ("at rest, of a core", "%", 0.2),
        ("at rest, written", "bytes", 0.0),
        ("first screen, written", "KB", 30.0),
    )
    for place, (what, unit, aim) in enumerate(whats):
        beside = ", ".join(f"{program.name} {cost[program.name][place]:.2f}" for program in others)
        tell(what, cost[ours.name][place], unit, aim, beside)


def report_keys(ours: Program) -> None:
    """Print how many bytes answer a key."""
    terminal = Measured(ours)
    for wanted in (ours.first, *ours.later.values()):
        terminal.until(wanted)
    terminal.rest(2.0)
    for where, keys in (("tree", (DOWN, UP)), ("DAG", (DOWN, DOWN, RIGHT, UP, LEFT, UP))):
        sizes = sorted(terminal.key_bytes(keys[number % len(keys)]) / 1000 for number in range(KEYS))
        tell(f"an arrow in the {where}, p50", median(sizes), "KB", 2.0)
        tell(f"an arrow in the {where}, p95", sizes[int(len(sizes) * 0.95)], "KB", 2.0)
        terminal.press(b"\t")
        terminal.rest(0.5)
    terminal.close()


def report_leaving(work: Path) -> None:
    """Print how long it takes to leave while many runs go on, each of which prints all the time."""
    root = work / "streams"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: streams\n")
    names = [f"stream_{number:02d}" for number in range(STREAMS)]
    for name in names:
        (root / "conf" / "pipelines" / f"{name}.yml").write_text(f"name: {name}\nrun:\n  final_vars: [stream]\n")
        (root / "pipelines" / f"{name}.py").write_text(STREAM)
    with Seedbed(root) as seedbed:
        runs = [seedbed.start(RunRequest(str(root), name)) for name in names]
        seconds = []
        for _ in range(3):
            program = Program("fp-tui", [sys.executable, "-m", "flowerpower_tui", str(root)], b"streams")
            terminal = Measured(program)
            terminal.until(b"processed an order")
            terminal.press(b"3")
            terminal.settle(3)
            pressed = time.perf_counter()
            terminal.press(b"q")
            if not terminal.ended():
                print("it does not end")
                terminal.close()
            seconds.append(time.perf_counter() - pressed)
    assert all(run.is_locked for run in runs)
    for run in runs:
        cancel(run)
    while any(run.is_locked for run in runs):
        time.sleep(0.1)
    tell(f"out, while {STREAMS} runs go on", median(seconds), "s", 0.5)


def main() -> None:
    """Print a line for each promise."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ |= {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "HOME": str(work),
            "FP_TUI_STATE_DIR": str(work / "state"),
            "FP_TUI_CONFIG_DIR": str(work / "config"),
        }
        for name in ("PYTHONDONTWRITEBYTECODE", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR"):
            os.environ.pop(name, None)
        ours = Program(
            "fp-tui",
            [sys.executable, "-m", "flowerpower_tui", str(EXAMPLE)],
            EXAMPLE.name.encode(),
            {"tree with its pipelines": b"sales_etl", "DAG with its nodes": b"orders"},
        )
        kept = Path(sys.argv[sys.argv.index("--peers") + 1]) if "--peers" in sys.argv else work
        others = [bare(), *peers(kept)]
        # Byte code is written, the graph is known, and whether to be shown around was asked.
        for program in (ours, *others):
            terminal = Measured(program)
            for wanted in (program.first, *program.later.values()):
                terminal.until(wanted)
            terminal.rest(2.0)
            terminal.close()
        tell("fp-tui --help", median(help_seconds()), "s", 0.12)
        report_paint(ours, others)
        report_rest(ours, others)
        report_keys(ours)
        report_leaving(work)


if __name__ == "__main__":
    main()
