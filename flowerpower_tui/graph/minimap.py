"""A whole drawing in a few cells of braille dots, with the worst state under each, to find one's way by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.shapes import Rect

# What a cell shows if many states are under it: the first of these.
WORST = ("failed", "crashed", "lost", "running", "cancelled", "skipped", "succeeded", "waiting")
_BLANK = 0x2800
# The bit of each dot of a braille cell, by row and column.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class MiniCell(NamedTuple):
    """A cell of the map: its glyph, and the worst state of the nodes under it; None where there is no node."""

    glyph: str
    state: str | None


@dataclass(frozen=True)
class Minimap:
    """A map of a drawing.

    Attributes:
        rows: the cells, all rows of one length.
        extent: the columns and rows of the drawing.
    """

    rows: tuple[tuple[MiniCell, ...], ...]
    extent: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """The map's columns and rows."""
        return (len(self.rows[0]) if self.rows else 0), len(self.rows)

    def region(self, view: Rect) -> Rect:
        """The cells of the map that a part of the drawing takes, to frame what is on the screen."""
        (width, height), (columns, rows) = self.extent, self.size
        if not columns or not rows:
            return Rect(0, 0, 0, 0)
        left, top = view.x * columns // width, view.y * rows // height
        right = min(columns, -(-(view.x + view.width) * columns // width))
        bottom = min(rows, -(-(view.y + view.height) * rows // height))
        return Rect(left, top, max(1, right - left), max(1, bottom - top))

    def place(self, column: int, row: int) -> tuple[int, int]:
        """The cell of the drawing in the middle of a cell of the map, to go where someone clicks."""
        (width, height), (columns, rows) = self.extent, self.size
        if not columns or not rows:
            return 0, 0
        return (2 * column + 1) * width // (2 * columns), (2 * row + 1) * height // (2 * rows)


def minimap(
    drawing: Drawing,
    width: int,
    height: int,
    states: Mapping[str, str] | None = None,
    worst: Sequence[str] = WORST,
) -> Minimap:
    """Map a drawing into at most `width` by `height` cells.

    Args:
        drawing: what to map.
        width: columns there are.
        height: rows there are.
        states: the states of nodes.
        worst: the states, the one that matters most first; others come last.
    """
    # No more dots than the drawing has cells: a small drawing has a small map.
    columns = max(1, min(width, -(-drawing.width // 2)))
    rows = max(1, min(height, -(-drawing.height // 4)))
    dots = [[0] * columns for _ in range(rows)]
    found: dict[tuple[int, int], str] = {}
    rank = {state: index for index, state in enumerate(worst)}
    for name, (x, y, wide, high) in drawing.rects.items():
        left, right = _scaled(x, wide, drawing.width, 2 * columns)
        top, bottom = _scaled(y, high, drawing.height, 4 * rows)
        state = (states or {}).get(name)
        for dot_y in range(top, bottom):
            for dot_x in range(left, right):
                dots[dot_y // 4][dot_x // 2] |= _DOTS[dot_y % 4][dot_x % 2]
        if state is None:
            continue
        for row in range(top // 4, (bottom - 1) // 4 + 1):
            for column in range(left // 2, (right - 1) // 2 + 1):
                other = found.setdefault((column, row), state)
                if rank.get(state, len(rank)) < rank.get(other, len(rank)):
                    found[column, row] = state
    cells = (
        tuple(MiniCell(chr(_BLANK | bits), found.get((column, row))) for column, bits in enumerate(line))
        for row, line in enumerate(dots)
    )
    return Minimap(tuple(cells), (drawing.width, drawing.height))


def _scaled(start: int, length: int, whole: int, dots: int) -> tuple[int, int]:
    """The dots from `start` on; at least one, so that no node is lost."""
    first = start * dots // whole
    return first, max(first + 1, (start + length) * dots // whole)
