from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from flowerpower_tui.cli.main import main
from flowerpower_tui.runs.journal import follow
from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.store import RunStore


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings are looked for."""
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    return tmp_path / "config" / "settings.yml"


def test_the_file_is_made_once_and_is_fine(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "--init"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert main(["settings", "--init"]) == 2
    capsys.readouterr()

    assert main(["settings", "validate"]) == 0
    assert capsys.readouterr().err == f"{file} is fine.\n"


def test_what_holds_is_shown_with_its_origin(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("theme: paper\n")

    assert main(["settings", "--json"]) == 0

    shown = {entry["key"]: (entry["value"], entry["origin"]) for entry in json.loads(capsys.readouterr().out)}
    assert shown["theme"] == ("paper", f"{file}:1:8")
    assert shown["notices.bell"] == ("off", "default")


def test_mistakes_are_told_and_fail_the_check(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("theme: paper\nlink: shh\nsinks: {fille: {}}\n")

    assert main(["settings", "validate"]) == 2

    assert capsys.readouterr().out.splitlines() == [
        f"{file}:2:7: link must be one of auto, local, ssh, not 'shh'; Did you mean 'ssh'?",
        f"{file}:3:8: there is no sink 'fille'; Did you mean 'file'?",
    ]


def test_the_schema_tells_every_choice(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings", "schema"]) == 0

    properties = json.loads(capsys.readouterr().out)["properties"]
    assert properties["colours"]["anyOf"][0]["enum"] == ["auto", "truecolour", 256, 16, "none", None]
    assert properties["notices"]["properties"]["bell"]["default"] == "off"
    assert "fewer bytes" in properties["colours"]["description"]


def test_what_the_settings_keep_is_kept_when_a_run_ends(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("keep_runs: 1\n")
    root = tmp_path / "project"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "conf" / "project.yml").write_text("name: p\n")
    (root / "conf" / "pipelines" / "none.yml").write_text("run:\n  final_vars: [x]\n")
    for name in ("FP_TUI_KEEP_RUNS", "FP_TUI_KEEP_SIZE"):
        monkeypatch.delenv(name, raising=False)
    state = tmp_path / "state"

    runs = []
    for _ in range(2):
        # A pipeline without a module ends before anything heavy is imported; how it ends is all the same here.
        runs.append(start(RunRequest(str(root), "none"), state=state))
        list(follow(runs[-1]))

    while len(RunStore(state).runs()) > 1:
        time.sleep(0.02)
    assert [run.id for run in RunStore(state).runs()] == [runs[1].id]
