"""Which drawing stands on the canvas: of what, how near, laid out at once or waited for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

import msgspec

from flowerpower_tui.graph.draft import Draft, bare
from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.excerpt import Excerpt
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.names import names
from flowerpower_tui.graph.shapes import Direction, Lanes, Layout
from flowerpower_tui.graph.trace import trace
from flowerpower_tui.graph.view import BOXED
from flowerpower_tui.tui.widgets.dag_drafting import WELL, Drafting, is_quick
from flowerpower_tui.tui.widgets.dag_paint import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowerpower_tui.graph.drawing import Drawing
    from flowerpower_tui.graph.glyphs import Charset
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.tui.widgets.dag_drafting import Drafted
    from flowerpower_tui.tui.widgets.dag_walk import Flow

Shape = Literal["fit", "boxes", "chips", "lanes", "names"]

LEVELS: tuple[Level, ...] = ("boxes", "chips", "lanes", "names")
"""From near to far."""
# Enough to go through all levels, and into a focus, and back.
_KNOWN = 6
# How many times the nodes of a graph that is still nearly the same.
_A_LITTLE = 1.1


class Sheet:
    """A drawing, and what has to be known to make the next one.

    After an edit a drawing begins from the one before; at first, and where little is left of it, from scratch.

    Attributes:
        excerpt: what is drawn.
        drawing: None while there is nothing to draw.
        level: how near it shows the nodes.
        direction: where boxes and chips flow.
        charset: the letters.
    """

    def __init__(self, drafting: Drafting) -> None:
        self.excerpt = Excerpt()
        self.drawing: Drawing | None = None
        self.level: Level = "boxes"
        self.direction: Direction = "down"
        self.charset: Charset = "unicode"
        self._drafting = drafting
        self._lanes: Lanes | None = None
        # What was laid out, the latest first: one goes back to it, or begins there.
        self._known: deque[tuple[Draft, Layout | None]] = deque(maxlen=_KNOWN)

    @property
    def is_waiting(self) -> bool:
        """Whether a better drawing is on its way."""
        return self._drafting.wanted is not None

    @property
    def flow(self) -> Flow:
        """How the drawing runs."""
        if self.level == "lanes":
            return "lanes"
        return "names" if self.level == "names" else self.direction

    def way(self, source: str, target: str) -> frozenset[tuple[int, int]]:
        """The cells that an edge runs through; none where no wires are drawn."""
        laid = {"lanes": self._lanes, "names": None}.get(self.level, self._known[0][1] if self._known else None)
        return trace(laid, source, target) if laid else frozenset()

    def draw(self, shape: Shape, width: int, notes: Mapping[str, str], *, tidy: bool = False) -> None:
        """Draw the excerpt `width` columns wide; what takes long is drawn in lanes first, and waited for.

        Args:
            shape: how near.
            width: the columns there are.
            notes: for some nodes what stands behind their names.
            tidy: from scratch, and with care.
        """
        self._drafting.drop()
        graph = self.excerpt.graph
        if not graph.nodes:
            self.drawing = None
        elif shape == "lanes" or (shape == "fit" and len(graph.nodes) > BOXED):
            self._draw_lanes(graph, notes, tidy=tidy)
        elif shape == "names":
            self.level, self.drawing = "names", names(graph, width, charset=self.charset, notes=notes)
        else:
            draft = Draft(bare(graph), shape, width, self.direction, notes=notes)
            self._lay_out(draft, tidy=tidy)

    def take(self, drafted: Drafted) -> None:
        """Draw what was waited for."""
        self._take(drafted.draft, drafted.layout)

    def forget_width(self) -> None:
        """Begin from scratch the next time: what was laid out was for another width."""
        self._known.clear()

    def _draw_lanes(self, graph: Graph, notes: Mapping[str, str], *, tidy: bool = False) -> None:
        previous = self._lanes if self._lanes and not tidy else None
        if previous and not is_edit(graph, [row.name for row in previous.rows]):
            previous = None
        self._lanes = lanes(graph, notes=notes, previous=previous)
        self.level, self.drawing = "lanes", draw(self._lanes, charset=self.charset)

    def _lay_out(self, draft: Draft, *, tidy: bool) -> None:
        known = next((known for known in self._known if _answers(*known, draft)), None)
        if known and not tidy:
            self._take(*known)
            return
        if not tidy and any(found is None and _is_more_of(draft, known) for known, found in self._known):
            self._draw_lanes(self.excerpt.graph, draft.notes)
            return
        graph = draft.graph
        size = len(graph.nodes) + len(graph.edges)
        if tidy or size <= WELL:
            draft = msgspec.structs.replace(draft, effort="good")
        if not tidy:
            draft = msgspec.structs.replace(draft, previous=self._before(draft))
        if is_quick(graph):
            self._take(draft, draft.layout())
            return
        drawn = self.drawing.rects if self.drawing else {}
        if self.level == "lanes" or not is_edit(graph, drawn):
            # Lanes are quick at any size; an edit of boxes is waited for with the picture as it was.
            self._draw_lanes(graph, draft.notes)
        self._drafting.ask(draft)

    def _before(self, draft: Draft) -> Layout | None:
        """The layout to begin from."""
        found = (before for _, before in self._known if before is not None)
        return next(
            (
                before
                for before in found
                if before.direction == draft.direction and is_edit(draft.graph, [box.name for box in before.boxes])
            ),
            None,
        )

    def _take(self, draft: Draft, found: Layout | None) -> None:
        if (draft, found) in self._known:
            self._known.remove((draft, found))
        self._known.appendleft((draft, found))
        if found is None:
            self._draw_lanes(self.excerpt.graph, draft.notes)
        else:
            self.level = "chips" if found.chips else "boxes"
            self.drawing = draw(found, charset=self.charset)


def _answers(draft: Draft, found: Layout | None, wanted: Draft) -> bool:
    """Whether what was found for a draft is what is wanted, wherever it began and however long it took."""
    asked = draft.asked
    if found is not None and wanted.asked == ("chips" if found.chips else "boxes"):
        asked = wanted.asked
    return msgspec.structs.replace(draft, asked=asked, previous=None, effort=wanted.effort) == wanted


def _is_more_of(draft: Draft, before: Draft) -> bool:
    """Whether a graph has all that another had, a little more, and no more room: as that did not fit, nor will this."""
    like = {"graph": draft.graph, "previous": draft.previous, "effort": draft.effort}
    wanted = msgspec.structs.replace(before, **like, width=min(before.width, draft.width))
    return (
        wanted == draft
        and len(draft.graph.nodes) <= _A_LITTLE * len(before.graph.nodes)
        and before.graph.by_name.keys() <= draft.graph.by_name.keys()
        and set(before.graph.edges) <= set(draft.graph.edges)
    )


def is_edit(graph: Graph, before: Mapping[str, object] | list[str]) -> bool:
    """Whether most of a graph was there before."""
    there = set(before)
    return 2 * sum(name in there for name in graph.by_name) > len(graph.nodes)


def heir_of(node: str, before: Graph, after: Graph) -> str:
    """The node of another graph for who was on `node`: itself, by its new name; if it is gone, one beside it."""
    if node in after.by_name or node not in before.by_name:
        return node
    near = (*before.parents[node], *before.children[node])
    return before.diff(after).renamed.get(node) or next((name for name in near if name in after.by_name), node)
