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
from flowerpower_tui.tui.widgets.dag_paint import Paint, fold_notes, reserved_notes
from flowerpower_tui.tui.widgets.dag_sheet import Shape, Sheet, is_edit
from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.style import Style

    from flowerpower_tui.graph.drawing import Drawing, Span
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
        self._states: Mapping[str, str] = {}
        self._marks: Mapping[str, Mark] = {}
        self._critical: tuple[str, ...] = ()
        self._picked: frozenset[str] = frozenset()
        self._styles_by_name: dict[str, Style] = {}
        self._paint = Paint(self._style, Graph())
        self._traced: Drawing | None = None
        self._drawn_for = -1
        # The columns in sight, and the rows' spans between them.
        self._window = (0, 0)
        self._spans: dict[int, list[Span]] = {}

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
        return self._critical

    def show(self, graph: Graph | None, states: Mapping[str, str] | None = None) -> None:
        """Draw `graph` with the nodes in `states`; the cursor stays on its node if that is still there."""
        same = graph is not None and graph == self._graph
        self._graph = graph
        if same:
            self.set_states(states or {})
            return
        self._states = dict(states or {})
        excerpt, heir = self.excerpt, self._heir(graph)
        if graph is not None and not is_edit(graph, excerpt.whole.by_name):
            # Another graph altogether: what was focused on, opened or picked is no more.
            excerpt = Excerpt(kinds=excerpt.kinds)
            self._picked = frozenset()
        self._look(msgspec.structs.replace(excerpt, whole=graph or Graph()), heir)

    def look_at(self, excerpt: Excerpt) -> None:
        """Show another excerpt of the graph."""
        if excerpt != self.excerpt:
            self._look(excerpt)

    def set_states(self, states: Mapping[str, str]) -> None:
        """Show nodes in new states; redraws only the rows of those that changed."""
        had_none = not self._states
        self._states = dict(states)
        if had_none != (not states) and self.excerpt.folded.members:
            # There has to be room for how many nodes of a fold have done what.
            self._draw()
            return
        paint = self._paint
        before = {name: (paint.states.get(name), paint.notes.get(name)) for name in paint.graph.by_name}
        paint.states = self.excerpt.states(states)
        paint.notes = fold_notes(self.excerpt, states)
        changed = [name for name in before if before[name] != (paint.states.get(name), paint.notes.get(name))]
        self._redraw(changed)
        if changed:
            self.post_message(self.Recoloured())

    def set_marks(self, marks: Mapping[str, Mark]) -> None:
        """Show what an edit did to nodes, or would have to be run again."""
        touched = [name for name in {**self._marks, **marks} if self._marks.get(name) != marks.get(name)]
        self._marks = dict(marks)
        self._tell_paint()
        self._redraw(filter(None, map(self.excerpt.shown, touched)))

    def set_picked(self, nodes: Iterable[str]) -> None:
        """Show these nodes as picked."""
        picked = frozenset(nodes)
        touched = picked ^ self._picked
        self._picked = picked
        self._tell_paint()
        self._redraw(filter(None, map(self.excerpt.shown, touched)))

    def set_found(self, found: Mapping[str, tuple[str, ...]]) -> None:
        """Show in the names of nodes that are shown the words that someone looks for."""
        before, self._paint.found = self._paint.found, found
        self._redraw(name for name in {**before, **found} if before.get(name) != found.get(name))

    def set_critical(self, path: Sequence[str]) -> None:
        """Show the path that took longest."""
        if tuple(path) != self._critical:
            self._critical = tuple(path)
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
        for span in self._row(index):
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
        left, right = self._window
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

    def _heir(self, graph: Graph | None) -> str | None:
        """The node of another graph for the cursor: its own, by its new name; if that is gone, one beside it."""
        before = self.excerpt.whole
        node = self.excerpt.members(self.cursor)[0] if self.cursor else None
        if node is None or graph is None or node in graph.by_name or node not in before.by_name:
            return node
        near = (*before.parents[node], *before.children[node])
        return before.diff(graph).renamed.get(node) or next((name for name in near if name in graph.by_name), None)

    def _look(self, excerpt: Excerpt, cursor: str | None = None) -> None:
        """Show an excerpt; the cursor goes to the fold that its node is in now, or to the first node of its fold."""
        was_on = cursor or (self.excerpt.members(self.cursor)[0] if self.cursor else None)
        self._sheet.excerpt = excerpt
        self._draw(was_on)

    def _draw(self, cursor: str | None = None, *, tidy: bool = False) -> None:
        width = self.scrollable_content_region.width
        self._drawn_for = self.size.width
        if not width and self.excerpt.graph.nodes:
            return
        self._sheet.direction, self._sheet.charset = self.direction, self.charset
        self._sheet.draw(self.shape, width, reserved_notes(self.excerpt, self._states), tidy=tidy)
        self._put(cursor)

    def _put(self, cursor: str | None = None) -> None:
        """Show the sheet's drawing, with the cursor's node where it was on the screen."""
        place = self._place_on_screen(self.cursor)
        drawing = self._shown = self._sheet.drawing
        self._spans.clear()
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
        """Translate what is known of the graph to what is shown of it."""
        excerpt, paint = self.excerpt, self._paint
        paint.graph, paint.charset = excerpt.graph, self.charset
        paint.level = self.level
        paint.cursor = self.cursor
        paint.states = excerpt.states(self._states)
        paint.notes = fold_notes(excerpt, self._states)
        paint.marks = {there: mark for name, mark in self._marks.items() if (there := excerpt.shown(name))}
        paint.picked = {there for name in self._picked if (there := excerpt.shown(name))}
        critical = tuple(dict.fromkeys(there for name in self._critical if (there := excerpt.shown(name))))
        if critical != paint.critical or self._sheet.drawing is not self._traced:
            self._traced = self._sheet.drawing
            paint.critical = critical
            paint.critical_cells = frozenset().union(*(self._sheet.way(*edge) for edge in pairwise(critical)))

    def _see(self) -> None:
        """Forget what was drawn of other columns."""
        left = self.scroll_offset.x
        window = (left, left + self.scrollable_content_region.width)
        if window != self._window:
            self._window = window
            self._spans.clear()
            self.forget_strips()

    def _row(self, index: int) -> list[Span]:
        assert self._shown is not None
        spans = self._spans.get(index)
        if spans is None:
            if len(self._spans) > self.CACHED_STRIPS:
                self._spans.clear()
            spans = self._spans[index] = self._shown.spans(index, *self._window)
        return spans

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
            hot = [span for span in self._row(y) if span.net and any(paint.leads(span.net, name) for name in near)]
            if hot:
                self.forget_strip(y)
                regions.append(Region(hot[0].x - left, y - top, hot[-1].x + hot[-1].width - hot[0].x, 1))
        # Rows out of sight are forgotten as a whole: what they hold is not known without drawing them.
        for y in [y for y in self._spans if not top <= y < top + self.size.height]:
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
