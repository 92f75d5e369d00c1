"""A drawing read back into a graph, from its text alone: the proof that what is drawn is what was built.

Strict: a glyph that does not fit its place, or a wire that ends nowhere, is an error that says where.
"""

from __future__ import annotations

from rich.cells import cell_len

from flowerpower_tui.graph.decode_boxes import decode_boxes
from flowerpower_tui.graph.decode_lanes import decode_lanes
from flowerpower_tui.graph.decode_text import Cells, DecodeError
from flowerpower_tui.graph.glyphs import LANES
from flowerpower_tui.graph.model import Graph

__all__ = ["DecodeError", "decode"]


def decode(text: str, *, marks: str = "") -> Graph:
    """Return the graph that a drawing shows: its nodes, by name only, in reading order, and its edges.

    Args:
        text: a drawing by `draw`, of boxes or of lanes, in Unicode or ASCII.
        marks: the glyphs that may stand in the boxes' cells for states.

    Raises:
        DecodeError: this is no drawing, or not a whole one.
    """
    lines = text.splitlines()
    if not lines:
        return Graph()
    cells = Cells(lines)
    for charset, glyphs in LANES.items():
        # The first node of a drawing in lanes takes nothing: its dot is the first glyph there is.
        if lines[0][:1] in (glyphs.opens, glyphs.leaf):
            return decode_lanes(cells, charset)
    return decode_boxes(cells, frozenset(mark for mark in marks if cell_len(mark) == 1))
