"""The tutorial does what it says: its files are written, its commands run, and what it promises is printed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
PATIENCE = 120.0

_BLOCK = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What is another at each run: times of the day, durations.
_VARYING = re.compile(r"\d\d:\d\d:\d\d|\b\d+(?:\.\d+)? m?s\b|…")


@dataclass
class Block:
    """A fenced block: its language, what stands behind that, and its text."""

    language: str
    about: str
    text: str


def blocks() -> Iterator[Block]:
    return (Block(*found) for found in _BLOCK.findall(TUTORIAL.read_text("utf-8")))


class Reader:
    """Somebody who does what the tutorial says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commands = 0
        self._watch: subprocess.Popen[str] | None = None
        self._seen = folder / "watched"

    def do(self, block: Block) -> None:
        if block.language != "console":
            self._write(block)
        elif not block.text.startswith("$"):
            self._await(block.text.splitlines())
        else:
            for step in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, *promised = step.splitlines()
                self._command(command, promised)

    def leave(self) -> None:
        if self._watch:
            self._watch.send_signal(signal.SIGINT)
            self._watch.wait(PATIENCE)

    def _write(self, block: Block) -> None:
        name, _, change = block.about.partition(" :: ")
        path = self.folder / name
        if not change:
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
            return
        before, after = change.split(" → ")
        text = path.read_text("utf-8")
        assert before in text
        path.write_text(text.replace(before, after), "utf-8")
        assert block.text in path.read_text("utf-8"), "the tutorial shows what the file says then"

    def _command(self, command: str, promised: Sequence[str]) -> None:
        program, *words = command.split()
        if program == "cd":
            self.folder /= words[0]
            return
        assert program == "fp-tui"
        self.commands += 1
        argv = [sys.executable, "-m", "flowerpower_tui", *words]
        if words[0] == "watch":
            with self._seen.open("w") as output:
                self._watch = subprocess.Popen(
                    argv, cwd=self.folder, text=True, stdout=output, stderr=subprocess.STDOUT
                )
            self._await(promised)
            return
        done = subprocess.run(
            argv, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        ends = [line for line in promised if line.startswith("[exit ")]
        assert done.returncode == int(ends[0][6:-1] if ends else 0), f"{command}:\n{done.stdout}"
        missing = not_printed([line for line in promised if line not in ends], done.stdout.splitlines())
        assert missing is None, f"{command} does not print {missing!r}, but\n{done.stdout}"

    def _await(self, promised: Sequence[str]) -> None:
        deadline = time.monotonic() + PATIENCE
        while missing := not_printed(promised, self._seen.read_text("utf-8").splitlines()):
            assert time.monotonic() < deadline, f"never seen: {missing!r} in\n{self._seen.read_text('utf-8')}"
            time.sleep(0.05)


def not_printed(promised: Sequence[str], printed: Sequence[str]) -> str | None:
    """Return the first promised line that is not there in its order; other lines may stand between them."""
    rest = iter(printed)
    for line in promised:
        parts = [r"\s+".join(map(re.escape, part.split())) for part in _VARYING.split(line)]
        wanted = re.compile(r"\s*" + r".*".join(rf"\s*{part}\s*" for part in parts))
        if not any(wanted.fullmatch(found) for found in rest):
            return line
    return None


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    for variable in [name for name in os.environ if name.startswith("FP_") and not name.startswith("FP_TUI")]:
        monkeypatch.delenv(variable)
    someone = Reader(tmp_path)
    yield someone
    someone.leave()


def test_all_that_the_tutorial_says_can_be_done_and_seen(reader: Reader) -> None:
    for block in blocks():
        reader.do(block)
    assert reader.commands == TUTORIAL.read_text("utf-8").count("\n$ fp-tui ")


def test_a_promise_that_is_not_kept_is_found() -> None:
    printed = ["12:00:01  INFO  one finished after 3 ms: int", "done"]
    assert not_printed(["17:41:49  INFO      one finished after 0.4 s: int", "…", "done"][::2], printed) is None
    assert not_printed(["12:00:01  INFO  two finished after 3 ms: int"], printed) is not None
    assert not_printed(["done", "12:00:01  INFO  one finished after 3 ms: int"], printed) is not None
