"""Lanes read back: who runs in which column is all there is to know."""

from __future__ import annotations

from flowerpower_tui.graph.decode_text import Cells
from flowerpower_tui.graph.glyphs import LANES, Charset, LaneGlyphs
from flowerpower_tui.graph.model import Graph, Node


def decode_lanes(cells: Cells, charset: Charset) -> Graph:
    """Return the graph; raises DecodeError."""
    glyphs = LANES[charset]
    running: dict[int, str] = {}
    nodes: list[Node] = []
    edges: list[tuple[str, str]] = []
    known: set[str] = set()
    for y in range(cells.height):
        dot, inputs = _row(cells, y, running, glyphs)
        reach = max([dot, *running])
        start = 2 * reach + 2
        label, _, far = cells.text(y, start).partition(f"  {glyphs.far} ")
        if not label or " " in label or label in known or cells[start - 1, y] != " ":
            raise cells.fail("here should be a name of its own", start, y)
        inputs += far.split(", ") if far else []
        if len(set(inputs)) < len(inputs) or not known.issuperset(inputs):
            raise cells.fail("an input that is not above, or stands twice", start, y)
        edges += ((name, label) for name in inputs)
        nodes.append(Node(label))
        known.add(label)
        if cells[2 * dot, y] == glyphs.opens:
            running[dot] = label
    if running:
        raise cells.fail("a lane ends nowhere", 2 * min(running), cells.height - 1)
    return Graph(tuple(nodes), tuple(edges))


def _row(cells: Cells, y: int, running: dict[int, str], glyphs: LaneGlyphs) -> tuple[int, list[str]]:
    """Return the dot's column and the inputs of a row; what ends there no longer runs."""
    inputs: list[str] = []
    dot, column = -1, 0
    rightmost = max(running, default=-1)
    while dot < 0 or column <= rightmost:
        at = 2 * column
        glyph = cells[at, y]
        if dot < 0 and glyph in (glyphs.opens, glyphs.leaf):
            dot = column
            if column in running:
                inputs.append(running.pop(column))
        elif column in running and glyph != glyphs.lane:
            turns, ends = (glyphs.on, glyphs.end) if inputs else (glyphs.first_on, glyphs.first_end)
            if dot >= 0 or glyph not in (turns, ends):
                raise cells.fail("a lane breaks off", at, y)
            inputs.append(running.pop(column) if glyph == ends else running[column])
        elif column not in running and glyph != (glyphs.wire if inputs and dot < 0 else " "):
            raise cells.fail("no lane runs here", at, y)
        if at >= len(cells.rows[y]):
            raise cells.fail("the row has no dot", at, y)
        if cells[at + 1, y] != (glyphs.wire if inputs and dot < 0 else " "):
            raise cells.fail("a wire breaks off or begins nowhere", at + 1, y)
        column += 1
    return dot, inputs
