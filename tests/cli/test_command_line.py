"""What every command has in common: help, light starts, mistakes in one message, broken pipes."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest
from rich.cells import cell_len

from flowerpower_tui import __version__
from flowerpower_tui.cli import console
from flowerpower_tui.cli.main import command_line

MODULE = "def quick() -> int:\n    return 1\n"
HEAVY = {"msgspec", "yaml", "rich", "textual", "hamilton", "pandas", "fsspec", "platformdirs", "asyncio"}

ABOUT_NO_PROJECT = {"schema", "settings", "keys", "completion"}


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = "import sys; from flowerpower_tui.cli.main import main; main(['--help']); print(*sys.modules, sep='\\n')"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "usage: fp-tui" in printed
    assert not HEAVY & set(printed.splitlines())


@pytest.mark.parametrize("command", command_line().names)
def test_every_command_has_help_and_version_and_a_project_if_it_is_about_one(fp_tui: Callable, command: str) -> None:
    shown = fp_tui(command, "--help")

    assert shown.code == 0
    assert shown.out.startswith(f"usage: fp-tui {command}")
    assert ("--project" in shown.out) == (command not in ABOUT_NO_PROJECT)
    assert fp_tui(command, "--version").out == f"fp-tui {__version__}\n"


@pytest.mark.parametrize("command", ["", *command_line().names])
def test_help_fits_80_columns_and_tells_of_every_argument_and_exit_code(
    fp_tui: Callable, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = fp_tui(*filter(None, [command]), "--help").out

    assert [line for line in shown.splitlines() if len(line) > 80] == []
    assert "\nexit codes:\n  0    " in shown
    line = command_line()
    parsers = next(action.choices for action in line.parser._actions if isinstance(action.choices, dict))
    parser = parsers[command] if command else line.parser
    assert [action.dest for action in parser._actions if not action.help] == []
    assert not command or f"\nexamples:\n  {line.examples[command][0]}" in shown


@pytest.mark.parametrize("example", [*chain(*command_line().examples.values())])
def test_an_example_of_the_help_is_a_command_line(example: str) -> None:
    program, *words = shlex.split(example)

    assert program == "fp-tui"
    assert callable(command_line().parser.parse_args(words).command)


def test_the_project_may_be_named_before_or_after_the_command(fp_tui: Callable, example: Callable) -> None:
    root = example("hello-world")

    before, after = fp_tui("-C", root, "ls"), fp_tui("ls", "--project", root)

    assert before == after
    assert "hello_world" in before.out


@pytest.mark.parametrize("words", [("rnu",), ("rnu", "sales_etl", "--json")])
def test_a_misspelt_command_is_told_the_nearest(fp_tui: Callable, words: tuple) -> None:
    outcome = fp_tui(*words)

    assert (outcome.code, outcome.out) == (2, "")
    assert "Did you mean 'run'?" in outcome.err


def test_a_wrong_option_is_two_lines(fp_tui: Callable) -> None:
    outcome = fp_tui("runs", "--limmit", "3")

    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("dag", "quick", "--width", "0"), "argument --width: at least 1, not 0"),
        (("dag", "quick", "--focus", "quick", "--hops", "-1"), "argument --hops: at least 0, not -1"),
        (("dag", "quick", "--hops", "many"), "argument --hops: invalid number value: 'many'"),
        (("runs", "--limit", "0"), "argument -n/--limit: at least 1, not 0"),
        (("serve", "--visitors", "0"), "argument --visitors: at least 1, not 0"),
    ],
)
def test_a_number_that_is_too_small_is_refused(fp_tui: Callable, words: tuple, told: str) -> None:
    outcome = fp_tui(*words)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"fp-tui {words[0]}: {told}\nSee fp-tui {words[0]} --help.\n"


def test_a_reader_that_leaves_is_no_error(example: Callable, state: Path) -> None:
    command = f"{sys.executable} -m flowerpower_tui dag -C {example('churn-features')} churn_features | head -n 1"

    outcome = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True)

    assert outcome.stderr == ""
    assert outcome.returncode in (0, 141)
    assert len(outcome.stdout.splitlines()) == 1


def test_what_cannot_be_encoded_is_written_all_the_same(project: Callable) -> None:
    root = project(umlaut='def größe() -> str:\n    print("größer als ☃")\n    return "x"\n')
    command = [sys.executable, "-m", "flowerpower_tui", "dag", "-C", root, "umlaut"]

    outcome = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"})

    assert outcome.returncode == 0
    assert b"gr\\xf6\\xdfe" in outcome.stdout
    assert outcome.stdout.isascii()


@pytest.mark.parametrize(
    ("words", "closed", "code", "out", "err"),
    [
        ("ls", ">&-", 0, "", ""),
        ("ls --json", "2>&- <&-", 0, "quick", ""),
        ("ls nosuch", "2>&-", 2, "", ""),
        ("delete quick", "<&-", 2, "", "nobody to ask"),
        # What is opened in a stream's place would be written to.
        ("run quick", "<&- >&- 2>&-", 0, "", ""),
    ],
)
def test_a_stream_that_is_closed_is_nowhere(
    project: Callable, words: str, closed: str, code: int, out: str, err: str
) -> None:
    root = project(quick='def quick() -> str:\n    print("said")\n    return "x"\n')

    ended = subprocess.run(
        ["sh", "-c", f"exec {shlex.quote(sys.executable)} -m flowerpower_tui {words} {closed}"],
        cwd=root,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
    assert (out in ended.stdout, err in ended.stderr) == (True, True)


def test_an_answer_in_letters_of_another_encoding_is_an_answer(project: Callable) -> None:
    root = project(quick=MODULE)
    process, screen = pty.fork()
    if not process:
        command = [sys.executable, "-m", "flowerpower_tui", "delete", "quick", "-C", str(root)]
        os.execve(sys.executable, command, {**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
    shown = b""
    try:
        while b"[y/N]" not in shown:
            shown += os.read(screen, 4096)
        os.write(screen, b"n\xf6\n")
        with suppress(OSError):
            while piece := os.read(screen, 4096):
                shown += piece
    finally:
        _, status = os.waitpid(process, 0)
        os.close(screen)

    assert b"Nothing was deleted." in shown
    assert os.waitstatus_to_exitcode(status) == 130


def test_columns_are_aligned_whatever_the_letters(capsys: pytest.CaptureFixture[str]) -> None:
    console.table(("KEY", "VALUE"), [("abc", "1"), ("数据", "2"), ("e\u0301", "3")])

    lines = capsys.readouterr().out.splitlines()
    assert [cell_len(line[:-1]) for line in lines[1:]] == [6, 6, 6]
    assert lines[0] == "KEY   VALUE"


@pytest.mark.parametrize(
    ("text", "short"), [("数据数据", "数据…"), ("x数据数", "x数 …"), ("数据a", "数据a"), ("abcdef", "abcd…")]
)
def test_what_is_cut_off_takes_no_more_cells_than_it_may(text: str, short: str) -> None:
    assert console.in_short(text, 5) == short
