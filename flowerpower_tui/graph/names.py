"""The furthest view: names only, one paragraph for each step away from the inputs, as many to a row as fit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from operator import attrgetter

from rich.cells import cell_len

from flowerpower_tui.graph.drawing import Drawing, Span
from flowerpower_tui.graph.glyphs import NOTES, Charset
from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.shapes import Rect

# Blank columns between two names, besides the cell behind each.
_GAP = 1


def names(graph: Graph, width: int, *, charset: Charset = "unicode", notes: Mapping[str, str] | None = None) -> Drawing:
    """Draw the names of a graph's nodes in `width` columns, in the order in which their values can come to be.

    A name stands below everything it needs. Before each is a cell for its state, and a blank on both sides.

    Raises:
        ValueError: the graph has a cycle.
    """
    drawn = labels(graph.by_name)
    said = {name: (notes or {}).get(name, "").translate(NOTES[charset]) for name in graph.by_name}
    rects: dict[str, Rect] = {}
    rows: list[list[Span]] = []
    for layer in _layers(graph):
        wide = {name: 3 + cell_len(drawn[name]) + (cell_len(said[name]) + 1 if said[name] else 0) for name in layer}
        column = max(wide.values()) + _GAP
        across = max(1, (width + _GAP) // column)
        for index, name in enumerate(layer):
            if index % across == 0:
                rows.append([])
            x, y = index % across * column, len(rows) - 1
            rects[name] = Rect(x, y, wide[name], 1)
            rows[-1] += _spans(name, x, drawn[name], said[name])
        rows.append([])
    del rows[-1:]
    order = tuple(sorted(rects, key=lambda name: (rects[name].y, rects[name].x)))
    marks = {name: (rect.x, rect.y) for name, rect in rects.items()}
    extent = max((rect.x + rect.width for rect in rects.values()), default=0)

    def paint(y: int, x0: int, x1: int) -> list[Span]:
        return [span for span in rows[y] if span.x < x1 and span.x + span.width > x0]

    def node_at(x: int, y: int) -> str | None:
        index = bisect_right(rows[y], x, key=attrgetter("x")) - 1
        span = rows[y][index] if index >= 0 else None
        return span.node if span and x < span.x + span.width else None

    return Drawing(extent, len(rows), rects, marks, order, paint, node_at)


def _layers(graph: Graph) -> list[list[str]]:
    """The names by the length of the longest path to them; in a layer, those whose inputs are near come together."""
    depth: dict[str, int] = {}
    place: dict[str, float] = {}
    layers: list[list[str]] = []
    for name in graph.topological:
        depth[name] = max((depth[parent] + 1 for parent in graph.parents[name]), default=0)
        if depth[name] == len(layers):
            layers.append([])
        layers[depth[name]].append(name)
    for layer in layers:
        middles = {name: _mean([place[parent] for parent in graph.parents[name]]) for name in layer}
        layer.sort(key=middles.__getitem__)
        place |= {name: (index + 0.5) / len(layer) for index, name in enumerate(layer)}
    return layers


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _spans(name: str, x: int, label: str, note: str) -> list[Span]:
    text = f" {label} "
    spans = [Span(x, 1, " ", "mark", name, None), Span(x + 1, cell_len(text), text, "name", name, None)]
    if note:
        spans.append(Span(x + 1 + cell_len(text), cell_len(note), note, "note", name, None))
    return spans
