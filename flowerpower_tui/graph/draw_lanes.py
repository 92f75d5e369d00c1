"""Lanes as a drawing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from rich.cells import cell_len

from flowerpower_tui.graph.drawing import Drawing, Span
from flowerpower_tui.graph.glyphs import LANES, Charset, LaneGlyphs
from flowerpower_tui.graph.shapes import Lanes, Net, Rect

# Lanes are found by bands of so many rows.
BAND = 32


def draw_lanes(lanes: Lanes, charset: Charset) -> Drawing:
    """Return the drawing of lanes; every row belongs to its node."""
    glyphs = LANES[charset]
    ends = [
        _name_at(row.reach) + cell_len(row.label) + (cell_len(_far(row.far, glyphs)) if row.far else 0)
        for row in lanes.rows
    ]
    width = max(ends, default=0)
    names = tuple(row.name for row in lanes.rows)
    return Drawing(
        width=width,
        height=len(names),
        rects={name: Rect(0, y, width, 1) for y, name in enumerate(names)},
        marks={row.name: (2 * row.column, y) for y, row in enumerate(lanes.rows)},
        order=names,
        _paint=_painter(lanes, glyphs),
        _node_at=lambda _, y: names[y],
    )


def _name_at(reach: int) -> int:
    return 2 * reach + 2


def _far(far: tuple[str, ...], glyphs: LaneGlyphs) -> str:
    return f"  {glyphs.far} {', '.join(far)}"


def _painter(lanes: Lanes, glyphs: LaneGlyphs) -> Callable[[int, int, int], list[Span]]:
    bands: list[list[tuple[int, int, int, Net]]] = [[] for _ in range(len(lanes.rows) // BAND + 1)]
    for column, first, last, source in sorted(lanes.lanes):
        for band in range(first // BAND, last // BAND + 1):
            bands[band].append((column, first, last, lanes.nets[source]))

    def paint(y: int, x0: int, x1: int) -> list[Span]:
        row = lanes.rows[y]
        cells: dict[int, tuple[str, Net]] = {
            2 * column: (glyphs.lane, net) for column, first, last, net in bands[y // BAND] if first < y < last
        }
        sideways = [given for given in row.inputs if given.column < row.column]
        for index, given in enumerate(sideways):
            net = lanes.nets[given.source]
            until = sideways[index + 1].column if index + 1 < len(sideways) else row.column
            for x in range(2 * given.column + 1, 2 * until):
                cells.setdefault(x, (glyphs.wire, net))
            turn, end = (glyphs.on, glyphs.end) if index else (glyphs.first_on, glyphs.first_end)
            cells[2 * given.column] = (end if given.ends else turn, net)
        spans = [Span(x, 1, text, "wire", None, net) for x, (text, net) in sorted(cells.items())]
        dot = Span(2 * row.column, 1, glyphs.opens if row.opens else glyphs.leaf, "mark", row.name, None)
        spans.insert(bisect_right(spans, dot), dot)
        x = _name_at(row.reach)
        spans.append(Span(x, cell_len(row.label), row.label, "name", row.name, None))
        if row.far:
            far = _far(row.far, glyphs)
            spans.append(Span(x + cell_len(row.label), cell_len(far), far, "note", row.name, None))
        return [span for span in spans if span.x < x1 and span.x + span.width > x0]

    return paint
