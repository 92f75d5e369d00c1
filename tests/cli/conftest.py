"""The real `fp-tui` on real projects: as a process where signals and streams count, in this one where they do not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.cli.main import main
from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.store import RunStore

EXAMPLES = Path(__file__).parents[2] / "examples"
FP_TUI = [sys.executable, "-m", "flowerpower_tui"]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory of the test's own; whatever still runs at its end is ended."""
    path = tmp_path / "state"
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(path))
    for variable in ("COLUMNS", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    yield path
    for run in RunStore().runs():
        while run.directory.is_locked:
            with suppress(RunStoreError):
                cancel(run.directory)
            time.sleep(0.02)


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Path]:
    """Gives a fresh copy of an example."""

    def copy(name: str) -> Path:
        return shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("output", "__pycache__"))

    return copy


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes a project: each keyword is a pipeline, and its module's text."""

    def write(**modules: str) -> Path:
        root = tmp_path / "project"
        (root / "conf/pipelines").mkdir(parents=True)
        (root / "pipelines").mkdir()
        (root / "conf/project.yml").write_text("name: project\n")
        for name, text in modules.items():
            (root / f"pipelines/{name}.py").write_text(textwrap.dedent(text))
            (root / f"conf/pipelines/{name}.yml").write_text("run:\n  retry:\n    max_retries: 0\n")
        return root

    return write


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The document on each line of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def fp_tui(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Carries out a command in this process."""

    def run(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command as a process of its own, its streams piped."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL} | options
        process = subprocess.Popen([*FP_TUI, *map(str, arguments)], text=True, env=os.environ.copy(), **options)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
