"""The programs whose starts are compared: ours, a bare Textual application, and what others have written with Textual.

The others are installed from PyPI, each in an environment of its own, with a home of its own.
"""

from __future__ import annotations

import os
import select
import statistics
import subprocess
import sys
import time
import venv
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench_log import Terminal

BARE_TEXTUAL = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("Pipelines")
Bare().run()
"""


@dataclass(frozen=True)
class Program:
    """A program with an interface in the terminal.

    Attributes:
        name: what it is called in the report.
        command: starts it.
        first: is on its screen from the first paint on.
        later: what comes behind that, by what it is.
    """

    name: str
    command: list[str]
    first: bytes
    later: dict[str, bytes] = field(default_factory=dict)


# tree-sitter 0.26 ends posting by a segmentation fault.
_PEERS = {
    "posting": (["posting==2.11.1", "tree-sitter<0.26"], [], b"Collection"),
    "harlequin": (["harlequin==2.17.0"], ["--locale", "C"], b"Data Catalog"),
}


def bare() -> Program:
    """The least that Textual can be."""
    return Program("bare Textual", [sys.executable, "-c", BARE_TEXTUAL], b"Pipelines")


def peers(work: Path) -> list[Program]:
    """Install the others in `work`, unless they are there; return those that could be, and say why others could not."""
    found = []
    for name, (wanted, options, first) in _PEERS.items():
        folder = work / name
        if not (folder / "bin" / name).exists():
            venv.create(folder, with_pip=True)
            pip = subprocess.run([folder / "bin" / "pip", "install", "-q", *wanted], check=False, capture_output=True)
            if pip.returncode:
                print(f"{name} is left out: {pip.stderr.decode().strip().splitlines()[-1]}")
                continue
        found.append(Program(name, [str(folder / "bin" / name), *options], first))
    return found


class Measured(Terminal):
    """A program in a terminal of 120 × 40, whose life is measured."""

    def __init__(self, program: Program) -> None:
        super().__init__(program.command)
        self._program = program

    def paint(self) -> float:
        """Wait for the first paint; return after how many seconds it came."""
        return self.until(self._program.first) - self.started

    def rest(self, quiet: float = 1.0, most: float = 20.0) -> None:
        """Read until nothing was written for so many seconds."""
        end = time.perf_counter() + most
        before = -1
        while before != self.received and time.perf_counter() < end:
            before = self.received
            self.settle(quiet)

    def resident(self) -> tuple[float, float]:
        """Its memory in MB: all that is resident, and its part of what it shares with others."""
        rollup = Path(f"/proc/{self.process}/smaps_rollup").read_text()
        return self.memory(), int(rollup.split("\nPss:")[1].split()[0]) / 1000

    def busy(self) -> float:
        """The seconds that its threads have run so far."""
        tasks = Path(f"/proc/{self.process}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def key_bytes(self, key: bytes) -> int:
        """How many bytes are the answer to a key."""
        before = self.received
        self.press(key)
        self.rest(0.15)
        return self.received - before

    def ended(self) -> bool:
        """Read until it has ended; return whether it did, within half a minute."""
        end = time.perf_counter() + 30
        while time.perf_counter() < end:
            if select.select([self._terminal], [], [], 0.005)[0]:
                with suppress(OSError):
                    os.read(self._terminal, 1 << 16)
            if os.waitpid(self.process, os.WNOHANG)[0]:
                os.close(self._terminal)
                return True
        return False


def median(values: list[float]) -> float:
    """The median; not a number, if there are none."""
    return statistics.median(values) if values else float("nan")
