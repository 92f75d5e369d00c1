"""YAML's values become what a node takes where nothing is lost, and nothing else does."""

from __future__ import annotations

import datetime as dt
import enum
from pathlib import Path
from typing import Annotated, Optional

import pytest

from flowerpower_tui.pipeline.inputs import coerce


class Colour(enum.Enum):
    RED = "r"


@pytest.mark.parametrize(
    ("kind", "value", "fitted"),
    [
        (float, 3, 3.0),
        (int, 3.0, 3),
        (int, "12", 12),
        (float, "1e-3", 0.001),
        (bool, "True", True),
        (str, 5, "5"),
        (Path, "a/b", Path("a/b")),
        (dt.date, "2024-01-02", dt.date(2024, 1, 2)),
        (dt.datetime, dt.date(2024, 1, 2), dt.datetime(2024, 1, 2)),
        (str, dt.date(2024, 1, 2), "2024-01-02"),
        (tuple[int, ...], [1, 2], (1, 2)),
        (set[str], ["a"], {"a"}),
        (Colour, "r", Colour.RED),
        (Colour, "RED", Colour.RED),
        (Optional[float], 3, 3.0),  # noqa: UP045 - as modules have it
        (int | None, "3", 3),
        (Annotated[float, "metres"], 3, 3.0),
    ],
)
def test_what_means_the_same_is_turned(kind, value, fitted):
    assert coerce(kind, value) == fitted
    assert type(coerce(kind, value)) is type(fitted)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, 3.5),
        (int, "3.5"),
        (int, "soon"),
        (int, True),
        (float, 2**53 + 1),
        (float, 10**400),
        (bool, 1),
        (bool, "yes please"),
        (str, True),
        (str, ["a"]),
        (dt.date, "soon"),
        (Colour, "blue"),
        (set[int], [1, 1]),
        (dict, [1]),
    ],
)
def test_what_would_lose_something_is_not(kind, value):
    assert coerce(kind, value) is None
