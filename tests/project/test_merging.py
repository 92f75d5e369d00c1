"""Two changes of one text become one where they do not touch; where they do, nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.project.merge import merge

BASE = "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n"),
        ("a\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n", "a\nc\nd\ne\nf\n"),
        (BASE, "x\n", "x\n"),
        ("x\n", BASE, "x\n"),
        ("A\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n"),
        ("A\nb\nC\nd\ne\n", "A\nb\nc\nd\nE\n", "A\nb\nC\nd\nE\n"),
        ("0\na\nb\nc\nd\ne\n", "a\nb\nc\nd\ne", "0\na\nb\nc\nd\ne"),
    ],
)
def test_changes_that_do_not_touch_are_both_there(mine: str, theirs: str, merged: str) -> None:
    assert merge(BASE, mine, theirs) == merged
    assert merge(BASE, theirs, mine) == merged


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("A\nb\nc\nd\ne\n", "1\nb\nc\nd\ne\n"),
        ("A\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n"),
        ("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\ne\ng\n"),
        ("a\ne\n", "a\nb\nC\nd\ne\n"),
        ("", "a\nb\nc\nd\nE\n"),
    ],
)
def test_changes_that_touch_are_not_merged(mine: str, theirs: str) -> None:
    assert merge(BASE, mine, theirs) is None
    assert merge(BASE, theirs, mine) is None


LINES = st.lists(st.sampled_from("abcd"), max_size=6)


@given(LINES, LINES, LINES, LINES, LINES)
def test_what_each_changes_between_lines_that_nobody_does_is_there(
    one: list[str], mine: list[str], between: list[str], two: list[str], theirs: list[str]
) -> None:
    def text(first: list[str], last: list[str]) -> str:
        # Lines that stand once hold the parts together.
        return "\n".join(["<", *first, "=1", *between, "=2", *last, ">", ""])

    merged = merge(text(one, two), text(mine, two), text(one, theirs))
    assert merged == text(mine, theirs)


@given(LINES, LINES, LINES)
def test_the_order_of_the_two_does_not_count(base: list[str], mine: list[str], theirs: list[str]) -> None:
    texts = ["\n".join(lines) for lines in (base, mine, theirs)]
    assert merge(*texts) == merge(texts[0], texts[2], texts[1])
