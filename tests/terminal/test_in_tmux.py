"""The whole way through as a person goes it: in tmux, with keys, looking at the screen."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def line_with(screen: str, text: str) -> str:
    return next((line for line in screen.splitlines() if text in line), "")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 48)])
def test_open_run_watch_and_quit(tmux: Callable[..., Any], sales_etl: Path, width: int, height: int) -> None:
    screen = tmux(width, height, sales_etl)

    screen.until(lambda seen: "· sales_etl" in seen and "raw_orders" in seen and "r Run" in seen)
    assert "✓" not in screen.look()

    screen.press("r")
    screen.until(
        lambda seen: (
            "▶ exchange_rates" in seen.replace("▶ │ │ │ ", "▶ ")
            and "✓" in line_with(seen, "valid_orders")
            and "▶ sales_etl" in seen
        )
    )
    screen.until(lambda seen: "exchange rates of 2025-02" in seen)
    screen.until(lambda seen: "exchange rates of 2025-09" in seen)

    finished = screen.until(lambda seen: "✓ succeeded" in seen and "succeeded after" in seen)
    assert "15/15 nodes" in finished
    screen.until(lambda seen: "✓ sales_etl" in seen)

    screen.press("q")
    deadline = time.monotonic() + 20
    while not screen.is_over():
        assert time.monotonic() < deadline
        time.sleep(0.05)
