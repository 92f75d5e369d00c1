"""A graph as a picture for browsers and documents: SVG, from the same layout as the boxes in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Role
from flowerpower_tui.graph.shapes import Box, Direction, Layout, Segment

# Pixels of a cell. Letters of a monospaced font at this size are 0.6 of it wide.
_CELL, _ROW, _FONT = 8.4, 20, 14
_MARGIN = 12
_ARROW = 5

# Readable on white and on black alike: borders and wires in a middle grey, text on a filled box.
_FILLS: dict[Role, str] = {"function": "#eef3fb", "input": "#f6f1e3", "expand": "#e8f5e6", "collect": "#e8f5e6"}
_LINE = "#7a869a"
_TEXT = "#1d2733"


def to_svg(graph: Graph, *, direction: Direction = "down") -> str:
    """An SVG document with the boxes and wires of the layered layout; inputs have dashed borders.

    Raises:
        ValueError: the graph has a cycle.
    """
    made = layout(graph, direction=direction, marks=False)
    width, height = made.width * _CELL + 2 * _MARGIN, made.height * _ROW + 2 * _MARGIN
    size = f'width="{width:g}" height="{height:g}" viewBox="{-_MARGIN} {-_MARGIN} {width:g} {height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="monospace" font-size="{_FONT}">',
            f'<g fill="none" stroke="{_LINE}" stroke-width="1.5" stroke-linecap="round">',
            *_wires(made),
            "</g>",
            *(_box(graph, box, made) for box in made.boxes),
            "</svg>",
        ]
    )


def _wires(made: Layout) -> Iterator[str]:
    for wire in made.wires:
        path = " ".join(_piece(segment) for segment in wire.segments)
        title = escape(", ".join(wire.net.sources))
        yield f'<path d="{path}"><title>{title}</title></path>'


def _piece(segment: Segment) -> str:
    return f"M{_x(segment.x0):g} {_y(segment.y0):g}L{_x(segment.x1):g} {_y(segment.y1):g}"


def _box(graph: Graph, box: Box, made: Layout) -> str:
    node = graph.by_name[box.name]
    x, y = _x(box.x), _y(box.y)
    width, height = (box.width - 1) * _CELL, (box.height - 1) * _ROW
    dashes = ' stroke-dasharray="4 3"' if node.role == "input" else ""
    title = escape(f"{box.name}: {node.type}" if node.type else box.name)
    return (
        f"<g><title>{title}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" '
        f'fill="{_FILLS[node.role]}" stroke="{_LINE}"{dashes}/>'
        f'<text x="{x + width / 2:g}" y="{y + height / 2 + _FONT / 3:.4g}" text-anchor="middle" fill="{_TEXT}">'
        f"{escape(box.label)}</text>"
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
        yield f'<polygon points="{points}" fill="{_LINE}"/>'


def _x(column: int) -> float:
    return (column + 0.5) * _CELL


def _y(row: int) -> float:
    return (row + 0.5) * _ROW
