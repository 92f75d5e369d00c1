"""A drawing read back into a graph, from its text alone: the proof that what is drawn is what was built.

Strict: a glyph that does not fit its place, or a wire that ends nowhere, is an error that says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.cells import cell_len

from flowerpower_tui.graph.decode_boxes import decode_boxes
from flowerpower_tui.graph.decode_chips import decode_chips
from flowerpower_tui.graph.decode_lanes import decode_lanes
from flowerpower_tui.graph.decode_text import Cells, DecodeError
from flowerpower_tui.graph.glyphs import CHIPS, LANES
from flowerpower_tui.graph.model import Graph

__all__ = ["DecodeError", "Reading", "decode", "read"]


class Reading(NamedTuple):
    """What a drawing says.

    Attributes:
        graph: its nodes, by name only, in reading order, and its edges.
        notes: what stands behind names, where anything does.
    """

    graph: Graph
    notes: Mapping[str, str]


def decode(text: str, *, marks: str = "") -> Graph:
    """Return the graph that a drawing shows; see `read`."""
    return read(text, marks=marks).graph


def read(text: str, *, marks: str = "") -> Reading:
    """Return what a drawing shows.

    Args:
        text: a drawing by `draw`, of boxes, chips or lanes, in Unicode or ASCII.
        marks: the glyphs that may stand in the nodes' cells for states; not in lanes, where those are the dots.

    Raises:
        DecodeError: this is no drawing, or not a whole one.
    """
    lines = text.splitlines()
    if not lines:
        return Reading(Graph(), {})
    cells = Cells(lines)
    for charset, glyphs in LANES.items():
        # The first node of a drawing in lanes takes nothing: its dot is the first glyph there is.
        if lines[0][:1] in (glyphs.opens, glyphs.leaf):
            return Reading(*decode_lanes(cells, charset))
    states = frozenset(mark for mark in marks if cell_len(mark) == 1)
    # A name may hold any glyph, but a corner of the first layer is no name's: the first in the text if the flow goes
    # down, the uppermost at the left if it goes right.
    first = next((glyph for row in cells.rows for glyph in row if glyph != " "), "")
    begins = ((next((x for x, glyph in enumerate(row) if glyph != " "), None), y) for y, row in enumerate(cells.rows))
    corner = min(((x, y) for x, y in begins if x is not None), default=(0, 0))
    for charset, chips in CHIPS.items():
        if {first, cells[corner]} & {chips.single[0], chips.first[0]}:
            return Reading(*decode_chips(cells, charset, states))
    return Reading(*decode_boxes(cells, "ascii" if first.isascii() else "unicode", states))
