"""Where the items of each layer stand: on the character grid, in order, near their neighbours, wires straight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from flowerpower_tui.graph.layers import Levels

SWEEPS = 8
# What was there before an edit stays, unless so many neighbours want it elsewhere.
STAY = 24
# A jog in a long wire is worse than one beside a box, by so much.
LONG = 8


@dataclass(frozen=True)
class Grid:
    """What the flow's direction means across the layers, in cells.

    Attributes:
        pitch: wires stand on multiples of this, so that no two touch.
        box_gap: blank cells between two boxes.
        wire_gap: blank cells between a wire and its neighbour.
        corner: cells from a box's corner to the nearest cell of its border that may be a port.
    """

    pitch: int
    box_gap: int
    wire_gap: int
    corner: int


@dataclass(frozen=True)
class Extent:
    """How far an item reaches from its anchor, where its wire leaves by default, to either side; dummies 0."""

    before: int
    after: int

    @classmethod
    def of(cls, breadth: int) -> Extent:
        """The extent of a box of this many cells."""
        return cls((breadth - 1) // 2, breadth // 2)

    def ports(self, grid: Grid) -> tuple[int, int]:
        """How far from the anchor a port may be, to either side, in steps of the pitch."""
        return max(0, self.before - grid.corner) // grid.pitch, max(0, self.after - grid.corner) // grid.pitch


def breadths(levels: Levels, extents: Sequence[Extent], grid: Grid) -> list[int]:
    """The least cells across that each layer takes."""
    found = []
    for row in levels.rows:
        steps = _offsets(row, extents, grid)[-1]
        found.append(extents[row[0]].before + steps * grid.pitch + extents[row[-1]].after + 1)
    return found


def place(
    levels: Levels,
    extents: Sequence[Extent],
    grid: Grid,
    anchors: Mapping[int, int],
    room: int | None = None,
) -> list[int]:
    """Return the anchor of each item, a multiple of the pitch; no two items of a layer overlap.

    Args:
        levels: the ordered layers.
        extents: how far each item reaches from its anchor.
        grid: the measures.
        anchors: where some items were before and had better stay.
        room: cells across that every layer keeps within, unless it needs more.
    """
    slack = [min(extent.ports(grid)) for extent in extents]
    offsets = [_offsets(row, extents, grid) for row in levels.rows]
    at = [0] * len(levels.source)
    for row, offset in zip(levels.rows, offsets, strict=True):
        for item, start in zip(row, offset, strict=True):
            at[item] = start - offset[-1] // 2
    bounds = [_bounds(row, offset, extents, grid, room) for row, offset in zip(levels.rows, offsets, strict=True)]
    stays = {item: round(anchor / grid.pitch) for item, anchor in anchors.items()}
    up_and_down = list(zip(levels.rows, offsets, bounds, strict=True))
    for sweep in range(SWEEPS):
        settled = sweep >= SWEEPS // 2
        downwards = sweep % 2 == 0
        for row, offset, bound in up_and_down if downwards else reversed(up_and_down):
            wishes = [
                [stays[item]] * STAY
                if item in stays
                else _wishes(levels, item, at, slack, above=downwards or settled, below=not downwards or settled)
                for item in row
            ]
            for item, value in zip(row, settle(wishes, offset, bound), strict=True):
                at[item] = value
    return [value * grid.pitch for value in at]


def _bounds(
    row: Sequence[int], offset: Sequence[int], extents: Sequence[Extent], grid: Grid, room: int | None
) -> tuple[int, int] | None:
    """The least and the most for the first item of a row that keeps it within the room, in steps."""
    if room is None:
        return None
    half = room // 2
    low = -((half - extents[row[0]].before) // grid.pitch)
    high = (room - half - 1 - extents[row[-1]].after) // grid.pitch - offset[-1]
    return (low, high) if low <= high else ((low + high) // 2, (low + high) // 2)


def _offsets(row: Sequence[int], extents: Sequence[Extent], grid: Grid) -> list[int]:
    """The least anchors of a row's items, in steps of the pitch."""
    found = [0]
    for left, right in pairwise(row):
        boxes = extents[left].after > 0 and extents[right].before > 0
        cells = extents[left].after + extents[right].before + 1 + (grid.box_gap if boxes else grid.wire_gap)
        found.append(found[-1] - (-cells // grid.pitch))
    return found


def _wishes(
    levels: Levels, item: int, at: Sequence[int], slack: Sequence[int], *, above: bool, below: bool
) -> list[int]:
    """Where its neighbours would have the item, sorted; what weighs more stands there more often.

    A box may be hit anywhere along its border, so it asks for three places: the middle and both ends of its slack.
    """
    wishes: list[int] = []
    others = (levels.above[item] if above else []) + (levels.below[item] if below else [])
    for other in others:
        if item >= levels.count and other >= levels.count:
            wishes += [at[other]] * LONG
            continue
        play = slack[item] + slack[other]
        wishes += (at[other] - play, at[other], at[other] + play)
    wishes.sort()
    return wishes or [at[item]]


def settle(wishes: Sequence[list[int]], offsets: Sequence[int], bounds: tuple[int, int] | None = None) -> list[int]:
    """The places nearest to all sorted wishes, in order and at least as far apart as `offsets` (isotonic regression).

    Pool adjacent violators: neighbours that want to pass each other become one block at the median of their wishes.
    """
    blocks: list[tuple[list[int], int, int]] = []
    for wanted, offset in zip(wishes, offsets, strict=True):
        points = [wish - offset for wish in wanted]
        value, size = _median(points), 1
        while blocks and blocks[-1][1] > value:
            earlier, _, more = blocks.pop()
            points = sorted(earlier + points)
            value, size = _median(points), size + more
        blocks.append((points, value, size))
    values = [value for _, value, size in blocks for _ in range(size)]
    if bounds is not None:
        values = [min(max(value, bounds[0]), bounds[1]) for value in values]
    return [value + offset for value, offset in zip(values, offsets, strict=True)]


def _median(points: Sequence[int]) -> int:
    return (points[(len(points) - 1) // 2] + points[len(points) // 2]) // 2
