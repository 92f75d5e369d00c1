"""What is read of a broken YAML file: all but its broken lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.salvage import salvage

BEFORE = "name: x\nparams:\n  a: {b: 1}\nrun:\n  inputs:\n    x: 1\n"
BEHIND = "  final_vars:\n    - a\n    - b\n  log_level: INFO\n"


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ("  re", "7:3"),
        ("  ex\n    type: x", "7:3"),
        ("    y", "7:5"),
        ("  cache: [a, b", "7:10"),
        ("  cache: [a,\n    b,\n    c", "7:10"),
        ("  cache: {a: 1", "7:10"),
        ("  name: 'it", "7:9"),
        ('  name: "it', "7:9"),
        ("  a: b: c", "7:7"),
        ("\tx: 1", "7:1"),
        ("   odd: 1", "7:4"),
        ("  - a", "7:3"),
        ("  x: @a", "7:6"),
        ("  x: !foo 3", "7:6"),
        ("  x: *nope", "7:6"),
        ("  d: 2024-99-99", "7:6"),
        ("  x: \x07", "7:6"),
    ],
)
def test_the_rest_is_read_and_the_broken_place_told(broken: str, place: str) -> None:
    found = salvage(f"{BEFORE}{broken}\n{BEHIND}", "f")
    assert [str(problem.location) for problem in found.problems] == [f"f:{place}"]
    assert found.document is not None
    assert found.document.value == Document.parse(BEFORE + BEHIND, "f").value


def test_what_is_behind_a_broken_line_keeps_its_place() -> None:
    found = salvage(f"{BEFORE}  re\n{BEHIND}", "f")
    assert found.document is not None
    assert str(found.document.location(("run", "log_level"))) == "f:11:14"


@pytest.mark.parametrize("text", ["run:\n  re\n  final_vars: [a]\n", "re\nrun:\n  final_vars: [a]\n"])
def test_a_first_key_that_is_being_written_is_told_where_it_stands(text: str) -> None:
    found = salvage(text, "f")
    assert found.document is not None
    assert found.document.value == {"run": {"final_vars": ["a"]}}
    line = text.split("\n").index(next(line for line in text.split("\n") if line.strip() == "re")) + 1
    assert [problem.location.line for problem in found.problems if problem.location] == [line]


def test_a_whole_file_is_read_as_it_is() -> None:
    found = salvage(BEFORE + BEHIND, "f")
    assert found.problems == ()
    assert found.document == Document.parse(BEFORE + BEHIND, "f")


@given(st.text("ab:-[]{}'\"#&*!|>%@ \n\t,\x85\x07\ufeff", max_size=80))
def test_any_text_gives_a_document_or_says_why_not(text: str) -> None:
    found = salvage(text, "f")
    assert found.document is not None or found.problems
    if not found.problems:
        assert found.document == Document.parse(text, "f")
