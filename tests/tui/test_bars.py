from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowerpower_tui.tui.bars import EIGHTHS, Window, bar, tick_label, ticks
from flowerpower_tui.tui.when import ago

FILLED = dict(zip(" ▏▎▍▌▋▊▉█", range(9), strict=True))


def eighths(spans: list[tuple[float, float]], window: Window) -> int:
    """How many eighths of cells are drawn."""
    return sum(
        EIGHTHS - FILLED[glyph] if is_reversed else FILLED[glyph] for _, glyph, is_reversed in bar(spans, window)
    )


@given(st.integers(0, 79 * 8), st.integers(1, 80 * 8))
def test_a_bar_is_as_long_as_its_span_to_an_eighth_of_a_cell(start: int, length: int) -> None:
    length = min(length, 80 * 8 - start)
    window = Window(0.0, 8.0, 80)

    assert eighths([(float(start), float(start + length))], window) == length


def test_a_bar_begins_and_ends_within_cells() -> None:
    assert list(bar([(4.0, 20.0)], Window(0.0, 8.0, 10))) == [(0, "▌", True), (1, "█", False), (2, "▌", False)]


def test_what_takes_no_time_is_an_eighth_at_its_side_of_the_cell() -> None:
    assert list(bar([(1.0, 1.0)], Window(0.0, 8.0, 2))) == [(0, "▏", False)]
    assert list(bar([(6.0, 6.0)], Window(0.0, 8.0, 2))) == [(0, "▉", True)]


def test_what_lies_outside_is_not_drawn() -> None:
    window = Window(10.0, 1.0, 5)

    assert list(bar([(0.0, 10.0), (15.0, 20.0)], window)) == []
    assert [cell for cell, _, _ in bar([(0.0, 100.0)], window)] == [0, 1, 2, 3, 4]


@given(st.floats(0, 1e6), st.floats(1e-6, 1e5), st.integers(1, 300), st.integers(4, 30))
def test_ticks_are_round_apart_and_in_sight(start: float, per_cell: float, width: int, apart: int) -> None:
    window = Window(start, per_cell, width)
    found = ticks(window, apart)

    assert all(window.cell(tick) >= -1e-3 and tick <= window.end * (1 + 1e-9) for tick in found)
    assert all(window.cell(b) - window.cell(a) >= apart - 1e-3 for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("seconds", "step", "label"),
    [
        (0.0, 1.0, "0"),
        (0.05, 0.05, "50ms"),
        (0.0005, 0.0005, "0.5ms"),
        (2.5, 0.5, "2.5s"),
        (15.0, 15.0, "15s"),
        (60.0, 30.0, "1m"),
        (90.0, 30.0, "1m30"),
        (61.5, 0.5, "1m01.5"),
        (3900.0, 300.0, "1h05"),
        (86400.0, 43200.0, "1d"),
        (129600.0, 43200.0, "1d12h"),
    ],
)
def test_ticks_are_labelled_as_people_count_time(seconds: float, step: float, label: str) -> None:
    assert tick_label(seconds, step) == label


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "just now"), (40, "40 s ago"), (200, "3 m ago"), (7200, "2 h ago"), (200000, "2 d ago"), (8e8, "25 y ago")],
)
def test_how_long_ago_is_told_in_the_largest_unit(seconds: float, told: str) -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)

    assert ago(now - timedelta(seconds=seconds), now) == told
