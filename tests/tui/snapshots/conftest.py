"""Pictures of screens, as text: what stands on them and in which styles, in every size and theme, in one file each.

A file has, for each size, the rows and below them the style of each cell, run by run: `12a3b` is twelve cells in style
`a` and three in `b`. What a style is in each theme stands at the end. Blanks have no colour of letters.
"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from string import ascii_letters
from typing import Any

import pytest
from rich.color import Color, ColorType
from rich.style import Style
from textual.pilot import Pilot

SIZES = ((60, 16), (80, 24), (120, 40))
LOOKS = ("petal", "paper", "terminal", "no colours")
"""A dark theme, a light one, the terminal's sixteen colours, and the dark one on a terminal without any."""
PICTURES = Path(__file__).parents[1] / "__snapshots__" / "screens"
PATIENCE = 30.0

Run = tuple[str, str]
"""Letters, and the style that all of them have."""
Picture = list[list[Run]]
"""Rows of runs, none of which could be one with the next."""
Place = tuple[tuple[int, int], str]
"""A size and a look."""

_PART = re.compile(r" +|[^ ]+")
_RUN = re.compile(r"(\d*)([a-zA-Z]+)")


@pytest.fixture
def shows(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Pilot[Any], str], Awaitable[None]]:
    """Compares the screen with its pictures; with `--snapshot-update` makes them."""

    async def compare(pilot: Pilot[Any], name: str) -> None:
        path = PICTURES / f"{name}.txt"
        if request.config.getoption("update_snapshots"):
            taken = {place: await _at_rest(pilot) async for place in _everywhere(pilot)}
            assert str(tmp_path) not in written(taken), "a picture must be the same wherever the test runs"
            path.write_text(written(taken), encoding="utf-8")
            return
        assert path.exists(), f"there is no picture {name}; see docs/contributing.md"
        expected = read(path.read_text("utf-8"))
        patience = PATIENCE
        wrong = []
        async for place in _everywhere(pilot):
            if said := await _difference(pilot, expected[place], patience):
                wrong.append(f"{name} at {place[0][0]}x{place[0][1]} in {place[1]}\n{said}")
                patience = 1.0
        assert not wrong, "\n\n".join(wrong)

    return compare


async def _everywhere(pilot: Pilot[Any]) -> AsyncIterator[Place]:
    """Give every size and look, the screen being in it."""
    app = pilot.app
    # What a size looks like depends on the one before, as a DAG stays in its order: so each is come to once.
    for size in SIZES:
        await pilot.resize_terminal(*size)
        for look in LOOKS:
            app.no_color = look == LOOKS[-1]
            app.theme = LOOKS[0] if app.no_color else look
            yield size, look
        app.no_color = False


async def _difference(pilot: Pilot[Any], expected: Picture, patience: float) -> str:
    """Wait until the screen is as expected; say what is different if that never comes."""
    deadline = time.monotonic() + patience
    while (found := _picture(pilot)) != expected:
        if time.monotonic() > deadline:
            return _told(found, expected)
        await pilot.pause(0.02)
    return ""


async def _at_rest(pilot: Pilot[Any]) -> Picture:
    """Return the screen once it has been the same for a while."""
    found, since = _picture(pilot), time.monotonic()
    while time.monotonic() - since < 0.6:
        await pilot.pause(0.05)
        if (now := _picture(pilot)) != found:
            found, since = now, time.monotonic()
    return found


def _picture(pilot: Pilot[Any]) -> Picture:
    """Return what the terminal would show now."""
    strips = pilot.app.screen._compositor.render_strips()
    return [_joined((part, style) for text, look, _ in strip for part, style in _parts(text, look)) for strip in strips]


def _parts(text: str, style: Style | None) -> Iterator[Run]:
    for part in _PART.findall(text):
        yield part, _spoken(style or Style(), part[0] == " ")


