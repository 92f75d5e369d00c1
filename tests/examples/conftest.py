"""Copies of the examples, so that what they write does not land in the tree."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowerpower_tui.pipeline import modules

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Gives a fresh copy of an example; runs go to a state directory of the test's own."""
    monkeypatch.setenv("FP_TUI_STATE_DIR", str(tmp_path / "state"))

    def copy(name: str) -> Path:
        return shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=shutil.ignore_patterns("output", "__pycache__"))

    yield copy
    modules.close()
