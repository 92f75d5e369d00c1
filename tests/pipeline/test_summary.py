"""Summaries of values: true, bounded, and never in the way."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
from pathlib import PurePosixPath
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.pipeline.summary import (
    COLUMNS_LIMIT,
    NAME_LIMIT,
    PREVIEW_LIMIT,
    Column,
    ValueSummary,
    summarise,
)


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int
    y: list[int]


class Hostile:
    """Raises at every touch."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


class HostileList(list):
    def __len__(self) -> int:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ValueSummary("NoneType", preview="None")),
        (3.0, ValueSummary("float", preview="3")),
        ("héllo", ValueSummary("str", (5,), preview="'héllo'")),
        ([1, "a", None], ValueSummary("list", (3,), preview="[1, 'a', None]")),
        ({"a": {"b": [1]}}, ValueSummary("dict", (1,), preview="{'a': {'b': [1]}}")),
        (list(range(100)), ValueSummary("list", (100,), preview="[0, 1, 2, 3, 4, 5, 6, 7, …]")),
        (dt.date(2024, 1, 2), ValueSummary("datetime.date", preview="2024-01-02")),
        (decimal.Decimal("1.50"), ValueSummary("decimal.Decimal", preview="1.50")),
        (PurePosixPath("a/b"), ValueSummary("pathlib.PurePosixPath", preview="a/b")),
        (HostileList([1, 2]), ValueSummary(f"{__name__}.HostileList", (2,), preview="[1, 2]")),
        (Colour.RED, ValueSummary(f"{__name__}.Colour", preview="Colour.RED")),
        (Point(1, [2]), ValueSummary(f"{__name__}.Point", preview="Point(x=1, y=[2])")),
        (10**100_000, ValueSummary("int", preview="<int of 332193 bits>")),
        (np.float64(2.5), ValueSummary("numpy.float64", preview="2.5")),
        (pd.Timestamp("2024-01-02"), ValueSummary("pandas.Timestamp", preview="2024-01-02 00:00:00")),
    ],
    ids=lambda value: value.type if isinstance(value, ValueSummary) else "",
)
def test_plain_values_are_told(value, told):
    assert summarise(value) == told


def test_a_data_frame_is_told_by_its_columns_nulls_and_first_rows():
    frame = pd.DataFrame({"id": [1, 2, 3], "name": ["ann", None, "a name that is much too long for a cell"]})
    summary = summarise(frame)
    assert (summary.type, summary.shape, summary.nulls) == ("pandas.DataFrame", (3, 2), 1)
    assert summary.columns == (Column("id", "int64"), Column("name", "str", 1))
    assert summary.preview.splitlines()[0].split() == ["1", "ann"]
    assert summary.preview.splitlines()[2].endswith("…")


def test_a_series_and_an_array_are_told_by_their_first_items():
    assert summarise(pd.Series([1.0, None])) == ValueSummary("pandas.Series", (2,), nulls=1, preview="float64: 1, nan")
    assert summarise(np.arange(12).reshape(3, 4)).preview == "int64: 0, 1, 2, 3, 4, 5, 6, 7, …"
    assert summarise(np.arange(12).reshape(3, 4)).shape == (3, 4)


def test_a_wide_frame_shows_its_first_columns():
    summary = summarise(pd.DataFrame(np.zeros((2, 500))))
    assert summary.shape == (2, 500)
    assert len(summary.columns) == COLUMNS_LIMIT
    assert summary.nulls is None


def test_nulls_of_a_huge_frame_are_not_counted():
    summary = summarise(pd.DataFrame({"x": np.zeros(1_000_000)}))
    assert summary.nulls is None
    assert summary.columns == (Column("x", "float64"),)


def test_what_raises_when_looked_at_is_told_by_its_type():
    assert summarise(Hostile()).type == f"{__name__}.Hostile"
    assert summarise([Hostile()]).type == "list"


def test_an_iterator_is_not_consumed():
    numbers = iter([1, 2])
    assert summarise(numbers).type == "list_iterator"
    assert list(numbers) == [1, 2]


def test_a_value_that_contains_itself_is_bounded():
    loop: list[Any] = [1]
    loop.append(loop)
    assert summarise(loop).preview == "[1, [1, [1, …]]]"


texts = st.text(st.characters())  # with lone surrogates
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts | st.binary() | st.datetimes() | st.decimals()
values = st.recursive(
    scalars | st.builds(lambda size: "x" * size, st.sampled_from([0, 10_000])),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner) | st.tuples(inner, inner),
    max_leaves=30,
)
frames = st.builds(
    lambda columns: pd.DataFrame({name: pd.Series(items, dtype=object) for name, items in columns.items()}),
    st.dictionaries(st.text(st.characters(), max_size=300), st.lists(scalars, max_size=5), max_size=60),
)


@given(values | frames | frames.map(pd.DataFrame.to_numpy))
def test_every_summary_is_bounded_and_can_be_stored(value):
    summary = summarise(value)
    assert len(summary.preview) <= PREVIEW_LIMIT
    assert len(summary.columns) <= COLUMNS_LIMIT
    assert all(len(column.name) <= NAME_LIMIT and len(column.dtype) <= NAME_LIMIT for column in summary.columns)
    stored = msgspec.json.encode(summary)
    assert msgspec.json.decode(stored, type=ValueSummary) == summary
