"""Scalars that YAML 1.2 reads otherwise: ruamel.yaml, which reads YAML 1.2, is the second opinion."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.misread import misreading

WORDS = st.one_of(
    st.text("0123456789.:eE+-_ox", min_size=1, max_size=8),
    st.sampled_from(
        ["yes", "no", "on", "off", "Yes", "NO", "On", "oFF", "y", "n", "true", "false", "null", "~", "0x1F"]
    ),
)


def in_1_1(text: str) -> Any:
    return yaml.safe_load(text)


def in_1_2(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize(
    ("text", "meaning", "instead"),
    [
        ("on", True, "true"),
        ("NO", False, "false"),
        ("012", 10, '"012"'),
        ("089", "089", '"089"'),
        ("22:30", 1350, '"22:30"'),
        ("-1:30:00.5", -5400.5, '"-1:30:00.5"'),
        ("1e-3", "1e-3", "1.0e-3"),
        ("1.5e3", "1.5e3", "1.5e+3"),
        ("-.5", "-.5", "-0.5"),
        ("0o14", "0o14", "12"),
    ],
)
def test_what_is_misread_is_told_with_its_meaning(text: str, meaning: Any, instead: str) -> None:
    found = misreading(text)
    assert found is not None
    assert in_1_1(text) == meaning
    assert found.message.startswith(f"'{text}' is {'text' if meaning == text else str(meaning).lower()} here")
    assert found.instead == instead


@pytest.mark.parametrize(
    "text", ["10_000", "0", "0.5", "12", "1.0e-3", "0x1F", "2025-01-31", "07", "y", "none", "1.2.3"]
)
def test_what_everybody_reads_alike_is_not_told(text: str) -> None:
    assert misreading(text) is None


@example("0o8")
@example("1:60")
@given(WORDS)
def test_nothing_is_told_that_both_read_alike_and_what_they_do_not_is_told(text: str) -> None:
    try:
        ours, theirs = in_1_1(text), in_1_2(text)
    except (ValueError, YAMLError, yaml.YAMLError):
        assume(False)
    # A colon at its end makes a mapping of it.
    assume(not isinstance(ours, dict))
    # They look like the numbers that they are here.
    assume("_" not in text)
    assume(not text.startswith(("0b", "-0b", "+0b")))
    # ruamel takes a number that begins with a dot and has a power for text; YAML 1.2 does not.
    assume(not re.fullmatch(r"[-+]?\.\d+[eE][-+]?\d+", text))
    assert (misreading(text) is None) == (ours == theirs and type(ours) is type(theirs))


@given(WORDS)
def test_what_is_proposed_means_the_same_to_everybody(text: str) -> None:
    if found := misreading(text):
        assert in_1_1(found.instead) == in_1_2(found.instead)


def test_a_document_tells_its_places_but_not_what_is_quoted() -> None:
    document = Document.parse("on: [no, 'no', \"on\", !!str off]\nb: |\n  yes\n", "f")
    assert [str(problem.location) for problem in document.misread] == ["f:1:1", "f:1:6"]
    assert [problem.instead for problem in document.misread] == ['"on"', "false"]
