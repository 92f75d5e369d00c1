"""Where the arrow keys lead in a drawing: along its edges, and from neighbour to neighbour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flowerpower_tui.graph.drawing import Drawing
    from flowerpower_tui.graph.model import Graph

Towards = Literal["up", "down", "left", "right"]
Flow = Literal["down", "right", "lanes", "names"]
"""How a drawing runs: boxes and chips downwards or to the right, lanes row by row, names without any edges."""

_ALONG: dict[Flow, dict[Towards, Literal["inputs", "consumers"]]] = {
    "down": {"up": "inputs", "down": "consumers"},
    "right": {"left": "inputs", "right": "consumers"},
    "lanes": {"left": "inputs", "right": "consumers"},
    "names": {},
}


def along(flow: Flow, towards: Towards) -> Literal["inputs", "consumers"] | None:
    """Return what a key leads to along the edges of a drawing that runs so; None if it leads to neighbours."""
    return _ALONG[flow].get(towards)


def step(graph: Graph, drawing: Drawing, flow: Flow, here: str, towards: Towards) -> str | None:
    """Return the node that a step leads to, None if there is none.

    Along the flow a step follows the straightest edge; where there is none, and in a drawing without edges, it goes to
    the next row or column. Across the flow it goes from one node to the next in the order they are read in, so every
    node can be reached.
    """
    leads_to = along(flow, towards)
    if leads_to:
        others = graph.parents[here] if leads_to == "inputs" else graph.children[here]
        return straightest(drawing, here, others) or _beyond(drawing, here, towards)
    if flow == "names" and towards in ("up", "down"):
        return _beyond(drawing, here, towards)
    order = list(drawing.order)
    if flow == "right":
        order.sort(key=lambda name: (drawing.rects[name].x, drawing.rects[name].y))
    index = order.index(here) + (1 if towards in ("right", "down") else -1)
    return order[index] if 0 <= index < len(order) else None


def straightest(drawing: Drawing, here: str, others: Iterable[str]) -> str | None:
    """Return which of `others` lies nearest; None if none of them is drawn."""
    x, y = _middle(drawing, here)

    def away(name: str) -> float:
        other_x, other_y = _middle(drawing, name)
        return abs(other_x - x) + abs(other_y - y)

    return min((name for name in others if name in drawing.rects), key=away, default=None)


def _beyond(drawing: Drawing, here: str, towards: Towards) -> str | None:
    """Return the nearest node in the next row, or column, that lies in a direction."""
    x, y = _middle(drawing, here)
    best: tuple[tuple[float, float], str] | None = None
    for name in drawing.order:
        other_x, other_y = _middle(drawing, name)
        dx, dy = other_x - x, other_y - y
        ahead, aside = {"up": (-dy, dx), "down": (dy, dx), "left": (-dx, dy), "right": (dx, dy)}[towards]
        if ahead > 0 and (best is None or (ahead, abs(aside)) < best[0]):
            best = ((ahead, abs(aside)), name)
    return best[1] if best else None


def _middle(drawing: Drawing, name: str) -> tuple[float, float]:
    rect = drawing.rects[name]
    # A cell is about twice as high as it is wide.
    return rect.x + rect.width / 2, 2 * (rect.y + rect.height / 2)
