"""A mistake in what was given is one clear message and exit code 2; a traceback never."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

MODULE = "def quick() -> int:\n    return 1\n"


@pytest.fixture
def told(fp_tui: Callable) -> Callable[..., str]:
    """Carries out a command that must fail as a mistake; gives what it told."""

    def run(*arguments: str | Path) -> str:
        outcome = fp_tui(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert 1 <= len(outcome.err.splitlines()) <= 5
        assert "Traceback" not in outcome.err
        return str(outcome.err)

    return run


@pytest.mark.parametrize("command", [("ls",), ("run", "quick"), ("dag", "quick"), ("check",), ("new", "quick")])
def test_no_project_here(told: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple) -> None:
    monkeypatch.chdir(tmp_path)

    assert "There is no project here" in told(*command)


def test_no_such_folder(told: Callable, tmp_path: Path) -> None:
    assert f"There is no folder '{tmp_path}/nowhere'" in told("ls", "-C", tmp_path / "nowhere")


@pytest.mark.parametrize("command", [("ls",), ("run", "quick"), ("dag", "quick", "--json"), ("config", "quick")])
def test_a_path_that_is_no_utf_8(told: Callable, project: Callable, command: tuple) -> None:
    root = project(quick=MODULE)
    odd = Path(os.fsdecode(os.fsencode(root) + b"-\xe9"))
    try:
        root.rename(odd)
    except OSError:
        pytest.skip("this file system takes no such name")

    assert "is no UTF-8: " in (message := told(*command, "-C", odd))
    assert "-\\xe9\n" in message


def test_the_home_of_nobody(told: Callable, project: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(quick=MODULE))
    monkeypatch.setenv("FP_TUI_PYTHON", "")

    assert "/~no-such-user/shop'" in told("ls", "-C", "~no-such-user/shop")
    assert "/~no-such-user/python." in told("run", "quick", "--python", "~no-such-user/python")


@pytest.mark.parametrize("command", ["run", "dag"])
def test_yaml_that_does_not_parse(told: Callable, project: Callable, command: str) -> None:
    root = project(quick=MODULE)
    (root / "conf/pipelines/quick.yml").write_text("run:\n  inputs: [1, 2\n  log_level: INFO\n")

    assert told(command, "-C", root, "quick").startswith(f"{root}/conf/pipelines/quick.yml:2:11: ")


@pytest.mark.parametrize("command", ["run", "dag"])
def test_where_no_pipeline_is_named_some_are_offered(
    told: Callable, project: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    root = project(quick=MODULE)

    assert told(command, "-C", root).splitlines()[1:-1] == ["This project has: quick."]
    # Wherever the project is named; and outside of any, nothing is offered.
    assert told("-C", root, command).splitlines()[1:-1] == ["This project has: quick."]
    monkeypatch.chdir(tmp_path)
    assert told(command).splitlines()[1:-1] == []
    for number in range(7):
        (root / f"conf/pipelines/more_{number}.yml").touch()
    many = told(command, "-C", root)
    assert "has: more_0, more_1, more_2, more_3, more_4 and 3 more, which fp-tui ls lists." in many


@pytest.mark.parametrize("command", ["logs", "cancel", "rerun"])
def test_where_no_run_is_named_it_is_said_that_latest_is_one(told: Callable, command: str) -> None:
    assert "or latest." in told(command)


@pytest.mark.parametrize("command", ["run", "dag", "check"])
def test_an_unknown_pipeline_is_told_the_nearest(told: Callable, project: Callable, command: str) -> None:
    assert "Did you mean 'quick'?" in told(command, "-C", project(quick=MODULE), "quikc")


@pytest.mark.parametrize("command", ["run", "dag"])
def test_a_module_with_a_syntax_error(told: Callable, project: Callable, command: str) -> None:
    root = project(quick=MODULE + "def broken(:\n    pass\n")

    message = told(command, "-C", root, "quick")

    assert message.startswith(f"{root}/pipelines/quick.py:3:")
    assert "SyntaxError" in message


def test_a_syntax_error_is_told_to_people_beside_the_events(fp_tui: Callable, project: Callable) -> None:
    root = project(quick="def broken(:\n")

    outcome = fp_tui("run", "-C", root, "quick", "--json")

    assert outcome.code == 2
    assert outcome.events[-1]["failure"]["user_error"] is True
    assert outcome.err.startswith(f"{root}/pipelines/quick.py:1:")


def test_a_final_var_that_is_no_node(told: Callable, project: Callable) -> None:
    root = project(quick=MODULE)

    message = told("run", "-C", root, "quick", "--final-var", "quikc")

    assert "no node 'quikc'" in message
    assert "Did you mean 'quick'?" in message


def test_a_module_that_cannot_be_imported(told: Callable, project: Callable) -> None:
    root = project(quick="import pandsa\n" + MODULE)

    message = told("run", "-C", root, "quick")

    assert message.startswith(f"{root}/pipelines/quick.py:1:")
    assert "No module named 'pandsa'" in message


def test_an_input_that_is_missing(told: Callable, project: Callable) -> None:
    root = project(quick="def quick(amount: int) -> int:\n    return amount\n")

    assert "amount" in told("run", "-C", root, "quick")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "run.retry.max_retries=three"), "run.retry.max_retries must be a whole number, not 'three'"),
        (("--set", "run.retri.max_retries=3"), "Did you mean 'retry'?"),
        (("--set", "run.log_level"), "--set run.log_level: this is not KEY=VALUE"),
        (("--set", "=3"), "--set =3: this is not KEY=VALUE"),
        (("--set", "run..inputs=3"), "this is not KEY=VALUE"),
        (("--set", "run.inputs={"), "'{' is no YAML value"),
        (("--set", "params=3", "--set", "params.a=3"), "params.a is a part of what is set whole: params"),
        (("--input", "amount"), "--input amount: this is not KEY=VALUE"),
        (("--executor", "thraedpool"), "Did you mean 'threadpool'?"),
    ],
)
def test_an_override_that_cannot_be_used(told: Callable, project: Callable, options: tuple, words: str) -> None:
    assert words in told("run", "-C", project(quick=MODULE), "quick", *options)


@pytest.mark.parametrize("command", [("logs", "nothing"), ("cancel", "latest")])
def test_a_run_that_is_not_there(told: Callable, command: tuple) -> None:
    assert "There is no run" in told(*command)


def test_many_problems_are_told_in_five_lines(told: Callable, project: Callable) -> None:
    root = project(quick=MODULE)
    config = root / "conf/pipelines/quick.yml"
    config.write_text(
        "run:\n  inputs: 1\n  config: 1\n  final_vars: 1\n  reload: 1\n  log_level: LOUD\n"
        "  retry:\n    max_retries: many\n    retry_delay: long\n"
    )

    message = told("run", "-C", root, "quick").splitlines()

    assert len(message) == 5
    assert message[0].startswith(f"{config}:2:")
    assert "more" in message[-1]
