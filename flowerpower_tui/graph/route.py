"""The wires between placed items: ports in the boxes' borders, trunks in the channels, as straight segments.

All in the plane of the flow: `across` runs along a layer, `along` from layer to layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flowerpower_tui.graph.layers import Levels
from flowerpower_tui.graph.place import Extent, Grid, settle
from flowerpower_tui.graph.shapes import Segment
from flowerpower_tui.graph.tracks import channel

# A straight wire is worth so many that are not spread evenly.
STRAIGHT = 4


@dataclass(frozen=True)
class Channels:
    """How channels are made in this direction, in cells.

    Attributes:
        step: the distance of neighbouring tracks.
        margin: cells kept free before the first and behind the last track.
        least: the least depth of a channel.
    """

    step: int
    margin: int
    least: int


@dataclass
class Routes:
    """What routing found.

    Attributes:
        starts: where each layer begins, along the flow.
        ins: for each node its in-ports, across, sorted.
        outs: for each node its out-port, across; None if nobody takes its value.
        segments: for each net, by its first source, its pieces; x is across, y along.
    """

    starts: list[int] = field(default_factory=list)
    ins: list[list[int]] = field(default_factory=list)
    outs: list[int | None] = field(default_factory=list)
    segments: dict[int, list[Segment]] = field(default_factory=dict)


def route(
    levels: Levels,
    at: Sequence[int],
    extents: Sequence[Extent],
    depths: Sequence[int],
    leaders: Mapping[int, int],
    grid: Grid,
    rules: Channels,
) -> Routes:
    """Lead every net from its sources to its targets.

    Args:
        levels: the ordered layers.
        at: the anchor of each item, across.
        extents: how far each item reaches from its anchor.
        depths: how deep each node's box is, along.
        leaders: for each source of a merged net the net's first source.
        grid: the measures across the layers.
        rules: the measures along them.
    """
    routes = Routes()
    pin_out = _out_ports(levels, at, extents, grid)
    routes.outs = [pin_out[node] if levels.below[node] else None for node in range(levels.count)]
    pin_in = _in_ports(levels, pin_out, at, extents, leaders, grid)
    routes.ins = [sorted(set(pin_in[node].values())) for node in range(levels.count)]
    start = 0
    for index, row in enumerate(levels.rows):
        routes.starts.append(start)
        end = start + max((depths[item] for item in row if item < levels.count), default=1)
        if index + 1 < len(levels.rows):
            start = _run(
                levels, row, (start, end), pin_out, pin_in, depths, leaders, grid.pitch, rules, routes.segments
            )
    return routes


def _out_ports(levels: Levels, at: Sequence[int], extents: Sequence[Extent], grid: Grid) -> list[int]:
    """Where each item's wire leaves: where most of it runs straight on, else in the middle."""
    ports = list(at)
    for node in range(levels.count):
        below = levels.below[node]
        if not below:
            continue
        low, high = _room(node, at, extents, grid)
        wishes: dict[int, int] = {at[node]: 0}
        rooms = [(*_room(other, at, extents, grid), 3 if other >= levels.count else 1) for other in below]
        for left, right, _ in rooms:
            for wish in (left, right):
                if low <= wish <= high:
                    wishes[wish] = 0
        for wish in wishes:
            wishes[wish] = sum(weight for left, right, weight in rooms if left <= wish <= right)
        ports[node] = min(wishes, key=lambda wish: (-wishes[wish], abs(wish - at[node]), wish))
    return ports


def _room(item: int, at: Sequence[int], extents: Sequence[Extent], grid: Grid) -> tuple[int, int]:
    """The first and the last column of a box that can take a port; a dummy's own column."""
    before, after = extents[item].ports(grid)
    return at[item] - before * grid.pitch, at[item] + after * grid.pitch


def _in_ports(
    levels: Levels,
    pin_out: Sequence[int],
    at: Sequence[int],
    extents: Sequence[Extent],
    leaders: Mapping[int, int],
    grid: Grid,
) -> list[dict[int, int]]:
    """For each item and each net that enters it, where: never out of order, under the wire where that is possible."""
    pins: list[dict[int, int]] = []
    for item, above in enumerate(levels.above):
        wires: dict[int, list[int]] = {}
        for other in above:
            source = levels.source[other]
            wires.setdefault(leaders.get(source, source), []).append(pin_out[other])
        coming = sorted((sorted(columns)[len(columns) // 2], net) for net, columns in wires.items())
        low, high = _room(item, at, extents, grid)
        ports = _spread([column for column, _ in coming], low, high, grid.pitch)
        pins.append({net: column for (_, net), column in zip(coming, ports, strict=True)})
    return pins


def _spread(columns: Sequence[int], low: int, high: int, pitch: int) -> list[int]:
    """A port for each wire that comes from above in these columns: straight below, or else evenly spread."""
    count = len(columns)
    steps = (high - low) // pitch
    wishes = [
        [(column - low) // pitch] * STRAIGHT if low <= column <= high else [(index + 1) * steps // (count + 1)]
        for index, column in enumerate(columns)
    ]
    settled = settle(wishes, range(count))
    return [low + pitch * (index + min(max(0, at - index), steps - count + 1)) for index, at in enumerate(settled)]


def _run(
    levels: Levels,
    row: Sequence[int],
    span: tuple[int, int],
    pin_out: Sequence[int],
    pin_in: Sequence[Mapping[int, int]],
    depths: Sequence[int],
    leaders: Mapping[int, int],
    pitch: int,
    rules: Channels,
    segments: dict[int, list[Segment]],
) -> int:
    """Draw the channel under a layer that covers `span`; return where the next layer begins."""
    start, end = span
    pins: dict[int, tuple[list[int], list[int]]] = {}
    heads: dict[tuple[int, int], int] = {}
    for item in row:
        if not levels.below[item]:
            continue
        source = levels.source[item]
        net = leaders.get(source, source)
        tops, bottoms = pins.setdefault(net, ([], []))
        tops.append(pin_out[item])
        heads[net, pin_out[item]] = start if item >= levels.count else start + depths[item] - 1
        bottoms += [pin_in[other][net] for other in levels.below[item]]
    pins = {net: (sorted(tops), sorted(set(bottoms))) for net, (tops, bottoms) in pins.items()}
    trunks = channel(pins, pitch)
    count = max((trunk.track for trunk in trunks), default=-1) + 1
    depth = max(rules.least, 2 * rules.margin + (count - 1) * rules.step + 1 if count else 0)
    following = end + depth
    for net, (tops, bottoms) in pins.items():
        if tops == bottoms and len(tops) == 1:
            segments.setdefault(net, []).append(Segment(tops[0], heads[net, tops[0]], tops[0], following))
    jogs: dict[int, int] = {}
    for trunk in trunks:
        pieces = segments.setdefault(trunk.net, [])
        line = end + rules.margin + trunk.track * rules.step
        pieces.append(Segment(trunk.low, line, trunk.high, line))
        pieces += (Segment(pin, heads[trunk.net, pin], pin, line) for pin in trunk.tops)
        pieces += (Segment(pin, line, pin, following) for pin in trunk.bottoms)
        if trunk.jog is not None:
            if trunk.tops:
                jogs[trunk.net] = line
            else:
                pieces.append(Segment(trunk.jog, jogs[trunk.net], trunk.jog, line))
    return following
