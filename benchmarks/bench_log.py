"""The log view against toolong and `less` on the same bytes, and in a flood: times, memory, bytes to the terminal.

Each pair runs in turn, so that a busy machine slows both. Aims: the tail on the screen within 50 ms once the interface
is up, at any size, with at most 100 MB of memory; a literal search in 200 MB within 0.3 s; in a flood 50,000 lines a
second from the worker to the screen, keys answered within 50 ms, less than 100 KB a second to the terminal.
`bench_log.py --small` takes a hundredth of everything.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
import venv
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

SCALE = 0.01 if "--small" in sys.argv else 1.0
LINE = b"%09d processed an order of region North, 395 rows kept, 3 rejected, quantity missing in 1 of them\n"
FLOOD_SECONDS = 8
FLOOD = """
import sys, time
def flood() -> int:
    end, number, write = time.monotonic() + {seconds}, 0, sys.stdout.write
    while time.monotonic() < end:
        for number in range(number + 1, number + 101):
            write(f"{{number:09d}} processed an order of region North, 395 rows kept, 3 rejected, quantity missing\\n")
        sys.stdout.flush()
    print(f"{{number:09d}} was the last")
    return number
"""


def make_run(state: Path, project: Path, lines: int) -> Path:
    """Write down a run that printed `lines` lines, as the supervisor would; return its directory."""
    from flowerpower_tui.runs.events import AttemptStarted, OutputWritten, RunFinished, RunStarted
    from flowerpower_tui.runs.journal import JOURNAL, encode

    path = state / "runs" / "20260301-120000-job-0001"
    path.mkdir(parents=True)
    now = datetime.now(UTC)
    with (path / "output.log").open("wb") as output, (path / JOURNAL).open("wb") as journal:

        def tell(kind: type, **fields: object) -> None:
            tell.seq += 1  # type: ignore[attr-defined]
            journal.write(encode(kind(seq=tell.seq, time=now, **fields)) + b"\n")  # type: ignore[attr-defined]

        tell.seq = 0  # type: ignore[attr-defined]
        tell(RunStarted, run=path.name, project=str(project), pipeline="job", supervisor=1, worker=2)
        tell(AttemptStarted, attempt=1, attempts=1)
        for first in range(0, lines, 650):
            start = output.tell()
            output.write(b"".join(LINE % number for number in range(first, min(first + 650, lines))))
            tell(OutputWritten, stream="stdout", start=start, end=output.tell(), node="orders")
        tell(RunFinished, outcome="succeeded", duration=3.0)
    return path


def make_project(root: Path) -> Path:
    """A project whose only pipeline floods its log."""
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: bench\n")
    (root / "conf" / "pipelines" / "job.yml").write_text("name: job\nrun:\n  final_vars: [flood]\n")
    (root / "pipelines" / "job.py").write_text(FLOOD.format(seconds=FLOOD_SECONDS * max(SCALE, 0.25)))
    return root


class Terminal:
    """A program in a terminal of 120 × 40."""

    def __init__(self, command: list[str]) -> None:
        self.started = time.perf_counter()
        self.process, self._terminal = pty.fork()
        if not self.process:
            os.execvp(command[0], command)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.received = 0
        self._seen = b""

    def until(self, *wanted: bytes, seconds: float = 120.0) -> float:
        """Read until one of `wanted` was written; return when, on the performance counter."""
        deadline = time.perf_counter() + seconds
        while not any(text in self._seen for text in wanted):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{wanted} never came")
            self.read(0.5)
        return time.perf_counter()

    def read(self, seconds: float) -> None:
        """Read what is written, waiting at most so long for it."""
        if select.select([self._terminal], [], [], seconds)[0]:
            with suppress(OSError):
                data = os.read(self._terminal, 1 << 16)
                self.received += len(data)
                self._seen = self._seen[-4096:] + data

    def settle(self, seconds: float) -> None:
        """Read what is written for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def forget(self) -> None:
        """Wait only for what comes from now on."""
        self._seen = b""

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._terminal, key)

    def memory(self) -> float:
        """The resident memory of the program, in MB."""
        return memory_of(self.process)

    def close(self) -> None:
        """End the program."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._terminal)


def memory_of(process: int | str) -> float:
    """The resident memory of a process, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1000


