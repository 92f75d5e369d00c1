"""One connected graph from names to boxes and wires: layers, order, places and wires in turn, and wrapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rich.cells import cell_len

from flowerpower_tui.graph.glyphs import CHIP_ENDS
from flowerpower_tui.graph.layers import Levels, assign, levels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.order import Effort, arrange, arrange_seeded
from flowerpower_tui.graph.place import Extent, Grid, breadths, place
from flowerpower_tui.graph.route import Channels, Placed, Routes, route
from flowerpower_tui.graph.seed import Seed
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Net, Segment, Wire

# This many nodes with the same consumers share one wire.
MERGED = 3
# Up to so many nodes a second layering is tried, which makes edges short instead of nets; the better one stays.
TRIED: Mapping[Effort, int] = {"quick": 100, "good": 1500}
# Nodes up to which layers are made best, and the steps that this may cost.
LAYERED = 1500
STEPS: Mapping[Effort, int] = {"quick": 200_000, "good": 5_000_000}
# Nodes up to which layers that are too wide are wrapped, and how often one row more is tried.
WRAPPED = 150
WRAPS = 24
# A wrapped picture that is wider than it should be by more than this is not worth its height.
NEARLY = 1.25


@dataclass(frozen=True)
class Flow:
    """The measures of a direction and a kind of box."""

    grid: Grid
    channels: Channels


@dataclass(frozen=True)
class Style:
    """How boxes look.

    Attributes:
        direction: where the flow goes.
        marks: whether each keeps a cell for a state's glyph.
        chips: whether they have no borders above and below.
    """

    direction: Direction
    marks: bool
    chips: bool

    @property
    def flow(self) -> Flow:
        """The measures."""
        if self.direction == "right":
            return Flow(Grid(1, 0, 0, 0 if self.chips else 1), Channels(step=2, margin=1, least=3))
        return Flow(Grid(2, 2, 1, 1 if self.chips else 2), Channels(step=1, margin=0, least=1))

    @property
    def barred(self) -> str:
        """What must not stand in a label, because a chip ends with it."""
        return CHIP_ENDS if self.chips else ""

    def size(self, text: str, inputs: int) -> tuple[int, int]:
        """The width and height of a box with this text and so many wires that enter it."""
        frame = (2 if self.chips else 4) + (2 if self.marks else 0)
        borders = 0 if self.chips else 2
        if self.direction == "right":
            return cell_len(text) + frame, max(1, inputs) + borders
        return max(cell_len(text) + frame, 2 * inputs + (2 if self.chips else 4) if inputs > 1 else 0), 1 + borders


@dataclass(frozen=True)
class Component:
    """A connected part of a graph, its nodes numbered in topological order.

    Attributes:
        names: the nodes.
        labels: their names as drawn.
        notes: what stands behind them; empty for most.
        parents: for each the numbers of the nodes it takes, each once.
        children: for each the numbers of the nodes that take it, each once.
        leaders: for each node that shares its net the first that does.
    """

    names: Sequence[str]
    labels: Sequence[str]
    notes: Sequence[str]
    parents: Sequence[Sequence[int]]
    children: Sequence[Sequence[int]]
    leaders: Mapping[int, int]

    @classmethod
    def of(cls, graph: Graph, names: Sequence[str], labels: Mapping[str, str], notes: Mapping[str, str]) -> Component:
        """The part of `graph` that has these names, given in topological order."""
        number = {name: index for index, name in enumerate(names)}
        children = [[number[other] for other in dict.fromkeys(graph.children[name])] for name in names]
        return cls(
            names,
            [labels[name] for name in names],
            [notes.get(name, "") for name in names],
            [[number[other] for other in dict.fromkeys(graph.parents[name])] for name in names],
            children,
            _shared(children),
        )

    def text(self, node: int) -> str:
        """What stands in a node's box."""
        return f"{self.labels[node]} {self.notes[node]}" if self.notes[node] else self.labels[node]

    def nets(self) -> dict[int, Net]:
        """The nets by their first source."""
        sources: dict[int, list[int]] = {}
        for node, targets in enumerate(self.children):
            if targets:
                sources.setdefault(self.leaders.get(node, node), []).append(node)
        return {
            net: Net(
                tuple(self.names[node] for node in members), tuple(self.names[target] for target in self.children[net])
            )
            for net, members in sources.items()
        }


def _shared(children: Sequence[Sequence[int]]) -> dict[int, int]:
    alike: dict[frozenset[int], list[int]] = {}
    for node, targets in enumerate(children):
        if targets:
            alike.setdefault(frozenset(targets), []).append(node)
    groups = (nodes for nodes in alike.values() if len(nodes) >= MERGED)
    return {node: nodes[0] for nodes in groups for node in nodes}


def arranged(part: Component, effort: Effort) -> tuple[int, list[int], Levels]:
    """Return the crossings, each node's layer, and the layers in their order."""
    most = STEPS[effort] if len(part.names) <= LAYERED else 0
    tried = []
    for weight in (1, 0) if len(part.names) <= TRIED[effort] else (1,):
        layer = assign(part.parents, part.children, part.leaders, most, weight)
        made = levels(part.children, layer, part.leaders)
        tried.append((arrange(made, effort), layer, made))
    return min(tried, key=lambda found: (found[0], len(found[2].source)))


def draft(part: Component, style: Style, effort: Effort, width: int | None) -> Layout:
    """Lay out a component from scratch.

    Args:
        part: what to lay out.
        style: how boxes look.
        effort: how long to look for a picture with few crossings.
        width: columns into which to wrap layers of boxes that are wider, where that helps; None: wrap none.
    """
    _, layer, made = arranged(part, effort)
    best = _finished(part, style, made)
    if width is None or best.width <= width or style.direction == "right" or len(part.names) > WRAPPED:
        return best
    narrow = _narrow(part, style, effort, width, made, layer)
    return narrow if narrow.width <= NEARLY * width else best


