"""An edge's own cells: a way from its source to its target, over nothing but its wire."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.shapes import Direction, Rect
from flowerpower_tui.graph.trace import trace

Cell = tuple[int, int]


def wires(drawing: Drawing, source: str, target: str) -> set[Cell]:
    """Every cell of the wire that an edge runs in."""
    return {
        (x, y)
        for y in range(drawing.height)
        for span in drawing.spans(y)
        if span.net and source in span.net.sources and target in span.net.targets
        for x in range(span.x, span.x + span.width)
    }


def crossed(cell: Cell, found: frozenset[Cell]) -> bool:
    """Whether a way goes straight through a cell."""
    x, y = cell
    return {(x - 1, y), (x + 1, y)} <= found or {(x, y - 1), (x, y + 1)} <= found


def reached(cells: Iterable[Cell], start: Rect) -> set[Cell]:
    """The cells that can be come to from a node, from neighbour to neighbour."""
    left = set(cells)
    waiting = [cell for cell in left if touches(cell, start)]
    found = set(waiting)
    while waiting:
        x, y = waiting.pop()
        near = {(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)} & left - found
        found |= near
        waiting += near
    return found


def touches(cell: Cell, rect: Rect) -> bool:
    x, y = cell
    return any(rect.holds(*other) for other in ((x, y), (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)))


@pytest.mark.parametrize("direction", ["down", "right"])
@pytest.mark.parametrize("chips", [False, True])
def test_in_boxes_an_edge_leads_from_its_source_to_its_target(hello: Graph, direction: Direction, chips: bool) -> None:
    laid = layout(hello, direction=direction, chips=chips)
    drawing = draw(laid)

    for source, target in hello.edges:
        found = trace(laid, source, target)
        own = wires(drawing, source, target)
        inside = [drawing.rects[source], drawing.rects[target]]
        assert all(cell in own or any(rect.holds(*cell) for rect in inside) or crossed(cell, found) for cell in found)
        assert reached(found, drawing.rects[source]) == found
        assert any(touches(cell, drawing.rects[target]) for cell in found)


def test_an_edge_leaves_out_what_its_wire_does_for_others(hello: Graph) -> None:
    laid = layout(hello)

    ways = [trace(laid, "spend", target) for target in hello.children["spend"]]

    assert len({*ways}) == len(ways)
    assert all(not one <= other for one in ways for other in ways if one is not other)


def test_in_lanes_an_edge_leads_from_dot_to_dot(shipped: Graph) -> None:
    laid = lanes(shipped, reach=None)
    drawing = draw(laid)
    glyphs = {(x, y): glyph for y, line in enumerate(drawing.lines) for x, glyph in enumerate(line)}

    for source, target in shipped.edges:
        found = trace(laid, source, target)
        top, bottom = drawing.marks[source], drawing.marks[target]
        # A lane that stands straight between two dots on neighbouring rows has no cells of its own.
        assert found or bottom[1] == top[1] + 1
        assert {y for _, y in found} >= set(range(top[1] + 1, bottom[1]))
        for x, y in found:
            assert glyphs[x, y] in ("│─├└┼┴" if y == bottom[1] else "│─┐┤├" if y == top[1] else "│├└┼┴┤")


def test_what_no_wire_joins_has_no_way(hello: Graph) -> None:
    for laid in (layout(hello), lanes(hello)):
        assert trace(laid, "signups", "avg_3wk_spend") == frozenset()
