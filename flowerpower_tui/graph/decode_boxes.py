"""Boxes and wires read back: boxes first, then the arms of every other glyph, then what they join."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flowerpower_tui.graph.decode_text import Cells
from flowerpower_tui.graph.glyphs import BOXES, CROSSING, EAST, NORTH, SOUTH, WEST, BoxGlyphs
from flowerpower_tui.graph.model import Graph, Node

Cell = tuple[int, int]
# A crossing is two elements: the upright wire (0) and the one across (1).
Element = tuple[int, int, int]

_STEPS = {NORTH: (0, -1), EAST: (1, 0), SOUTH: (0, 1), WEST: (-1, 0)}
_OPPOSITE = {NORTH: SOUTH, EAST: WEST, SOUTH: NORTH, WEST: EAST}
_STRAIGHT = (NORTH | SOUTH, EAST | WEST)
# What an ASCII corner or junction reaches out up and down; to the sides its neighbours tell.
_UPRIGHT = {".": SOUTH, "'": NORTH, "+": NORTH | SOUTH}


def decode_boxes(cells: Cells, marks: frozenset[str]) -> Graph:
    """Return the graph; raises DecodeError."""
    # A name may hold any glyph, but the first glyph of all is a border's or a wire's.
    first = next((glyph for row in cells.rows for glyph in row if glyph != " "), "+")
    unicode = not first.isascii()
    page = _Page(cells, BOXES["unicode" if unicode else "ascii"], marks)
    for y, row in enumerate(cells.rows):
        for x, glyph in enumerate(row):
            if glyph != " " and (x, y) not in page.owner:
                page.read_box(x, y)
    arms = page.unicode_arms() if unicode else page.ascii_arms()
    return page.graph(arms)


@dataclass
class _Page:
    """What has been read.

    Attributes:
        owner: the box that a cell belongs to.
        ports: cells of borders that a wire enters or leaves by, with the arm they reach out.
    """

    cells: Cells
    glyphs: BoxGlyphs
    marks: frozenset[str]
    owner: dict[Cell, str] = field(default_factory=dict)
    ports: dict[Cell, int] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    def read_box(self, x: int, y: int) -> None:
        """Read the box whose upper left corner this cell is, if it is one, and claim its cells."""
        cells, glyphs = self.cells, self.glyphs
        sides = (glyphs.left, glyphs.arrow_right)
        if cells[x, y] != glyphs.top[0] or cells[x, y + 1] not in sides:
            return
        right = x + 1
        while cells[right, y] in (glyphs.wires[EAST | WEST], glyphs.arrow_down):
            right += 1
        if cells[right, y] != glyphs.top[1]:
            if glyphs.top[0] in glyphs.wires.values():
                return
            raise cells.fail("a box's upper border breaks off", right, y)
        bottom = y + 1
        while cells[x, bottom] in sides:
            bottom += 1
        self._check_border(x, y, right, bottom)
        name = self._name(x, y, right, bottom)
        self.names.append(name)
        self.owner.update({(i, j): name for j in range(y, bottom + 1) for i in range(x, right + 1)})

    def _check_border(self, x: int, y: int, right: int, bottom: int) -> None:
        cells, glyphs = self.cells, self.glyphs
        if (cells[x, bottom], cells[right, bottom]) != glyphs.bottom:
            raise cells.fail("a box's lower border breaks off", x, bottom)
        for i in range(x + 1, right):
            if cells[i, y] == glyphs.arrow_down:
                self.ports[i, y] = NORTH
            if cells[i, bottom] == glyphs.port_down:
                self.ports[i, bottom] = SOUTH
            elif cells[i, bottom] != glyphs.wires[EAST | WEST]:
                raise cells.fail("a glyph that is none of a lower border", i, bottom)
        for j in range(y + 1, bottom):
            if cells[x, j] == glyphs.arrow_right:
                self.ports[x, j] = WEST
            if cells[right, j] == glyphs.port_right:
                self.ports[right, j] = EAST
            elif cells[right, j] != glyphs.right:
                raise cells.fail("a glyph that is none of a box's side", right, j)

    def _name(self, x: int, y: int, right: int, bottom: int) -> str:
        cells = self.cells
        middle = (y + bottom) // 2
        for j in range(y + 1, bottom):
            if j != middle and cells.text(j, x + 1, right).strip(" "):
                raise cells.fail("a box with more than a name in it", x, j)
        words = cells.text(middle, x + 1, right).split(" ")
        words = [word for word in words if word]
        if len(words) == 2 and words[0] in self.marks:
            del words[0]
        touching = cells[x + 1, middle] != " " or cells[right - 1, middle] != " "
        if len(words) != 1 or words[0] in self.names or touching:
            raise cells.fail("a box without a name of its own", x, middle)
        return words[0]

    def unicode_arms(self) -> dict[Element, int]:
        """The arms of every glyph that is no box's, each glyph for itself."""
        by_glyph = {glyph: arms for arms, glyph in self.glyphs.wires.items()}
        found: dict[Element, int] = {}
        for x, y, glyph in self._wire_cells():
            if glyph not in by_glyph:
                raise self.cells.fail("a glyph that is none of a wire", x, y)
            if by_glyph[glyph] == CROSSING:
                found[x, y, 0], found[x, y, 1] = _STRAIGHT
            else:
                found[x, y, 0] = by_glyph[glyph]
        return found

    def ascii_arms(self) -> dict[Element, int]:
        """The same for ASCII, where a corner reaches out sideways to whatever wire is there."""
        wires = {(x, y): glyph for x, y, glyph in self._wire_cells()}
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
                    if wires.get((x + _STEPS[arm][0], y)) == "-":
                        found[x, y, 0] |= arm
                if found[x, y, 0] == _UPRIGHT[glyph]:
                    raise self.cells.fail("a corner that joins nothing", x, y)
            else:
                raise self.cells.fail("a glyph that is none of a wire", x, y)
        return found

    def _wire_cells(self) -> Iterator[tuple[int, int, str]]:
        for y, row in enumerate(self.cells.rows):
            for x, glyph in enumerate(row):
                if glyph != " " and (x, y) not in self.owner:
                    yield x, y, glyph

    def graph(self, arms: dict[Element, int]) -> Graph:
        """Join the arms and read off who feeds whom."""
        arms |= {(x, y, 0): arm for (x, y), arm in self.ports.items()}
        sources: dict[Element, list[Cell]] = {}
        targets: dict[Element, list[Cell]] = {}
        root = self._components(arms)
        for (x, y), arm in self.ports.items():
            ends = sources if arm in (SOUTH, EAST) else targets
            ends.setdefault(root[x, y, 0], []).append((x, y))
        edges: list[tuple[str, str]] = []
        gave: set[str] = set()
        for component in dict.fromkeys(root.values()):
            x, y, _ = component
            givers = [self.owner[cell] for cell in sources.get(component, ())]
            takers = [self.owner[cell] for cell in targets.get(component, ())]
            if not givers or not takers or (len(givers) > 1 and len(takers) > 1):
                raise self.cells.fail("a wire that does not lead from a node to its consumers", x, y)
            if len(set(takers)) < len(takers) or len({*gave, *givers}) < len(gave) + len(givers):
                raise self.cells.fail("a node that is joined to a wire twice", x, y)
            gave.update(givers)
            edges += ((giver, taker) for giver in givers for taker in takers)
        return Graph(tuple(map(Node, self.names)), tuple(edges))

    def _components(self, arms: dict[Element, int]) -> dict[Element, Element]:
        """For each element the first one of the wire it belongs to."""
        root: dict[Element, Element] = {}
        for start in arms:
            if start in root:
                continue
            waiting = [start]
            root[start] = start
            while waiting:
                element = waiting.pop()
                for other in self._joined(element, arms):
                    if other not in root:
                        root[other] = start
                        waiting.append(other)
        return root

    def _joined(self, element: Element, arms: dict[Element, int]) -> Iterator[Element]:
        x, y, _ = element
        for arm, (i, j) in _STEPS.items():
            if not arms[element] & arm:
                continue
            for axis in (0, 1):
                other = (x + i, y + j, axis)
                if arms.get(other, 0) & _OPPOSITE[arm]:
                    yield other
                    break
            else:
                raise self.cells.fail("a wire breaks off", x, y)
