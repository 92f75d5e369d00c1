"""What a terminal is sent that has no colours, or ASCII only: the last look at each line before it goes out.

It stands behind all widgets, ours and Textual's, and needs nobody's help: a new glyph is an entry in `ASCII`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from typing_extensions import override

if TYPE_CHECKING:
    from rich.color import Color as RichColor
    from textual.app import App

    from flowerpower_tui.graph.glyphs import Charset
    from flowerpower_tui.settings import Letters

ASCII: Mapping[int, int] = {
    ord(glyph): ord(letter)
    for glyphs, letters in (
        # States: each another letter.
        ("✓✗‼○▶■", "vX!o>#"),
        # Marks, and what leads somewhere.
        ("●◆✿⚠⏎↵", "@*+!^<"),
        ("→←↑↓↔‹›«»▸▾◂▴►▼▲", "><^v-<><>>v<^>v^"),
        # Lines and corners.
        ("─━╌┄┈═╴╶╸╺╼╾", "-" * 12),
        ("│┃╎┆┊║╵╷╹╻‖⏐", "|" * 12),
        ("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╭╮╯╰╂┿╔╗╚╝", "+" * 28),
        # Bars: a part of a cell, and all of it.
        ("▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐▕▀▔░▒▓", "__...=##==||||.||'':%#"),
        # Words.
        ("…⋯·•×±—–␀␊␉␈␛", "...*x+--0ntbe"),
    )
    for glyph, letter in zip(glyphs, letters, strict=True)
}
"""One letter for each glyph that the interface draws, as wide as that is."""

_DISTINCT = 0.12
"""How much brighter or darker than the screen's own a background is that says something."""


def charset(wanted: Letters, environ: Mapping[str, str] = os.environ) -> Charset:
    """Return which letters the terminal is sent: those that are wanted, or those of its locale.

    Where no locale is named, terminals of today are taken to know Unicode.
    """
    if wanted != "auto":
        return wanted
    named = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "UTF-8"
    return "unicode" if "utf8" in named.lower().replace("-", "") else "ascii"


def charset_of(app: App[Any]) -> Charset:
    """Return which letters an application sends to its terminal."""
    return getattr(app, "charset", "unicode")


def plain_text(text: str, letters: Charset) -> str:
    """Return `text` in these letters; what is not drawn by the interface stays as it is."""
    return text if letters == "unicode" or text.isascii() else text.translate(ASCII)


class PlainLetters(LineFilter):
    """Draws in ASCII what the interface draws; what users wrote stays theirs."""

    @override
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Put letters in the place of glyphs."""
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(ASCII), segment.style, segment.control)
            for segment in segments
        ]


class Colourless(LineFilter):
    """Takes every colour away; a background that says something, as under a cursor, is shown in reverse.

    Attributes:
        ground: the brightness of the screen's own background, from 0 to 1.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ground = 0.0

    @override
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Leave the shapes."""
        return [
            Segment(text, None if style is None else _colourless(style, self.ground), control)
            for text, style, control in segments
        ]


_REVERSE, _UPRIGHT = Style(reverse=True), Style(reverse=False)


@lru_cache(4096)
def _colourless(style: Style, ground: float) -> Style:
    plain = style.without_color
    if style.bgcolor is None or not _is_distinct(style.bgcolor, ground):
        return plain
    return plain + _UPRIGHT if style.reverse else plain + _REVERSE


def _is_distinct(colour: RichColor, ground: float) -> bool:
    if colour.is_default:
        return False
    return abs(Color.from_rich_color(colour).brightness - ground) > _DISTINCT
