"""The wires between placed items: ports in the boxes' borders, trunks in the channels, as straight segments.

All in the plane of the flow: `across` runs along a layer, `along` from layer to layer; segments are (across, along).
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
# And a long wire that leaves its box straight is worth so many edges that do.
LONG = 3


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


@dataclass(frozen=True)
class Placed:
    """What is to be wired.

    Attributes:
        levels: the ordered layers.
        at: the anchor of each item, across.
        extents: how far each item reaches from its anchor, across.
        depths: how deep each node's box is, along.
        grid: the measures across the layers.
        channels: the measures along them.
    """

    levels: Levels
    at: Sequence[int]
    extents: Sequence[Extent]
    depths: Sequence[int]
    grid: Grid
    channels: Channels

    def room(self, item: int) -> tuple[int, int]:
        """The first and the last column of a box that can take a port; a dummy's own column."""
        before, after = self.extents[item].ports(self.grid)
        return self.at[item] - before * self.grid.pitch, self.at[item] + after * self.grid.pitch


@dataclass
class Routes:
    """What routing found.

    Attributes:
        outs: for each item where its wire leaves, across.
        ins: for each item and each net that enters it, where, across.
        starts: where each layer begins, along.
        segments: the pieces of each net.
    """

    outs: list[int]
    ins: list[Mapping[int, int]]
    starts: list[int] = field(default_factory=list)
    segments: dict[int, list[Segment]] = field(default_factory=dict)


def route(placed: Placed) -> Routes:
    """Lead every net from its sources to its targets."""
    levels = placed.levels
    outs = [_out_port(placed, item) for item in range(len(levels.source))]
    routes = Routes(outs, [_in_ports(placed, outs, item) for item in range(len(levels.source))])
    start = 0
    for row in levels.rows:
        routes.starts.append(start)
        end = start + max((placed.depths[item] for item in row if item < levels.count), default=1)
        start = _run(placed, routes, row, start, end)
    return routes


def _out_port(placed: Placed, item: int) -> int:
    """Where an item's wire leaves: where most of it runs straight on, else in the middle."""
    levels, middle = placed.levels, placed.at[item]
    if item >= levels.count:
        return middle
    low, high = placed.room(item)
    rooms = [(*placed.room(other), LONG if other >= levels.count else 1) for other in levels.below[item]]
    ends = {end for left, right, _ in rooms for end in (left, right) if low <= end <= high}
    straight = {port: sum(worth for left, right, worth in rooms if left <= port <= right) for port in {middle, *ends}}
    return min(straight, key=lambda port: (-straight[port], abs(port - middle), port))


def _in_ports(placed: Placed, outs: Sequence[int], item: int) -> Mapping[int, int]:
    """Where each net enters an item: never out of order, under its wire where that is possible."""
    wires: dict[int, list[int]] = {}
    for other in placed.levels.above[item]:
        wires.setdefault(placed.levels.net(other), []).append(outs[other])
    coming = sorted((sorted(columns)[len(columns) // 2], net) for net, columns in wires.items())
    ports = _spread([column for column, _ in coming], *placed.room(item), placed.grid.pitch)
    return {net: port for (_, net), port in zip(coming, ports, strict=True)}


def _spread(columns: Sequence[int], low: int, high: int, pitch: int) -> list[int]:
    """A port for each wire that comes from above in these columns: straight below, or else evenly spread."""
    count = len(columns)
    steps = (high - low) // pitch
    wishes = [
        [(column - low) // pitch] * STRAIGHT if low <= column <= high else [(index + 1) * steps // (count + 1)]
        for index, column in enumerate(columns)
    ]
    settled = settle(wishes, range(count))
    return [low + pitch * (index + min(max(0, step - index), steps - count + 1)) for index, step in enumerate(settled)]


def _run(placed: Placed, routes: Routes, row: Sequence[int], start: int, end: int) -> int:
    """Wire the channel under a layer that reaches from `start` to `end`; return where the next layer begins."""
    levels, rules = placed.levels, placed.channels
    pins: dict[int, tuple[list[int], list[int]]] = {}
    heads: dict[int, int] = {}
    for item in row:
        if not levels.below[item]:
            continue
        net, top = levels.net(item), routes.outs[item]
        heads[top] = start if item >= levels.count else start + placed.depths[item] - 1
        tops, bottoms = pins.setdefault(net, ([], []))
        tops.append(top)
        bottoms += (routes.ins[other][net] for other in levels.below[item])
    # The sources of a merged net all lead to the same port.
    pins = {net: (sorted(tops), sorted(set(bottoms))) for net, (tops, bottoms) in pins.items()}
    trunks = channel(pins, placed.grid.pitch)
    tracks = max((trunk.track + 1 for trunk in trunks), default=0)
    following = end + max(rules.least, 2 * rules.margin + (tracks - 1) * rules.step + 1)
    for net, (tops, bottoms) in pins.items():
        if tops == bottoms and len(tops) == 1:
            routes.segments.setdefault(net, []).append(Segment(tops[0], heads[tops[0]], tops[0], following))
    joints: dict[int, int] = {}
    for trunk in trunks:
        pieces = routes.segments.setdefault(trunk.net, [])
        line = end + rules.margin + trunk.track * rules.step
        pieces.append(Segment(trunk.low, line, trunk.high, line))
        pieces += (Segment(pin, heads[pin], pin, line) for pin in trunk.tops)
        pieces += (Segment(pin, line, pin, following) for pin in trunk.bottoms)
        if trunk.jog is not None:
            # The upper half of a net that was cut comes first.
            above = joints.setdefault(trunk.net, line)
            if above != line:
                pieces.append(Segment(trunk.jog, above, trunk.jog, line))
    return following
