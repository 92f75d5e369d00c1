"""An executor that a package brings only where the project's code runs: known to every command, and used there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from venv import EnvBuilder

import pytest

from flowerpower_tui.config import known
from flowerpower_tui.runs.environment import installed_folders

PLUGIN = """
from flowerpower_tui.pipeline.engine.executors import InTurn


class Announced(InTurn):
    def work(self, schedule, performer):
        print("one after the other")
        super().work(schedule, performer)


def make(config, recipe):
    return Announced()
"""


@pytest.fixture(autouse=True)
def _no_other_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    # Commands set it for their process, which here is that of the tests.
    monkeypatch.setenv("FP_TUI_PYTHON", "")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """An environment with what is installed here, and a package that brings an executor."""
    folder = tmp_path / "theirs"
    EnvBuilder(symlinks=True).create(folder)
    (packages,) = folder.glob("lib/python3*/site-packages")
    found = [path for path in map(Path, installed_folders()) if path.exists()]
    (packages / "here.pth").write_text("".join(f"{path}\n" for path in found))
    (packages / "loud.py").write_text(PLUGIN)
    info = packages / "loud-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: loud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{known.EXECUTOR_PLUGINS}]\nannounced = loud:make\n")
    return folder


@pytest.fixture
def root(project: Callable) -> Path:
    made: Path = project(one="def one() -> int:\n    return 1\n")
    (made / "conf" / "pipelines" / "one.yml").write_text(
        "run: {executor: {type: announced}, final_vars: [one], retry: {max_retries: 0}}\n"
    )
    return made


def test_it_is_known_to_every_command_and_runs_the_nodes(fp_tui: Callable, root: Path, theirs: Path) -> None:
    (root / ".venv").symlink_to(theirs)
    assert fp_tui("check", "-C", root).err == "1 pipeline: no problems.\n"
    assert "type: announced" in fp_tui("config", "one", "-C", root).out
    assert fp_tui("set", "one", "run.executor.type=announced", "-C", root, "--diff").code == 0
    done = fp_tui("run", "one", "-C", root)
    assert (done.code, done.out) == (0, "one after the other\n"), done.err


def test_the_interpreter_that_is_named_is_asked(fp_tui: Callable, root: Path, theirs: Path) -> None:
    assert "problems" in fp_tui("summary", "one", "-C", root, "--json").json["pipelines"]["one"]
    named = fp_tui("summary", "one", "-C", root, "--json", "--python", theirs)
    assert named.json["pipelines"]["one"]["cfg"]["run"]["executor"]["type"] == "announced"


def test_one_that_is_nowhere_is_told_with_where_it_would_have_to_be(fp_tui: Callable, root: Path, theirs: Path) -> None:
    (root / ".venv").symlink_to(theirs)
    for command in ("run", "config"):
        done = fp_tui(command, "one", "-C", root, "--set", "run.executor.type=zzz")
        assert done.code == 2
        assert f"{root}/.venv/bin/python -m pip install PACKAGE" in done.err
        assert "announced" in done.err