async def in_the_interface(run: Path, needle: str) -> dict[str, float]:
    """Open a run's log in an interface that is up, and search it; times in seconds."""
    from textual.app import App, ComposeResult

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.logfilter import TextPattern
    from flowerpower_tui.tui.follow import LogRead, RunAdvanced, RunFollower
    from flowerpower_tui.tui.log_work import Found, Search
    from flowerpower_tui.tui.widgets.log_panel import LogPanel

    class Host(App[None]):
        shown: asyncio.Future[float]
        counted: asyncio.Future[float]
        found: asyncio.Future[float]

        def compose(self) -> ComposeResult:
            yield LogPanel(run)

        def on_log_read(self, event: LogRead) -> None:
            self.query_one(LogPanel).show(event.rows, event.moved)
            self.book = event.rows
            if not self.shown.done() and event.rows:
                view = self.query_one(LogPanel).view
                [view.render_line(y) for y in range(view.size.height)]
                self.shown.set_result(time.perf_counter())

        def on_run_advanced(self, event: RunAdvanced) -> None:
            event.taken.set()
            self.query_one(LogPanel).grown()
            if not self.shown.done():
                self.shown.set_result(time.perf_counter())
            if event.over:
                self.counted.set_result(time.perf_counter())

        def on_found(self, _: Found) -> None:
            self.found.set_result(time.perf_counter())

    app = Host()
    result = {}
    async with app.run_test(size=(120, 40)) as pilot:
        loop = asyncio.get_running_loop()
        app.shown, app.counted = loop.create_future(), loop.create_future()
        await pilot.pause()
        started = time.perf_counter()
        RunFollower(RunDirectory(run), app)
        result["tail"] = await app.shown - started
        result["all"] = await app.counted - started
        result["memory"] = memory_of("self")
        for name, text in (("miss", "No Such Text"), ("folded miss", "no such text"), ("hit", needle)):
            app.found = loop.create_future()
            started = time.perf_counter()
            Search(app.book, TextPattern(text), 0, app)
            result[name] = await app.found - started
        result["memory after"] = memory_of("self")
    return result


def opened(command: list[str], last: bytes, key: bytes = b"") -> tuple[float, float]:
    """How long a program takes to show a file's last line, in seconds, and its memory then; `key` goes to the end."""
    terminal = Terminal(command)
    shown = 0.0
    while not shown:
        with suppress(TimeoutError):
            shown = terminal.until(last, seconds=0.3 if key else 120)
        # It may not be ready for keys yet, or may not know all lines.
        terminal.press(key)
    memory = terminal.memory()
    terminal.close()
    return shown - terminal.started, memory


def toolong(folder: Path) -> list[str]:
    """Install toolong in an environment of its own; return its command, nothing if that cannot be."""
    venv.create(folder, with_pip=True)
    done = subprocess.run([folder / "bin" / "pip", "install", "-q", "toolong"], check=False, capture_output=True)
    return [str(folder / "bin" / "tl")] if done.returncode == 0 else []


