"""The cells that an edge runs through, where its wire leads to other nodes too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from flowerpower_tui.graph.shapes import Box, Lanes, Layout, Segment

Cell = tuple[int, int]


def trace(drawn: Layout | Lanes, source: str, target: str) -> frozenset[Cell]:
    """Return the cells (x, y) between two nodes, along the wire that joins them; none if no wire does.

    Where the wire crosses another, the cell is its own if it is drawn there.
    """
    return _in_lanes(drawn, source, target) if isinstance(drawn, Lanes) else _in_boxes(drawn, source, target)


def _in_boxes(layout: Layout, source: str, target: str) -> frozenset[Cell]:
    wire = next((wire for wire in layout.wires if source in wire.net.sources and target in wire.net.targets), None)
    if wire is None:
        return frozenset()
    boxes = {box.name: box for box in layout.boxes if box.name in (source, target)}
    near: dict[Cell, list[Cell]] = {}
    for segment in wire.segments:
        cells = list(_cells(segment))
        for one, other in pairwise(cells):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    goal = boxes[target].rect
    start = _out(boxes[source], layout)
    before: dict[Cell, Cell | None] = {start: None}
    waiting = [start]
    for cell in waiting:
        if goal.holds(*cell):
            return frozenset(_back(before, cell))
        for other in near.get(cell, ()):
            if other not in before:
                before[other] = cell
                waiting.append(other)
    return frozenset()


def _cells(segment: Segment) -> Iterator[Cell]:
    for y in range(segment.y0, segment.y1 + 1):
        for x in range(segment.x0, segment.x1 + 1):
            yield x, y


def _out(box: Box, layout: Layout) -> Cell:
    out = box.out if box.out is not None else 0
    return (out, box.y + box.height - 1) if layout.direction == "down" else (box.x + box.width - 1, out)


def _back(before: dict[Cell, Cell | None], cell: Cell | None) -> Iterator[Cell]:
    while cell is not None:
        yield cell
        cell = before[cell]


def _in_lanes(lanes: Lanes, source: str, target: str) -> frozenset[Cell]:
    place = {row.name: y for y, row in enumerate(lanes.rows) if row.name in (source, target)}
    top, bottom = place[source], place[target]
    given, taken = lanes.rows[top], lanes.rows[bottom]
    lane = next(
        (
            lane
            for lane in lanes.lanes
            if lane.column == given.lane
            and lane.first <= top < bottom <= lane.last
            and source in lanes.nets[lane.net].sources
        ),
        None,
    )
    if lane is None or not any(one.net == lane.net for one in taken.inputs):
        return frozenset()
    cells = {(x, top) for x in range(2 * given.column + 1, 2 * lane.column + 1)}
    cells |= {(2 * lane.column, y) for y in range(top + 1, bottom)}
    if lane.column < taken.column:
        inputs = {one.column for one in taken.inputs}
        bridged = {one.column for one in lanes.lanes if one.first < bottom < one.last} - inputs
        across = range(2 * lane.column, 2 * taken.column)
        cells |= {(x, bottom) for x in across if x % 2 or x // 2 not in bridged}
    return frozenset(cells)
