"""A layout to be made elsewhere: in a thread, or in a process of its own, `python -m flowerpower_tui.graph.draft`.

The process reads a draft from stdin and writes the layout to stdout, both as MessagePack.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Literal

import msgspec

from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.order import Effort
from flowerpower_tui.graph.shapes import Direction, Layout
from flowerpower_tui.graph.view import fitting

Asked = Literal["fit", "boxes", "chips"]


class Draft(msgspec.Struct, frozen=True):
    """What to lay out, and how.

    Attributes:
        graph: what; see `bare`.
        asked: boxes, chips, or of both the first that fits.
        width: columns to fit it into where that is possible.
        direction: where the flow goes.
        effort: how long to look for a picture with few crossings.
        notes: for some nodes what stands behind their names.
        previous: the layout to start from; None: from scratch.
    """

    graph: Graph
    asked: Asked
    width: int
    direction: Direction = "down"
    effort: Effort = "quick"
    notes: Mapping[str, str] = {}
    previous: Layout | None = None

    def layout(self) -> Layout | None:
        """Lay it out; None where lanes read better.

        Raises:
            ValueError: the graph has a cycle.
        """
        if self.asked == "fit":
            return fitting(
                self.graph,
                self.width,
                direction=self.direction,
                effort=self.effort,
                notes=self.notes,
                previous=self.previous,
            )
        chips = self.asked == "chips"
        return layout(
            self.graph,
            direction=self.direction,
            chips=chips,
            width=self.width,
            effort=self.effort,
            notes=self.notes,
            previous=self.previous if self.previous is not None and self.previous.chips == chips else None,
        )


def bare(graph: Graph) -> Graph:
    """The graph with nothing but names and edges: all that a layout needs, and little to hand over."""
    return Graph(tuple(Node(name) for name in graph.by_name), graph.edges)


def main() -> None:
    """Lay out what stdin says."""
    draft = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Draft)
    sys.stdout.buffer.write(msgspec.msgpack.encode(draft.layout()))


if __name__ == "__main__":
    main()
