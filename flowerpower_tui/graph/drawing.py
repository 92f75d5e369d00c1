"""A drawing: rows of spans that know what they show, so that an interface colours them by looking up a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from flowerpower_tui.graph.shapes import Net, Rect

Part = Literal["border", "mark", "name", "wire", "note"]


class Span(NamedTuple):
    """Neighbouring cells of a row that belong together.

    Attributes:
        x: the first cell.
        width: in cells.
        text: what a plain drawing shows there.
        part: a box's `border`; the one cell for a state's `mark`; the `name` with the space around it;
            a piece of `wire`; a `note` behind a name.
        node: the node it belongs to; None for wires.
        net: the net that a wire belongs to; at a crossing the one that runs along the flow.
    """

    x: int
    width: int
    text: str
    part: Part
    node: str | None
    net: Net | None


@dataclass(frozen=True)
class Drawing:
    """A graph as text, drawn row by row when asked.

    Attributes:
        width: in cells.
        height: in rows.
        rects: the cells of each node: its box, or from its dot to its row's end in lanes.
        marks: the cell of each node that a state's glyph may take, as (x, y); empty if the layout has none.
        order: the nodes in reading order.
    """

    width: int
    height: int
    rects: Mapping[str, Rect]
    marks: Mapping[str, tuple[int, int]]
    order: tuple[str, ...]
    _paint: Callable[[int, int, int], list[Span]]
    _node_at: Callable[[int, int], str | None]

    def spans(self, y: int, x0: int = 0, x1: int | None = None) -> list[Span]:
        """What stands in row `y` between the columns `x0` and `x1`, from left to right; blank cells are left out.

        A name or a border that is cut by `x0` or `x1` comes whole. Rows outside the drawing are empty.
        """
        if not 0 <= y < self.height:
            return []
        return self._paint(y, max(x0, 0), self.width if x1 is None else min(x1, self.width))

    def node_at(self, x: int, y: int) -> str | None:
        """The node under a cell, None where there is none."""
        return self._node_at(x, y) if 0 <= x < self.width and 0 <= y < self.height else None

    def rect(self, node: str) -> Rect:
        """The cells of a node."""
        return self.rects[node]

    def line(self, y: int) -> str:
        """Row `y` as plain text, without blanks at its end."""
        parts: list[str] = []
        end = 0
        for span in self.spans(y):
            parts.append(" " * (span.x - end) + span.text)
            end = span.x + span.width
        return "".join(parts).rstrip()

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Every row as plain text."""
        return tuple(self.line(y) for y in range(self.height))

    @property
    def text(self) -> str:
        """The drawing as plain text, without a newline at its end."""
        return "\n".join(self.lines)
