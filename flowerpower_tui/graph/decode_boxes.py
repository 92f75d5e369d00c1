"""Boxes read back, borders and ports, strictly: a glyph that is not of their alphabet is an error."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flowerpower_tui.graph.decode_text import Cells, read_text
from flowerpower_tui.graph.decode_wires import Page, Port, ascii_arms, edges, unicode_arms
from flowerpower_tui.graph.glyphs import BOXES, EAST, NORTH, SOUTH, WEST, BoxGlyphs, Charset
from flowerpower_tui.graph.model import Graph, Node


def decode_boxes(cells: Cells, charset: Charset, marks: AbstractSet[str]) -> tuple[Graph, dict[str, str]]:
    """Return the graph and the notes; raises DecodeError."""
    page = Page(cells, {}, [], {})
    ports: dict[Port, bool] = {}
    for y, row in enumerate(cells.rows):
        for x, glyph in enumerate(row):
            if glyph != " " and (x, y) not in page.owner:
                _read_box(page, BOXES[charset], ports, x, y, marks)
    arms = unicode_arms(page) if charset == "unicode" else ascii_arms(page)
    return Graph(tuple(map(Node, page.names)), tuple(edges(page, arms, ports))), page.notes


def _read_box(page: Page, glyphs: BoxGlyphs, ports: dict[Port, bool], x: int, y: int, marks: AbstractSet[str]) -> None:
    """Read the box whose upper left corner this cell is, if it is one, and claim its cells."""
    cells = page.cells
    sides = (glyphs.left, glyphs.arrow_right)
    if cells[x, y] != glyphs.top[0] or cells[x, y + 1] not in sides:
        return
    right = x + 1
    while cells[right, y] in (glyphs.wires[EAST | WEST], glyphs.arrow_down):
        right += 1
    if cells[right, y] != glyphs.top[1]:
        if glyphs.top[0] in glyphs.wires.values():
            return
        raise cells.fail("a box's upper border breaks off", right, y)
    bottom = y + 1
    while cells[x, bottom] in sides:
        bottom += 1
    _read_border(cells, glyphs, ports, x, y, right, bottom)
    middle = (y + bottom) // 2
    for j in range(y + 1, bottom):
        if j != middle and cells.text(j, x + 1, right).strip(" "):
            raise cells.fail("a box with more than a name in it", x, j)
    if cells[x + 1, middle] != " " or cells[right - 1, middle] != " ":
        raise cells.fail("a name that touches its box", x, middle)
    page.claim(*read_text(cells, middle, x + 1, right, marks), x, y, right, bottom)


def _read_border(
    cells: Cells, glyphs: BoxGlyphs, ports: dict[Port, bool], x: int, y: int, right: int, bottom: int
) -> None:
    if (cells[x, bottom], cells[right, bottom]) != glyphs.bottom:
        raise cells.fail("a box's lower border breaks off", x, bottom)
    for i in range(x + 1, right):
        if cells[i, y] == glyphs.arrow_down:
            ports[i, y, NORTH] = False
        if cells[i, bottom] == glyphs.port_down:
            ports[i, bottom, SOUTH] = True
        elif cells[i, bottom] != glyphs.wires[EAST | WEST]:
            raise cells.fail("a glyph that is none of a lower border", i, bottom)
    for j in range(y + 1, bottom):
        if cells[x, j] == glyphs.arrow_right:
            ports[x, j, WEST] = False
        if cells[right, j] == glyphs.port_right:
            ports[right, j, EAST] = True
        elif cells[right, j] != glyphs.right:
            raise cells.fail("a glyph that is none of a box's side", right, j)
