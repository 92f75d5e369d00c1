"""The interface in Textual's pilot: projects of the test's own, and waiting by condition."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from textual.pilot import Pilot

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.cancel import cancel
from flowerpower_tui.runs.directory import GRAPH, OUTPUT, REQUEST
from flowerpower_tui.runs.request import RunRecord, RunRequest, StoredConfig
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.widgets.line_view import LineView

# What the plugin sets has another name since syrupy 5: without this the pictures would be called `.raw`.
SVGImageExtension.file_extension = "svg"

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 45.0


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory of the test's own, and an environment that says nothing else; no run outlives the test."""
    for name in os.environ:
        ours = name.startswith("FP_") and name != "FP_TUI_CONFIG_DIR"
        if ours or name in ("NO_COLOR", "SSH_CONNECTION", "TEXTUAL_ANIMATIONS"):
            monkeypatch.delenv(name)
    path = tmp_path / "state"
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(path))
    yield path
    # Cancelled only after a test that failed half way; one that succeeded has seen its runs end.
    for run in RunStore(path).runs():
        while run.directory.is_locked:
            with suppress(RunStoreError):
                cancel(run.directory)
            time.sleep(0.02)


@pytest.fixture
def asked_for(state: Path) -> Callable[..., Path]:
    """Makes the directory of a run of which its journal does not tell yet: what was asked for, and the graph."""

    def make(name: str, begin: datetime, request: RunRequest, graph: Graph, config: StoredConfig) -> Path:
        path = state / "runs" / name
        path.mkdir(parents=True)
        (path / GRAPH).write_bytes(msgspec.json.encode(graph))
        (path / OUTPUT).touch()
        record = RunRecord(id=name, time=begin, request=request, versions={"python": "3.11"}, config=config)
        (path / REQUEST).write_bytes(msgspec.json.encode(record))
        return path

    return make


@pytest.fixture
def example(tmp_path: Path) -> Callable[..., Path]:
    """Copies an example project, under another name if one is given."""

    def copy(name: str, to: str = "") -> Path:
        root = tmp_path / (to or name)
        shutil.copytree(EXAMPLES / name, root, ignore=shutil.ignore_patterns("output", "__pycache__"))
        return root

    return copy


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Makes a project of one pipeline from the source of its module and the `run` section of its YAML."""

    def make(source: str, run: str = "", *, name: str = "job", folder: str = "work") -> Path:
        root = tmp_path / folder
        (root / "conf" / "pipelines").mkdir(parents=True)
        (root / "pipelines").mkdir()
        (root / "conf" / "project.yml").write_text("name: work\n")
        (root / "conf" / "pipelines" / f"{name}.yml").write_text(f"name: {name}\n{run}")
        (root / "pipelines" / f"{name}.py").write_text(source)
        return root

    return make


@pytest.fixture
def open_app() -> Callable[[Path], FlowerPowerApp]:
    """Makes the application for a folder, without animations."""

    def make(folder: Path) -> FlowerPowerApp:
        app = FlowerPowerApp(folder)
        app.animation_level = "none"
        return app

    return make


@pytest.fixture
def until(screen_text: Callable[[Pilot[Any]], str]) -> Callable[..., Awaitable[None]]:
    """Waits until a condition holds; when it never does, tells what the screen shows instead."""

    async def wait(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"it never came; the screen shows\n{screen_text(pilot)}"
            await pilot.pause(0.05)
        # What became so is laid out, too.
        await pilot.pause(0)

    return wait


@pytest.fixture
def screen_text() -> Callable[[Pilot[Any]], str]:
    """Tells what the whole screen shows, as it would go to the terminal."""

    def text(pilot: Pilot[Any]) -> str:
        return "\n".join(strip.text.rstrip() for strip in pilot.app.screen._compositor.render_strips())

    return text


@pytest.fixture
def rows() -> Callable[[LineView], list[str]]:
    """Tells what the rows of a view show now."""

    def texts(view: LineView) -> list[str]:
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]

    return texts


@pytest.fixture
def fork_graph() -> Graph:
    """Two inputs and six nodes: enough to have every direction in it."""
    names = ("orders", "rates", "valid", "rejected", "euros", "by_region", "by_month", "report")
    edges = (
        ("orders", "valid"),
        ("orders", "rejected"),
        ("valid", "euros"),
        ("rates", "euros"),
        ("euros", "by_region"),
        ("euros", "by_month"),
        ("by_region", "report"),
        ("by_month", "report"),
        ("rejected", "report"),
    )
    inputs = ("orders", "rates")
    return Graph(tuple(Node(name, role="input" if name in inputs else "function") for name in names), edges)


@pytest.fixture(autouse=True)
def no_thread_dies() -> Iterator[None]:
    """What the interface does off its loop ends quietly, also when the application is gone before it."""
    died: list[threading.ExceptHookArgs] = []
    before = threading.excepthook
    threading.excepthook = died.append
    yield
    threading.excepthook = before
    assert not died, f"{died[0].thread}: {died[0].exc_value!r}"
