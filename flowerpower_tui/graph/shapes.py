"""What a layout is made of, on the character grid: boxes, wires and lanes. Plain values; nothing here draws."""

from __future__ import annotations

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


class Segment(NamedTuple):
    """A straight piece of wire, ends included; `x0 <= x1`, `y0 <= y1`, and one of the pairs is equal."""

    x0: int
    y0: int
    x1: int
    y1: int


class Net(msgspec.Struct, frozen=True):
    """One wire tree: the value of `sources` (nearly always one node) goes to every one of `targets`."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


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
    """

    name: str
    label: str
    x: int
    y: int
    width: int
    height: int
    ins: tuple[int, ...] = ()
    out: int | None = None

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
    """

    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    width: int
    height: int
    direction: Direction
    marks: bool


class LaneInput(NamedTuple):
    """A value that a row takes from a lane."""

    column: int
    source: int
    ends: bool


class LaneRow(msgspec.Struct, frozen=True):
    """A node's row.

    Attributes:
        name: the node.
        label: its name as drawn.
        column: the lane column its dot stands in.
        opens: whether a lane begins at the dot.
        inputs: the lanes it takes, from left to right; one may stand straight above the dot.
        far: labels of inputs whose lane was cut because they are too far up.
        reach: the right-most column in use on this row; the label stands behind it.
    """

    name: str
    label: str
    column: int
    opens: bool
    inputs: tuple[LaneInput, ...]
    far: tuple[str, ...]
    reach: int


class Lane(NamedTuple):
    """A value on its way: column `column` from the row of its node (`first`) to the row that ends it (`last`)."""

    column: int
    first: int
    last: int
    source: int


class Lanes(msgspec.Struct, frozen=True):
    """One row a node, from inputs to results, with the values as lanes at the left."""

    rows: tuple[LaneRow, ...]
    lanes: tuple[Lane, ...]
    nets: tuple[Net, ...]
