"""The layered layout: boxes in layers, wires between them, on the character grid. Deterministic and pure.

The method is Sugiyama's, with one net for each source: layers (`layers`), order (`order`), coordinates (`place`),
wires (`route`). Each component is laid out by itself (`component`); then they are packed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowerpower_tui.graph.component import Component, Style, draft, moved, revised
from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.order import Effort
from flowerpower_tui.graph.seed import Seed
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Rect, Wire, around

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
    seeded = previous is not None and previous.direction == direction
    made: list[Layout] = []
    for names in _as_it_was(graph, previous) if previous and seeded else _components(graph):
        part = Component.of(graph, names, drawn, notes or {})
        seed = Seed(names, previous) if previous and seeded else None
        made.append(revised(part, style, seed) if seed and seed.kept else draft(part, style, effort, width))
    if not seeded:
        made.sort(key=lambda part: -len(part.boxes))
    return _pack(made, width or PAGE, style)


def _as_it_was(graph: Graph, previous: Layout) -> list[list[str]]:
    """The components in the order in which their nodes were, then new ones; those that were interlaced as one."""
    rects = {box.name: box.rect for box in previous.boxes}
    known: list[tuple[Rect, set[str]]] = []
    new: list[list[str]] = []
    for names in _components(graph):
        there = [rects[name] for name in names if name in rects]
        if not there:
            new.append(names)
            continue
        frame, together = around(there), set(names)
        while touching := [found for found in known if found[0].overlaps(frame)]:
            known = [found for found in known if found not in touching]
            frame = around([frame, *(found[0] for found in touching)])
            together.update(*(found[1] for found in touching))
        known.append((frame, together))
    # From left to right on each shelf; a shelf begins below all that stands on the one before.
    known.sort(key=lambda found: found[0].y)
    ordered: list[tuple[int, int, set[str]]] = []
    shelf = bottom = 0
    for frame, together in known:
        if frame.y >= bottom:
            shelf += 1
        bottom = max(bottom, frame.y + frame.height)
        ordered.append((shelf, frame.x, together))
    ordered.sort(key=lambda found: found[:2])
    return [[name for name in graph.topological if name in together] for _, _, together in ordered] + new


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
