"""What goes to a real terminal: nothing at rest, no pile for one that does not read, and notices where they are set."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest

FLOOD = """
def flood(lines: int) -> int:
    for number in range(lines):
        print(number, "x" * 60)
    print("that was the last")
    return lines
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the user's settings."""
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    return lambda text: (tmp_path / "config" / "settings.yml").write_text(text) and None


@pytest.fixture
def flood(tmp_path: Path) -> Path:
    root = tmp_path / "flood"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: flood\n")
    (root / "conf" / "pipelines" / "flood.yml").write_text(
        "run:\n  final_vars: [flood]\n  inputs: {lines: 30000}\n  retry: {max_retries: 0}\n"
    )
    (root / "pipelines" / "flood.py").write_text(FLOOD)
    return root


def quiet(terminal, seconds: float) -> bytes:
    """What is written until nothing is for so many seconds."""
    seen = b""
    while select.select([terminal.master], [], [], seconds)[0]:
        seen += os.read(terminal.master, 65536)
    return seen


def test_at_rest_nothing_is_sent(terminal, flood: Path, settings: Callable[[str], None]) -> None:
    settings("meter: always\n")
    opened = terminal(str(flood))
    opened.read_until(b"never run")
    # The first graph, the process in waiting, the meter's first words: then it falls silent, and stays so.
    quiet(opened, 2.5)

    assert quiet(opened, 2.5) == b""


def test_a_terminal_that_does_not_read_catches_up(terminal, flood: Path) -> None:
    opened = terminal(str(flood))
    opened.read_until(b"never run")

    run = start(RunRequest(str(flood), "flood"))
    list(follow(run))
    # All that time nobody has read. The interface lives: it has gone on, and shows how things stand.
    opened.read_until(b"that was the last")
    opened.press(b"q")
    opened.rest()
    assert opened.exit_code() == 0


def test_a_signal_ends_it_while_the_terminal_does_not_read(terminal, flood: Path) -> None:
    opened = terminal(str(flood))
    opened.read_until(b"never run")
    # Every one draws something, and nobody reads it.
    for _ in range(300):
        opened.press(b"\t")

    opened.process.send_signal(signal.SIGTERM)

    assert opened.exit_code() == 128 + signal.SIGTERM


def test_an_end_is_told_to_the_terminal_that_has_not_the_focus(
    terminal, flood: Path, settings: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings("notices: {desktop: all, bell: all, minimum_duration: 0}\nlink: ssh\n")
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    opened = terminal(str(flood))
    opened.read_until(b"never run")
    opened.press(b"\x1b[O")
    start(RunRequest(str(flood), "flood", {"run": {"inputs": {"lines": 1}}}))

    told = opened.read_until(lambda written: b"\x07" in written.partition(b"\x1b]9;")[2]).partition(b"\x1b]9;")[2]
    assert "✓ flood succeeded after" in told.partition(b"\x07")[0].decode()
