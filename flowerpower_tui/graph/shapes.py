"""What a layout is made of, on the character grid: boxes, wires and lanes. Plain values; nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

Direction = Literal["down", "right"]


class Rect(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Whether the cell lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def overlaps(self, other: Rect) -> bool:
        """Whether the two have a cell in common."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def around(rects: Sequence[Rect]) -> Rect:
    """The smallest rectangle that holds all of these; there is at least one."""
    x, y = min(rect.x for rect in rects), min(rect.y for rect in rects)
    right, bottom = max(rect.x + rect.width for rect in rects), max(rect.y + rect.height for rect in rects)
    return Rect(x, y, right - x, bottom - y)


class Segment(NamedTuple):
    """A straight piece of wire, ends included; `x0 <= x1`, `y0 <= y1`, and one of the pairs is equal."""

    x0: int
    y0: int
    x1: int
    y1: int


class Net(msgspec.Struct, frozen=True):
    """One wire tree: the value of each of `sources` (nearly always one node) goes to every one of `targets`."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]

    def renamed(self, names: Mapping[str, str]) -> Net:
        """The same net between nodes with new names."""
        sources, targets = ([names.get(name, name) for name in ends] for ends in (self.sources, self.targets))
        return Net(tuple(sources), tuple(targets))


class Wire(msgspec.Struct, frozen=True):
    """A net with its way over the grid. The pieces begin and end on the borders of the boxes, in their ports."""

    net: Net
    segments: tuple[Segment, ...]


class Box(msgspec.Struct, frozen=True):
    """A node's box.

    Attributes:
        name: the node.
        label: its name as drawn; distinct from every other label in the layout.
        ins: where wires enter: columns of the top border (down), rows of the left border (right).
        out: where its own wire leaves the bottom (down) or right border; None if nobody takes the value.
        note: what stands behind its name, in words that are no names, as `×50`.
        layer: the layer of its component that it stands in.
    """

    name: str
    label: str
    x: int
    y: int
    width: int
    height: int
    ins: tuple[int, ...] = ()
    out: int | None = None
    note: str = ""
    layer: int = 0

    @property
    def text(self) -> str:
        """What stands in the box: the label, and the note behind it."""
        return f"{self.label} {self.note}" if self.note else self.label

    @property
    def middle(self) -> int:
        """The row that its name stands in, from its upper border."""
        return (self.height - 1) // 2

    @property
    def rect(self) -> Rect:
        """The cells it covers."""
        return Rect(self.x, self.y, self.width, self.height)


class Layout(msgspec.Struct, frozen=True):
    """Layered boxes: the graph flows down or right.

    Attributes:
        marks: whether every box keeps a cell free before its name for a state's glyph.
        chips: whether the boxes have no borders above and below, so that most of them are one row.
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: int
    height: int
    direction: Direction
    marks: bool
    chips: bool = False

    def renamed(self, names: Mapping[str, str]) -> Layout:
        """The same places under new names, as a start for the graph in which the nodes have these names."""
        boxes = tuple(msgspec.structs.replace(box, name=names.get(box.name, box.name)) for box in self.boxes)
        wires = tuple(msgspec.structs.replace(wire, net=wire.net.renamed(names)) for wire in self.wires)
        return msgspec.structs.replace(self, boxes=boxes, wires=wires)


class LaneInput(NamedTuple):
    """A value that a row takes from a lane.

    Attributes:
        column: where the lane runs.
        net: the lane's place among the nets.
        ends: whether the lane ends here.
    """

    column: int
    net: int
    ends: bool


class LaneRow(msgspec.Struct, frozen=True):
    """A node's row.

    Attributes:
        name: the node.
        label: its name as drawn.
        column: the lane column its dot stands in.
        lane: the column in which its value goes on: its own, or that of a lane at the right which it shares with others
            that have the same consumers; None if nobody takes the value, or not from a lane.
        joins: whether that lane comes from above; it begins here otherwise.
        inputs: the lanes it takes, from left to right; one may stand straight above the dot.
        far: labels of inputs whose lane was cut because they are too far up.
        reach: the right-most column in use on this row; the label stands behind it.
        note: what stands behind the name, in words that are no names, as `×50`.
    """

    name: str
    label: str
    column: int
    lane: int | None
    joins: bool
    inputs: tuple[LaneInput, ...]
    far: tuple[str, ...]
    reach: int
    note: str = ""

    @property
    def text(self) -> str:
        """The label, and the note behind it."""
        return f"{self.label} {self.note}" if self.note else self.label


class Lane(NamedTuple):
    """A value on its way, or many with the same consumers.

    Attributes:
        column: where it runs.
        first: the row that opens it.
        last: the row that ends it.
        net: its place among the lanes' nets.
    """

    column: int
    first: int
    last: int
    net: int


class Lanes(msgspec.Struct, frozen=True):
    """One row a node, from inputs to results, with the values as lanes at the left."""

    rows: tuple[LaneRow, ...]
    lanes: tuple[Lane, ...]
    nets: tuple[Net, ...]

    def renamed(self, names: Mapping[str, str]) -> Lanes:
        """The same places under new names, as a start for the graph in which the nodes have these names."""
        rows = tuple(msgspec.structs.replace(row, name=names.get(row.name, row.name)) for row in self.rows)
        return msgspec.structs.replace(self, rows=rows, nets=tuple(net.renamed(names) for net in self.nets))
