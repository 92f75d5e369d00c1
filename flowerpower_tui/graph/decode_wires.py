"""Wires read back: the arms of every glyph that is no node's, and what they join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowerpower_tui.graph.decode_text import Cells
from flowerpower_tui.graph.glyphs import BOXES, CROSSING, EAST, NORTH, SOUTH, WEST

Cell = tuple[int, int]
# A crossing is two elements: the upright wire (0) and the one across (1). A port is one for itself.
Element = tuple[int, int, int]
# A cell of a node with the arm that a wire meets there; one cell may have two of them.
Port = tuple[int, int, int]

STEPS = {NORTH: (0, -1), EAST: (1, 0), SOUTH: (0, 1), WEST: (-1, 0)}
OPPOSITE = {NORTH: SOUTH, EAST: WEST, SOUTH: NORTH, WEST: EAST}
_STRAIGHT = (NORTH | SOUTH, EAST | WEST)
_BY_GLYPH = {glyph: arms for arms, glyph in BOXES["unicode"].wires.items()}
# What an ASCII corner or junction reaches out up and down; to the sides its neighbours tell.
_UPRIGHT = {".": SOUTH, "'": NORTH, "+": NORTH | SOUTH}
_PORT = 2


@dataclass
class Page:
    """What has been read of the nodes.

    Attributes:
        cells: the text.
        owner: the node that a cell belongs to.
        names: the nodes, in reading order.
        notes: what stands behind their names, where anything does.
    """

    cells: Cells
    owner: dict[Cell, str]
    names: list[str]
    notes: dict[str, str]

    def claim(self, name: str, note: str, x0: int, y0: int, x1: int, y1: int) -> None:
        """Take a node and its cells, corners included; raises DecodeError if the name is taken."""
        if name in self.names:
            raise self.cells.fail("a name that stands twice", x0, y0)
        self.names.append(name)
        if note:
            self.notes[name] = note
        self.owner.update({(x, y): name for y in range(y0, y1 + 1) for x in range(x0, x1 + 1)})

    def wire_cells(self) -> Iterator[tuple[int, int, str]]:
        """Every cell with a glyph that is no node's."""
        for y, row in enumerate(self.cells.rows):
            for x, glyph in enumerate(row):
                if glyph != " " and (x, y) not in self.owner:
                    yield x, y, glyph


def unicode_arms(page: Page) -> dict[Element, int]:
    """The arms of every glyph of a wire, each for itself; raises DecodeError."""
    found: dict[Element, int] = {}
    for x, y, glyph in page.wire_cells():
        if glyph not in _BY_GLYPH:
            raise page.cells.fail("a glyph that is none of a wire", x, y)
        if _BY_GLYPH[glyph] == CROSSING:
            found[x, y, 0], found[x, y, 1] = _STRAIGHT
        else:
            found[x, y, 0] = _BY_GLYPH[glyph]
    return found


def ascii_arms(page: Page) -> dict[Element, int]:
    """The same for ASCII, where a corner reaches out sideways to whatever wire is there; raises DecodeError."""
    wires = {(x, y): glyph for x, y, glyph in page.wire_cells()}
    found: dict[Element, int] = {}
    for (x, y), glyph in wires.items():
        if glyph == "|":
            found[x, y, 0] = NORTH | SOUTH
            if wires.get((x - 1, y)) == "-" == wires.get((x + 1, y)):
                found[x, y, 1] = EAST | WEST
        elif glyph == "-":
            found[x, y, 0] = EAST | WEST
        elif glyph in _UPRIGHT:
            found[x, y, 0] = _UPRIGHT[glyph]
            for arm in (EAST, WEST):
                if wires.get((x + STEPS[arm][0], y)) == "-":
                    found[x, y, 0] |= arm
            if found[x, y, 0] == _UPRIGHT[glyph]:
                raise page.cells.fail("a corner that joins nothing", x, y)
        else:
            raise page.cells.fail("a glyph that is none of a wire", x, y)
    return found


def edges(page: Page, arms: Mapping[Element, int], ports: Mapping[Port, bool]) -> list[tuple[str, str]]:
    """Join the arms and read off who feeds whom.

    Args:
        page: the nodes.
        arms: the arms of the wires.
        ports: where wires meet nodes, and whether the node gives its value there (True) or takes one.

    Raises:
        DecodeError: a wire breaks off, or does not lead from nodes to nodes.
    """
    elements = {**arms, **{(x, y, _PORT + arm): arm for x, y, arm in ports}}
    root = _components(page, elements)
    sources: dict[Element, list[str]] = {}
    targets: dict[Element, list[str]] = {}
    for (x, y, arm), gives in ports.items():
        (sources if gives else targets).setdefault(root[x, y, _PORT + arm], []).append(page.owner[x, y])
    found: list[tuple[str, str]] = []
    gave: set[str] = set()
    for component in dict.fromkeys(root.values()):
        x, y, _ = component
        givers, takers = sources.get(component, ()), targets.get(component, ())
        if not givers or not takers:
            raise page.cells.fail("a wire that does not lead from a node to its consumers", x, y)
        if len(set(takers)) < len(takers) or len({*gave, *givers}) < len(gave) + len(givers):
            raise page.cells.fail("a node that is joined to a wire twice", x, y)
        gave.update(givers)
        found += ((giver, taker) for giver in givers for taker in takers)
    return found


def _components(page: Page, elements: Mapping[Element, int]) -> dict[Element, Element]:
    """For each element the first one of the wire it belongs to."""
    root: dict[Element, Element] = {}
    for start in elements:
        if start in root:
            continue
        waiting = [start]
        root[start] = start
        while waiting:
            element = waiting.pop()
            for other in _joined(page, element, elements):
                if other not in root:
                    root[other] = start
                    waiting.append(other)
    return root


def _joined(page: Page, element: Element, elements: Mapping[Element, int]) -> Iterator[Element]:
    x, y, _ = element
    for i, j, back in _REACHED[elements[element]]:
        for kind in (0, 1, _PORT + back):
            other = (x + i, y + j, kind)
            if elements.get(other, 0) & back:
                yield other
                break
        else:
            raise page.cells.fail("a wire breaks off", x, y)


# For each set of arms where they reach to, and the arm that has to meet them there.
_REACHED = tuple(
    tuple((i, j, OPPOSITE[arm]) for arm, (i, j) in STEPS.items() if arms & arm) for arms in range(2 * max(STEPS))
)
