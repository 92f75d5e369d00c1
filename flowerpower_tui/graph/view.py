"""Which view of a graph fits: boxes where there is room, lanes where there is not."""

from __future__ import annotations

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.glyphs import Charset
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.shapes import Direction

# Boxes of more nodes than this are a map, not a picture.
BOXED = 150


def fit(
    graph: Graph,
    width: int,
    *,
    direction: Direction = "down",
    charset: Charset = "unicode",
    marks: bool = True,
) -> Drawing:
    """Draw a graph for `width` columns: in boxes if they fit and are not too many, else in lanes.

    Raises:
        ValueError: the graph has a cycle.
    """
    if len(graph.nodes) <= BOXED:
        boxes = layout(graph, direction=direction, marks=marks, width=width)
        if boxes.width <= width:
            return draw(boxes, charset=charset)
    return draw(lanes(graph), charset=charset)
