"""Lanes read back: who runs in which column is all there is to know."""

from __future__ import annotations

from flowerpower_tui.graph.decode_text import Cells
from flowerpower_tui.graph.glyphs import LANES, Charset, LaneGlyphs
from flowerpower_tui.graph.model import Graph, Node

# The nodes whose values run in each column.
Running = dict[int, tuple[str, ...]]


def decode_lanes(cells: Cells, charset: Charset) -> tuple[Graph, dict[str, str]]:
    """Return the graph and the notes; raises DecodeError."""
    glyphs = LANES[charset]
    running: Running = {}
    notes: dict[str, str] = {}
    edges: list[tuple[str, str]] = []
    # In reading order.
    known: dict[str, None] = {}
    for y in range(cells.height):
        dot, inputs = _inputs(cells, y, running, glyphs)
        lane = _lane(cells, y, dot, running, glyphs)
        reach = max([dot, *running] if lane is None else [dot, lane, *running])
        start = 2 * reach + 2
        name, _, far = cells.text(y, start).partition(f"  {glyphs.far} ")
        label, _, note = name.partition(" ")
        if not label or label in known or cells[start - 1, y] != " ":
            raise cells.fail("here should be a name of its own", start, y)
        inputs += far.split(", ") if far else []
        if len(set(inputs)) < len(inputs) or not known.keys() >= set(inputs):
            raise cells.fail("an input that is not above, or stands twice", start, y)
        edges += ((source, label) for source in inputs)
        known[label] = None
        if note:
            notes[label] = note
        if lane is not None:
            running[lane] = (*running.get(lane, ()), label)
    if running:
        raise cells.fail("a lane ends nowhere", 2 * min(running), cells.height - 1)
    return Graph(tuple(map(Node, known)), tuple(edges)), notes


def _inputs(cells: Cells, y: int, running: Running, glyphs: LaneGlyphs) -> tuple[int, list[str]]:
    """Return the dot's column and what the row takes; what ends there no longer runs."""
    inputs: list[str] = []
    column = 0
    while True:
        at = 2 * column
        glyph = cells[at, y]
        if glyph in (glyphs.opens, glyphs.leaf):
            inputs += running.pop(column, ())
            return column, inputs
        if at >= len(cells.rows[y]):
            raise cells.fail("the row has no dot", at, y)
        if column in running and glyph != glyphs.lane:
            turns, ends = (glyphs.on, glyphs.end) if inputs else (glyphs.first_on, glyphs.first_end)
            if glyph not in (turns, ends):
                raise cells.fail("a lane breaks off", at, y)
            inputs += running.pop(column) if glyph == ends else running[column]
        elif column not in running and glyph != (glyphs.wire if inputs else " "):
            raise cells.fail("no lane runs here", at, y)
        if cells[at + 1, y] != (glyphs.wire if inputs else " "):
            raise cells.fail("a wire breaks off or begins nowhere", at + 1, y)
        column += 1


def _lane(cells: Cells, y: int, dot: int, running: Running, glyphs: LaneGlyphs) -> int | None:
    """Return the column in which the row's own value goes on, and see that all others run on."""
    lane = dot if cells[2 * dot, y] == glyphs.opens else None
    wired = lane is not None and cells[2 * dot + 1, y] == glyphs.wire
    column = dot + 1
    while wired or column <= max(running, default=-1):
        at = 2 * column
        glyph = cells[at, y]
        if cells[at - 1, y] != (glyphs.wire if wired else " "):
            raise cells.fail("a wire breaks off or begins nowhere", at - 1, y)
        if wired and glyph == (glyphs.joins if column in running else glyphs.begins):
            lane, wired = column, False
        elif glyph != (glyphs.lane if column in running else glyphs.wire if wired else " "):
            raise cells.fail("a lane breaks off, or none runs here", at, y)
        column += 1
    return lane
