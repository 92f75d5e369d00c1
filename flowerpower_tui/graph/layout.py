"""The layered layout: boxes in layers, wires between them, on the character grid. Deterministic and pure.

The method is Sugiyama's, with one net for each source: layers (`layers`), order (`order`), coordinates (`place`),
wires (`route`). Each component is laid out by itself; then they are packed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.layers import Levels, levels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.order import arrange
from flowerpower_tui.graph.place import Extent, Grid, place
from flowerpower_tui.graph.route import Channels, Placed, Routes, route
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Net, Segment, Wire

# This many nodes with the same only consumer share one wire.
MERGED = 3
# Columns that components are packed into, if none of them is wider.
PAGE = 100


@dataclass(frozen=True)
class _Flow:
    """The measures of a direction."""

    grid: Grid
    channels: Channels
    component_gap: tuple[int, int]


_FLOWS: Mapping[Direction, _Flow] = {
    "down": _Flow(
        grid=Grid(pitch=2, box_gap=2, wire_gap=1, corner=2),
        channels=Channels(step=1, margin=0, least=1),
        component_gap=(3, 1),
    ),
    "right": _Flow(
        grid=Grid(pitch=1, box_gap=0, wire_gap=0, corner=1),
        channels=Channels(step=2, margin=1, least=3),
        component_gap=(3, 0),
    ),
}


def layout(graph: Graph, *, direction: Direction = "down", marks: bool = True, width: int = PAGE) -> Layout:
    """Lay out a graph in layers.

    Args:
        graph: what to lay out.
        direction: where the flow goes.
        marks: keep a cell before each name for a state's glyph.
        width: columns to pack components into, side by side; a wider component takes what it needs.

    Raises:
        ValueError: the graph has a cycle.
    """
    drawn = labels(graph.by_name)
    parts = [_component(graph, part, drawn, direction, marks) for part in _components(graph)]
    parts.sort(key=lambda part: -len(part.boxes))
    return _pack(parts, width, _FLOWS[direction].component_gap, direction, marks)


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


def _component(
    graph: Graph, names: Sequence[str], drawn: Mapping[str, str], direction: Direction, marks: bool
) -> Layout:
    flow = _FLOWS[direction]
    number = {name: index for index, name in enumerate(names)}
    parents = [[number[other] for other in dict.fromkeys(graph.parents[name])] for name in names]
    children = [[number[other] for other in dict.fromkeys(graph.children[name])] for name in names]
    made = levels(parents, children, range(len(names)))
    arrange(made)
    leaders = _merged(made)
    sizes = []
    for node, name in enumerate(names):
        inputs = len({leaders.get(made.source[other], made.source[other]) for other in made.above[node]})
        sizes.append(_size(cell_len(drawn[name]), inputs, direction, marks))
    across, along = (0, 1) if direction == "down" else (1, 0)
    nothing = Extent(0, 0)
    extents = [Extent.of(size[across]) for size in sizes] + [nothing] * (len(made.source) - made.count)
    at = place(made, extents, flow.grid)
    placed = Placed(made, at, extents, [size[along] for size in sizes], leaders, flow.grid, flow.channels)
    routes = route(placed)
    boxes = _boxes(placed, routes, names, drawn, sizes, direction)
    nets = _nets(names, children, leaders)
    wires = [Wire(nets[net], tuple(_turned(pieces, direction))) for net, pieces in sorted(routes.segments.items())]
    return _to_origin(boxes, wires, direction, marks)


def _merged(made: Levels) -> dict[int, int]:
    """Sources that share one wire because they all go, from the layer above, to one consumer only; with the first."""
    leaders: dict[int, int] = {}
    for node in range(made.count):
        only = [other for other in made.above[node] if other < made.count and made.below[other] == [node]]
        if len(only) >= MERGED:
            leaders.update(dict.fromkeys(only, min(only)))
    return leaders


def _size(label: int, inputs: int, direction: Direction, marks: bool) -> tuple[int, int]:
    width = label + (6 if marks else 4)
    if direction == "right":
        return width, max(1, inputs) + 2
    return max(width, 2 * inputs + 4 if inputs > 1 else 0), 3


def _nets(names: Sequence[str], children: Sequence[Sequence[int]], leaders: Mapping[int, int]) -> dict[int, Net]:
    sources: dict[int, list[int]] = {}
    for node, targets in enumerate(children):
        if targets:
            sources.setdefault(leaders.get(node, node), []).append(node)
    return {
        net: Net(tuple(names[node] for node in members), tuple(names[target] for target in children[net]))
        for net, members in sources.items()
    }


def _boxes(
    placed: Placed,
    routes: Routes,
    names: Sequence[str],
    drawn: Mapping[str, str],
    sizes: Sequence[tuple[int, int]],
    direction: Direction,
) -> list[Box]:
    levels = placed.levels
    boxes: list[Box] = []
    for row, along in zip(levels.rows, routes.starts, strict=True):
        for node in row:
            if node >= levels.count:
                continue
            across = placed.at[node] - placed.extents[node].before
            x, y = (across, along) if direction == "down" else (along, across)
            ins = tuple(sorted(routes.ins[node].values()))
            out = routes.outs[node] if levels.below[node] else None
            boxes.append(Box(names[node], drawn[names[node]], x, y, *sizes[node], ins, out))
    return boxes


def _turned(pieces: Sequence[Segment], direction: Direction) -> Sequence[Segment]:
    return pieces if direction == "down" else [Segment(y0, x0, y1, x1) for x0, y0, x1, y1 in pieces]


def _to_origin(boxes: Sequence[Box], wires: Sequence[Wire], direction: Direction, marks: bool) -> Layout:
    """The component moved to the origin, with the space it takes."""
    ends = [end for wire in wires for end in wire.segments]
    x = min([box.x for box in boxes] + [end.x0 for end in ends])
    y = min([box.y for box in boxes] + [end.y0 for end in ends])
    right = max([box.x + box.width for box in boxes] + [end.x1 + 1 for end in ends])
    bottom = max([box.y + box.height for box in boxes] + [end.y1 + 1 for end in ends])
    part = Layout(tuple(boxes), tuple(wires), right - x, bottom - y, direction, marks)
    return _moved(part, -x, -y)


def _moved(part: Layout, x: int, y: int) -> Layout:
    if not x and not y:
        return part
    across = x if part.direction == "down" else y
    boxes = tuple(
        Box(
            box.name,
            box.label,
            box.x + x,
            box.y + y,
            box.width,
            box.height,
            tuple(port + across for port in box.ins),
            None if box.out is None else box.out + across,
        )
        for box in part.boxes
    )
    wires = tuple(
        Wire(wire.net, tuple(Segment(x0 + x, y0 + y, x1 + x, y1 + y) for x0, y0, x1, y1 in wire.segments))
        for wire in part.wires
    )
    return Layout(boxes, wires, part.width, part.height, part.direction, part.marks)


def _pack(parts: Sequence[Layout], width: int, gap: tuple[int, int], direction: Direction, marks: bool) -> Layout:
    """The components on shelves: side by side as far as the width goes, then below."""
    page = max([width, *(part.width for part in parts)])
    x = y = deepest = widest = 0
    boxes: list[Box] = []
    wires: list[Wire] = []
    for part in parts:
        if x and x + part.width > page:
            x, y = 0, deepest + gap[1]
        moved = _moved(part, x, y)
        boxes += moved.boxes
        wires += moved.wires
        deepest = max(deepest, y + part.height)
        widest = max(widest, x + part.width)
        x += part.width + gap[0]
    return Layout(tuple(boxes), tuple(wires), widest, deepest, direction, marks)
