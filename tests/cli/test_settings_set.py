"""`fp-tui settings set`: single settings, changed from a shell; the file goes on explaining itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.project import saving
from flowerpower_tui.settings import commented, flat, read_settings

MINE = """\
# What I like.
theme: dusk   # at night

notices: {bell: all}
unknown: 1
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings are looked for."""
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(folder))
    return folder / "settings.yml"


def test_values_change_and_nothing_else(fp_tui: Callable, file: Path) -> None:
    file.write_text(MINE)
    outcome = fp_tui("settings", "set", "theme=paper", "notices.bell=off", "keep_runs=12")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", f"{file} is changed.\n")
    assert file.read_text() == MINE.replace("dusk", "paper").replace("all", "'off'") + "keep_runs: 12\n"


def test_a_file_that_is_not_there_is_made_and_a_default_takes_its_line_back(fp_tui: Callable, file: Path) -> None:
    assert fp_tui("settings", "set", "colours=256", "watch=off", "keep_size=1000").code == 0
    held = flat(read_settings().settings)
    assert (held["colours"], held["watch"], held["keep_size"]) == (256, "off", "1000")
    assert len(file.read_text().splitlines()) == len(commented().splitlines())
    assert fp_tui("settings", "set", "--unset", "colours", "--unset", "watch", "--unset", "keep_size").code == 0
    assert file.read_text() == commented()


def test_a_section_is_reset_as_a_whole(fp_tui: Callable, file: Path) -> None:
    fp_tui("settings", "set", "notices.bell=all", "notices.minimum_duration=3", "theme=paper")
    assert fp_tui("settings", "set", "--unset", "notices").code == 0
    assert file.read_text() == commented().replace("#:theme: petal", "theme: paper")


def test_the_options_of_a_sink_are_set_one_by_one(fp_tui: Callable, file: Path) -> None:
    assert fp_tui("settings", "set", "sinks.file.path=~/runs.jsonl", "sinks.command={command: 'echo $X'}").code == 0
    assert read_settings().settings.sinks == {"file": {"path": "~/runs.jsonl"}, "command": {"command": "echo $X"}}
    assert fp_tui("settings", "set", "--unset", "sinks.command").code == 0
    assert read_settings().settings.sinks == {"file": {"path": "~/runs.jsonl"}}


def test_a_diff_is_printed_and_nothing_is_changed(fp_tui: Callable, file: Path) -> None:
    outcome = fp_tui("settings", "set", "theme=paper", "--diff")
    changed = [line for line in outcome.out.splitlines()[2:] if line[0] in "+-"]
    assert changed == ["-#:theme: petal", "+theme: paper"]
    assert outcome.err.startswith(f"{file} is not there yet")
    assert not file.exists()


def test_data_tells_what_was_and_what_is(fp_tui: Callable, file: Path) -> None:
    file.write_text(MINE)
    outcome = fp_tui("settings", "set", "theme=paper", "sinks.mqtt.password=hunter2", "--json")
    assert outcome.json["file"] == str(file)
    assert outcome.json["values"] == [
        {"key": "theme", "before": "dusk", "after": "paper"},
        {"key": "sinks.mqtt.password", "before": None, "after": "••••••"},
    ]
    assert "hunter2" not in outcome.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["themme=paper"], "there is no key themme; Did you mean 'theme'?"),
        (["bell=all"], "there is no key bell; Did you mean 'notices.bell'?"),
        (["link=shh"], "link must be one of auto, local, ssh, not 'shh'; Did you mean 'ssh'?"),
        (["keep_runs=many"], "keep_runs must be a whole number, not 'many'"),
        (["keep_runs=-1"], "keep_runs must be at least 0, not -1"),
        (["keep_size=much"], "keep_size must be a size such as 5GB, not 'much'"),
        (["link=$LINK"], "link must be one of auto, local, ssh, not '$LINK'"),
        (["notices={bell: loud}"], "notices.bell must be one of off, failed, all, not 'loud'"),
        (["theme"], "theme: this is not KEY=VALUE"),
        (["--unset", "thme"], "{file}:2:1: there is no thme\nDid you mean 'theme'?"),
    ],
)
def test_what_would_be_wrong_is_refused_and_nothing_is_written(
    fp_tui: Callable, file: Path, arguments: list[str], message: str
) -> None:
    file.write_text(MINE)
    outcome = fp_tui("settings", "set", "keep_results=1GB", *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(message.format(file=file))
    assert file.read_text() == MINE


@pytest.mark.parametrize("arguments", [["show", "theme=paper"], ["--unset", "theme"], ["path", "--diff"]])
def test_only_set_changes_anything(fp_tui: Callable, file: Path, arguments: list[str]) -> None:
    file.write_text(MINE)
    outcome = fp_tui("settings", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "fp-tui settings set KEY=VALUE" in outcome.err
    assert file.read_text() == MINE


def test_a_variable_that_decides_otherwise_is_told(
    fp_tui: Callable, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_THEME", "dusk")
    outcome = fp_tui("settings", "set", "theme=paper")
    assert outcome.code == 0
    assert outcome.err.splitlines()[1] == "theme: FP_TUI_THEME is stronger than the file, and is set here."
    assert "\ntheme: paper\n" in file.read_text()


def test_what_holds_already_is_not_written(fp_tui: Callable, file: Path) -> None:
    outcome = fp_tui("settings", "set", "--unset", "theme")
    assert (outcome.code, outcome.err) == (0, f"{file} says so already.\n")
    assert not file.exists()


def test_what_somebody_writes_meanwhile_stays(fp_tui: Callable, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(MINE)
    real = saving.save

    def late(path: Path, content: bytes, expected: bytes | None) -> None:
        if "theirs" not in file.read_text():
            file.write_text(f"{file.read_text()}# theirs\n")
        real(path, content, expected)

    monkeypatch.setattr(saving, "save", late)
    assert fp_tui("settings", "set", "theme=paper").code == 0
    assert file.read_text() == MINE.replace("dusk", "paper") + "# theirs\n"


def test_a_folder_that_cannot_be_made_is_told(fp_tui: Callable, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(MINE)
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(file / "below"))
    outcome = fp_tui("settings", "set", "theme=paper")
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
    assert "Traceback" not in outcome.err