def report_opening(name: str, lines: int, work: Path, peer: list[str]) -> None:
    """Print how a finished run opens, in three programs."""
    state, project = work / f"state-{lines}", make_project(work / f"project-{lines}")
    run = make_run(state, project, lines)
    last = b"%09d" % (lines - 1)
    os.environ["FP_TUI_STATE_DIR"] = str(state)
    child = [sys.executable, __file__, "--child", str(run), f"{lines - 1:09d}"]
    ours = json.loads(subprocess.run(child, check=True, capture_output=True, text=True).stdout)
    print(f"{name}")
    print(
        f"  fp-tui, the interface up    tail {ours['tail'] * 1000:8.1f} ms   all rows {ours['all'] * 1000:7.0f} ms"
        f"   memory {ours['memory']:4.0f} MB, after searches {ours['memory after']:4.0f} MB"
    )
    print(
        f"  literal search of it all    {ours['miss'] * 1000:8.0f} ms   without regard to case"
        f" {ours['folded miss'] * 1000:5.0f} ms   found at the end {ours['hit'] * 1000:5.0f} ms"
    )
    whole, memory = opened([sys.executable, "-m", "flowerpower_tui", str(project)], last)
    print(f"  fp-tui, from its start      tail {whole * 1000:8.0f} ms   memory {memory:4.0f} MB")
    output = str(run / "output.log")
    if peer:
        theirs, memory = opened([*peer, output], last, b"\x1b[F")
        ratio = whole / theirs
        print(
            f"  toolong, end pressed        tail {theirs * 1000:8.0f} ms   memory {memory:4.0f} MB   ratio {ratio:.2f}"
        )
    if shutil.which("less"):
        theirs, memory = opened(["less", "+G", output], last)
        print(f"  less +G                     tail {theirs * 1000:8.0f} ms   memory {memory:4.0f} MB")
    shutil.rmtree(state)


def answer_time(terminal: Terminal) -> float:
    """How long the log takes to answer a key, in seconds."""
    terminal.forget()
    pressed = time.perf_counter()
    terminal.press(b"f")
    # Its first letter is under the cursor.
    elapsed = terminal.until(b"evel:warning") - pressed
    # Not escape: with the next key close behind it, it would be another key.
    terminal.press(b"\r")
    terminal.settle(0.4)
    return elapsed


def go_to_the_log(terminal: Terminal) -> None:
    """Press tab until a key of the log is answered."""
    while True:
        terminal.settle(1)
        terminal.press(b"f")
        with suppress(TimeoutError):
            terminal.until(b"evel:warning", seconds=2)
            terminal.press(b"\r")
            terminal.settle(1)
            return
        terminal.press(b"\t")


def report_flood(work: Path) -> None:
    """Print how the interface fares while a run prints as fast as it can."""
    state, project = work / "state-flood", make_project(work / "project-flood")
    os.environ["FP_TUI_STATE_DIR"] = str(state)
    terminal = Terminal([sys.executable, "-m", "flowerpower_tui", str(project)])
    terminal.until(b"flood")
    go_to_the_log(terminal)
    quiet = sorted(answer_time(terminal) for _ in range(15))
    terminal.press(b"r")
    begun = terminal.until(b" processed an")
    memory, received, latencies = terminal.memory(), terminal.received, []
    end = begun + FLOOD_SECONDS * max(SCALE, 0.25) - 1
    while time.perf_counter() < end:
        latencies.append(answer_time(terminal))
    seconds = time.perf_counter() - begun
    rate = (terminal.received - received) / seconds / 1000
    over = terminal.until(b"was the last")
    grown = terminal.memory() - memory
    terminal.close()
    (output,) = (state / "runs").glob("*/output.log")
    lines = output.read_bytes().count(b"\n")
    latencies.sort()
    print(f"flood of {lines:,} lines")
    print(f"  from worker to screen       {lines / (over - begun):8,.0f} lines/s")
    print(
        f"  a key meanwhile             p50 {statistics.median(latencies) * 1000:4.0f} ms   "
        f"p95 {latencies[int(len(latencies) * 0.95)] * 1000:4.0f} ms   of {len(latencies)}"
        f"   (at rest p50 {statistics.median(quiet) * 1000:.0f} ms)"
    )
    print(f"  to the terminal             {rate:8.0f} KB/s, the keys' answers among it")
    print(f"  memory grew by              {grown:8.1f} MB")


def main() -> None:
    """Print a paragraph for each promise."""
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        peer = toolong(work / "toolong")
        size = len(LINE % 0)
        report_opening("1,000,000 lines", int(1_000_000 * SCALE), work, peer)
        report_opening("200 MB", int(200_000_000 * SCALE) // size, work, peer)
        report_opening("1 GB", int(1_000_000_000 * SCALE) // size, work, peer)
        report_flood(work)


if __name__ == "__main__":
    if "--child" in sys.argv:
        _, _, directory, text = sys.argv
        print(json.dumps(asyncio.run(in_the_interface(Path(directory), text))))
    else:
        main()
