"""The DAG as a canvas: each node's state changes in place, the cursor walks from node to node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.view import fit
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events

    from flowerpower_tui.graph.drawing import Drawing, Span
    from flowerpower_tui.graph.model import Graph

Towards = Literal["up", "down", "left", "right"]
Shape = Literal["fit", "boxes", "lanes"]

_DRAWN: dict[Shape, Callable[[Graph, int], Drawing]] = {
    "fit": fit,
    "boxes": lambda graph, width: draw(layout(graph, marks=True, width=width)),
    "lanes": lambda graph, _: draw(lanes(graph)),
}
_NEXT_SHAPE: dict[Shape, Shape] = {"fit": "boxes", "boxes": "lanes", "lanes": "fit"}


class DagView(LineView):
    """A drawn graph with a cursor on one node.

    Attributes:
        goes_along: whether the cursor follows what runs; moving it by hand ends that.
    """

    BINDINGS: ClassVar = [
        Binding("up,k", "walk('up')", "Node above", show=False, tooltip="Go to the node above", id="dag.up"),
        Binding("down,j", "walk('down')", "Node below", show=False, tooltip="Go to the node below", id="dag.down"),
        Binding("left,h", "walk('left')", "Node left", show=False, tooltip="Go to the node at the left", id="dag.left"),
        Binding(
            "right,l", "walk('right')", "Node right", show=False, tooltip="Go to the node at the right", id="dag.right"
        ),
        Binding("home,g", "go_to_end(False)", "First", show=False, tooltip="Go to the first node", id="dag.first"),
        Binding("end,G", "go_to_end(True)", "Last", show=False, tooltip="Go to the last node", id="dag.last"),
        Binding("enter", "open_source", "Source", tooltip="Show the node's source", id="dag.source"),
        Binding("v", "next_shape", "View", tooltip="Boxes, lanes, or what fits", id="dag.shape"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "dag--wire",
        "dag--wire-hot",
        "dag--border",
        "dag--name",
        "dag--input",
        "dag--note",
        "dag--cursor",
        "dag--succeeded",
        "dag--running",
        "dag--failed",
        "dag--quiet",
    }

    DEFAULT_CSS = """
    DagView {
        & > .dag--wire { color: $text-disabled; }
        & > .dag--wire-hot { color: $text-accent; text-style: bold; }
        & > .dag--border { color: $text-muted; }
        & > .dag--name { color: $foreground; }
        & > .dag--input { color: $text-secondary; }
        & > .dag--note { color: $text-muted; }
        & > .dag--cursor { background: $primary 30%; text-style: bold; }
        & > .dag--succeeded { color: $text-success; }
        & > .dag--running { color: $text-accent; text-style: bold; }
        & > .dag--failed { color: $text-error; text-style: bold; }
        & > .dag--quiet { color: $text-disabled; }
    }
    """

    shape: reactive[Shape] = reactive[Shape]("fit")
    """How the graph is drawn: what fits the width, always boxes, or always lanes."""

    cursor: reactive[str | None] = reactive[str | None](None)
    """The node that the cursor is on."""

    @dataclass
    class NodeHighlighted(Message):
        """The cursor is on `node` now."""

        node: str

    @dataclass
    class SourceWanted(Message):
        """Someone wants to see where `node` is defined."""

        node: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._graph: Graph | None = None
        self._drawing: Drawing | None = None
        self._states: dict[str, str] = {}
        self._drawn_for = -1
        self.goes_along = True

    @property
    def graph(self) -> Graph | None:
        """What is drawn."""
        return self._graph

    @property
    def drawing(self) -> Drawing | None:
        """The drawing itself, None while there is no graph."""
        return self._drawing

    def show(self, graph: Graph | None, states: Mapping[str, str] | None = None) -> None:
        """Draw `graph` with the nodes in `states`; the cursor stays on its node if that is still there."""
        self._states = dict(states or {})
        if graph is None or self._graph is None or graph != self._graph:
            self._graph = graph
            self._draw()
        else:
            self.forget_strips()
            self.refresh()

    def set_states(self, states: Mapping[str, str]) -> None:
        """Show nodes in new states; redraws only the rows of those that changed."""
        changed = [name for name, state in states.items() if self._states.get(name) != state]
        changed += [name for name in self._states if name not in states]
        self._states = dict(states)
        if self._drawing is None:
            return
        for name in changed:
            self._refresh_node(name)

    def go_along(self, node: str) -> None:
        """Put the cursor on a node that runs, unless it was moved by hand."""
        if self.goes_along and self._drawing is not None and node in self._drawing.rects:
            self.cursor = node

    def line_count(self) -> int:
        """The drawing's rows."""
        return self._drawing.height if self._drawing else 0

    def line_segments(self, index: int) -> list[Segment]:
        """A row of the drawing, coloured by the states of its nodes."""
        assert self._drawing is not None
        segments: list[Segment] = []
        end = 0
        for span in self._drawing.spans(index):
            if span.x > end:
                segments.append(Segment(" " * (span.x - end)))
            segments.append(self._paint(span))
            end = span.x + span.width
        return segments

    def watch_shape(self) -> None:
        """Draw it the other way."""
        self._draw()

    def watch_cursor(self, old: str | None, new: str | None) -> None:
        """Mark the node, light up its wires, and bring it into view."""
        if self._drawing is None or old == new:
            return
        # Any row may hold a wire of either node.
        self.forget_strips()
        self.refresh()
        if new is not None and new in self._drawing.rects:
            self._reveal(new)
            self.post_message(self.NodeHighlighted(new))

    def on_resize(self) -> None:
        """What fits may be another shape now."""
        if self.shape == "fit" and self.size.width != self._drawn_for:
            self._draw()

    def on_click(self, event: events.Click) -> None:
        """Go to the node under the mouse; a second click shows its source."""
        if self._drawing is None:
            return
        offset = event.get_content_offset(self)
        if offset is None:
            return
        node = self._drawing.node_at(offset.x + self.scroll_offset.x, offset.y + self.scroll_offset.y)
        if node is None:
            return
        self.goes_along = False
        self.cursor = node
        if event.chain == 2:
            self.action_open_source()

    def action_walk(self, towards: Towards) -> None:
        """Go to the nearest node in a direction."""
        if self._drawing is None or not self._drawing.order:
            return
        self.goes_along = False
        if self.cursor is None or self.cursor not in self._drawing.rects:
            self.cursor = self._drawing.order[0]
            return
        self.cursor = _nearest(self._drawing, self.cursor, towards) or self.cursor

    def action_go_to_end(self, last: bool) -> None:
        """Go to the first or the last node in reading order."""
        if self._drawing is not None and self._drawing.order:
            self.goes_along = False
            self.cursor = self._drawing.order[-1 if last else 0]

    def action_open_source(self) -> None:
        """Ask for the source of the node under the cursor."""
        if self.cursor is not None:
            self.post_message(self.SourceWanted(self.cursor))

    def action_next_shape(self) -> None:
        """Draw it in the next shape, and say which."""
        self.shape = _NEXT_SHAPE[self.shape]
        said = {"fit": "boxes if they fit, else lanes", "boxes": "boxes", "lanes": "lanes"}
        self.notify(f"The DAG as {said[self.shape]}", timeout=2, markup=False)

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        self._drawn_for = self.size.width
        self.forget_strips()
        if self._graph is None or not self._graph.nodes:
            self._drawing = None
            self.set_extent(0, 0)
        elif width:
            self._drawing = _DRAWN[self.shape](self._graph, width)
            self.set_extent(self._drawing.width, self._drawing.height)
            if self.cursor not in self._drawing.rects:
                self.cursor = self._drawing.order[0]
            elif self.cursor is not None:
                self._reveal(self.cursor)
        self.refresh()

    def _paint(self, span: Span) -> Segment:
        if span.node is None:
            hot = span.net is not None and (self.cursor in span.net.sources or self.cursor in span.net.targets)
            return Segment(span.text, self._style("wire-hot" if hot else "wire"))
        state = self._states.get(span.node, "")
        on_cursor = span.node == self.cursor and span.part in ("mark", "name")
        cursor = self._style("cursor") if on_cursor else Style()
        if span.part == "mark":
            glyph = look(state).glyph if state and state != "waiting" else span.text
            return Segment(glyph, self._state_style(state, "border") + cursor)
        if span.part == "border":
            return Segment(span.text, self._state_style(state, "border"))
        if span.part == "note":
            return Segment(one_line(span.text), self._style("note"))
        node = self._graph.by_name.get(span.node) if self._graph else None
        plain = "input" if node is not None and node.role == "input" else "name"
        return Segment(one_line(span.text), self._state_style(state, plain) + cursor)

    def _state_style(self, state: str, plain: str) -> Style:
        match state:
            case "running" | "cancelling" | "succeeded":
                return self._style("running" if state != "succeeded" else "succeeded")
            case "failed" | "crashed" | "lost":
                return self._style("failed")
            case "skipped" | "cancelled":
                return self._style("quiet")
            case _:
                return self._style(plain)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"dag--{name}")

    def _refresh_node(self, name: str) -> None:
        assert self._drawing is not None
        rect = self._drawing.rects.get(name)
        if rect is None:
            return
        for y in range(rect.y, rect.y + rect.height):
            self.forget_strip(y)
        left, top = self.scroll_offset
        self.refresh(Region(rect.x - left, rect.y - top, rect.width, rect.height).intersection(self.size.region))

    def _reveal(self, name: str) -> None:
        assert self._drawing is not None
        x, y, width, height = self._drawing.rect(name)
        # A little of what surrounds it, so that its wires are seen too.
        self.scroll_to_region(Region(x - 2, y - 1, width + 4, height + 2), animate=False, force=True)


def _nearest(drawing: Drawing, start: str, towards: Towards) -> str | None:
    """Return the next node in a direction: up and down go row by row, left and right along the row where they can.

    So every node can be reached from every other.
    """
    here = drawing.rect(start)
    middle_x, middle_y = here.x + here.width / 2, here.y + here.height / 2
    best: tuple[tuple[float, float], str] | None = None
    for name, rect in drawing.rects.items():
        dx = rect.x + rect.width / 2 - middle_x
        # A cell is about twice as high as it is wide.
        dy = 2 * (rect.y + rect.height / 2 - middle_y)
        ahead, aside = {"up": (-dy, dx), "down": (dy, dx), "left": (-dx, dy), "right": (dx, dy)}[towards]
        if name == start or ahead <= 0:
            continue
        rank = (ahead, abs(aside)) if towards in ("up", "down") else (float(dy != 0), ahead + 2 * abs(aside))
        if best is None or rank < best[0]:
            best = (rank, name)
    return best[1] if best else None
