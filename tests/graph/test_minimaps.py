"""A minimap holds every node, shows the worst, and leads back to where it came from."""

from __future__ import annotations

import pytest

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.minimap import minimap
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.shapes import Rect

BLANK = "\u2800"


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (24, 10), (500, 500)])
def test_a_map_is_no_larger_than_it_may_be_and_misses_no_node(shipped: Graph, width: int, height: int) -> None:
    drawing = draw(layout(shipped))

    found = minimap(drawing, width, height, dict.fromkeys(shipped.by_name, "running"))

    columns, rows = found.size
    assert columns <= width
    assert rows <= height
    for x, y, wide, high in drawing.rects.values():
        region = found.region(Rect(x, y, wide, high))
        cells = [
            found.rows[row][column]
            for row in range(region.y, region.y + region.height)
            for column in range(region.x, region.x + region.width)
        ]
        assert any(cell.glyph != BLANK and cell.state == "running" for cell in cells)


def test_where_there_is_no_node_there_is_no_dot() -> None:
    apart = Graph((Node("a"), Node("b"), Node("c")), (("a", "b"), ("a", "c")))
    drawing = draw(layout(apart, marks=False))

    # ......╭───╮....
    # .╭──▼╮...╭─▼──╮
    rows = ["".join(cell.glyph for cell in row) for row in minimap(drawing, 80, 80).rows]
    assert rows[0].strip(BLANK) != rows[0]
    assert BLANK in rows[-1].strip(BLANK)


def test_the_worst_state_of_a_cell_wins(hello: Graph) -> None:
    drawing = draw(layout(hello))
    states = dict.fromkeys(hello.by_name, "succeeded") | {"spend_mean": "failed"}

    assert minimap(drawing, 1, 1, states).rows[0][0].state == "failed"


def test_a_place_on_the_map_is_a_place_in_the_drawing(hello: Graph) -> None:
    drawing = draw(layout(hello))
    found = minimap(drawing, 12, 5)
    columns, rows = found.size

    for column in range(columns):
        for row in range(rows):
            x, y = found.place(column, row)
            region = found.region(Rect(x, y, 1, 1))
            assert (region.x, region.y) == (column, row)


def test_an_empty_drawing_has_an_empty_map() -> None:
    assert minimap(draw(layout(Graph())), 10, 10).size == (1, 1)
