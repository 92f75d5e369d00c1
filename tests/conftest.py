"""For every room that needs runs: a real launcher, a real supervisor, a worker that runs a small script; and tmux."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from flowerpower_tui.config.known import ask_elsewhere
from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import launch
from flowerpower_tui.runs.request import RunRequest

TMUX = shutil.which("tmux")
SCRIPTED_WORKER = (sys.executable, "-P", str(Path(__file__).with_name("scripted_worker.py")))


@pytest.fixture(scope="session", autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever runs the tests has settings of their own, which are none of the tests' business."""
    os.environ["FP_TUI_CONFIG_DIR"] = str(tmp_path_factory.mktemp("config"))
    # Projects' code runs in the interpreter that runs the tests, whatever lies around the projects.
    os.environ["VIRTUAL_ENV"] = sys.prefix


@pytest.fixture(autouse=True)
def _no_interpreter_is_asked() -> Iterator[None]:
    """What a process has learnt of a project's interpreter is forgotten with the process, which here is one for all."""
    yield
    ask_elsewhere(lambda: None)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own."""
    path = tmp_path / "state"
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(path))
    return path


@pytest.fixture
def start_script(state: Path, tmp_path: Path) -> Iterator[Callable[..., RunDirectory]]:
    """Starts a run of a script; whatever still runs at the end of the test is ended."""
    started: list[RunDirectory] = []

    def start(script: str, pipeline: str = "script", state: Path = state) -> RunDirectory:
        request = RunRequest(str(tmp_path), pipeline, {"script": textwrap.dedent(script)})
        run = launch(request, None, state, SCRIPTED_WORKER)
        started.append(run)
        return run

    yield start
    for run in started:
        while run.is_locked:
            with suppress(RunStoreError):
                cancel(run)
            time.sleep(0.02)


@pytest.fixture
def run_script(start_script: Callable[[str], RunDirectory]) -> Callable[[str], tuple[RunDirectory, list[AnyEvent]]]:
    """Runs a script to its end; returns the run and its events."""

    def run(script: str) -> tuple[RunDirectory, list[AnyEvent]]:
        started = start_script(script)
        return started, list(follow(started))

    return run


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something is so."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.01)

    return wait


@pytest.fixture
def is_alive() -> Callable[[int], bool]:
    """Tells whether a process is there, and no zombie."""

    def look(process: int) -> bool:
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return look


class Screen:
    """`fp-tui` in a tmux of its own."""

    def __init__(self, socket: Path, width: int, height: int, project: Path | str) -> None:
        self._socket = socket
        self._tmux = [TMUX or "tmux", "-S", str(socket), "-f", os.devnull]
        command = [sys.executable, "-m", "flowerpower_tui", str(project)]
        self._run("new-session", "-d", "-x", str(width), "-y", str(height), *command)
        self._run("set-option", "-g", "remain-on-exit", "on")

    def press(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self._run("resize-window", "-x", str(width), "-y", str(height))

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
        # Where tests run in a terminal, readline has put its size into what is inherited otherwise.
        done = subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=True, env=os.environ)
        return done.stdout


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Screen]]:
    """Opens projects as a person does, in a terminal that can be looked at; closes them at the end of the test."""
    if TMUX is None and not os.environ.get("CI"):
        pytest.skip("tmux is not installed; CI installs it")
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    opened: list[Screen] = []

    def open_screen(width: int, height: int, project: Path | str) -> Screen:
        # A socket's path must be short.
        socket = Path(tempfile.mkdtemp(prefix="fp-tui-")) / "tmux"
        opened.append(Screen(socket, width, height, project))
        return opened[-1]

    yield open_screen
    for screen in opened:
        screen.close()
