"""Lanes as a drawing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from operator import attrgetter

from rich.cells import cell_len

from flowerpower_tui.graph.drawing import Drawing, Span
from flowerpower_tui.graph.glyphs import LANES, NOTES, Charset, LaneGlyphs
from flowerpower_tui.graph.shapes import LaneRow, Lanes, Net, Rect

# Lanes are found by bands of so many rows.
BAND = 32


def draw_lanes(lanes: Lanes, charset: Charset) -> Drawing:
    """Return the drawing of lanes; every row belongs to its node."""
    glyphs = LANES[charset]
    ends = [_name_at(row.reach) + cell_len(f"{row.label} {row.note}{_far(row, glyphs)}") for row in lanes.rows]
    width = max(ends, default=0)
    names = tuple(row.name for row in lanes.rows)
    return Drawing(
        width=width,
        height=len(names),
        rects={
            row.name: Rect(2 * row.column, y, end - 2 * row.column, 1)
            for y, (row, end) in enumerate(zip(lanes.rows, ends, strict=True))
        },
        marks={row.name: (2 * row.column, y) for y, row in enumerate(lanes.rows)},
        order=names,
        _paint=_painter(lanes, charset),
        _node_at=lambda _, y: names[y],
    )


def _name_at(reach: int) -> int:
    return 2 * reach + 2


def _far(row: LaneRow, glyphs: LaneGlyphs) -> str:
    """The inputs without a lane, as they stand behind the name, its blank and the note."""
    if not row.far:
        return ""
    before = "  " if row.note else " "
    return f"{before}{glyphs.far} {', '.join(row.far)}"


def _painter(lanes: Lanes, charset: Charset) -> Callable[[int, int, int], list[Span]]:
    glyphs = LANES[charset]
    bands: list[list[tuple[int, int, int, Net]]] = [[] for _ in range(len(lanes.rows) // BAND + 1)]
    for column, first, last, net in sorted(lanes.lanes):
        for band in range(first // BAND, last // BAND + 1):
            bands[band].append((column, first, last, lanes.nets[net]))

    def paint(y: int, x0: int, x1: int) -> list[Span]:
        row = lanes.rows[y]
        cells: dict[int, tuple[str, Net]] = {
            2 * column: (glyphs.lane, net) for column, first, last, net in bands[y // BAND] if first < y < last
        }
        sideways = [given for given in row.inputs if given.column < row.column]
        for index, given in enumerate(sideways):
            net = lanes.nets[given.net]
            until = sideways[index + 1].column if index + 1 < len(sideways) else row.column
            for x in range(2 * given.column + 1, 2 * until):
                cells.setdefault(x, (glyphs.wire, net))
            turn, end = (glyphs.on, glyphs.end) if index else (glyphs.first_on, glyphs.first_end)
            cells[2 * given.column] = (end if given.ends else turn, net)
        if row.lane is not None and row.lane > row.column:
            own = next(net for column, first, last, net in bands[y // BAND] if column == row.lane and first <= y < last)
            for x in range(2 * row.column + 1, 2 * row.lane):
                cells.setdefault(x, (glyphs.wire, own))
            cells[2 * row.lane] = (glyphs.joins if row.joins else glyphs.begins, own)
        spans = [Span(x, 1, text, "wire", None, net) for x, (text, net) in sorted(cells.items())]
        dot = Span(2 * row.column, 1, glyphs.leaf if row.lane is None else glyphs.opens, "mark", row.name, None)
        spans.insert(bisect_right(spans, dot.x, key=attrgetter("x")), dot)
        x = _name_at(row.reach) - 1
        name = f" {row.label} "
        spans.append(Span(x, cell_len(name), name, "name", row.name, None))
        x += cell_len(name)
        for note in filter(None, (row.note.translate(NOTES[charset]), _far(row, glyphs))):
            spans.append(Span(x, cell_len(note), note, "note", row.name, None))
            x += cell_len(note)
        return [span for span in spans if span.x < x1 and span.x + span.width > x0]

    return paint
