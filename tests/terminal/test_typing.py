"""What a terminal sends in pieces is read as what it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

SHORTER_THAN_AN_ESCAPE_WAITS = 0.02


def test_a_letter_of_several_bytes_may_come_in_pieces(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(b"raw_orders")
    interface.press(b"e")
    interface.read_until(b"Commands")
    for byte in "→".encode():
        interface.press(bytes([byte]))
        time.sleep(SHORTER_THAN_AN_ESCAPE_WAITS)
    interface.read_until("→".encode())


def test_bytes_that_are_no_letters_do_no_harm(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(b"raw_orders")
    interface.press(b"\xff\xfe\x80")
    interface.press(b"e")
    interface.read_until(b"Commands")


def test_an_escape_is_a_key_where_nothing_follows_and_else_begins_one(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(b"raw_orders")
    interface.press(b"e")
    interface.read_until(b"Commands")
    # f8 in two pieces: the link's meter comes, and the text is not left.
    interface.press(b"\x1b")
    time.sleep(SHORTER_THAN_AN_ESCAPE_WAITS)
    interface.press(b"[19~")
    interface.read_until(b"B/s")
    # Alone it leaves the text: the first hint there is another.
    interface.press(b"\x1b")
    interface.read_until(b"Text")


def test_a_flood_of_text_is_read_whole(terminal: Callable, sales_etl: Path) -> None:
    interface = terminal(str(sales_etl))
    interface.read_until(b"raw_orders")
    interface.press(b"e")
    interface.read_until(b"Commands")
    text = "# " + "é" * 20000 + "!\n"
    interface.press(b"\x1b[200~" + text.encode() + b"\x1b[201~")
    interface.press(b"\x13")
    path = sales_etl / "conf" / "pipelines" / "sales_etl.yml"
    deadline = time.monotonic() + 30
    while not path.read_text().startswith(text):
        assert time.monotonic() < deadline, path.read_text()[:200]
        interface.skim()
