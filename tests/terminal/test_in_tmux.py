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


def test_the_size_is_the_terminals_whatever_the_environment_says(
    tmux: Callable[..., Any], sales_etl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("LINES", "40")
    screen = tmux(80, 24, sales_etl)
    screen.until(lambda seen: "r Run" in line_with(seen, "q Quit") and seen.splitlines()[23].endswith("q Quit"))


FLOOD = """
import time


def rows() -> int:
    for number in range(300):
        for _ in range(20):
            print("flood", number, "x" * 200)
        time.sleep(0.01)
    return number
"""


def test_a_storm_of_resizes_while_a_run_floods_leaves_the_right_picture(
    tmux: Callable[..., Any], tmp_path: Path
) -> None:
    root = tmp_path / "flood"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: flood\n")
    (root / "conf" / "pipelines" / "flood.yml").write_text("run: {final_vars: [rows], retry: {max_retries: 0}}\n")
    (root / "pipelines" / "flood.py").write_text(FLOOD)
    screen = tmux(120, 40, root)
    screen.until(lambda seen: "rows" in seen and "r Run" in seen)
    screen.press("r")
    screen.until(lambda seen: "flood 1" in seen)
    for number in range(200):
        screen.resize(60 + number * 37 % 100, 16 + number * 11 % 30)
    screen.resize(80, 24)

    def is_whole(seen: str) -> bool:
        first, *between, last = seen.splitlines()
        # Below that, a notice may stand over the panes.
        edges = {line[23:24] for line in between[:15]}
        return "1 Project" in first and "q Quit" in last and edges == {"▕"}

    screen.until(lambda seen: "✓ rows" in seen and "succeeded" in seen and is_whole(seen))
