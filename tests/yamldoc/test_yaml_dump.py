"""Values written as YAML read back as the same values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.dump import dump, inline

TEXT = st.text(max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT | st.dates()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))


@given(VALUES)
def test_what_is_written_reads_back(value: object) -> None:
    assert Document.parse(dump(value), "").value == value


@given(VALUES)
def test_what_is_written_on_a_line_is_a_line_and_reads_back(value: object) -> None:
    assert "\n" not in inline(value)
    assert Document.parse(inline(value), "").value == value


def test_it_looks_as_people_write_it() -> None:
    shared = [1]
    value = {
        "a": {"b": [{"x": 1, "y": [2]}, "two\nlines\n"]},
        "none": None,
        "yes": "yes",
        "s": [shared, shared],
        "m": {},
    }
    assert (
        dump(value)
        == """\
a:
  b:
    - x: 1
      y:
        - 2
    - |
      two
      lines
none: null
'yes': 'yes'
s:
  - - 1
  - - 1
m: {}
"""
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ("text", "text"),
        ("3", "'3'"),
        (["a", {"b": "c: d"}], "[a, {b: 'c: d'}]"),
        ("two\nlines", '"two\\nlines"'),
        ("••••••", "••••••"),
    ],
)
def test_a_value_on_a_line(value: object, text: str) -> None:
    assert inline(value) == text
