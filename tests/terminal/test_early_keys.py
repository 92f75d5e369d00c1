"""Keys that are pressed while the interface opens are not lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize("first", [b"\x1b[?1049h", b"sales-etl"], ids=["the terminal is taken", "the first frame"])
def test_who_wants_to_leave_at_once_leaves(terminal: Callable[..., Any], sales_etl: Path, first: bytes) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(first)
    interface.press(b"q")
    interface.rest()
    assert interface.exit_code() == 0


def test_a_run_that_is_asked_for_at_once_begins(terminal: Callable[..., Any], sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(b"sales-etl")
    interface.press(b"r")
    interface.read_until(b"running")
    interface.press(b"c")
    interface.read_until(b"cancelled")
    interface.press(b"q")
    interface.rest()
    assert interface.exit_code() == 0
