"""A drawing as an interface uses it: spans, cells and rectangles."""

from __future__ import annotations

from typing import Literal, get_args

import pytest
from rich.cells import cell_len

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.glyphs import Charset
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.shapes import Direction
from flowerpower_tui.graph.view import fit

View = Literal["down", "right", "chips", "lanes"]
VIEWS: tuple[View, ...] = get_args(View)


def drawn(graph: Graph, view: View, charset: Charset = "unicode") -> Drawing:
    notes = {graph.nodes[-1].name: "×12 ⋯↓3"}
    if view == "lanes":
        return draw(lanes(graph, notes=notes), charset=charset)
    direction: Direction = "right" if view == "right" else "down"
    return draw(layout(graph, direction=direction, chips=view == "chips", notes=notes), charset=charset)


@pytest.mark.parametrize("view", VIEWS)
def test_spans_stand_in_order_and_are_as_wide_as_they_say(shipped: Graph, view: View) -> None:
    drawing = drawn(shipped, view)

    for y in range(drawing.height):
        end = 0
        for span in drawing.spans(y):
            assert span.x >= end
            assert cell_len(span.text) == span.width
            end = span.x + span.width
        assert end <= drawing.width


@pytest.mark.parametrize("view", VIEWS)
def test_a_window_shows_what_the_whole_row_shows(hello: Graph, view: View) -> None:
    drawing = drawn(hello, view)

    for y in range(drawing.height):
        for x0 in range(0, drawing.width, 3):
            row = cells(drawing, y, 0, drawing.width)
            part = cells(drawing, y, x0, x0 + 7)
            assert {x: row[x] for x in range(x0, x0 + 7) if x in row} == {
                x: glyph for x, glyph in part.items() if x0 <= x < x0 + 7
            }


def cells(drawing: Drawing, y: int, x0: int, x1: int) -> dict[int, str]:
    return {span.x + index: glyph for span in drawing.spans(y, x0, x1) for index, glyph in enumerate(span.text)}


@pytest.mark.parametrize("view", VIEWS)
def test_the_node_under_a_cell_is_the_one_whose_span_it_is(hello: Graph, view: View) -> None:
    drawing = drawn(hello, view)

    for y in range(drawing.height):
        for span in drawing.spans(y):
            if span.node:
                assert drawing.node_at(span.x, y) == span.node
                assert drawing.rect(span.node).holds(span.x, y)
    assert drawing.node_at(drawing.width, 0) is None
    assert drawing.node_at(0, drawing.height) is None


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("charset", ["unicode", "ascii"])
def test_every_node_has_one_cell_for_its_state(hello: Graph, view: View, charset: Charset) -> None:
    drawing = drawn(hello, view, charset)

    marks = {span.node: (span.x, y) for y in range(drawing.height) for span in drawing.spans(y) if span.part == "mark"}
    assert marks == drawing.marks
    assert marks.keys() == hello.by_name.keys()


@pytest.mark.parametrize("view", VIEWS)
def test_every_wire_knows_its_net(hello: Graph, view: View) -> None:
    drawing = drawn(hello, view)
    nets = [span.net for y in range(drawing.height) for span in drawing.spans(y) if span.part == "wire"]

    assert all(net is not None for net in nets)
    edges = {(source, target) for net in nets if net for source in net.sources for target in net.targets}
    # A value that is taken on the next row, straight below, needs no wire of its own in lanes.
    assert edges == set(hello.edges) if view != "lanes" else edges <= set(hello.edges)


def test_without_marks_boxes_are_as_narrow_as_their_names() -> None:
    assert draw(layout(Graph((Node("a"), Node("數據"))), marks=False)).lines == (
        "╭───╮   ╭──────╮",
        "│ a │   │ 數據 │",
        "╰───╯   ╰──────╯",
    )


def test_rows_outside_are_empty(hello: Graph) -> None:
    drawing = drawn(hello, "down")

    assert drawing.spans(-1) == drawing.spans(drawing.height) == []


def test_boxes_are_drawn_where_they_fit(hello: Graph) -> None:
    assert "╭" in fit(hello, 80).text


def test_chips_are_drawn_where_boxes_do_not_fit(hello: Graph) -> None:
    drawing = fit(hello, 40)

    assert "(  spend_mean)" in drawing.text
    assert drawing.width <= 40


def test_lanes_are_drawn_where_nothing_else_fits(hello: Graph) -> None:
    assert fit(hello, 20).lines[0].startswith("●")


def test_a_row_too_wide_is_wrapped() -> None:
    names = [f"feature_{index:02}" for index in range(20)]
    fan = Graph(tuple(map(Node, ["src", *names])), tuple(("src", name) for name in names))

    assert layout(fan).width > 80
    assert layout(fan, width=80).width <= 80


def test_isolated_nodes_stand_side_by_side_within_the_page() -> None:
    alone = Graph(tuple(Node(f"node_{index:02}") for index in range(30)))

    assert layout(alone, width=60).width <= 60
