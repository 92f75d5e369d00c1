"""What is sent to the terminal is a part of the picture, and the terminal shows all of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from flowerpower_tui.tui.cells import Cells, Differences

WIDTH, HEIGHT = 20, 3
SIZE = Size(WIDTH, HEIGHT)
CONSOLE = Console(color_system="truecolor")
STYLES = [
    Style(),
    Style.parse("#ff0000 on #000011"),
    Style.parse("#00ff00 on #000011"),
    Style.parse("bold #00ff00 on #220000"),
    Style.parse("#0000ff"),
    Style.parse("on #220000"),
    Style.parse("underline #00ff00 on #000011"),
    Style.parse("reverse #00ff00 on #000011"),
]
TOKENS = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[(\d+)G|\x1b\[([0-9;]*)m|(.)", re.DOTALL)


class Screen:
    """A terminal that knows what the interface needs of one; of a space it shows no colour but the background's."""

    def __init__(self) -> None:
        self.cells = [[(" ", "")] * WIDTH for _ in range(HEIGHT)]

    def take(self, data: str) -> None:
        x = y = 0
        look: dict[str, str] = {}
        for row, column, column_here, codes, letter in TOKENS.findall(data):
            if row:
                x, y = int(column) - 1, int(row) - 1
            elif column_here:
                x = int(column_here) - 1
            elif letter == "\n":
                y += 1
            elif letter:
                width = get_character_cell_size(letter)
                shown = dict(look)
                if letter == " " and not {"4", "7"} & shown.keys():
                    shown = {name: value for name, value in shown.items() if name == "48"}
                self.cells[y][x : x + width] = [(letter, str(sorted(shown.items())))] + [("", "")] * (width - 1)
                x += width
            else:
                look = self._styled(look, codes.split(";"))

    @staticmethod
    def _styled(look: dict[str, str], codes: Sequence[str]) -> dict[str, str]:
        rest = iter(codes)
        for code in rest:
            if code in ("", "0"):
                look = {}
            elif code in ("39", "49"):
                look = {name: value for name, value in look.items() if name != f"{code[0]}8"}
            elif code in ("38", "48"):
                look = look | {code: ";".join(next(rest) for _ in range(4))}
            else:
                look = look | {code: ""}
        return look


def strip_of(parts: Sequence[tuple[str, int]]) -> Strip:
    return Strip([Segment(text, STYLES[number]) for text, number in parts]).crop(0, WIDTH).adjust_cell_length(WIDTH)


# Often the same, so that pictures have much in common.
WORDS = ["a", "ab ", "   ", "      ", "✓ ", "字", "é", "Zz"]
parts = st.tuples(st.sampled_from(WORDS), st.integers(0, len(STYLES) - 1))
lines = st.lists(parts, max_size=9).map(strip_of)


@st.composite
def updates(draw: st.DrawFn) -> CompositorUpdate:
    if draw(st.booleans()):
        return LayoutUpdate([[line] for line in draw(st.lists(lines, min_size=HEIGHT, max_size=HEIGHT))], SIZE.region)
    chops, ends, spans = [], [], []
    for y in range(HEIGHT):
        cut = draw(st.integers(1, WIDTH - 1))
        left, right = draw(st.lists(st.integers(0, WIDTH), min_size=2, max_size=2, unique=True).map(sorted))
        chops.append({0: draw(lines).crop(0, cut), cut: draw(st.none() | lines.map(lambda one: one.crop(0, WIDTH)))})
        chops[-1][cut] = chops[-1][cut] and cast(Strip, chops[-1][cut]).crop(0, WIDTH - cut)
        ends.append([cut, WIDTH])
        spans.append((y, left, right))
    return ChopsUpdate(chops, spans, ends)


@settings(max_examples=60, deadline=None)
@given(st.lists(updates(), min_size=1, max_size=6))
def test_the_terminal_shows_what_textual_would_have_shown(pictures: list[CompositorUpdate]) -> None:
    ours, theirs, cells = Screen(), Screen(), Cells()
    sent = whole = 0
    # What is on the screen before the first picture is nobody's business.
    blank = LayoutUpdate([[strip_of([])] for _ in range(HEIGHT)], SIZE.region)
    for picture in (blank, *pictures):
        update = cells.differences(picture, SIZE, CONSOLE)
        assert update is not None
        ours.take(update.render_segments(CONSOLE))
        theirs.take(picture.render_segments(CONSOLE))
        sent += len(update.text)
        whole += len(picture.render_segments(CONSOLE))
        assert ours.cells == theirs.cells
    assert CONSOLE._color_system is ColorSystem.TRUECOLOR


def picture(*texts: str) -> LayoutUpdate:
    return LayoutUpdate([[strip_of([(text, 1)])] for text in texts], Region(0, 0, WIDTH, HEIGHT))


def sent(cells: Cells, update: CompositorUpdate, size: Size = SIZE) -> str:
    found = cells.differences(update, size, CONSOLE)
    assert isinstance(found, Differences)
    return found.text


def test_what_is_shown_is_not_sent_again() -> None:
    cells = Cells()
    assert sent(cells, picture("one", "two 1", "three")).count("H") == HEIGHT
    assert sent(cells, picture("one", "two 1", "three")) == ""
    assert sent(cells, picture("one", "two 2", "three")) == "\x1b[2;5H\x1b[38;2;255;0;0;48;2;0;0;17m2\x1b[0m"


def test_words_are_sent_whole() -> None:
    cells = Cells()
    sent(cells, picture("tick 19", "", ""))
    assert sent(cells, picture("tick 29", "", "")).startswith("\x1b[1;6H\x1b[38;2;255;0;0;48;2;0;0;17m29\x1b[0m")


def test_a_colour_that_comes_again_and_again_is_said_once() -> None:
    striped = LayoutUpdate([[strip_of([("ab", 1), ("cd", 2)] * 5)]] * HEIGHT, SIZE.region)
    text = sent(Cells(), striped)
    assert [text.count(colour) for colour in ("38;2;255;0;0", "38;2;0;255;0", "48;2;0;0;17")] == [1, 1, 1]
    screen = Screen()
    screen.take(text)
    assert ["".join(letter for letter, _ in row) for row in screen.cells] == ["abcd" * 5] * HEIGHT
    assert len({look for row in screen.cells for _, look in row}) == 2


def test_all_is_sent_after_it_was_forgotten_and_in_another_size() -> None:
    cells = Cells()
    whole = sent(cells, picture("one", "two", "three"))
    cells.forget()
    assert sent(cells, picture("one", "two", "three")) == whole
    assert sent(cells, picture("one", "two", "three"), Size(WIDTH, HEIGHT + 1)) == whole


def test_a_picture_of_another_kind_goes_out_as_it_is_and_leaves_nothing_known() -> None:
    cells = Cells()
    whole = sent(cells, picture("one", "two", "three"))
    assert cells.differences(InlineUpdate([Strip([])]), SIZE, CONSOLE) is None
    assert sent(cells, picture("one", "two", "three")) == whole
