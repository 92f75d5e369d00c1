"""Terminals without colours, with few, with ASCII only, with ever another size, and such as can do nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

SGR = re.compile(rb"\x1b\[([\d;:]*)m")
# Bold, dim, italic, underline, reverse, strike, and their ends.
SHAPES = {"", *map(str, range(10)), *map(str, range(21, 30))}
SIXTEEN = {*map(str, [*range(30, 38), 39, *range(40, 48), 49, *range(90, 98), *range(100, 108)])}
DRAWN = b"raw_orders"


def used(seen: bytes) -> set[str]:
    """The parameters of all colours and styles that were sent."""
    return {part for codes in SGR.findall(seen) for part in codes.decode().split(";")}


def through_all_places(interface) -> bytes:
    interface.read_until(DRAWN)
    interface.press(b"\t")
    interface.press(b"3")
    interface.read_until(b"Nothing has run")
    interface.press(b"?")
    interface.read_until(b"Keys that work here")
    interface.press(b"?")
    interface.press(b"1")
    interface.read_until(DRAWN)
    interface.press(b"q")
    interface.rest()
    assert interface.exit_code() == 0
    return interface.seen


@pytest.mark.parametrize("theme", ["petal", "terminal"])
def test_no_color_means_none(terminal: Callable, sales_etl: Path, theme: str) -> None:
    seen = through_all_places(terminal(str(sales_etl), environ={"NO_COLOR": "1", "FP_TUI_THEME": theme}))

    assert used(seen) <= SHAPES
    assert "7" in used(seen), "where the cursor is can still be seen"


def test_sixteen_colours_are_no_more(terminal: Callable, sales_etl: Path) -> None:
    seen = through_all_places(terminal(str(sales_etl), environ={"FP_TUI_COLOURS": "16", "FP_TUI_THEME": "terminal"}))

    assert used(seen) <= SHAPES | SIXTEEN
    assert used(seen) & SIXTEEN


def test_ascii_means_that_no_other_byte_is_sent(terminal: Callable, sales_etl: Path) -> None:
    seen = through_all_places(terminal(str(sales_etl), environ={"LC_ALL": "C"}))

    assert seen.isascii()


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_can_do_nothing_is_told_so(terminal: Callable, sales_etl: Path, term: str) -> None:
    interface = terminal(str(sales_etl), environ={"TERM": term})

    said = interface.rest()

    assert interface.exit_code() == 2
    assert b"TERM says" in said
    assert b"\x1b[?" not in said


def test_a_storm_of_sizes_is_survived(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl), environ={"COLUMNS": "", "LINES": ""})
    interface.read_until(DRAWN)
    for step in range(200):
        interface.resize(40 + step % 100, 8 + step % 40)
    interface.resize(60, 16)
    interface.press(b"3")
    interface.read_until(b"Nothing has run")
    interface.resize(120, 40)
    interface.press(b"1")
    interface.read_until(DRAWN)
    interface.press(b"q")
    interface.rest()

    assert interface.exit_code() == 0
