"""The DAG as a canvas: only what is in sight is drawn, and a change redraws only what it touches."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from rich.segment import Segment
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from flowerpower_tui.graph.excerpt import Excerpt
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.tui.charset import charset_of
from flowerpower_tui.tui.widgets.dag_drafting import Drafted, Drafting
from flowerpower_tui.tui.widgets.dag_facts import Facts
from flowerpower_tui.tui.widgets.dag_paint import Paint, reserved_notes
from flowerpower_tui.tui.widgets.dag_rows import Rows
from flowerpower_tui.tui.widgets.dag_sheet import Shape, Sheet, heir_of, is_edit
from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.style import Style

    from flowerpower_tui.graph.drawing import Drawing
    from flowerpower_tui.tui.widgets.dag_paint import Level, Mark


class DagCanvas(LineView):
    """A graph, or an excerpt of it, with one node marked; it knows no keys."""

    # To drag is to pan.
    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "dag--ground",
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
        "dag--critical",
        "dag--match",
        "dag--picked",
        "dag--added",
        "dag--changed",
        "dag--stale",
    }

    DEFAULT_CSS = """
    DagCanvas {
        &.-broken { opacity: 50%; }
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
        & > .dag--critical { color: $text-warning; }
        & > .dag--match { text-style: reverse; }
        & > .dag--picked { color: $text-primary; text-style: bold; }
        & > .dag--added { color: $text-success; text-style: bold; }
        & > .dag--changed { color: $text-warning; text-style: bold; }
        & > .dag--stale { color: $text-warning; text-style: bold; }
    }
    """

    shape: reactive[Shape] = reactive[Shape]("fit")
    """How the graph is drawn: as near as fits the width, or always at one level."""

    direction: reactive[Literal["down", "right"]] = reactive[Literal["down", "right"]]("down")
    """Where boxes and chips flow."""

    charset: reactive[Literal["unicode", "ascii"]] = reactive[Literal["unicode", "ascii"]]("unicode")
    """The letters it is drawn in."""

    cursor: reactive[str | None] = reactive[str | None](None)
    """The node that the cursor is on, as it is shown."""

    class Drawn(Message):
        """Another drawing is shown, or another is being made."""

        def can_replace(self, message: Message) -> bool:
            """The newest says all."""
            return isinstance(message, DagCanvas.Drawn)

    class Recoloured(Message):
        """Nodes are shown in other states."""

        def can_replace(self, message: Message) -> bool:
            """The newest says all."""
            return isinstance(message, DagCanvas.Recoloured)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._graph: Graph | None = None
        self._drafting = Drafting(self)
        self._sheet = Sheet(self._drafting)
        self._shown: Drawing | None = None
        self._facts = Facts()
        self._styles_by_name: dict[str, Style] = {}
        self._paint = Paint(self._style, Graph())
        self._traced: Drawing | None = None
        self._drawn_for = -1
        self._rows = Rows(self.CACHED_STRIPS)

    @property
    def graph(self) -> Graph | None:
        """The whole graph, also where only some of it is shown."""
        return self._graph

    @property
    def excerpt(self) -> Excerpt:
        """What of the graph is shown."""
        return self._sheet.excerpt

    @property
    def drawing(self) -> Drawing | None:
        """The drawing itself, None while there is no graph."""
        return self._shown

    @property
    def level(self) -> Level:
        """How near it is shown now."""
        return self._sheet.level

    @property
    def is_waiting(self) -> bool:
        """Whether a better drawing is on its way."""
        return self._sheet.is_waiting

    @property
    def shown_states(self) -> Mapping[str, str]:
        """The states of the nodes that are shown."""
        return self._paint.states

    @property
    def critical(self) -> tuple[str, ...]:
        """The path that took longest, in the whole graph."""
        return self._facts.critical

    def show(self, graph: Graph | None, states: Mapping[str, str] | None = None) -> None:
        """Draw `graph` with the nodes in `states`; the cursor stays on its node if that is still there."""
        same = graph is not None and graph == self._graph
        self._graph = graph
        if same:
            self.set_states(states or {})
            return
        self._facts.states = dict(states or {})
        excerpt, node = self.excerpt, self._node
        if graph is not None and node is not None:
            node = heir_of(node, excerpt.whole, graph)
        if graph is not None and not is_edit(graph, excerpt.whole.by_name):
            # Another graph altogether: what was focused on, opened or picked is no more.
            excerpt = Excerpt(kinds=excerpt.kinds)
            self._facts.picked = frozenset()
        self._look(msgspec.structs.replace(excerpt, whole=graph or Graph()), node)

    def look_at(self, excerpt: Excerpt) -> None:
        """Show another excerpt of the graph."""
        if excerpt != self.excerpt:
            self._look(excerpt, self._node)

    def set_states(self, states: Mapping[str, str]) -> None:
        """Show nodes in new states; redraws only the rows of those that changed."""
        had_none = not self._facts.states
        self._facts.states = dict(states)
        if had_none != (not states) and self.excerpt.folded.members:
            # There has to be room for how many nodes of a fold have done what.
            self._draw()
            return
        changed = self._facts.tell_states(self._paint, self.excerpt)
        self._redraw(changed)
        if changed:
            self.post_message(self.Recoloured())

    def set_marks(self, marks: Mapping[str, Mark]) -> None:
        """Show what an edit did to nodes, or would have to be run again."""
        before, self._facts.marks = self._facts.marks, dict(marks)
        touched = [name for name in {**before, **marks} if before.get(name) != marks.get(name)]
        self._tell_paint()
        self._redraw(filter(None, map(self.excerpt.shown, touched)))

    def set_picked(self, nodes: Iterable[str]) -> None:
        """Show these nodes as picked."""
        before, self._facts.picked = self._facts.picked, frozenset(nodes)
        touched = before ^ self._facts.picked
        self._tell_paint()
        self._redraw(filter(None, map(self.excerpt.shown, touched)))

    def set_found(self, found: Mapping[str, tuple[str, ...]]) -> None:
        """Show in the names of nodes that are shown the words that someone looks for."""
        before, self._paint.found = self._paint.found, found
        self._redraw(name for name in {**before, **found} if before.get(name) != found.get(name))

    def set_critical(self, path: Sequence[str]) -> None:
        """Show the path that took longest."""
        if tuple(path) != self._facts.critical:
            self._facts.critical = tuple(path)
            self._tell_paint()
            self.forget_strips()
            self.refresh()

    def line_count(self) -> int:
        """The drawing's rows."""
        return self._shown.height if self._shown else 0

    def line_segments(self, index: int) -> list[Segment]:
        """A row of the drawing as far as it is in sight, coloured by the states of its nodes."""
        segments: list[Segment] = []
        end = 0
        for span in self._rows[index]:
            if span.x > end:
                segments.append(Segment(" " * (span.x - end), self._style("ground")))
            segments += self._paint.segments(span, index)
            end = span.x + span.width
        return segments

    def render_line(self, y: int) -> Strip:
        """Render row `y` of the visible region; what lies beside it is not drawn.

        Every segment has its whole style already, and nothing can be selected: so there is nothing to add.
        """
        self._see()
        left, right = self._rows.window
        index = self.scroll_offset.y + y
        ground = self._style("ground")
        if index >= self.line_count():
            return Strip.blank(right - left, ground)
        strip = self._strips.get(index)
        if strip is None:
            strip = self._strips[index] = Strip(self.line_segments(index)).crop_extend(left, right, ground)
        return strip

    def notify_style_update(self) -> None:
        """Forget the old styles."""
        self._styles_by_name.clear()
        super().notify_style_update()

    def on_mount(self) -> None:
        """Draw in letters that the terminal has."""
        self.charset = charset_of(self.app)

    def validate_cursor(self, cursor: str | None) -> str | None:
        """A node that is inside a fold is shown by the fold."""
        return (self.excerpt.shown(cursor) or cursor) if cursor else None

    def watch_shape(self) -> None:
        """Draw it nearer or further."""
        self._draw()

    def watch_direction(self) -> None:
        """Draw it the other way round."""
        self._draw()

    def watch_charset(self) -> None:
        """Draw it in other letters."""
        self._draw()

    def watch_cursor(self, old: str | None, new: str | None) -> None:
        """Mark the node, light up its wires, and bring it into view."""
        if self._shown is None or old == new:
            return
        self._redraw_around(old, new)
        if new is not None and new in self._shown.rects:
            self._reveal(new)

    def on_resize(self) -> None:
        """What fits may be another picture now."""
        if self.size.width != self._drawn_for:
            self._sheet.forget_width()
            self._draw()

    def on_unmount(self) -> None:
        """Let no process go on."""
        self._drafting.drop()

    def on_drafted(self, event: Drafted) -> None:
        """Show what was waited for."""
        event.stop()
        if event.failed:
            self.notify(f"The boxes could not be laid out: {event.failed}", severity="warning", markup=False)
        self._sheet.take(event)
        self._put()

    # How it is done.

    @property
    def _node(self) -> str | None:
        """The node that the cursor is on; of a fold its first."""
        return self.excerpt.members(self.cursor)[0] if self.cursor else None

    def _look(self, excerpt: Excerpt, node: str | None) -> None:
        """Show an excerpt with the cursor on a node, or on the fold that it is in there."""
        self._sheet.excerpt = excerpt
        self._draw(node)

    def _draw(self, cursor: str | None = None, *, tidy: bool = False) -> None:
        width = self.scrollable_content_region.width
        self._drawn_for = self.size.width
        if not width and self.excerpt.graph.nodes:
            return
        self._sheet.direction, self._sheet.charset = self.direction, self.charset
        self._sheet.draw(self.shape, width, reserved_notes(self.excerpt, self._facts.states), tidy=tidy)
        self._put(cursor)

    def _put(self, cursor: str | None = None) -> None:
        """Show the sheet's drawing, with the cursor's node where it was on the screen."""
        place = self._place_on_screen(self.cursor)
        drawing = self._shown = self._sheet.drawing
        self._rows.turn_to(drawing)
        self.forget_strips()
        self._tell_paint()
        self.set_extent(drawing.width if drawing else 0, drawing.height if drawing else 0)
        if drawing is not None:
            there = self.validate_cursor(cursor or self.cursor)
            self.set_reactive(DagCanvas.cursor, there if there in drawing.rects else None)
            self._paint.cursor = self.cursor
            if self.cursor is None:
                self.cursor = drawing.order[0]
            else:
                x, y = drawing.marks[self.cursor]
                if place is not None:
                    self.scroll_to(x - place[0], y - place[1], animate=False, force=True)
                self._reveal(self.cursor)
        self.refresh()
        self.post_message(self.Drawn())

    def _tell_paint(self) -> None:
        """Have painted what is known by now."""
        facts, paint = self._facts, self._paint
        paint.charset, paint.level, paint.cursor = self.charset, self.level, self.cursor
        facts.tell(paint, self.excerpt)
        critical = facts.critical_in(self.excerpt)
        if critical != paint.critical or self._sheet.drawing is not self._traced:
            self._traced = self._sheet.drawing
            paint.critical = critical
            paint.critical_cells = frozenset().union(*(self._sheet.way(*edge) for edge in pairwise(critical)))

    def _see(self) -> None:
        """Forget what was drawn of other columns."""
        left = self.scroll_offset.x
        if self._rows.look(left, left + self.scrollable_content_region.width):
            self.forget_strips()

    def _redraw(self, nodes: Iterable[str]) -> None:
        """Draw these nodes anew."""
        if self._shown is None:
            return
        left, top = self.scroll_offset
        regions: list[Region] = []
        for rect in filter(None, map(self._shown.rects.get, nodes)):
            for y in range(rect.y, rect.y + rect.height):
                self.forget_strip(y)
            regions.append(Region(rect.x - left, rect.y - top, rect.width, rect.height))
        self._refresh_in_sight(regions)

    def _redraw_around(self, old: str | None, new: str | None) -> None:
        """Draw two nodes anew, with all wires that lead to them or come from them."""
        paint = self._paint
        paint.cursor = new
        near = {name for name in (old, new) if name is not None and name in paint.graph.by_name}
        if paint.level == "names":
            near |= {other for name in near for other in (*paint.graph.parents[name], *paint.graph.children[name])}
        self._redraw(near)
        self._see()
        left, top = self.scroll_offset
        regions: list[Region] = []
        for y in range(top, min(top + self.size.height, self.line_count())):
            hot = [span for span in self._rows[y] if span.net and any(paint.leads(span.net, name) for name in near)]
            if hot:
                self.forget_strip(y)
                regions.append(Region(hot[0].x - left, y - top, hot[-1].x + hot[-1].width - hot[0].x, 1))
        # Rows out of sight are forgotten as a whole: what they hold is not known without drawing them.
        for y in [y for y in self._rows.known if not top <= y < top + self.size.height]:
            self.forget_strip(y)
        self._refresh_in_sight(regions)

    def _refresh_in_sight(self, regions: Iterable[Region]) -> None:
        seen = [part for region in regions if (part := region.intersection(self.size.region))]
        if seen:
            self.refresh(*seen)

    def _place_on_screen(self, node: str | None) -> tuple[int, int] | None:
        """Where a node's cell for its state is in sight; None if it is not."""
        if self._shown is None or node is None or node not in self._shown.marks:
            return None
        x, y = self._shown.marks[node]
        place = x - self.scroll_offset.x, y - self.scroll_offset.y
        return place if self.size.region.contains(*place) else None

    def _reveal(self, name: str) -> None:
        assert self._shown is not None
        x, y, width, height = self._shown.rect(name)
        # A little of what surrounds it, so that its wires are seen too.
        self.scroll_to_region(Region(x - 2, y - 1, width + 4, height + 2), animate=False, force=True)

    def _style(self, name: str) -> Style:
        style = self._styles_by_name.get(name)
        if style is None:
            style = self._styles_by_name[name] = self.get_component_rich_style(f"dag--{name}")
        return style
