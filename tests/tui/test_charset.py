"""Terminals with ASCII only, and terminals without colours."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

import flowerpower_tui.tui
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.charset import ASCII, Colourless, PlainLetters, charset
from flowerpower_tui.tui.states import LOOKS
from flowerpower_tui.tui.widgets.dag_view import DagView

BLACK = Color(0, 0, 0)
# Braille of the map has letters of its own there; the rest is not drawn, but looked for or sorted by.
NOT_DRAWN = re.compile(r"[⠀-⣿]")


@pytest.mark.parametrize(
    ("wanted", "environ", "letters"),
    [
        ("auto", {}, "unicode"),
        ("auto", {"LANG": "de_DE.UTF-8"}, "unicode"),
        ("auto", {"LANG": "de_DE.utf8", "LC_ALL": "C"}, "ascii"),
        ("auto", {"LANG": "de_DE.utf8", "LC_CTYPE": "de_DE.ISO-8859-1"}, "ascii"),
        ("ascii", {"LANG": "C.UTF-8"}, "ascii"),
        ("unicode", {"LC_ALL": "C"}, "unicode"),
    ],
)
def test_the_locale_says_which_letters_there_are(wanted: Any, environ: dict[str, str], letters: str) -> None:
    assert charset(wanted, environ) == letters


def test_every_glyph_in_the_source_of_the_interface_has_a_letter() -> None:
    room = Path(flowerpower_tui.tui.__file__).parent
    missing = {
        (path.name, glyph)
        for path in room.rglob("*.py")
        for glyph in re.findall(r"[^\x00-\x7f]", path.read_text("utf-8"))
        if ord(glyph) not in ASCII and not NOT_DRAWN.match(glyph)
    }

    assert missing == set()


def test_states_are_still_told_apart() -> None:
    glyphs = {look.glyph for look in LOOKS.values()}

    assert len({glyph.translate(ASCII) for glyph in glyphs}) == len(glyphs)


def test_what_users_wrote_stays_theirs() -> None:
    (segment,) = PlainLetters().apply([Segment("│ Größe → 15 µm")], BLACK)

    assert segment.text == "| Größe > 15 µm"


def test_without_colours_a_background_that_says_something_is_shown_in_reverse() -> None:
    styles = [Style.parse("bold red on #7aa2f7"), Style.parse("bold red on #1c1f29"), Style.parse("red")]
    colourless = Colourless()
    colourless.ground = Color.parse("#16181f").brightness
    shown = colourless.apply([Segment("x", style) for style in styles], BLACK)

    assert [segment.style for segment in shown] == [
        Style(bold=True, reverse=True),
        Style(bold=True),
        Style(),
    ]


async def test_the_whole_screen_is_ascii(
    example: Callable[..., Path],
    open_app: Callable[[Path], FlowerPowerApp],
    until: Callable[..., Awaitable[None]],
    screen_text: Callable[[Pilot[Any]], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FP_TUI_CHARSET", "ascii")
    async with open_app(example("sales-etl")).run_test(size=(120, 40)) as pilot:
        dag = await _drawn(pilot, until)
        assert "+--" in screen_text(pilot), "boxes and wires are drawn for ASCII"
        assert dag.charset == "ascii"
        for place in "1234":
            await pilot.press(place)
            await until(pilot, lambda: screen_text(pilot).strip())
            assert screen_text(pilot).isascii()


async def _drawn(pilot: Pilot[Any], until: Callable[..., Awaitable[None]]) -> DagView:
    await until(pilot, lambda: pilot.app.screen.query(DagView))
    dag = pilot.app.screen.query_one(DagView)
    await until(pilot, lambda: dag.drawing is not None)
    return dag
