"""Text as terminal cells, for reading drawings."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from rich.cells import cell_len


class DecodeError(ValueError):
    """A text is no drawing of a graph.

    Attributes:
        x: the cell, from 0.
        y: the row, from 0.
        glyph: what stands there.
    """

    def __init__(self, message: str, x: int, y: int, glyph: str = "") -> None:
        super().__init__(f"row {y + 1}, column {x + 1}: {message}" + (f" ({glyph!r})" if glyph else ""))
        self.x = x
        self.y = y
        self.glyph = glyph


class Cells:
    """Rows of cells. A wide character fills its cell and an empty one; outside of the text all is blank."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.rows = [_cells(line.rstrip()) for line in lines]
        self.height = len(self.rows)

    def __getitem__(self, place: tuple[int, int]) -> str:
        x, y = place
        if 0 <= y < self.height and 0 <= x < len(self.rows[y]):
            return self.rows[y][x]
        return " "

    def text(self, y: int, x0: int, x1: int | None = None) -> str:
        """The text of a row from cell `x0` up to `x1`; padded if the row is shorter."""
        row = self.rows[y]
        end = len(row) if x1 is None else x1
        return "".join(row[x0:end]) + " " * (end - max(len(row), x0))

    def fail(self, message: str, x: int, y: int) -> DecodeError:
        """The error for a cell."""
        return DecodeError(message, x, y, self[x, y])


def read_text(cells: Cells, y: int, x0: int, x1: int, marks: AbstractSet[str]) -> tuple[str, str]:
    """Return the name and the note that stand in a node's cells; a mark before them is read over.

    Raises:
        DecodeError: there is no name.
    """
    words = cells.text(y, x0, x1).split(" ")
    words = [word for word in words if word]
    if len(words) > 1 and words[0] in marks:
        del words[0]
    if not words:
        raise cells.fail("a box without a name", x0, y)
    return words[0], " ".join(words[1:])


# All that most drawings are written in: each of these takes a cell.
_ONE_CELL = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("│─┌┐└┘├┤┬┴╋┼▼▶╭╮╰╯●○⎛⎜⎝⎞⎟⎠⇠×⋯↑↓")


def _cells(line: str) -> list[str]:
    if _ONE_CELL.issuperset(line):
        return list(line)
    cells: list[str] = []
    for char in line:
        width = cell_len(char)
        if width == 0 and cells:
            # What has no width belongs to the character before it.
            owner = len(cells) - 1
            while not cells[owner] and owner:
                owner -= 1
            cells[owner] += char
            continue
        cells += [char, *[""] * (width - 1)]
    return cells
