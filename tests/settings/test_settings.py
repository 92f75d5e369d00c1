"""The user's settings: what holds, what is wrong and where, and the file that explains itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.errors import AlreadyThereError
from flowerpower_tui.settings import FILE, NoticeSettings, Settings, commented, flat, initialise, read_settings

Write = Callable[[str], dict[str, str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a settings file; returns the environment that leads to it."""

    def write(text: str) -> dict[str, str]:
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        return {"FP_TUI_CONFIG_DIR": str(tmp_path)}

    return write


def test_without_a_file_defaults_hold(tmp_path: Path) -> None:
    read = read_settings({"FP_TUI_CONFIG_DIR": str(tmp_path / "not there")})

    assert (flat(read.settings), read.problems) == (flat(Settings()), ())
    assert read.path == tmp_path / "not there" / FILE


def test_what_the_file_says_holds_and_has_a_place(write: Write) -> None:
    read = read_settings(write("keep_runs: 7\ncolours: 16\nnotices:\n  bell: failed\nsinks: {file: {path: x}}\n"))

    assert read.problems == ()
    assert (read.settings.keep_runs, read.settings.colours, read.settings.notices.bell) == (7, 16, "failed")
    assert read.settings.sinks == {"file": {"path": "x"}}
    assert read.settings.notices.minimum_duration == NoticeSettings().minimum_duration
    assert (read.origins["notices.bell"].line, read.origins["notices.bell"].column) == (4, 9)


def test_off_is_off_though_yaml_takes_it_for_false(write: Write) -> None:
    read = read_settings(write("watch: off\non_save: no\nnotices: {bell: Off}\n"))

    assert read.problems == ()
    assert (read.settings.watch, read.settings.on_save, read.settings.notices.bell) == ("off", "off", "off")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("link: shh", ":1:7: link must be one of auto, local, ssh, not 'shh'; Did you mean 'ssh'?"),
        ("keep_runs: -1", ":1:12: keep_runs must be at least 0, not -1"),
        ("keep_size: 5 parsecs", ":1:12: keep_size must be a size such as 5GB, not '5 parsecs'"),
        ("keep_size: 1000", ":1:12: keep_size must be a size such as 5GB, not 1000; Put it in quotes."),
        ("frame_rat: 3", ":1:1: unknown key frame_rat is ignored; Did you mean 'frame_rate'?"),
        ("notices: loud", ":1:10: notices must be a mapping, not 'loud'"),
        ("watch: true", ":1:8: watch must be one of auto, events, poll, off, not true"),
        ("- a", ":1:1: this file must hold keys with values"),
        ("theme: [", ":1:8: found unexpected end of stream"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_rest_holds(write: Write, line: str, complaint: str) -> None:
    read = read_settings(write(f"{line}\n"))

    assert complaint in read.complaint
    assert flat(read.settings) == flat(Settings())


def test_many_mistakes_are_one_message(write: Write) -> None:
    read = read_settings(write("link: shh\nkeep_runs: many\nframe_rate: 30\n"))

    assert (len(read.problems), read.settings.frame_rate) == (2, 30)
    assert read.complaint.endswith("and 1 more: fp-tui settings validate")


def test_a_variable_is_stronger_than_the_file(write: Write) -> None:
    environ = write("keep_runs: 7\nkeep_size: 1GB\n")

    read = read_settings({**environ, "FP_TUI_KEEP_RUNS": "9", "FP_TUI_KEEP_SIZE": "1000"})

    assert (read.settings.keep_runs, read.settings.keep_size) == (9, "1000")
    assert str(read.origins["keep_runs"]) == "FP_TUI_KEEP_RUNS"


def test_a_dollar_is_the_shells(write: Write) -> None:
    read = read_settings(write("sinks: {command: {command: 'echo $HOME ${NOPE}'}}\n"))

    assert read.problems == ()
    assert read.settings.sinks["command"]["command"] == "echo $HOME ${NOPE}"


def test_the_file_that_is_made_says_every_default(write: Write, tmp_path: Path) -> None:
    environ = {"FP_TUI_CONFIG_DIR": str(tmp_path / "new")}

    path = initialise(environ)
    read = read_settings(environ)
    assert (path, read.problems, flat(read.settings)) == (read.path, (), flat(Settings()))

    # With every default taken at its word nothing changes, and every setting is said.
    path.write_text(commented().replace("#:", ""))
    read = read_settings(environ)
    assert (read.problems, flat(read.settings)) == ((), flat(Settings()))
    # Null is no value.
    assert {*read.origins, "editor", "python"} == flat(Settings()).keys()


def test_a_file_that_is_there_is_not_overwritten(write: Write, tmp_path: Path) -> None:
    environ = write("theme: paper\n")

    with pytest.raises(AlreadyThereError, match="is there already"):
        initialise(environ)
    assert (tmp_path / FILE).read_text() == "theme: paper\n"
