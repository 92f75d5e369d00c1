from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowerpower_tui.runs.runfilter import RunFilter
from flowerpower_tui.runs.store import RunInfo

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def run(pipeline: str, state: Any = "succeeded", hours_ago: float = 0) -> RunInfo:
    started = NOON - timedelta(hours=hours_ago)
    return RunInfo(
        id=f"20260501-{pipeline}", project="/p", pipeline=pipeline, state=state, started=started, duration=1, path="/r"
    )


RUNS = [
    run("sales"),
    run("sales_daily", "failed", 1),
    run("stock", "running", 2),
    run("stock", "crashed", 50),
    run("Weekly", "cancelled", 400),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("sales", [0, 1]),
        ("weekly", [4]),
        ("pipeline:sales", [0]),
        ("!sales", [2, 3, 4]),
        ("state:failed,crashed", [1, 3]),
        ("state:live", [2]),
        ("!state:live stock", [3]),
        ("state:fa", [1]),
        ("since:3h", [0, 1, 2]),
        ("since:2026-04-20", [0, 1, 2, 3]),
        ("until:1d", [3, 4]),
        ("stock since:3h", [2]),
        ("20260501-stock", [2, 3]),
    ],
)
def test_every_term_must_hold(text: str, found: list[int]) -> None:
    wanted = RunFilter.parse(text, NOON)

    assert [index for index, each in enumerate(RUNS) if wanted.accepts(each)] == found
    assert wanted.unclear == ()


@pytest.mark.parametrize(
    "text",
    [
        "since:",
        "since:soon",
        "state:",
        "state:nope",
        "pipeline:",
        "!",
        "since:99999999999d",
        # Digits, and no number; and more of them than any number may have.
        "since:²d",
        pytest.param(f"since:{'9' * 5000}d", id="since:999…d"),
    ],
)
def test_what_has_no_meaning_yet_holds_for_all_and_is_told(text: str) -> None:
    wanted = RunFilter.parse(f"stock {text}", NOON)

    assert [each.pipeline for each in RUNS if wanted.accepts(each)] == ["stock", "stock"]
    assert wanted.unclear == (text,)
