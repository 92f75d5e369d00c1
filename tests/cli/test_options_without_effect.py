"""No option is taken and then forgotten: what a command has no use for, it refuses, and says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.cli.main import command_line

RUN_CODE = {"run", "watch", "rerun", "dag", "check", "serve"}
NEED_ITS_INTERPRETER = {*RUN_CODE, "config", "set", "summary", "doctor"}
ABOUT_NO_PROJECT = {"schema", "settings", "keys", "completion"}


@pytest.mark.parametrize("command", command_line().names)
def test_a_command_tells_and_takes_only_what_it_uses(fp_tui: Callable, command: str, tmp_path: Path) -> None:
    manual = fp_tui(command, "--help").out
    taken = {
        "--python": command in NEED_ITS_INTERPRETER,
        "--trust": command in RUN_CODE,
        "--project": command not in ABOUT_NO_PROJECT,
        "--storage-option": command not in ABOUT_NO_PROJECT,
    }
    for option, is_taken in taken.items():
        assert (f"  {option}" in manual or f" {option} PROJECT" in manual) == is_taken
        if not is_taken:
            given = [option] if option == "--trust" else [option, tmp_path]
            refused = fp_tui(command, *given)
            assert (refused.code, refused.out) == (2, "")
            assert refused.err.startswith(f"fp-tui {command}: {option} has no effect here: this command ")


def test_before_the_command_they_stand_whatever_comes(fp_tui: Callable, tmp_path: Path) -> None:
    assert fp_tui("-C", tmp_path, "--trust", "settings", "path").code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "json", "--width", "80"), "--width has no effect on --format json"),
        (("--format", "svg", "--charset", "ascii"), "--charset has no effect on --format svg"),
        (("--format", "dot", "--direction", "right"), "--direction has no effect on --format dot"),
        (("--hops", "1"), "--hops says how far to look around a node"),
        (("--focus", "a", "--to", "b", "--hops", "1"), "--hops says how far to look around a node"),
    ],
)
def test_what_a_picture_has_no_use_for_is_refused(
    fp_tui: Callable, example: Callable, options: tuple[str, ...], message: str
) -> None:
    refused = fp_tui("dag", "-C", example("hello-world"), "hello_world", *options)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(message)


def test_pruning_mirrors_takes_nothing_about_runs(fp_tui: Callable) -> None:
    for options in (("--keep", "3"), ("--size", "1GB"), ("--all",)):
        assert "--mirrors removes no runs" in fp_tui("prune", "--mirrors", *options).err


def test_a_file_of_settings_is_written_by_itself(
    fp_tui: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path / "config"))
    assert "--init stands alone" in fp_tui("settings", "validate", "--init").err
    assert not (tmp_path / "config").exists()


def test_the_last_form_of_a_summary_counts(fp_tui: Callable, example: Callable) -> None:
    root = example("hello-world")
    assert fp_tui("summary", "-C", root, "--format", "html", "--json").json["pipelines"]
    assert fp_tui("summary", "-C", root, "--json", "--format", "html").out.startswith("<!DOCTYPE html>")
