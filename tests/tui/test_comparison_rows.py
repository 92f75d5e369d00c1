from __future__ import annotations

import pytest

from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.compare import Comparison, Difference, NodeComparison, Side
from flowerpower_tui.tui.screens.compare import comparison_lines
from flowerpower_tui.tui.widgets.results_table import shape_of

TABLE = ValueSummary("pandas.DataFrame", (395, 4))
OTHER_ROWS = ValueSummary("pandas.DataFrame", (395, 4), preview="others")
FOUND = Comparison(
    left="a",
    right="b",
    left_run=Side("succeeded", 3.0),
    right_run=Side("failed", 2.0),
    given=(Difference("pipeline.run.retry.max_retries", None, 3),),
    nodes=(
        NodeComparison("load", Side("succeeded", 1.0), Side("succeeded", 2.0), TABLE, TABLE),
        NodeComparison("clean", Side("succeeded", 1.0), Side("succeeded", 1.0), TABLE, ValueSummary("int")),
        NodeComparison("hold", Side("succeeded", 1.0), Side("succeeded", 1.0), TABLE, OTHER_ROWS),
        NodeComparison("total", Side("succeeded", 1.0), Side("skipped", None), ValueSummary("int"), None),
    ),
)


def rows(bars: int) -> list[str]:
    return ["".join(text for text, _ in line).strip() for line in comparison_lines(FOUND, bars)]


@pytest.mark.parametrize("bars", [0, 4, 16])
def test_what_was_given_and_what_changed_is_told_with_its_ratio(bars: int) -> None:
    shown = rows(bars)

    assert "pipeline.run.retry.max_retries  not set → 3" in shown
    assert "3 of 4 values look different" in shown[3]
    clean, hold, total, load = shown[5:]
    assert "×2.00" in load
    assert load.endswith("pandas.DataFrame  395 × 4")
    assert clean.endswith("pandas.DataFrame  395 × 4 → int")
    assert hold.endswith("changed in what it holds")
    assert total.startswith("✓- total")
    assert total.endswith("int → no value")


def test_bars_are_as_long_as_the_durations_beside_one_another() -> None:
    assert rows(8)[8].count("█") == 4 + 8


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (TABLE, "395 × 4"),
        (ValueSummary("str", (12,)), "12 characters"),
        (ValueSummary("str", (1,)), "1 character"),
        (ValueSummary("builtins.dict", (3,)), "3 items"),
        (ValueSummary("pandas.Series", (1200,)), "1,200"),
        (ValueSummary("int"), ""),
    ],
)
def test_a_shape_says_what_it_counts(summary: ValueSummary, said: str) -> None:
    assert shape_of(summary) == said
