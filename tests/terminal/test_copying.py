"""What is copied reaches the terminal: by itself, and through a real tmux and a real screen."""

from __future__ import annotations

import base64
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowerpower_tui.tui.clipboard import hand_over

TEXT = "ein Stück Text, länger als ein Stück von screen. " * 20
ENCODED = base64.b64encode(TEXT.encode()).decode()
# Copies like the interface, and stays until it is ended.
COPYING = """
import sys, time
from flowerpower_tui.tui.clipboard import hand_over

class Output:
    def write(self, data):
        sys.stdout.write(data)
        sys.stdout.flush()

hand_over(sys.argv[1], Output())
time.sleep(60)
"""


class Written:
    """A driver that keeps what is written."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str) -> None:
        self.text += data


def reaches_the_terminal(command: list[str]) -> None:
    """Run a command in a terminal until the copied text has come there in one sequence."""
    terminal, theirs = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY")}
    environ |= {"TERM": "xterm-256color"}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while ENCODED.encode() not in seen:
                seen += os.read(terminal, 65536)
        finally:
            process.kill()
            os.close(terminal)


def test_a_terminal_gets_it_in_one_sequence() -> None:
    driver = Written()
    hand_over(TEXT, driver, {})  # type: ignore[arg-type]
    assert driver.text == f"\x1b]52;c;{ENCODED}\a"


def test_where_tmux_cannot_be_asked_the_terminal_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    driver = Written()
    hand_over(TEXT, driver, {"TMUX": "/tmp/tmux"})  # type: ignore[arg-type]
    assert driver.text == f"\x1b]52;c;{ENCODED}\a"


@pytest.mark.skipif(shutil.which("tmux") is None and not os.environ.get("CI"), reason="tmux is not installed")
@pytest.mark.parametrize("clipboard", ["external", "off", "on"])
def test_tmux_passes_it_on_whatever_its_clipboard_is_set_to(clipboard: str, tmp_path: Path) -> None:
    (tmp_path / "conf").write_text(f"set -s set-clipboard {clipboard}\n")
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", str(tmp_path / "conf")]
    try:
        reaches_the_terminal([*tmux, "new-session", sys.executable, "-c", COPYING, TEXT])
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)


@pytest.mark.skipif(shutil.which("screen") is None, reason="screen is not installed")
def test_screen_passes_it_on_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SCREENDIR", str(folder))
    try:
        reaches_the_terminal(["screen", "-c", "/dev/null", "-S", "copying", sys.executable, "-c", COPYING, TEXT])
    finally:
        subprocess.run(["screen", "-S", "copying", "-X", "quit"], check=False, capture_output=True)
