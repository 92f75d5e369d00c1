"""Single settings: who says so, and changes of one, which leave all else in the file as its user wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.errors import ConfigError, OutputError
from flowerpower_tui.settings import FILE, Settings, commented, flat, read_settings
from flowerpower_tui.settings_edit import Setting, change, settings_of, value_of

MINE = """\
# What I like.
theme: dusk   # at night

notices: {bell: all}
keep_runs: 50
unknown: 1
"""

VALUES = {
    "keep_runs": "12",
    "keep_size": "3GB",
    "keep_results": "1GB",
    "theme": "paper",
    "keys": "vim",
    "link": "ssh",
    "frame_rate": "10",
    "colours": "256",
    "charset": "ascii",
    "hints": "always",
    "meter": "never",
    "pause_when_unfocused": "false",
    "reduced_motion": "true",
    "notices.bell": "failed",
    "notices.desktop": "all",
    "notices.only_unfocused": "false",
    "notices.minimum_duration": "0.5",
    "editor": "vim +{line} {file}",
    "python": "envs/first",
    "watch": "off",
    "on_save": "ask",
    "while_running": "queue",
    "sinks": "{file: {path: a.jsonl}}",
}
"""Another value than the default for each."""


@pytest.fixture
def at(tmp_path: Path) -> dict[str, str]:
    """An environment that leads to a folder of the test's own."""
    return {"FP_TUI_CONFIG_DIR": str(tmp_path / "config")}


@pytest.fixture
def write(tmp_path: Path, at: dict[str, str]) -> Callable[[str], Path]:
    """Writes the file of the settings."""

    def write(text: str) -> Path:
        path = tmp_path / "config" / FILE
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def setting(key: str, environ: dict[str, str]) -> Setting:
    return next(each for each in settings_of(read_settings(environ)) if each.key == key)


def test_every_setting_is_listed_with_its_meaning_and_what_it_takes(at: dict[str, str]) -> None:
    found = settings_of(read_settings(at))

    assert [each.key for each in found] == list(flat(Settings())) == list(VALUES)
    assert all(each.meaning and each.wanted for each in found)
    assert {each.origin.layer for each in found} == {"default"}


def test_a_setting_says_who_decides_it(at: dict[str, str], write: Callable[[str], Path]) -> None:
    write(MINE)
    environ = {**at, "FP_TUI_THEME": "moss"}

    assert (setting("theme", environ).value, setting("theme", environ).variable) == ("moss", "FP_TUI_THEME")
    assert (setting("theme", at).value, setting("theme", at).origin.line, setting("theme", at).variable) == (
        "dusk",
        2,
        "",
    )


@pytest.mark.parametrize("key", VALUES)
def test_a_value_takes_the_place_of_its_default_and_gives_it_back(key: str, at: dict[str, str]) -> None:
    change(key, VALUES[key], at)
    path = read_settings(at).path
    assert setting(key, at).value == value_of(key, VALUES[key]) != setting(key, at).default
    changed = [line for line in path.read_text("utf-8").splitlines() if line not in commented().splitlines()]
    assert changed[0].split(":")[0].strip() == key.rpartition(".")[2], "and no other line"

    change(key, None, at)
    assert path.read_text("utf-8") == commented()


def test_everything_else_in_the_file_stays(at: dict[str, str], write: Callable[[str], Path]) -> None:
    path = write(MINE)

    change("theme", "paper", at)
    change("notices.bell", "off", at)
    change("keep_runs", None, at)

    said = path.read_text("utf-8")
    assert said == MINE.replace("dusk", "paper").replace("all", "'off'").replace("keep_runs: 50", "#:keep_runs: 1000")


def test_a_default_that_cannot_stand_as_a_comment_is_taken_out(
    at: dict[str, str], write: Callable[[str], Path]
) -> None:
    path = write("notices: {bell: all, desktop: all}\n")

    change("notices.bell", None, at)

    assert path.read_text("utf-8") == "notices: {desktop: all}\n"


def test_what_is_not_written_has_nothing_to_be_reset(at: dict[str, str], write: Callable[[str], Path]) -> None:
    path = write("theme: dusk\n")
    before = path.stat().st_mtime_ns

    change("keep_runs", None, at)

    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("key", "text"),
    [("keep_runs", "many"), ("keep_runs", "-1"), ("keep_size", "much"), ("colours", "17"), ("sinks", "[")],
)
def test_what_is_no_value_is_refused_and_nothing_is_written(key: str, text: str, at: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        change(key, text, at)
    assert not read_settings(at).path.exists()


def test_a_file_that_is_no_yaml_is_left_alone(at: dict[str, str], write: Callable[[str], Path]) -> None:
    path = write("theme: [\n")

    with pytest.raises(ConfigError):
        change("theme", "paper", at)
    assert path.read_text("utf-8") == "theme: [\n"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match="cannot be written"):
        change("theme", "paper", {"FP_TUI_CONFIG_DIR": str(tmp_path / "file" / "below")})
