"""What keeps a text from being YAML is mended by one edit, where that is sure to help; else it is said what to do."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.assist.diagnose import diagnose
from flowerpower_tui.assist.diagnostic import Diagnostic


def fault(text: str) -> Diagnostic:
    return next(one for one in diagnose(text, "pipeline") if one.code == "syntax")


def mended(text: str) -> str:
    found = fault(text).fix
    assert found is not None
    lines = text.split("\n")
    span = found.span
    line = lines[span.line - 1]
    lines[span.line - 1] = line[: span.column - 1] + found.text + line[span.end_column - 1 :]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("description: sales: by month  # c\nrun: {}\n", "description: 'sales: by month'  # c\nrun: {}\n"),
        ("params:\n  - a: b: c\n", "params:\n  - a: 'b: c'\n"),
        ("name: it's: 5\n", "name: 'it''s: 5'\n"),
        ("key: value:\n", "key: 'value:'\n"),
        ("params:\n  a: @x\n", "params:\n  a: '@x'\n"),
        ("params:\n  a: `x`\n", "params:\n  a: '`x`'\n"),
        ("run:\n\tlog_level: INFO\n", "run:\n  log_level: INFO\n"),
    ],
)
def test_what_one_edit_mends_is_mended(broken: str, whole: str) -> None:
    assert mended(broken) == whole


@pytest.mark.parametrize(
    "text",
    [
        "name: job\n  run: x\n",
        "a: 'x' y: z\n",
        "a: {b: c: d}\n",
        "run:\n  inputs\n  log_level: INFO\n",
        # Quotes would change nothing, or not what is wrong.
        "- a\n\t \n",
        "<<: a\nb: 1\n",
    ],
)
def test_where_it_is_not_clear_what_was_meant_nothing_is_offered(text: str) -> None:
    assert fault(text).fix is None


def test_what_needs_quotes_to_be_a_value_gets_some() -> None:
    assert mended("params:\n  sign: =\n") == "params:\n  sign: '='\n"


def test_the_first_of_two_faults_is_mended_first() -> None:
    faults = [one for one in diagnose("a: b: c\nd: 1\ne: f: g\n", "pipeline") if one.code == "syntax"]
    assert [one.fix is not None for one in faults] == [True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [("a: b: c\n", "Quote a value that contains ': '"), ("a: b\n  c: d\n", "deeper than the line above")],
)
def test_a_colon_too_many_and_a_line_too_deep_are_told_apart(text: str, said: str) -> None:
    assert "mapping values are not allowed" in fault(text).message
    assert said in fault(text).hint


WORDS = st.text("abcXYZ019'\"/.,{}[]&*!|>@%`~$-_äß ", min_size=1, max_size=12).map(str.strip).filter(bool)


@given(st.lists(WORDS, min_size=2, max_size=4).map(": ".join))
def test_a_value_that_is_quoted_is_the_text_that_was_typed(value: str) -> None:
    text = f"name: job\nparams:\n  a: {value}\n  b: 1\n"
    found = next((one.fix for one in diagnose(text, "pipeline") if one.code == "syntax"), None)
    if found is not None:
        assert yaml.safe_load(mended(text)) == {"name": "job", "params": {"a": value, "b": 1}}
