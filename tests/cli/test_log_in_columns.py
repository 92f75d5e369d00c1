"""The lines of a run, in a terminal of some columns and where there is none."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowerpower_tui.cli import console
from flowerpower_tui.cli.watch import line_texts
from flowerpower_tui.runs.lines import LogLine

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
MESSAGE = "ValueError: order SO-10002 has no number; check the export of the shop"
FAILED = LogLine(NOON, "run", "ERROR", "load", f"load failed after 0 ms: {MESSAGE} (pipelines/shop/sales.py:21)", 1)
SKIPPED = LogLine(
    NOON, "run", "INFO", "a", "3 nodes skipped, each because it needs 'load', which failed: a, b, c", 2, ("a", "b", "c")
)
PRINTED = LogLine(NOON, "stdout", "", "load", "x" * 200, 3)
CODE = LogLine(NOON, "run", "ERROR", "load", f"    raise ValueError({'very ' * 12}long)", 1)


def texts(*lines: LogLine, columns: int | None = None) -> list[str]:
    return [text[20:] for text, _ in line_texts(lines, columns)]


def test_what_went_wrong_goes_on_below_and_words_and_places_stay_whole() -> None:
    shown = texts(FAILED, columns=60)

    assert shown == [
        "load failed after 0 ms: ValueError:",
        "order SO-10002 has no number; check the",
        "export of the shop",
        "(pipelines/shop/sales.py:21)",
    ]


def test_what_goes_on_below_stands_under_its_beginning() -> None:
    told = [text for text, _ in line_texts([FAILED, CODE], 60)]

    assert told[0].endswith("  ERROR     load failed after 0 ms: ValueError:")
    assert {text[:20] for text in told[1:]} == {" " * 20}
    assert {text[20:24] for text in told[4:]} == {" " * 4}
    assert len(told) > 6


def test_of_many_skipped_nodes_as_much_is_shown_as_one_line_holds() -> None:
    assert texts(SKIPPED, columns=80) == ["3 nodes skipped, each because it needs 'load', which failed…"]
    assert texts(SKIPPED, columns=120) == [SKIPPED.text]


@pytest.mark.parametrize("columns", [None, 30])
def test_where_there_is_no_terminal_or_hardly_any_lines_stay_as_they_are(columns: int | None) -> None:
    assert texts(FAILED, SKIPPED, columns=columns) == [FAILED.text, SKIPPED.text]


def test_what_a_pipeline_prints_is_the_terminals_to_fold() -> None:
    assert texts(PRINTED, columns=60) == [f"load: {PRINTED.text}"]


@pytest.fixture
def terminal() -> Iterator[int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 93, 0, 0))
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_a_terminal_is_asked_for_its_width_and_a_file_has_none(
    terminal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open(terminal, "w", closefd=False) as stderr, (tmp_path / "out").open("w") as stdout:
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setattr(sys, "stdout", stdout)

        assert (console.columns("stderr"), console.columns("stdout")) == (93, None)

        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 0, 0, 0, 0))
        assert console.columns("stderr") is None


def test_a_run_that_failed_ends_with_what_failed_where_and_why(project: Callable[..., Path], fp_tui: Callable) -> None:
    module = "def load() -> int:\n    raise ValueError('two rows are wrong:\\n  SO-1\\n  SO-2')\n\n"
    module += "".join(f"def n{number}(load: int) -> int:\n    return load\n\n" for number in range(4))
    root = project(etl=f"{module}def total(n0: int, n1: int, n2: int, n3: int) -> int:\n    return n0\n")

    outcome = fp_tui("run", "-C", root, "etl", "--final-var", "total")

    ends = [line[20:] for line in outcome.err.splitlines()[-4:]]
    assert outcome.code == console.Exit.FAILED
    assert ends[0] == "5 nodes skipped, each because it needs 'load', which failed: n0, n1, n2, n3, total"
    assert ends[1].startswith("failed after ")
    assert ends[1].partition(", ")[2].startswith("at load: ValueError: two rows are wrong: (")
    assert ends[1].endswith("pipelines/etl.py:2)")
    assert ends[2:] == ["  SO-1", "  SO-2"]
