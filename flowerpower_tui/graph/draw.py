"""From a layout or lanes to a `Drawing`: glyphs for boxes and wires, in Unicode or plain ASCII."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter

from rich.cells import cell_len

from flowerpower_tui.graph.draw_lanes import draw_lanes
from flowerpower_tui.graph.drawing import Drawing, Span
from flowerpower_tui.graph.glyphs import BOXES, CHIPS, CROSSING, EAST, NORTH, NOTES, SOUTH, WEST, Charset
from flowerpower_tui.graph.shapes import Box, Lanes, Layout, Net

# Vertical pieces are found by bands of so many rows.
BAND = 32


def draw(layout: Layout | Lanes, *, charset: Charset = "unicode") -> Drawing:
    """Return the drawing of a layout or of lanes; its rows are made when they are asked for."""
    if isinstance(layout, Lanes):
        return draw_lanes(layout, charset)
    page = _Page(layout, charset)
    return Drawing(
        width=layout.width,
        height=layout.height,
        rects={box.name: box.rect for box in layout.boxes},
        marks={box.name: (box.x + _before(box), box.y + box.middle) for box in layout.boxes} if layout.marks else {},
        order=tuple(box.name for box in sorted(layout.boxes, key=attrgetter("y", "x"))),
        _paint=page.row,
        _node_at=page.node_at,
    )


def _before(box: Box) -> int:
    """Cells from a box's left border to its mark; the name follows after a blank."""
    return (box.width - cell_len(box.text) - 2) // 2


class _Page:
    """A layout sorted so that a row is found without looking at the others."""

    def __init__(self, layout: Layout, charset: Charset) -> None:
        self.layout = layout
        self.glyphs = BOXES[charset]
        self.chips = CHIPS[charset]
        self.notes = NOTES[charset]
        self.boxes: list[list[Box]] = [[] for _ in range(layout.height)]
        self.across: list[list[tuple[int, int, Net]]] = [[] for _ in range(layout.height)]
        self.upright: list[list[tuple[int, int, int, Net]]] = [[] for _ in range(layout.height // BAND + 1)]
        for box in sorted(layout.boxes, key=attrgetter("x")):
            for y in range(box.y, box.y + box.height):
                self.boxes[y].append(box)
        for wire in layout.wires:
            for x0, y0, x1, y1 in wire.segments:
                if y0 == y1:
                    self.across[y0].append((x0, x1, wire.net))
                else:
                    for band in range(y0 // BAND, y1 // BAND + 1):
                        self.upright[band].append((x0, y0, y1, wire.net))
        for rows in (self.across, self.upright):
            for row in rows:
                row.sort(key=lambda piece: piece[:-1])

    def node_at(self, x: int, y: int) -> str | None:
        row = self.boxes[y]
        index = bisect_left(row, x + 1, key=attrgetter("x")) - 1
        return row[index].name if index >= 0 and row[index].rect.holds(x, y) else None

    def row(self, y: int, x0: int, x1: int) -> list[Span]:
        row = self.boxes[y]
        first = max(0, bisect_left(row, x0, key=attrgetter("x")) - 1)
        spans: list[Span] = []
        start = x0
        for box in row[first : bisect_left(row, x1, key=attrgetter("x"))]:
            if box.x + box.width <= x0:
                continue
            spans += self._wires(y, start, box.x)
            spans += self._box(box, y - box.y)
            start = box.x + box.width
        return spans + self._wires(y, start, x1)

    def _wires(self, y: int, x0: int, x1: int) -> list[Span]:
        """The wires between two boxes."""
        arms: dict[int, int] = {}
        nets: dict[int, Net] = {}
        for left, right, net in self.across[y]:
            if left >= x1:
                break
            for x in range(max(left, x0), min(right + 1, x1)):
                arms[x] = arms.get(x, 0) | (WEST if x > left else 0) | (EAST if x < right else 0)
                nets[x] = net
        column = self.upright[y // BAND]
        for x, top, bottom, net in column[bisect_left(column, (x0,)) : bisect_left(column, (x1,))]:
            if top <= y <= bottom:
                own = (NORTH if y > top else 0) | (SOUTH if y < bottom else 0)
                if x not in arms or nets[x] is net:
                    arms[x] = arms.get(x, 0) | own
                else:
                    arms[x] = CROSSING
                nets[x] = net
        return self._joined(arms, nets)

    def _joined(self, arms: dict[int, int], nets: dict[int, Net]) -> list[Span]:
        """Neighbouring cells of one net as one span."""
        spans: list[Span] = []
        text, start, last, current = "", 0, -1, None
        for x in sorted(arms):
            if x != last + 1 or nets[x] is not current:
                if current is not None:
                    spans.append(Span(start, len(text), text, "wire", None, current))
                text, start, current = "", x, nets[x]
            text += self.glyphs.wires[arms[x]]
            last = x
        if current is not None:
            spans.append(Span(start, len(text), text, "wire", None, current))
        return spans

    def _box(self, box: Box, row: int) -> list[Span]:
        if not self.layout.chips and row in (0, box.height - 1):
            return [Span(box.x, box.width, self._edge(box, top=row == 0), "border", box.name, None)]
        left, right = self._sides(box, row)
        ends = (
            Span(box.x, 1, left, "border", box.name, None),
            Span(box.x + box.width - 1, 1, right, "border", box.name, None),
        )
        if row == box.middle:
            return [ends[0], *self._text(box), ends[1]]
        return [ends[0], *_blank(box, box.x + 1, box.width - 2), ends[1]]

    def _sides(self, box: Box, row: int) -> tuple[str, str]:
        if self.layout.chips:
            return self.chips.ends(row, box.height)
        glyphs = self.glyphs
        if self.layout.direction == "down":
            return glyphs.left, glyphs.right
        return (
            glyphs.arrow_right if box.y + row in box.ins else glyphs.left,
            glyphs.port_right if box.y + row == box.out else glyphs.right,
        )

    def _text(self, box: Box) -> list[Span]:
        """The mark, the name and the note, in the middle of the box."""
        x, end = box.x + 1, box.x + box.width - 1
        spans: list[Span] = []
        if self.layout.marks:
            mark = box.x + _before(box)
            spans += (*_blank(box, x, mark - x), Span(mark, 1, " ", "mark", box.name, None))
            x, before = mark + 1, 1
        else:
            before = (end - x - cell_len(box.text)) // 2
        if not box.note:
            after = end - x - before - cell_len(box.label)
            return [*spans, Span(x, end - x, " " * before + box.label + " " * after, "name", box.name, None)]
        wide = before + cell_len(box.label) + 1
        after = end - x - wide - cell_len(box.note)
        note = box.note.translate(self.notes) + " " * after
        return [
            *spans,
            Span(x, wide, " " * before + box.label + " ", "name", box.name, None),
            Span(x + wide, end - x - wide, note, "note", box.name, None),
        ]

    def _edge(self, box: Box, *, top: bool) -> str:
        glyphs = self.glyphs
        edge = [glyphs.wires[EAST | WEST]] * box.width
        edge[0], edge[-1] = glyphs.top if top else glyphs.bottom
        if self.layout.direction == "down":
            if top:
                for port in box.ins:
                    edge[port - box.x] = glyphs.arrow_down
            elif box.out is not None:
                edge[box.out - box.x] = glyphs.port_down
        return "".join(edge)


def _blank(box: Box, x: int, width: int) -> list[Span]:
    return [Span(x, width, " " * width, "name", box.name, None)] if width > 0 else []
