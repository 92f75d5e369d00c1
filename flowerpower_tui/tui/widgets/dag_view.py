"""The DAG to walk in: keys and mouse on its canvas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import Binding
from textual.message import Message

from flowerpower_tui.tui.widgets.dag_canvas import DagCanvas
from flowerpower_tui.tui.widgets.dag_paint import Level
from flowerpower_tui.tui.widgets.dag_sheet import LEVELS, Shape
from flowerpower_tui.tui.widgets.dag_walk import Towards, along, step, straightest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual import events
    from textual.geometry import Offset

__all__ = ["DagView", "Level", "Shape", "Towards"]

# Columns and rows that a key pans.
_PAN_X, _PAN_Y = 12, 4


class DagView(DagCanvas):
    """A drawn graph with a cursor that walks from node to node.

    Attributes:
        goes_along: whether the cursor follows what runs; moving it by hand ends that.
    """

    BINDINGS: ClassVar = [
        Binding("up,k", "walk('up')", "Up", show=False, tooltip="Up along an edge, or a row up", id="dag.up"),
        Binding(
            "down,j", "walk('down')", "Down", show=False, tooltip="Down along an edge, or a row down", id="dag.down"
        ),
        Binding("left,h", "walk('left')", "Left", show=False, tooltip="Go to the node at the left", id="dag.left"),
        Binding("right,l", "walk('right')", "Right", show=False, tooltip="Go to the node at the right", id="dag.right"),
        Binding("[", "follow('inputs')", "Input", show=False, tooltip="Go to what the node takes", id="dag.inputs"),
        Binding("]", "follow('consumers')", "Consumer", show=False, tooltip="Go to what takes it", id="dag.consumers"),
        Binding("home,g", "go_to_end(False)", "First", show=False, tooltip="Go to the first node", id="dag.first"),
        Binding("end,G", "go_to_end(True)", "Last", show=False, tooltip="Go to the last node", id="dag.last"),
        Binding("H", "pan(-1, 0)", "Pan", show=False, tooltip="Move the picture; or drag it", id="dag.pan-left"),
        Binding("J", "pan(0, 1)", "Pan", show=False, tooltip="Move the picture; or drag it", id="dag.pan-down"),
        Binding("K", "pan(0, -1)", "Pan", show=False, tooltip="Move the picture; or drag it", id="dag.pan-up"),
        Binding("L", "pan(1, 0)", "Pan", show=False, tooltip="Move the picture; or drag it", id="dag.pan-right"),
        Binding("plus,equals_sign", "zoom(-1)", "Nearer", show=False, tooltip="Show the nodes nearer", id="dag.nearer"),
        Binding("minus", "zoom(1)", "Further", show=False, tooltip="Show more nodes: lanes, names", id="dag.further"),
        Binding("v", "fit", "Fit", show=False, tooltip="Show it as near as fits", id="dag.shape"),
        Binding("d", "turn", "Turn", show=False, tooltip="Let it flow down, or to the right", id="dag.turn"),
        Binding("t", "tidy", "Tidy", show=False, tooltip="Lay it out from scratch, with care", id="dag.tidy"),
        Binding("enter", "open_source", "Source", tooltip="Show the node's source", id="dag.source"),
        Binding("space", "pick", "Pick", show=False, tooltip="Pick the node as a result to run for", id="dag.pick"),
    ]

    @dataclass
    class NodeHighlighted(Message):
        """The cursor is on `node` now."""

        node: str

    @dataclass
    class SourceWanted(Message):
        """Someone wants to see where `node` is defined."""

        node: str

    @dataclass
    class PicksChanged(Message):
        """These nodes are picked now, as results to run for."""

        nodes: tuple[str, ...]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        # The hops along edges that led here, so that the way back is the same.
        self._trail: list[tuple[str, str]] = []
        self._grip: tuple[Offset, Offset] | None = None
        self._dragged = False
        # A node to go along with that was not drawn yet.
        self._ahead: str | None = None
        self.goes_along = True

    @property
    def picked(self) -> tuple[str, ...]:
        """The nodes picked as results to run for, in the order of the graph."""
        return tuple(name for name in self.excerpt.whole.by_name if name in self._facts.picked)

    def unpick(self) -> None:
        """Pick nothing."""
        self._pick(())

    def go_along(self, node: str) -> None:
        """Put the cursor on a node that runs, unless it was moved by hand."""
        shown = self.excerpt.shown(node)
        if not self.goes_along:
            return
        self._ahead = None
        if self.drawing is not None and shown in self.drawing.rects:
            self.cursor = shown
        else:
            self._ahead = node

    def on_dag_canvas_drawn(self) -> None:
        """Go to the node that came before its drawing."""
        if self._ahead is not None and self.excerpt.shown(self._ahead) is not None:
            self.go_along(self._ahead)

    def go_to(self, node: str, came_from: str | None = None) -> None:
        """Put the cursor on a node that is shown, by hand; along an edge, if it came from a node."""
        self.goes_along = False
        self._trail = [*self._trail, (came_from, node)] if came_from is not None else []
        self.cursor = node

    def watch_cursor(self, old: str | None, new: str | None) -> None:
        """Tell where the cursor is."""
        super().watch_cursor(old, new)
        if new is not None and self.drawing is not None and new in self.drawing.rects:
            self.post_message(self.NodeHighlighted(new))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Grip the picture."""
        if event.button == 1:
            self._grip = (event.screen_offset, self.scroll_offset)
        self._dragged = False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the picture."""
        if self._grip is None:
            return
        start, scrolled = self._grip
        moved = event.screen_offset - start
        if not moved and not self._dragged:
            return
        if not self._dragged:
            self._dragged = True
            self.goes_along = False
            self.capture_mouse()
        self.scroll_to(scrolled.x - moved.x, scrolled.y - moved.y, animate=False)

    def on_mouse_up(self) -> None:
        """Let go."""
        self._grip = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Go to the node under the mouse; a second click shows its source."""
        offset = event.get_content_offset(self)
        if self.drawing is None or offset is None or self._dragged:
            return
        node = self.drawing.node_at(offset.x + self.scroll_offset.x, offset.y + self.scroll_offset.y)
        if node is None:
            return
        self.go_to(node)
        if event.chain == 2:
            self.action_open_source()

    def action_walk(self, towards: Towards) -> None:
        """Go where an arrow points: along an edge, or to a neighbour."""
        if self.drawing is None or self.cursor is None:
            return
        leads_to = along(self._sheet.flow, towards)
        if leads_to and self._goes_back(leads_to):
            return
        there = step(self.excerpt.graph, self.drawing, self._sheet.flow, self.cursor, towards)
        if there is not None:
            self.go_to(there, self.cursor if leads_to else None)

    def action_follow(self, to: Literal["inputs", "consumers"]) -> None:
        """Go to an input or a consumer: the one that one came from, else the nearest."""
        if self.drawing is None or self.cursor is None or self._goes_back(to):
            return
        there = straightest(self.drawing, self.cursor, self._adjacent(to).get(self.cursor, ()))
        if there is not None:
            self.go_to(there, self.cursor)

    def action_go_to_end(self, last: bool) -> None:
        """Go to the first or the last node in reading order."""
        if self.drawing is not None:
            self.go_to(self.drawing.order[-1 if last else 0])

    def action_pan(self, across: int, down: int) -> None:
        """Move the picture, and leave the cursor on its node."""
        self.goes_along = False
        self.scroll_relative(across * _PAN_X, down * _PAN_Y, animate=False)

    def action_zoom(self, further: int) -> None:
        """Show more of each node, or more nodes."""
        index = LEVELS.index(self.level if self.shape == "fit" else self.shape) + further
        self.shape = LEVELS[max(0, min(index, len(LEVELS) - 1))]

    def action_fit(self) -> None:
        """Show it as near as fits."""
        self.shape = "fit"

    def action_turn(self) -> None:
        """Let it flow the other way."""
        self.direction = "right" if self.direction == "down" else "down"

    def action_tidy(self) -> None:
        """Lay it out from scratch, with care."""
        self._draw(tidy=True)

    def action_open_source(self) -> None:
        """Ask for the source of the node under the cursor; of a fold, of its first node."""
        if self._node is not None:
            self.post_message(self.SourceWanted(self._node))

    def action_pick(self) -> None:
        """Pick the node under the cursor as a result, or no longer."""
        if self.cursor is None or self.drawing is None:
            return
        picked, members = self._facts.picked, set(self.excerpt.members(self.cursor))
        self._pick(picked - members if members <= picked else picked | members)

    def _pick(self, nodes: Iterable[str]) -> None:
        self.set_picked(nodes)
        self.post_message(self.PicksChanged(self.picked))

    def _goes_back(self, to: Literal["inputs", "consumers"]) -> bool:
        """Take the last hop back, if it came from there."""
        if not self._trail or self._trail[-1][1] != self.cursor:
            return False
        before = self._trail[-1][0]
        if before not in self._adjacent(to).get(self.cursor, ()):
            return False
        trail = self._trail[:-1]
        self.go_to(before)
        self._trail = trail
        return True

    def _adjacent(self, to: Literal["inputs", "consumers"]) -> Mapping[str, tuple[str, ...]]:
        graph = self.excerpt.graph
        return graph.parents if to == "inputs" else graph.children
