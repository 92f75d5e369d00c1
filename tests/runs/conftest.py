"""Projects for real runs, and a process in waiting that makes them quick."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowerpower_tui.runs import seedbed
from flowerpower_tui.runs.seedbed import Seedbed


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call() -> None:
    """What pytest tells in the environment changes with every test; a process in waiting would be replaced for it."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with tests is slow, and nobody waits."""
    monkeypatch.setattr(seedbed, "PATIENCE", 60.0)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seedbed]:
    """Starts runs of any project, and looks at its pipelines, in a tenth of the time."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    with Seedbed(tmp_path_factory.mktemp("warm"), state=tmp_path_factory.mktemp("state")) as bed:
        yield bed


PIPELINE = """
from loguru import logger
print("printed at import")
logger.warning("logged at import")

def orders(path: str) -> int:
    return 1

def total(orders: int) -> int:
    print("adding up")
    return orders
"""


@pytest.fixture
def project(tmp_path: Path, state: Path) -> Path:
    """A project with one pipeline, `etl`."""
    root = tmp_path / "project"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: shop\n")
    (root / "conf" / "pipelines" / "etl.yml").write_text("run:\n  final_vars: [total]\n  inputs: {path: x}\n")
    (root / "pipelines" / "etl.py").write_text(PIPELINE)
    return root
