"""The whole way through as a person goes it: in tmux, with keys, looking at the screen."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(
    TMUX is None and not os.environ.get("CI"), reason="tmux is not installed; CI installs it"
)


class Screen:
    """`fp-tui` in a tmux of its own."""

    def __init__(self, socket: Path, width: int, height: int, project: Path) -> None:
        self._socket = socket
        self._tmux = [TMUX or "tmux", "-S", str(socket), "-f", os.devnull]
        command = [sys.executable, "-m", "flowerpower_tui", str(project)]
        self._run("new-session", "-d", "-x", str(width), "-y", str(height), *command)
        self._run("set-option", "-g", "remain-on-exit", "on")

    def press(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def look(self) -> str:
        return self._run("capture-pane", "-p")

    def until(self, sees: Callable[[str], bool], seconds: float = 30) -> str:
        deadline = time.monotonic() + seconds
        while not sees(screen := self.look()):
            assert time.monotonic() < deadline, f"not seen in time; the screen is:\n{screen}"
            time.sleep(0.05)
        return screen

    def is_over(self) -> bool:
        return self._run("display-message", "-p", "#{pane_dead}").strip() == "1"

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)
        shutil.rmtree(self._socket.parent)

    def _run(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Screen]]:
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    opened: list[Screen] = []

    def open_screen(width: int, height: int, project: Path) -> Screen:
        # A socket's path must be short.
        socket = Path(tempfile.mkdtemp(prefix="fp-tui-")) / "tmux"
        opened.append(Screen(socket, width, height, project))
        return opened[-1]

    yield open_screen
    for screen in opened:
        screen.close()


def line_with(screen: str, text: str) -> str:
    return next((line for line in screen.splitlines() if text in line), "")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 48)])
def test_open_run_watch_and_quit(tmux: Callable[..., Screen], sales_etl: Path, width: int, height: int) -> None:
    screen = tmux(width, height, sales_etl)

    screen.until(lambda seen: "· sales_etl" in seen and "raw_orders" in seen and "r Run" in seen)
    assert "✓" not in screen.look()

    screen.press("r")
    running = screen.until(lambda seen: "▶ exchange_rates" in seen.replace("▶ │ │ │ ", "▶ "))
    assert "✓" in line_with(running, "valid_orders")
    assert "▶ sales_etl" in running
    screen.until(lambda seen: "exchange rates of 2025-02" in seen)
    screen.until(lambda seen: "exchange rates of 2025-09" in seen)

    finished = screen.until(lambda seen: "✓ succeeded" in seen and "succeeded after" in seen)
    assert "15/15 nodes" in finished
    screen.until(lambda seen: "✓ sales_etl" in seen)

    screen.press("q")
    deadline = time.monotonic() + 20
    while not screen.is_over():
        assert time.monotonic() < deadline
        time.sleep(0.05)
