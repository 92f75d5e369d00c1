"""`$EDITOR` on a file that is in a bucket, in a real terminal: what it leaves goes there, and over nobody's work."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 90.0
MODULE = "pipelines/adding.py"
ADDED = "\n\ndef twice(total: int) -> int:\n    return 2 * total\n"
FAILING = "def total() -> int:\n    raise ValueError('not today')\n"

Tmux = Callable[..., Any]
Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def editor(environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that adds a node to whatever it opens; returns the folder where it says that it is `open`.

    It waits until there is a file `go` beside that.
    """
    folder = tmp_path / "editor"
    folder.mkdir()
    (folder / "added").write_text(ADDED)
    script = folder / "ed"
    script.write_text(
        "#!/bin/sh\n"
        f"touch {folder}/open\n"
        f"while [ ! -e {folder}/go ]; do sleep 0.05; done\n"
        f'for file; do :; done\ncat {folder}/added >> "$file"\n'
    )
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(script))
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def opened(tmux: Tmux, project: Any) -> Any:
    screen = tmux(80, 24, project.url)
    screen.until(lambda seen: "y Run its code" in seen, PATIENCE)
    screen.press("y")
    screen.until(lambda seen: "never run" in seen and "1 Project" in seen, PATIENCE)
    return screen


def in_the_other_editor(screen: Any, editor: Path, eventually: Eventually) -> None:
    screen.press("4")
    screen.until(lambda seen: "No file is open" in seen)
    screen.press("o")
    screen.until(lambda seen: "Open a file" in seen)
    screen.press("adding.py", "Enter")
    screen.until(lambda seen: "def numbers" in seen and "esc Commands" in seen)
    screen.press("Escape")
    screen.until(lambda seen: "q Quit" in seen)
    screen.press("e")
    eventually((editor / "open").exists)


def test_what_another_editor_leaves_is_saved_in_the_bucket(
    tmux: Tmux, project: Any, editor: Path, eventually: Eventually
) -> None:
    before = project.read(MODULE)
    screen = opened(tmux, project)
    in_the_other_editor(screen, editor, eventually)

    (editor / "go").touch()

    screen.until(lambda seen: "def twice" in seen)
    eventually(lambda: project.read(MODULE) == before + ADDED)


def test_what_was_written_there_meanwhile_is_not_lost(
    tmux: Tmux, project: Any, editor: Path, eventually: Eventually
) -> None:
    screen = opened(tmux, project)
    in_the_other_editor(screen, editor, eventually)
    theirs = f"# Adds numbers.\n{project.read(MODULE)}"
    project.write(MODULE, theirs)

    (editor / "go").touch()

    screen.until(lambda seen: "was changed by another program" in seen)
    assert project.read(MODULE) == theirs
    # The changes do not touch.
    screen.press("Enter")
    screen.until(lambda seen: "Both changes are in it" in seen)
    screen.press("C-s")
    eventually(lambda: project.read(MODULE) == theirs + ADDED)


def test_from_a_failed_run_it_is_saved_there_too(
    tmux: Tmux, project: Any, editor: Path, eventually: Eventually
) -> None:
    project.write(MODULE, FAILING)
    screen = opened(tmux, project)
    screen.press("r")
    screen.until(lambda seen: "not today" in seen)
    screen.press("3")
    screen.until(lambda seen: "m Compare" in seen, PATIENCE)
    screen.until(lambda seen: "✗ adding" in seen, PATIENCE)
    screen.press("Enter", "F")
    screen.until(lambda seen: "adding.py:2" in seen, PATIENCE)
    screen.press("E")
    eventually((editor / "open").exists)
    (editor / "go").touch()
    eventually(lambda: project.read(MODULE) == FAILING + ADDED)
