"""Which view of a graph fits: boxes where there is room, lanes where there is not."""

from __future__ import annotations

from collections.abc import Mapping

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.glyphs import Charset
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.order import Effort
from flowerpower_tui.graph.shapes import Direction, Layout

# Boxes of more nodes than this are a map, not a picture.
BOXED = 150
# Rows for each node, and for each on the longest path, up to which boxes and chips read better than lanes.
TALL = {"boxes": (2.2, 5.0), "chips": (1.2, 3.0)}


def fit(
    graph: Graph,
    width: int,
    *,
    direction: Direction = "down",
    charset: Charset = "unicode",
    marks: bool = True,
    effort: Effort = "quick",
    notes: Mapping[str, str] | None = None,
) -> Drawing:
    """Draw a graph for `width` columns: in boxes if they fit and stay in proportion, else in chips, else in lanes.

    Args:
        graph: what to draw.
        width: columns there are; lanes of a large graph may take more.
        direction: where the flow goes, in boxes and chips.
        charset: the letters.
        marks: keep a cell at each node for a state's glyph.
        effort: how long to look for a picture with few crossings.
        notes: for some nodes what stands behind their names.

    Raises:
        ValueError: the graph has a cycle.
    """
    found = fitting(graph, width, direction=direction, marks=marks, effort=effort, notes=notes)
    return draw(found or lanes(graph, notes=notes), charset=charset)


def fitting(
    graph: Graph,
    width: int,
    *,
    direction: Direction = "down",
    marks: bool = True,
    effort: Effort = "quick",
    notes: Mapping[str, str] | None = None,
    previous: Layout | None = None,
) -> Layout | None:
    """Return boxes, else chips, that fit `width` columns and stay in proportion; None where lanes read better.

    Args as for `fit`, and `previous` as for `layout`: what fits as it was is kept, and the rest is tried from scratch.

    Raises:
        ValueError: the graph has a cycle.
    """
    if len(graph.nodes) > BOXED:
        return None
    for shape, (each, along) in TALL.items():
        chips = shape == "chips"
        starts = [previous, None] if previous is not None and previous.chips == chips else [None]
        for start in starts:
            found = layout(
                graph,
                direction=direction,
                marks=marks,
                chips=chips,
                width=width,
                effort=effort,
                notes=notes,
                previous=start,
            )
            if found.width <= width and found.height <= max(each * len(graph.nodes), along * _longest(graph)):
                return found
    return None


def _longest(graph: Graph) -> int:
    """How many nodes the longest path has."""
    depth: dict[str, int] = {}
    for name in graph.topological:
        depth[name] = 1 + max((depth[parent] for parent in graph.parents[name]), default=0)
    return max(depth.values(), default=0)
