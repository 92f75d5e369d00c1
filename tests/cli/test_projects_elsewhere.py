"""Projects that are not on this machine's disks, and folders of any name, on the command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from flowerpower_tui.cli import console
from flowerpower_tui.project.mirror import Mirror


@pytest.fixture
def url() -> str:
    """A place in this process's memory."""
    return f"memory://{uuid4().hex}/o'neill & söhne"


def test_a_project_in_memory_is_made_and_run(fp_tui: Callable, url: str) -> None:
    made = fp_tui("init", url)
    assert made.code == 0, made.err
    assert fp_tui("new", "-C", url, "first").code == 0
    run = fp_tui("run", "-C", url, "--json", "first")
    assert run.code == 0, run.err
    assert run.events[-1]["outcome"] == "succeeded"
    assert fp_tui("-C", url, "runs", "--json").json[0]["project"] == url


def test_a_person_at_a_terminal_is_asked_once(fp_tui: Callable, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fp_tui("init", url)
    fp_tui("new", "-C", url, "first")
    asked: list[str] = []
    answers = iter([False, True])

    def confirmed(question: str) -> bool:
        asked.append(question)
        return next(answers)

    monkeypatch.setattr(console, "can_ask", lambda: True)
    monkeypatch.setattr(console, "confirmed", confirmed)
    refused = fp_tui("dag", "-C", url, "first")
    assert (refused.code, refused.out) == (2, "")
    assert f"comes from {url}" in refused.err
    assert "total" in fp_tui("dag", "-C", url, "first").out
    assert len(asked) == 2
    assert Mirror.open(url).is_trusted, "so nobody is asked again"


def test_with_trust_nobody_is_asked(fp_tui: Callable, url: str) -> None:
    fp_tui("init", url)
    fp_tui("new", "-C", url, "first")
    assert fp_tui("dag", "--trust", "-C", url, "first").err == ""
    assert Mirror.open(url).is_trusted


@pytest.mark.parametrize("name", ["o'neill & söhne", '日本語 "hi"', "$HOME;`id`"])
def test_a_folder_of_any_name_is_worked_in(fp_tui: Callable, tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    assert fp_tui("init", root).code == 0
    assert fp_tui("new", "-C", root, "first").code == 0
    run = fp_tui("run", "-C", root, "--json", "first")
    assert run.code == 0, run.err
    assert fp_tui("-C", root, "runs", "--json").json[0]["project"] == str(root)


@pytest.mark.parametrize("name", ["../first", "/etc/passwd", "a/b", "..", "a\0b", "a\nb", "first;id"])
@pytest.mark.parametrize("command", ["run", "new", "delete", "dag", "config", "check"])
def test_no_name_leads_out_of_the_project(fp_tui: Callable, tmp_path: Path, command: str, name: str) -> None:
    fp_tui("init", tmp_path / "project")
    before = sorted(tmp_path.rglob("*"))
    outcome = fp_tui(command, "-C", tmp_path / "project", name)
    assert outcome.code == 2
    assert "is no name for a pipeline" in outcome.err
    assert sorted(path for path in tmp_path.rglob("*") if "state" not in path.parts) == [
        path for path in before if "state" not in path.parts
    ]


def test_nothing_that_talks_to_storages_weighs_on_local_projects(fp_tui: Callable, tmp_path: Path) -> None:
    fp_tui("init", tmp_path / "project")
    script = (
        "import sys; from flowerpower_tui.cli.main import main; main(['ls', '-C', sys.argv[1]]);"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "project")], capture_output=True, text=True, check=True
    )
    assert {"s3fs", "aiobotocore", "botocore", "aiohttp", "fsspec"}.isdisjoint(done.stdout.split())
    assert "msgspec" in done.stdout.split(), "the modules are really told"
