"""A graph as a picture for browsers and documents: SVG, from the same layout as the boxes in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape

from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Role
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Segment, Wire
from flowerpower_tui.terminal import one_line

# Pixels of a cell. Letters of a monospaced font at this size are 0.6 of it wide.
_CELL, _ROW, _FONT = 8.4, 20, 14
_MARGIN = 12
_ARROW = 5
_DOT = 2.5

_ROLES: dict[Role, str] = {"function": "f", "input": "i", "expand": "p", "collect": "p", "load": "i", "save": "i"}
_STYLE = """
.w{fill:none;stroke:#7a869a;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.a{fill:#7a869a}
rect{stroke:#7a869a;stroke-width:1.5}
text{fill:#1d2733;text-anchor:middle}
.n{fill:#7a869a}
.f{fill:#eef3fb}.i{fill:#f6f1e3}.p{fill:#e8f5e6}
@media (prefers-color-scheme:dark){
text{fill:#dce3ee}
.f{fill:#1f2a3a}.i{fill:#37301d}.p{fill:#1f3320}
}
"""


def to_svg(graph: Graph, *, direction: Direction = "down", notes: Mapping[str, str] | None = None) -> str:
    """An SVG document with the boxes and wires of the layered layout; inputs have dashed borders.

    It is light or dark as its reader prefers. Dots mark where wires of one value fork; wires that only cross have none.

    Args:
        graph: what to draw.
        direction: where the flow goes.
        notes: for some nodes what stands behind their names.

    Raises:
        ValueError: the graph has a cycle.
    """
    made = layout(graph, direction=direction, marks=False, notes=notes)
    width, height = made.width * _CELL + 2 * _MARGIN, made.height * _ROW + 2 * _MARGIN
    size = f'width="{width:g}" height="{height:g}" viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="{_FONT}">',
            f"<style>{_STYLE}</style>",
            *_wires(made),
            *(_box(graph, box, made) for box in made.boxes),
            "</svg>",
        ]
    )


def _wires(made: Layout) -> Iterator[str]:
    for wire in made.wires:
        path = " ".join(_piece(segment) for segment in wire.segments)
        title = escape(one_line(", ".join(wire.net.sources)))
        yield f'<path class="w" d="{path}"><title>{title}</title></path>'
        for x, y in _forks(wire):
            yield f'<circle class="a" cx="{_x(x):g}" cy="{_y(y):g}" r="{_DOT}"/>'


def _forks(wire: Wire) -> list[tuple[int, int]]:
    """The cells in which at least three arms of a wire meet."""
    arms: Counter[tuple[int, int]] = Counter()
    across = [segment for segment in wire.segments if segment.y0 == segment.y1]
    upright = [segment for segment in wire.segments if segment.y0 != segment.y1]
    # Whatever runs along the flow meets the trunks only with its ends.
    for segment in wire.segments:
        arms[segment.x0, segment.y0] += 1
        arms[segment.x1, segment.y1] += 1
    ends = list(arms)
    for pieces, fixed, moving in ((across, 1, 0), (upright, 0, 1)):
        lines: dict[int, list[tuple[int, int]]] = {}
        for piece in pieces:
            lines.setdefault(piece[fixed], []).append((piece[moving], piece[moving + 2]))
        for end in ends:
            arms[end] += sum(2 for low, high in lines.get(end[fixed], ()) if low < end[moving] < high)
    return sorted(end for end in ends if arms[end] > 2)


def _piece(segment: Segment) -> str:
    return f"M{_x(segment.x0):g} {_y(segment.y0):g}L{_x(segment.x1):g} {_y(segment.y1):g}"


def _box(graph: Graph, box: Box, made: Layout) -> str:
    node = graph.by_name[box.name]
    x, y = _x(box.x), _y(box.y)
    width, height = (box.width - 1) * _CELL, (box.height - 1) * _ROW
    dashes = ' stroke-dasharray="4 3"' if node.role == "input" else ""
    title = escape(one_line(f"{box.name}: {node.type}" if node.type else box.name))
    note = f' <tspan class="n">{escape(box.note)}</tspan>' if box.note else ""
    return (
        f"<g><title>{title}</title>"
        f'<rect class="{_ROLES[node.role]}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5"{dashes}/>'
        f'<text x="{x + width / 2:g}" y="{y + height / 2 + _FONT / 3:.4g}">{escape(box.label)}{note}</text>'
        f"{''.join(_arrows(box, made))}</g>"
    )


def _arrows(box: Box, made: Layout) -> Iterator[str]:
    for port in box.ins:
        if made.direction == "down":
            x, y = _x(port), _y(box.y)
            points = f"{x - _ARROW:g},{y - 1.6 * _ARROW:g} {x + _ARROW:g},{y - 1.6 * _ARROW:g} {x:g},{y:g}"
        else:
            x, y = _x(box.x), _y(port)
            points = f"{x - 1.6 * _ARROW:g},{y - _ARROW:g} {x - 1.6 * _ARROW:g},{y + _ARROW:g} {x:g},{y:g}"
        yield f'<polygon class="a" points="{points}"/>'


def _x(column: int) -> float:
    return (column + 0.5) * _CELL


def _y(row: int) -> float:
    return (row + 0.5) * _ROW
