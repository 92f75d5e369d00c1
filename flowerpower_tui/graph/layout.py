"""The layered layout: boxes in layers, wires between them, on the character grid. Deterministic and pure.

The method is Sugiyama's, with one net for each source: layers (`layers`), order (`order`), coordinates (`place`),
wires (`route`). Each component is laid out by itself (`component`); then they are packed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from flowerpower_tui.graph.component import Component, Style, draft, moved, revised
from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.order import Effort
from flowerpower_tui.graph.seed import Seed
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Wire

# Columns that components are packed into, if none of them is wider.
PAGE = 100
# Blank columns and rows between components.
GAPS: Mapping[Direction, tuple[int, int]] = {"down": (3, 1), "right": (3, 0)}


def layout(
    graph: Graph,
    *,
    direction: Direction = "down",
    marks: bool = True,
    chips: bool = False,
    width: int | None = None,
    effort: Effort = "quick",
    notes: Mapping[str, str] | None = None,
    previous: Layout | None = None,
) -> Layout:
    """Lay out a graph in layers.

    Args:
        graph: what to lay out.
        direction: where the flow goes.
        marks: keep a cell before each name for a state's glyph.
        chips: leave out the boxes' upper and lower borders.
        width: columns to fit the picture into where that is possible: layers of boxes that are wider are wrapped, if
            the flow goes down. None: as wide as it is.
        effort: `quick` for a first picture, `good` to look longer for one with fewer crossings.
        notes: for some nodes what stands behind their names: words that are not blank.
        previous: the layout before an edit, in the same style; what has not changed stays where it was.

    Raises:
        ValueError: the graph has a cycle.
    """
    style = Style(direction, marks, chips)
    drawn = labels(graph.by_name, barred=style.barred)
    parts = [Component.of(graph, names, drawn, notes or {}) for names in _components(graph)]
    if previous is None or previous.direction != direction:
        made = [draft(part, style, effort, width) for part in parts]
        made.sort(key=lambda part: -len(part.boxes))
    else:
        made = _revised(parts, style, effort, width, previous)
    return _pack(made, width or PAGE, style)


def _revised(
    parts: Sequence[Component], style: Style, effort: Effort, width: int | None, previous: Layout
) -> list[Layout]:
    """The components in the order in which they were, then the new ones."""
    was = {box.name: index for index, box in enumerate(sorted(previous.boxes, key=attrgetter("y", "x")))}
    known: list[tuple[int, Layout]] = []
    new: list[Layout] = []
    for part in parts:
        seed = Seed(part.names, previous)
        if seed.kept:
            first = min(was[part.names[node]] for node in seed.kept)
            known.append((first, revised(part, style, seed)))
        else:
            new.append(draft(part, style, effort, width))
    known.sort(key=lambda found: found[0])
    return [part for _, part in known] + new


def _components(graph: Graph) -> list[list[str]]:
    """The names of each connected component in topological order, by the first of each in the graph."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        waiting = [node.name]
        number = len(found)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = number
                waiting += graph.parents[name]
                waiting += graph.children[name]
    parts: dict[int, list[str]] = {number: [] for number in found.values()}
    for name in graph.topological:
        parts[found[name]].append(name)
    return list(parts.values())


def _pack(parts: Sequence[Layout], width: int, style: Style) -> Layout:
    """The components on shelves: side by side as far as the width goes, then below."""
    page = max([width, *(part.width for part in parts)])
    across, along = GAPS[style.direction]
    x = y = deepest = widest = 0
    boxes: list[Box] = []
    wires: list[Wire] = []
    for part in parts:
        if x and x + part.width > page:
            x, y = 0, deepest + along
        there = moved(part, x, y)
        boxes += there.boxes
        wires += there.wires
        deepest = max(deepest, y + part.height)
        widest = max(widest, x + part.width)
        x += part.width + across
    return Layout(tuple(boxes), tuple(wires), widest, deepest, style.direction, style.marks, style.chips)
