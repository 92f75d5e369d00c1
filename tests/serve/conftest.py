"""`fp-tui serve` as a process, with a real project."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


class Served:
    """A server, and where it is."""

    def __init__(self, project: Path, *options: str) -> None:
        command = [sys.executable, "-m", "flowerpower_tui", "serve", project, "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.base, _, self.token = self.url.partition("?token=")

    def visitors(self) -> list[int]:
        """The processes of its visitors."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                # Those who are dead and not yet fetched do not count.
                if int(fields[1]) == self.process.pid and fields[0] != "Z":
                    found.append(int(entry.name))
        return found

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it, and return its exit code."""
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode


@pytest.fixture
def serve(state: Path, tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Serves an example; with options, if any."""
    project = tmp_path / "sales-etl"
    shutil.copytree(EXAMPLES / "sales-etl", project)
    started: list[Served] = []

    def start(*options: str) -> Served:
        started.append(Served(project, *options))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.end()


def alive(process: int) -> bool:
    """Whether a process is there, and not merely unfetched."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="session")
def is_alive() -> Callable[[int], bool]:
    return alive
