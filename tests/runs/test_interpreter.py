"""Which interpreter a project's code runs in; and warm starts in one that is not ours."""

import os
import sys
from pathlib import Path
from venv import EnvBuilder

import pytest

from flowerpower_tui.errors import InstallationError
from flowerpower_tui.pipeline.places import PACKAGE
from flowerpower_tui.python import PATH, is_guest, module_command
from flowerpower_tui.runs.environment import installed_folders, stamp
from flowerpower_tui.runs.events import LogEmitted
from flowerpower_tui.runs.interpreter import Interpreter, choose, cure, ready, wrong
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.seedbed import Seedbed


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's folder in a repository."""
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    path = tmp_path / "repository" / "project"
    path.mkdir()
    return path


def environment(folder: Path) -> str:
    """Put what passes for an environment into a folder; return its interpreter."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return str(python)


def test_without_any_environment_it_is_our_own(root: Path) -> None:
    assert choose(root, {}).path == ""
    assert choose(root, {}).shown == sys.executable


def test_each_rule_is_stronger_than_those_below_it(root: Path, tmp_path: Path) -> None:
    venv = environment(root.parent / "venv")
    assert choose(root, {}).path == venv
    beside = environment(root / "venv")
    assert choose(root, {}).path == beside
    hidden = environment(root / ".venv")
    assert choose(root, {}).path == hidden
    conda = environment(tmp_path / "conda")
    environ = {"CONDA_PREFIX": str(tmp_path / "conda"), "CONDA_DEFAULT_ENV": "work"}
    assert choose(root, environ).path == conda
    active = environment(tmp_path / "active")
    environ["VIRTUAL_ENV"] = str(tmp_path / "active")
    assert choose(root, environ).path == active
    named = environment(tmp_path / "named")
    environ["FP_TUI_PYTHON"] = named
    assert choose(root, environ) == choose(root, {"FP_TUI_PYTHON": str(tmp_path / "named")})
    assert (choose(root, environ).path, choose(root, environ).why) == (named, "FP_TUI_PYTHON")


def test_nothing_above_the_repository_counts(root: Path, tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    assert choose(root, {}).path == ""
    alone = tmp_path / "alone"
    alone.mkdir()
    assert choose(alone, {}).path == ""


def test_condas_base_environment_says_nothing_about_a_project(root: Path, tmp_path: Path) -> None:
    environment(tmp_path / "conda")
    ours = environment(root / ".venv")
    environ = {"CONDA_PREFIX": str(tmp_path / "conda"), "CONDA_DEFAULT_ENV": "base"}
    assert choose(root, environ).path == ours


def test_our_own_environment_may_be_the_activated_one(root: Path) -> None:
    environment(root / ".venv")
    assert choose(root, {"VIRTUAL_ENV": sys.prefix}).path == ""


def test_the_settings_name_one_from_the_projects_root(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path))
    (tmp_path / "settings.yml").write_text("python: envs/prod\n")
    with pytest.raises(InstallationError, match=f"There is no interpreter {root}/envs/prod"):
        choose(root)
    python = environment(root / "envs" / "prod")
    assert choose(root).path == python
    assert "settings.yml:1" in choose(root).why


def test_an_environment_whose_python_is_gone_is_told_and_not_passed_over(root: Path) -> None:
    broken = root / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.symlink_to("/no/such/python")
    with pytest.raises(InstallationError, match=r"\.venv/bin/python \(the project's\) cannot run Python"):
        ready(root, {})


def test_what_is_too_old_is_told_with_what_cures_it(root: Path) -> None:
    environment(root / ".venv")
    choice = choose(root, {})
    old = Interpreter("3.12.1", {"hamilton": "1.90.0", "msgspec": "0.18.6", "yaml": ""}, {}, ())
    assert wrong(choice, old) == f"The project's environment {root}/.venv has msgspec 0.18.6, which is older than 0.20."
    assert cure(choice, old).startswith(f"{root}/.venv/bin/python -m pip install 'msgspec>=0.20'\n")
    (root / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.9.1\n")
    assert cure(choice, old).startswith(f"uv pip install --python {root}/.venv/bin/python 'msgspec>=0.20'\n")


def test_our_own_interpreter_gets_the_plainest_command() -> None:
    assert not is_guest()
    assert module_command("some.module", "x") == (sys.executable, "-P", "-m", "some.module", "x")


def test_the_folder_that_others_look_into_holds_one_name() -> None:
    assert [path.name for path in Path(PATH).iterdir() if path.name != "__pycache__"] == ["flowerpower_tui"]
    assert Path(PATH).is_relative_to(PACKAGE)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """An environment of a project's own, with what is installed here but this package."""
    folder = tmp_path / "theirs"
    EnvBuilder(symlinks=True).create(folder)
    (packages,) = folder.glob("lib/python3*/site-packages")
    found = [path for path in map(Path, installed_folders()) if path.exists()]
    (packages / "here.pth").write_text("".join(f"{path}\n" for path in found))
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, spares wait")
def test_runs_start_warm_in_the_projects_interpreter_and_anew_when_that_changes(
    theirs: Path, tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: project\n")
    (root / "conf" / "pipelines" / "where.yml").write_text("run: {final_vars: [prefix]}\n")
    (root / "pipelines" / "where.py").write_text("import sys\n\n\ndef prefix() -> str:\n    return sys.prefix\n")
    monkeypatch.delenv("VIRTUAL_ENV")

    def run(seedbed: Seedbed) -> tuple[str, list[str]]:
        started = seedbed.start(RunRequest(str(root), "where"))
        events = list(follow(started))
        (summary,) = (event.summary for event in events if hasattr(event, "summary") and event.node == "prefix")
        return summary.preview.strip("'"), [event.message for event in events if isinstance(event, LogEmitted)]

    with Seedbed(root) as seedbed:
        assert run(seedbed) == (sys.prefix, [])
        (root / ".venv").symlink_to(theirs)
        python = str(root / ".venv" / "bin" / "python")
        assert stamp(python=python) != stamp()
        prefix, told = run(seedbed)
        assert prefix == str(root / ".venv")
        assert told == ["Started cold: the environment or what is installed has changed."]
        assert run(seedbed) == (str(root / ".venv"), [])
        assert seedbed.inspect("where").graph


def test_what_is_installed_there_counts_for_the_stamp(theirs: Path) -> None:
    python = str(theirs / "bin" / "python")
    before = stamp(python=python)
    (packages,) = theirs.glob("lib/python3*/site-packages")
    os.utime(packages, (1, 1))
    assert stamp(python=python) != before
