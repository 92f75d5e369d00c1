"""`fp-tui doctor` finds what is wrong, and says the cure."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.cli import doctor

FP_TUI = Path(sys.executable).parent / "fp-tui"


def found(tmp_path: Path, **environ: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FP_", "PYTHONDONT", "TMUX"))}
    places = {"FP_TUI_STATE_DIR": str(tmp_path / "state"), "FP_TUI_CONFIG_DIR": str(tmp_path / "config")}
    ended = subprocess.run(
        [FP_TUI, "doctor", "--json"],
        env=clean | places | {"LC_ALL": "C.UTF-8", "EDITOR": "cat"} | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    by_part: dict[str, list[dict[str, Any]]] = {}
    for finding in json.loads(ended.stdout):
        by_part.setdefault(finding["about"], []).append(finding)
    return ended.returncode, by_part


def test_where_all_is_well_nothing_is_bad(tmp_path: Path) -> None:
    code, parts = found(tmp_path)
    assert [finding for findings in parts.values() for finding in findings if finding["verdict"] == "bad"] == []
    assert code == 0
    assert parts["apache-hamilton"][0]["verdict"] == "good"


def test_what_is_bad_says_its_cure(tmp_path: Path) -> None:
    (tmp_path / "config" / "themes").mkdir(parents=True)
    (tmp_path / "config" / "settings.yml").write_text("keep_runs: many\n")
    (tmp_path / "config" / "keymap.yml").write_text("run.strat: x\n")
    (tmp_path / "config" / "themes" / "odd.yml").write_text("primary: reddish\n")
    code, parts = found(tmp_path, PYTHONDONTWRITEBYTECODE="1", EDITOR="no-such-editor", LC_ALL="C")
    assert code == 2
    for about in ("settings", "keys", "themes", "editor"):
        assert parts[about][0]["verdict"] == "bad", about
    assert parts["byte code"][0]["cure"] == "unset PYTHONDONTWRITEBYTECODE"
    assert "run.start" in parts["keys"][0]["what"]


def test_a_state_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, parts = found(tmp_path, FP_TUI_STATE_DIR=str(tmp_path / "file" / "state"))
    assert code == 2
    assert "cannot be made" in parts["state"][0]["what"]


@pytest.mark.parametrize(
    ("editor", "verdict", "told"),
    [
        (" ", "note", "none is named"),
        ("'{folder}/my cat' -n", "good", "my cat"),
        ("'cat", "bad", "a quote that is not closed"),
        ("''", "bad", "is not there"),
    ],
)
def test_the_editor_is_read_as_a_shell_reads_it(tmp_path: Path, editor: str, verdict: str, told: str) -> None:
    (tmp_path / "my cat").symlink_to("/bin/cat")
    _, parts = found(tmp_path, EDITOR=editor.format(folder=tmp_path), VISUAL="")
    assert (parts["editor"][0]["verdict"], len(parts["editor"])) == (verdict, 1)
    assert told in parts["editor"][0]["what"]


def test_a_user_without_a_name_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda user: {}[user])
    assert "system" not in {finding.about for finding in doctor._safely("system", doctor._system)}
