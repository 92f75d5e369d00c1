"""Chips read back: names between ends; where a wire's arm meets one, it comes in from above or the left."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flowerpower_tui.graph.decode_text import Cells, read_text
from flowerpower_tui.graph.decode_wires import OPPOSITE, STEPS, Page, Port, ascii_arms, edges, unicode_arms
from flowerpower_tui.graph.glyphs import CHIPS, EAST, NORTH, SOUTH, WEST, Charset, ChipGlyphs
from flowerpower_tui.graph.model import Graph, Node


def decode_chips(cells: Cells, charset: Charset, marks: AbstractSet[str]) -> tuple[Graph, dict[str, str]]:
    """Return the graph and the notes; raises DecodeError."""
    glyphs = CHIPS[charset]
    page = Page(cells, {}, [], {})
    for y, row in enumerate(cells.rows):
        for x, glyph in enumerate(row):
            if (x, y) not in page.owner and glyph in (glyphs.single[0], glyphs.first[0]):
                _read_chip(page, glyphs, x, y, marks)
    arms = unicode_arms(page) if charset == "unicode" else ascii_arms(page)
    ports: dict[Port, bool] = {}
    for (x, y, _), directions in arms.items():
        for arm, (i, j) in STEPS.items():
            there = (x + i, y + j)
            if directions & arm and there in page.owner:
                is_end = page.owner.get((there[0] - 1, there[1])) != page.owner[there] or (
                    page.owner.get((there[0] + 1, there[1])) != page.owner[there]
                )
                if is_end != (arm in (EAST, WEST)):
                    raise cells.fail("a wire that meets a name where it must not", x, y)
                ports[(*there, OPPOSITE[arm])] = arm in (NORTH, WEST)
    if arms and len({arm in (NORTH, SOUTH) for _, _, arm in ports}) > 1:
        raise cells.fail("wires that flow both down and to the right", 0, 0)
    return Graph(tuple(map(Node, page.names)), tuple(edges(page, arms, ports))), page.notes


def _read_chip(page: Page, glyphs: ChipGlyphs, x: int, y: int, marks: AbstractSet[str]) -> None:
    cells = page.cells
    left, end = glyphs.single if cells[x, y] == glyphs.single[0] else glyphs.first
    right = x + 1
    while cells[right, y] != end:
        right += 1
        if right >= len(cells.rows[y]):
            raise cells.fail("a name without an end", x, y)
    bottom = y
    if left == glyphs.first[0]:
        bottom += 1
        while (cells[x, bottom], cells[right, bottom]) == glyphs.inner:
            bottom += 1
        if (cells[x, bottom], cells[right, bottom]) != glyphs.last:
            raise cells.fail("a chip that breaks off", x, bottom)
    middle = (y + bottom) // 2
    for j in range(y, bottom + 1):
        if j != middle and cells.text(j, x + 1, right).strip(" "):
            raise cells.fail("a chip with more than a name in it", x, j)
    page.claim(*read_text(cells, middle, x + 1, right, marks), x, y, right, bottom)