def _joined(runs: Iterable[Run]) -> list[Run]:
    return [("".join(text for text, _ in same), style) for style, same in groupby(runs, key=lambda run: run[1])]


@lru_cache(None)
def _spoken(style: Style, is_blank: bool) -> str:
    """Return a style in words; of a blank only what can be seen of it."""
    is_blank = is_blank and not style.reverse
    seen = ("underline", "strike") if is_blank else ("bold", "dim", "italic", "underline", "reverse", "strike")
    words = [word for word in seen if getattr(style, word)]
    if style.color is not None and not is_blank:
        words.append(_name(style.color))
    if style.bgcolor is not None:
        words += ["on", _name(style.bgcolor)]
    return " ".join(words) or "plain"


def _name(colour: Color) -> str:
    return colour.name if colour.type != ColorType.TRUECOLOR or not colour.triplet else colour.triplet.hex


def _told(found: Picture, expected: Picture) -> str:
    texts = [[_text(row).rstrip() for row in picture] for picture in (found, expected)]
    if texts[0] != texts[1]:
        return "\n".join(("it shows", *texts[0], "and should show", *texts[1]))
    row = next(index for index, (now, then) in enumerate(zip(found, expected, strict=True)) if now != then)
    return f"row {row} is\n{found[row]}\nand should be\n{expected[row]}"


def _text(row: list[Run]) -> str:
    return "".join(text for text, _ in row)


def written(taken: dict[Place, Picture]) -> str:
    """Return pictures as text: for each size a part, or several where not the same stands there in every look.

    (Over the terminal's own background nothing is dimmed, but hidden: nobody knows what colour it has.)
    """
    codes: dict[tuple[str, ...], str] = {}
    parts = []
    for size in SIZES:
        by_text: dict[str, list[str]] = {}
        for look in LOOKS:
            by_text.setdefault("\n".join(map(_text, taken[size, look])), []).append(look)
        for text, looks in by_text.items():
            maps = []
            for rows in zip(*(taken[size, look] for look in looks), strict=True):
                cells = zip(*([style for letters, style in row for _ in letters] for row in rows), strict=True)
                names = [codes.setdefault(styles, _code(len(codes))) for styles in cells]
                runs = ((name, len(list(same))) for name, same in groupby(names))
                maps.append(" ".join(f"{count if count > 1 else ''}{name}" for name, count in runs))
            parts.append("\n".join((f"== {size[0]}x{size[1]} {' | '.join(looks)}", text, "-- styles", *maps)))
    legend = [f"{code}  {' | '.join(styles)}" for styles, code in codes.items()]
    return "\n".join((*parts, "== styles", *legend, ""))


def read(text: str) -> dict[Place, Picture]:
    """Return the pictures that `written` made."""
    *pieces, legend = re.split(r"^== (.*)\n", text, flags=re.MULTILINE)[1:]
    styles = {code: said.split(" | ") for code, said in (line.split("  ", 1) for line in legend.splitlines())}
    found: dict[Place, Picture] = {}
    for heading, part in zip(pieces[:-1:2], pieces[1:-1:2], strict=True):
        size, _, looks = heading.partition(" ")
        width, height = map(int, size.split("x"))
        rows, _, maps = part.partition("-- styles\n")
        lines = list(zip(rows.split("\n"), maps.split("\n"), strict=False))[:height]
        for index, look in enumerate(looks.split(" | ")):
            found[(width, height), look] = [_joined(_cells(row, runs, styles, index)) for row, runs in lines]
    return found


def _cells(row: str, runs: str, styles: dict[str, list[str]], look: int) -> Iterator[Run]:
    at = 0
    for count, code in _RUN.findall(runs):
        yield row[at : at + int(count or 1)], styles[code][look]
        at += int(count or 1)


def _code(number: int) -> str:
    first, last = divmod(number, len(ascii_letters))
    return (ascii_letters[first - 1] if first else "") + ascii_letters[last]
