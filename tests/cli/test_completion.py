"""What a shell is told that completes a command line of ours; and a real bash that asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FP_TUI = Path(sys.executable).parent / "fp-tui"


def completed(line: str, folder: Path, state: Path) -> list[str]:
    """What stands at the end of `line` could become, by the protocol between shells and argcomplete."""
    state.mkdir(exist_ok=True)
    out = state / "answer"
    out.unlink(missing_ok=True)
    environ = os.environ | {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
        "FP_TUI_STATE_DIR": str(state),
        "_ARGCOMPLETE_STDOUT_FILENAME": str(out),
    }
    ended = subprocess.run([FP_TUI], env=environ, cwd=folder, capture_output=True, text=True, timeout=60)
    assert ended.stderr == ""
    return [word.strip() for word in out.read_text().splitlines()] if out.exists() else []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "conf" / "pipelines").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "conf" / "project.yml").write_text("name: work\n")
    for name in ("orders", "customers"):
        (folder / "conf" / "pipelines" / f"{name}.yml").write_text(f"name: {name}\n")
        (folder / "pipelines" / f"{name}.py").write_text("def one() -> int:\n    return 1\n")
    return folder


def test_commands_and_options_are_completed(root: Path, tmp_path: Path) -> None:
    assert "compare" in completed("fp-tui com", root, tmp_path / "state")
    assert "--final-var" in completed("fp-tui run orders --fin", root, tmp_path / "state")


def test_pipelines_are_completed_by_their_names(root: Path, tmp_path: Path) -> None:
    assert completed("fp-tui run ", root, tmp_path / "state") == ["customers", "orders"]
    assert completed("fp-tui run ord", root, tmp_path / "state") == ["orders"]
    assert completed(f"fp-tui -C {root} dag cust", tmp_path, tmp_path / "state") == ["customers"]


def test_where_there_is_no_project_nothing_is_said(tmp_path: Path) -> None:
    assert completed("fp-tui run x", tmp_path, tmp_path / "state") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_code_of_its_own(shell: str) -> None:
    ended = subprocess.run([FP_TUI, "completion", shell], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    assert "fp-tui" in ended.stdout
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=ended.stdout, capture_output=True, text=True).returncode == 0