def _narrow(part: Component, style: Style, effort: Effort, width: int, made: Levels, layer: Sequence[int]) -> Layout:
    """Wrap layers that are wider than `width`: as many rows for each as it takes, if it can be done at all."""
    cuts = [1] * len(made.rows)
    wrapped, owner = list(layer), list(range(len(made.rows)))
    found = made
    for _ in range(WRAPS):
        wide = {
            owner[index]
            for index, breadth in enumerate(breadths(found, _extents(part, style, found), style.flow.grid))
            if breadth > width
        }
        more = [index for index in wide if cuts[index] < sum(item < made.count for item in made.rows[index])]
        if not more:
            break
        for index in more:
            cuts[index] += 1
        wrapped, owner = _wrapped(part, style, made, cuts)
        found = levels(part.children, wrapped, part.leaders)
    if found is not made:
        arrange(found, effort)
    return _finished(part, style, found, room=width)


def revised(part: Component, style: Style, seed: Seed) -> Layout:
    """Lay out a component such that what was there before stays where it was, as far as it can."""
    layer = seed.layers(part.parents, part.children, part.leaders)
    made = levels(part.children, layer, part.leaders)
    arrange_seeded(made, seed.positions(made), seed.kept)
    return _finished(part, style, made, seed)


def _wrapped(part: Component, style: Style, made: Levels, cuts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Cut each layer into so many; return the layer of each node, and for each of these which one it was.

    What nobody takes comes first, so that fewer wires have to pass by.
    """
    gap = style.flow.grid.box_gap
    wrapped = [0] * made.count
    owner: list[int] = []
    for index, (row, rows) in enumerate(zip(made.rows, cuts, strict=True)):
        nodes = sorted((item for item in row if item < made.count), key=lambda node: bool(part.children[node]))
        sizes = [style.size(part.text(node), len(part.parents[node]))[0] + gap for node in nodes]
        share = sum(sizes) / rows
        for node, end, size in zip(nodes, accumulate(sizes), sizes, strict=True):
            wrapped[node] = len(owner) + min(rows - 1, int((end - size / 2) / share))
        owner += [index] * rows
    return wrapped, owner


def _sizes(part: Component, style: Style, made: Levels) -> list[tuple[int, int]]:
    return [
        style.size(part.text(node), len({made.net(other) for other in made.above[node]})) for node in range(made.count)
    ]


def _extents(part: Component, style: Style, made: Levels) -> list[Extent]:
    across = 0 if style.direction == "down" else 1
    dummies = len(made.source) - made.count
    return [Extent.of(size[across]) for size in _sizes(part, style, made)] + [Extent(0, 0)] * dummies


def _finished(part: Component, style: Style, made: Levels, seed: Seed | None = None, room: int | None = None) -> Layout:
    """Places and wires for ordered layers."""
    flow = style.flow
    sizes, extents = _sizes(part, style, made), _extents(part, style, made)
    along = 1 if style.direction == "down" else 0
    at = place(made, extents, flow.grid, seed.anchors(extents) if seed else {}, room)
    placed = Placed(made, at, extents, [size[along] for size in sizes], flow.grid, flow.channels)
    routes = route(placed)
    nets = part.nets()
    wires = [Wire(nets[net], tuple(_turned(pieces, style))) for net, pieces in sorted(routes.segments.items())]
    return _to_origin(_boxes(part, placed, routes, sizes, style), wires, style)


def _boxes(
    part: Component, placed: Placed, routes: Routes, sizes: Sequence[tuple[int, int]], style: Style
) -> list[Box]:
    boxes: list[Box] = []
    for layer, (row, along) in enumerate(zip(placed.levels.rows, routes.starts, strict=True)):
        for node in row:
            if node >= placed.levels.count:
                continue
            across = placed.at[node] - placed.extents[node].before
            x, y = (across, along) if style.direction == "down" else (along, across)
            ins = tuple(sorted(routes.ins[node].values()))
            out = routes.outs[node] if placed.levels.below[node] else None
            width, height = sizes[node]
            boxes.append(
                Box(part.names[node], part.labels[node], x, y, width, height, ins, out, part.notes[node], layer)
            )
    return boxes


def _turned(pieces: Sequence[Segment], style: Style) -> Sequence[Segment]:
    return pieces if style.direction == "down" else [Segment(y0, x0, y1, x1) for x0, y0, x1, y1 in pieces]


def _to_origin(boxes: Sequence[Box], wires: Sequence[Wire], style: Style) -> Layout:
    """The component moved to the origin, with the space it takes."""
    ends = [end for wire in wires for end in wire.segments]
    x = min([box.x for box in boxes] + [end.x0 for end in ends])
    y = min([box.y for box in boxes] + [end.y0 for end in ends])
    right = max([box.x + box.width for box in boxes] + [end.x1 + 1 for end in ends])
    bottom = max([box.y + box.height for box in boxes] + [end.y1 + 1 for end in ends])
    whole = Layout(tuple(boxes), tuple(wires), right - x, bottom - y, style.direction, style.marks, style.chips)
    return moved(whole, -x, -y)


def moved(part: Layout, x: int, y: int) -> Layout:
    """The same layout so many cells farther right and down."""
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
            box.note,
            box.layer,
        )
        for box in part.boxes
    )
    wires = tuple(
        Wire(wire.net, tuple(Segment(x0 + x, y0 + y, x1 + x, y1 + y) for x0, y0, x1, y1 in wire.segments))
        for wire in part.wires
    )
    return Layout(boxes, wires, part.width, part.height, part.direction, part.marks, part.chips)
