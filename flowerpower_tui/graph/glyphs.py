"""The letters that drawings are written in, and that `decode` reads: one alphabet for each kind and character set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Charset = Literal["unicode", "ascii"]

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8
# Four arms of one net meet; of two nets they only cross.
CROSSING = 16


@dataclass(frozen=True)
class BoxGlyphs:
    """Boxes and wires.

    Attributes:
        wires: the glyph for each set of arms, and for a crossing.
        top: a box's upper corners.
        bottom: a box's lower corners.
        left: a box's left side.
        right: a box's right side.
        arrow_down: an in-port in a top border.
        arrow_right: an in-port in a left border.
        port_down: the out-port in a bottom border.
        port_right: the out-port in a right border.
    """

    wires: Mapping[int, str]
    top: tuple[str, str]
    bottom: tuple[str, str]
    left: str
    right: str
    arrow_down: str
    arrow_right: str
    port_down: str
    port_right: str


@dataclass(frozen=True)
class ChipGlyphs:
    """Chips: names between two ends, and the same wires as boxes have.

    Attributes:
        wires: the glyph for each set of arms, and for a crossing.
        single: the ends of a chip of one row.
        first: the ends of the first row of a chip of many.
        inner: the ends of the rows between.
        last: the ends of its last row.
    """

    wires: Mapping[int, str]
    single: tuple[str, str]
    first: tuple[str, str]
    inner: tuple[str, str]
    last: tuple[str, str]

    def ends(self, row: int, height: int) -> tuple[str, str]:
        """The left and right end of a row of a chip of `height` rows."""
        if height == 1:
            return self.single
        return self.first if not row else self.last if row == height - 1 else self.inner


@dataclass(frozen=True)
class LaneGlyphs:
    """Lanes.

    Attributes:
        opens: a node whose value goes on in a lane.
        leaf: a node without a lane.
        lane: a lane that passes, also under a row's wire, which bridges it.
        wire: a row's wire.
        first_on: the left-most input of a row, whose lane goes on.
        first_end: the same, whose lane ends.
        on: a further input, whose lane goes on.
        end: the same, whose lane ends.
        begins: where a lane for many begins, at the right of the first.
        joins: where another joins it.
        far: stands before the names of inputs without a lane.
    """

    opens: str
    leaf: str
    lane: str
    wire: str
    first_on: str
    first_end: str
    on: str
    end: str
    begins: str
    joins: str
    far: str


_UNICODE_WIRES = {
    NORTH | SOUTH: "│",
    EAST | WEST: "─",
    EAST | SOUTH: "┌",
    SOUTH | WEST: "┐",
    NORTH | EAST: "└",
    NORTH | WEST: "┘",
    NORTH | EAST | SOUTH: "├",
    NORTH | SOUTH | WEST: "┤",
    EAST | SOUTH | WEST: "┬",
    NORTH | EAST | WEST: "┴",
    NORTH | EAST | SOUTH | WEST: "╋",
    CROSSING: "┼",
}
# In ASCII a corner or junction tells only its upright arms: `.` below, `'` above, `+` both. A crossing is a bridge:
# the upright wire goes through, the other one continues behind it.
_ASCII_WIRES = {arms: "." if not arms & NORTH else "'" if not arms & SOUTH else "+" for arms in _UNICODE_WIRES} | {
    NORTH | SOUTH: "|",
    EAST | WEST: "-",
    CROSSING: "|",
}

BOXES: Mapping[Charset, BoxGlyphs] = {
    "unicode": BoxGlyphs(_UNICODE_WIRES, ("╭", "╮"), ("╰", "╯"), "│", "│", "▼", "▶", "┬", "├"),
    "ascii": BoxGlyphs(_ASCII_WIRES, ("+", "+"), ("+", "+"), "[", "]", "v", ">", "+", "+"),
}
CHIPS: Mapping[Charset, ChipGlyphs] = {
    "unicode": ChipGlyphs(_UNICODE_WIRES, ("(", ")"), ("⎛", "⎞"), ("⎜", "⎟"), ("⎝", "⎠")),
    "ascii": ChipGlyphs(_ASCII_WIRES, ("[", "]"), ("/", "\\"), (":", ":"), ("\\", "/")),
}
# What no label in a chip may hold.
CHIP_ENDS = "()⎛⎞⎜⎟⎝⎠[]/\\:"
LANES: Mapping[Charset, LaneGlyphs] = {
    "unicode": LaneGlyphs("●", "○", "│", "─", "├", "└", "┼", "┴", "┐", "┤", "⇠"),
    "ascii": LaneGlyphs("*", "o", "|", "-", "+", "'", "+", "'", ".", "+", "<-"),
}
# Notes are written in these; each has a letter in ASCII, one cell wide as well.
NOTES: Mapping[Charset, Mapping[int, int]] = {"unicode": {}, "ascii": str.maketrans("×⋯↑↓", "x.^v")}
