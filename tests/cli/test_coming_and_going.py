"""`fp-tui import`, `export`, `delete`, `hook` and `summary`."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.cli.console import Exit

MODULE = "from pipelines import helper\n\ndef quick() -> int:\n    return helper.ONE\n"


@pytest.fixture
def root(project: Callable) -> Path:
    made = project(quick=MODULE)
    (made / "pipelines/helper.py").write_text("ONE = 1\n")
    return made


def test_pipelines_are_exported_with_what_they_import_and_imported_again(
    fp_tui: Callable, root: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"

    outcome = fp_tui("export", "-C", root, there, "--json")

    assert outcome.code == 0
    assert sorted(Path(path).name for path in outcome.json["copied"]) == [
        "helper.py",
        "project.yml",
        "quick.py",
        "quick.yml",
    ]
    assert fp_tui("dag", "-C", there, "quick").code == 0
    assert fp_tui("import", "-C", root, there, "quick").err == "Everything is there already.\n"


def test_a_file_that_is_another_one_stays_and_that_is_a_failure(fp_tui: Callable, root: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    fp_tui("export", "-C", root, there)
    (there / "pipelines/quick.py").write_text("# edited\n")

    outcome = fp_tui("export", "-C", root, there, "quick")

    assert outcome.code == Exit.MISTAKE
    assert outcome.err == f"{there}/pipelines/quick.py is another one, and stays; --overwrite replaces it\n"
    assert fp_tui("export", "-C", root, there, "quick", "--overwrite").code == 0
    assert (there / "pipelines/quick.py").read_text() == MODULE


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("import", "nowhere"), "There is no project at"),
        (("export", "there", "quikc"), "Did you mean 'quick'?"),
        (("delete", "quikc", "--yes"), "Did you mean 'quick'?"),
        (("delete", "../quick", "--yes"), "no name for a pipeline"),
        (("delete", "quick"), "There is nobody to ask here."),
        (("hook", "quikc", "before-run"), "Did you mean 'quick'?"),
        (("hook", "quick", "before"), "invalid choice: 'before'"),
        (("summary", "quikc"), "Did you mean 'quick'?"),
    ],
)
def test_a_mistake_changes_nothing(
    fp_tui: Callable, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    outcome = fp_tui(command[0], "-C", root, *command[1:])

    assert (outcome.code, outcome.out) == (Exit.MISTAKE, "")
    assert words in outcome.err
    assert sorted(tmp_path.rglob("*")) == before


def test_deleting_tells_what_is_gone(fp_tui: Callable, root: Path) -> None:
    outcome = fp_tui("delete", "-C", root, "quick", "--yes")

    assert outcome.err.splitlines() == [
        f"deleted {root}/pipelines/quick.py",
        f"deleted {root}/conf/pipelines/quick.yml",
    ]
    assert (root / "pipelines/helper.py").exists()
    assert not (root / "pipelines/quick.py").exists()


def test_the_module_can_be_kept(fp_tui: Callable, root: Path) -> None:
    assert fp_tui("delete", "-C", root, "quick", "--yes", "--keep-module").code == 0
    assert (root / "pipelines/quick.py").exists()
    assert fp_tui("delete", "-C", root, "quick", "--yes", "--keep-module").err.startswith("Nothing to delete")


@pytest.mark.parametrize(("answer", "gone"), [(b"y\n", True), (b"\n", False), (b"no\n", False)])
def test_deleting_asks_first(start: Callable, root: Path, answer: bytes, gone: bool) -> None:
    screen, terminal = pty.openpty()
    process = start("delete", "-C", root, "quick", stdin=terminal, stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    shown = b""
    while b"[y/N] " not in shown:
        shown += os.read(screen, 4096)

    os.write(screen, answer)

    assert process.wait() == (0 if gone else Exit.CANCELLED)
    assert b"quick.yml" in shown
    assert b"Delete these 2 files?" in shown
    assert (root / "pipelines/quick.py").exists() is not gone
    os.close(screen)


def test_a_hook_is_made_once(fp_tui: Callable, root: Path) -> None:
    made = fp_tui("hook", "-C", root, "quick", "before-run")
    second = fp_tui("hook", "-C", root, "quick", "after-run")
    again = fp_tui("hook", "-C", root, "quick", "before-run")

    path = root / "hooks/quick/hook.py"
    assert made.err == f"made {path}:4\n"
    lines = path.read_text().splitlines()
    assert lines[3].startswith("def before_run(pipeline, config):")
    assert lines[int(second.err.rstrip().rpartition(":")[2]) - 1].startswith("def after_run(")
    assert again.code == Exit.MISTAKE
    assert again.err == f"{path}:4: There is a 'before_run' already.\n"


def test_the_summary_is_text_or_data_or_a_document(fp_tui: Callable, root: Path, tmp_path: Path) -> None:
    assert "return helper.ONE" in fp_tui("summary", "-C", root).out
    assert fp_tui("summary", "-C", root, "--json").json["pipelines"]["quick"]["module"] == MODULE
    short = fp_tui("summary", "-C", root, "quick", "--no-code", "--no-project", "--json").json
    assert list(short) == ["pipelines"]
    assert list(short["pipelines"]["quick"]) == ["cfg"]
    page = tmp_path / "page.html"
    assert fp_tui("summary", "-C", root, "--format", "html", "--output", page).out == ""
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_the_summary_in_a_terminal_shows_no_control_characters(project: Callable, start: Callable) -> None:
    root = project(quick='TITLE = "\x1b]0;owned\x07"\n')
    screen, terminal = pty.openpty()
    process = start("summary", "-C", root, stdout=terminal, stderr=subprocess.PIPE)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    assert process.wait() == 0
    assert b"TITLE" in shown
    assert b"\x1b]" not in shown
    os.close(screen)


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_dag_is_a_picture(fp_tui: Callable, root: Path, form: str) -> None:
    assert "quick" in fp_tui("dag", "-C", root, "quick", "--format", form).out


def test_a_png_goes_into_a_file_if_graphviz_is_there(
    fp_tui: Callable, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dag.png"
    monkeypatch.setenv("PATH", str(tmp_path))
    without = fp_tui("dag", "-C", root, "quick", "--format", "png", "--output", file)
    (tmp_path / "dot").write_text("#!/bin/sh\nread first\necho $1 $first\n")
    (tmp_path / "dot").chmod(0o755)
    outcome = fp_tui("dag", "-C", root, "quick", "--format", "png", "--output", file)

    assert without.code == Exit.MISTAKE
    assert "Install Graphviz, or ask for svg" in without.err
    assert (outcome.code, file.read_text()) == (0, "-Tpng digraph {\n")
