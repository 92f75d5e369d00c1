"""Each failure that FlowerPower keeps to itself, tells in hundreds of lines, or hangs in: here it is a message.

What is wrong with configuration only stands in `test_config_commands.py`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.cli.console import Exit

MODULE = "def quick(x: int = 1) -> int:\n    return x\n"
HOSTILE_NAMES = ["../../etc/passwd", "a b;rm", "../x", "a..b", "$HOME", ""]


@pytest.fixture
def root(project: Callable) -> Path:
    return project(quick=MODULE)


@pytest.fixture
def told(fp_tui: Callable) -> Callable[..., str]:
    """Carries out a command that must end as a mistake; gives the message: one to five lines, no traceback."""

    def run(*arguments: str | Path) -> str:
        outcome = fp_tui(*arguments)
        assert (outcome.code, outcome.out) == (Exit.MISTAKE, "")
        assert 1 <= len(outcome.err.splitlines()) <= 5
        assert "Traceback" not in outcome.err
        return str(outcome.err)

    return run


@pytest.mark.parametrize("command", ["run", "dag", "check", "config", "summary"])
def test_a_pipeline_that_is_not_there(told: Callable, root: Path, command: str) -> None:
    assert "This project has no pipeline 'quikc'.\nDid you mean 'quick'?" in told(command, "-C", root, "quikc")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("command", [("run",), ("delete", "--yes"), ("new",), ("dag",)])
def test_a_name_that_no_pipeline_has(told: Callable, root: Path, command: tuple, name: str) -> None:
    before = sorted(root.rglob("*"))

    message = told(command[0], "-C", root, *command[1:], name)

    assert "no name for a pipeline" in message or "needs a name" in message
    assert sorted(root.rglob("*")) == before


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("import pandsa\n", ":1: Cannot import 'pipelines.quick': ModuleNotFoundError: No module named 'pandsa'"),
        ("def broken(:\n", ":1:12: SyntaxError: "),
        ("1 / 0\n", ":1: Cannot import 'pipelines.quick': ZeroDivisionError: division by zero\n"),
        ("import sys\n\nsys.exit(3)\n", ":3: Cannot import 'pipelines.quick': SystemExit: 3\n"),
    ],
)
@pytest.mark.parametrize("command", ["run", "dag"])
def test_a_module_that_cannot_be_imported(told: Callable, root: Path, command: str, module: str, message: str) -> None:
    (root / "pipelines/quick.py").write_text(module + MODULE)

    assert told(command, "-C", root, "quick").startswith(f"{root}/pipelines/quick.py{message}")


def test_an_input_that_is_missing_is_told_once_and_not_tried_again(told: Callable, root: Path) -> None:
    (root / "pipelines/quick.py").write_text("def quick(amount: int) -> int:\n    return amount\n")
    (root / "conf/pipelines/quick.yml").write_text("run: {retry: {max_retries: 3, retry_delay: 60}}\n")

    message = told("run", "-C", root, "quick")

    assert message.count("The input 'amount' (int) is missing; it is needed by quick.") == 1
    assert "slack" not in message.lower()


def test_a_final_var_that_is_no_node(told: Callable, root: Path) -> None:
    message = told("run", "-C", root, "quick", "--final-var", "quikc")

    assert message == "There is no node 'quikc' to compute (run.final_vars).\nDid you mean 'quick'?\n"


def test_an_exception_in_a_node_is_told_once_from_the_users_code_on(fp_tui: Callable, root: Path) -> None:
    (root / "pipelines/quick.py").write_text(
        "def _inner(x: int) -> int:\n    raise ValueError('too small')\n\n"
        "def quick(x: int = 1) -> int:\n    return _inner(x)\n\ndef more(quick: int) -> int:\n    return quick\n"
    )

    outcome = fp_tui("run", "-C", root, "quick")

    assert (outcome.code, outcome.out) == (Exit.FAILED, "")
    assert outcome.err.count("Traceback") == 1
    assert outcome.err.count("raise ValueError('too small')") == 1
    assert outcome.err.splitlines()[-1].endswith(f"ValueError: too small ({root}/pipelines/quick.py:2)")
    assert "hamilton" not in outcome.err
    assert len(outcome.err.splitlines()) < 25


def test_without_final_vars_the_leaves_are_computed(fp_tui: Callable, root: Path) -> None:
    (root / "conf/pipelines/quick.yml").write_text("run: {final_vars: []}\n")

    outcome = fp_tui("run", "-C", root, "quick")

    assert outcome.code == 0
    assert "run.final_vars is empty: computing the leaves, quick" in outcome.err


def test_ctrl_c_is_told_and_ends_with_130(start: Callable, root: Path) -> None:
    (root / "pipelines/quick.py").write_text(
        "import time\n\ndef quick() -> int:\n    print('begun', flush=True)\n    time.sleep(60)\n    return 1\n"
    )
    process = start("run", "-C", root, "quick")
    assert process.stdout.readline() == "begun\n"

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == Exit.CANCELLED
    assert "cancelled" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--executor", "banana"), "run.executor.type must be a type of executor, not 'banana'"),
        (("--set", "run.log_level=banana"), "run.log_level must be a log level, not 'banana'"),
        (("--input", 'x={"a": 5'), "is no YAML value"),
        (("--set", 'run.inputs={"x": 5'), "is no YAML value"),
        (("--set", "run.retry.max_retries=abc"), "run.retry.max_retries must be a whole number, not 'abc'"),
        (("--set", "run.with_adapter.trakcer=true"), "there is no key run.with_adapter.trakcer"),
        (("--set", "run.with_adapter=mlflow"), "run.with_adapter must be a mapping"),
        (("--input", "x=five"), "The input 'x' wants int, and got 'five' (str)."),
    ],
)
def test_an_option_that_cannot_be_used(told: Callable, root: Path, options: tuple, words: str) -> None:
    assert words in told("run", "-C", root, "quick", *options)


def test_inputs_of_the_command_line_are_laid_over_those_of_the_yaml(fp_tui: Callable, root: Path) -> None:
    (root / "pipelines/quick.py").write_text("def quick(x: int, y: int) -> int:\n    print(x, y)\n    return x\n")
    (root / "conf/pipelines/quick.yml").write_text("run: {inputs: {x: 1, y: 2}, final_vars: [quick]}\n")

    assert fp_tui("run", "-C", root, "quick", "--input", "x=5").out == "5 2\n"


def test_a_project_may_be_named_by_a_relative_path(
    fp_tui: Callable, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root.parent)
    assert fp_tui("run", "-C", root.name, "quick").code == 0


@pytest.mark.parametrize("command", [("run", "quick"), ("ls",), ("check",), ("summary",), ("new", "quick")])
def test_a_project_that_is_not_there_is_not_made(told: Callable, tmp_path: Path, command: tuple) -> None:
    nowhere = tmp_path / "nowhere"

    assert told(*command, "-C", nowhere).startswith(f"There is no folder '{nowhere}'.")
    assert not nowhere.exists()


@pytest.mark.parametrize("place", ["ftp://host/project", "https://host/project", "zip://a.py::s3://bucket/a.zip"])
@pytest.mark.parametrize("command", [("run", "quick"), ("ls",), ("init",), ("export", "there")])
def test_a_project_by_a_protocol_that_is_not_allowed(
    told: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple, place: str
) -> None:
    monkeypatch.chdir(tmp_path)

    message = told(*command, "-C", place)

    assert f"'{'::' if '::' in place else place.partition('//')[0] + '//'}'" in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "gif"), "invalid choice: 'gif'"),
        (("--format", "png", "--output", "dag.png"), "there is no 'dot' on the PATH"),
        (("--output", "no/such/folder/dag.txt"), "cannot be written: No such file or directory."),
    ],
)
def test_a_graph_that_cannot_be_saved(
    told: Callable, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert words in told("dag", "-C", root, "quick", *options)


def test_one_bad_file_does_not_keep_the_rest_from_being_shown(fp_tui: Callable, root: Path) -> None:
    (root / "conf/pipelines/bad.yml").write_text("run: [\n")

    shown, listed = fp_tui("summary", "-C", root), fp_tui("ls", "-C", root)

    assert (shown.code, listed.code) == (0, 0)
    assert f"{root}/conf/pipelines/bad.yml:1:6" in shown.out.replace("\n", "")
    assert "def quick(x: int = 1) -> int:" in shown.out
    assert [line.split()[0] for line in listed.out.splitlines()] == ["PIPELINE", "bad", "quick"]


def test_a_pipeline_whose_name_is_another_runs_by_its_file(fp_tui: Callable, root: Path) -> None:
    (root / "conf/pipelines/quick.yml").write_text("name: other\n")

    outcome = fp_tui("run", "-C", root, "quick")

    assert outcome.code == 0
    assert "this pipeline is run as 'quick'" in outcome.err


FULL = [
    ("--help",),
    ("--version",),
    ("run", "--help"),
    ("ls",),
    ("run", "quick"),
    ("run", "quick", "--json"),
    ("run", "quick", "--detach"),
    ("dag", "quick"),
    ("check",),
    ("config", "quick"),
    ("schema", "project"),
    ("summary",),
    ("runs", "--json"),
]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", FULL, ids=" ".join)
def test_a_full_disk_is_told_in_a_line_or_two(start: Callable, root: Path, command: tuple) -> None:
    more = "import nothing_like_it\n" if command == ("check",) else ""
    (root / "pipelines/quick.py").write_text(f"{more}def quick() -> int:\n    print('said')\n    return 1\n")
    # The others are about no project.
    named = command if command[0].startswith(("--", "schema")) else (*command, "-C", root)
    with Path("/dev/full").open("w") as full:
        process = start(*named, stdout=full)
        _, err = process.communicate(timeout=120)

    said = [line for line in err.splitlines() if "cannot be written" in line]
    assert said == ["stdout cannot be written: No space left on device."]
    assert process.returncode == Exit.MISTAKE
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_a_run_goes_on_where_its_output_cannot_be_shown(start: Callable, fp_tui: Callable, root: Path) -> None:
    (root / "pipelines/quick.py").write_text(
        "import time\n\ndef quick() -> int:\n    print('said', flush=True)\n    time.sleep(0.5)\n    return 1\n"
    )
    with Path("/dev/full").open("w") as full:
        process = start("run", "-C", root, "quick", stdout=full)
        _, err = process.communicate(timeout=120)

    run = re.search(r"Run (\S+) goes on: fp-tui logs", err)
    assert run is not None
    while (state := fp_tui("runs", "-C", root, "--json").json[0]["state"]) in ("running", "starting"):
        time.sleep(0.05)
    assert state == "succeeded"
    assert "said" in fp_tui("logs", run[1]).out


def test_messages_that_nobody_can_get_are_no_failure(root: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "flowerpower_tui", "run", "-C", root, "quick"],
            stdout=full,
            stderr=full,
            env=os.environ,
        )
    assert done.returncode == 0
