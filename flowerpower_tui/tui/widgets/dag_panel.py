"""A DAG with what one does to it: searching, focusing, folding, picking results; and a map of all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from typing_extensions import override

from flowerpower_tui.graph.fold import fold
from flowerpower_tui.graph.shapes import Rect
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.dag_minimap import DagMinimap
from flowerpower_tui.tui.widgets.dag_search import find
from flowerpower_tui.tui.widgets.dag_view import DagView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.graph.excerpt import Excerpt
    from flowerpower_tui.graph.model import Graph

# What is folded by, in the order that keeps most of what there is to see; tags come between.
_FOLD_FIRST, _FOLD_LAST = ("quality", "subdag", "module"), ("twins", "chains")
# A map helps from this many canvases on.
_MAPPED = 4.0
# Columns of a canvas that has no room for a map.
_NARROW = 40
_SIDES = {(True, True): "±", (True, False): "↑", (False, True): "↓"}


class DagPanel(Vertical):
    """Shows a DAG; below it, when there is something to say or to ask, one line.

    Attributes:
        view: what shows the nodes.
        map_wanted: whether there is a map; None: on large drawings.
    """

    BINDINGS: ClassVar = [
        Binding("slash", "search", "Find", key_display="/", tooltip="Find nodes by their names", id="dag.find"),
        Binding("n", "find_next", "Next", show=False, tooltip="Go to the next node that was found", id="dag.next"),
        Binding("N", "find_next(-1)", "Previous", show=False, tooltip="Go to the one before", id="dag.previous"),
        Binding("f", "focus_node", "Focus", tooltip="Show only what is around the node, or all again", id="dag.focus"),
        Binding("less_than_sign", "hops(-1)", "Less", show=False, tooltip="One step less around it", id="dag.less"),
        Binding("greater_than_sign", "hops(1)", "More", show=False, tooltip="One step more around it", id="dag.more"),
        Binding("a", "side", "Sides", show=False, tooltip="Of both sides, its inputs, its consumers", id="dag.sides"),
        Binding("x", "fold", "Fold", show=False, tooltip="Open the fold, or close it again", id="dag.fold"),
        Binding("X", "fold_by", "Fold by", show=False, tooltip="Choose what is folded", id="dag.fold-by"),
        Binding("m", "map", "Map", show=False, tooltip="Show the map, or hide it", id="dag.map"),
        Binding(
            "R", "run_to", "Run to", show=False, tooltip="Run up to the picked nodes, or to this one", id="dag.run-to"
        ),
        Binding("escape", "leave", "All", show=False, tooltip="Leave search, focus, picks", id="dag.all"),
    ]

    DEFAULT_CSS = """
    DagPanel {
        layers: base above;
        & > DagView { height: 1fr; }
        & > Static { height: 1; padding: 0 1; background: $surface; color: $text-accent; display: none; }
        & > Static { text-wrap: nowrap; text-overflow: ellipsis; }
        & > Input { height: 1; background: $panel; padding: 0 1; display: none; }
        & > Input:focus { background: $primary 30%; }
        & > DagMinimap { layer: above; dock: right; margin: 0 1 0 0; display: none; }
        & > .-shown { display: block; }
    }
    """

    @dataclass
    class RunWanted(Message):
        """Someone wants these nodes computed, and nothing that they do not need."""

        final_vars: tuple[str, ...]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = DagView()
        self.map_wanted: bool | None = None
        self._wanted = ""
        self._found: tuple[str, ...] = ()
        # Where one was before one looked for something.
        self._origin: str | None = None
        # Whether there is something to leave, to go on to, to widen.
        self._can = (False, False, False)

    def compose(self) -> ComposeResult:
        """The DAG, the map above it, and the line below."""
        yield self.view
        yield DagMinimap()
        yield Static()
        yield Input(placeholder="a part of a node's name, or several", select_on_focus=False, compact=True)

    def on_mount(self) -> None:
        """Let the map know what is in sight."""
        for attribute in ("scroll_x", "scroll_y"):
            self.watch(self.view, attribute, self._show_seen, init=False)

    def go_to(self, node: str) -> None:
        """Put the cursor on a node of the graph; if it is out of the picture, all is shown."""
        excerpt = self.view.excerpt
        if excerpt.shown(node) is None:
            self._look(excerpt, centre=None)
        shown = self.view.excerpt.shown(node)
        if shown is not None:
            self.view.go_to(shown)

    def fold_by(self, kinds: tuple[str, ...]) -> None:
        """Fold the graph by these kinds, and nothing else."""
        self._look(self.view.excerpt, kinds=kinds, unfolded=frozenset())

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are for others, or are dimmed, where there is nothing for them to do."""
        match action:
            case "leave":
                return self._can[0]
            case "find_next":
                return True if self._can[1] else None
            case "hops" | "side":
                return self._can[2]
        return True

    def on_dag_canvas_drawn(self) -> None:
        """Map the new drawing, and say what it shows; what was looked for may stand elsewhere now."""
        if self._wanted:
            self._find(go=False)
        self._show_map()
        self._tell()

    def on_dag_canvas_recoloured(self) -> None:
        """Show the new states on the map."""
        self._show_map()

    def on_dag_view_node_highlighted(self) -> None:
        """Say which of those that were found it is."""
        if self._found:
            self._tell()

    def on_dag_view_picks_changed(self) -> None:
        """Say what is picked."""
        self._tell()

    def on_dag_minimap_place_wanted(self, event: DagMinimap.PlaceWanted) -> None:
        """Bring that place into the middle."""
        event.stop()
        view = self.view
        view.goes_along = False
        view.scroll_to(event.x - view.size.width // 2, event.y - view.size.height // 2, animate=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is found so far."""
        event.stop()
        if not self._asks:
            return
        self._wanted = event.value
        self._find(go=True)
        self._tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Stay where it led."""
        event.stop()
        self._hide_question()

    def on_resize(self) -> None:
        """What needs a map is another question now."""
        self._show_map()

    def action_search(self) -> None:
        """Ask for a name."""
        self._origin = self.view.cursor
        asked = self.query_one(Input)
        asked.add_class("-shown")
        asked.value = ""
        asked.focus()
        self._tell()

    def action_find_next(self, by: int = 1) -> None:
        """Go to the next node that was found, around the end."""
        if not self._found:
            return
        cursor, order = self.view.cursor, self._order()
        here = order.get(cursor or "", -1)
        ahead = [name for name in self._found if (order[name] - here) * by > 0]
        self.view.go_to((ahead or list(self._found))[0 if by > 0 else -1])

    def action_focus_node(self) -> None:
        """Show only what is around the node; on the one that is focused on, all again."""
        view = self.view
        if view.cursor is None:
            return
        excerpt = view.excerpt
        node = excerpt.members(view.cursor)[0]
        is_centre = excerpt.focus is not None and excerpt.shown(excerpt.centre or "") == view.cursor
        self._look(excerpt, centre=None if is_centre else node)

    def action_hops(self, more: int) -> None:
        """Show a step more, or less, around the node; beyond the last one, to the ends."""
        excerpt = self.view.excerpt
        if excerpt.focus is None:
            return
        before = len(excerpt.graph.nodes)
        if excerpt.hops is None:
            if more < 0:
                self._look(excerpt, hops=self._farthest(excerpt) - 1)
            return
        wider = msgspec.structs.replace(excerpt, hops=max(1, excerpt.hops + more))
        if more > 0 and len(wider.graph.nodes) == before:
            wider = msgspec.structs.replace(wider, hops=None)
        self.view.look_at(wider)

    def action_side(self) -> None:
        """Show both sides of the node; or what it needs; or what needs it."""
        excerpt = self.view.excerpt
        sides = list(_SIDES)
        up, down = sides[(sides.index((excerpt.up, excerpt.down)) + 1) % len(sides)]
        self._look(excerpt, up=up, down=down)

    def action_fold(self) -> None:
        """Open the fold under the cursor, or close the one that the node belongs to."""
        view = self.view
        excerpt = view.excerpt
        if view.cursor is None:
            return
        if excerpt.is_fold(view.cursor):
            self._look(excerpt, unfolded=excerpt.unfolded | {view.cursor})
            return
        all_folded = fold(excerpt.whole, excerpt.kinds) if excerpt.kinds else None
        closed = all_folded.shown_as.get(view.cursor) if all_folded else None
        if closed in excerpt.unfolded:
            self._look(excerpt, unfolded=excerpt.unfolded - {closed})
        elif not excerpt.kinds:
            self.action_fold_by()
        else:
            self.notify("This node belongs to no fold. X chooses what is folded.", timeout=3, markup=False)

    def action_fold_by(self) -> None:
        """Choose what is folded."""
        # Rarely needed, so it does not weigh on every start.
        from flowerpower_tui.tui.screens.fold_menu import FoldMenu

        excerpt = self.view.excerpt
        yields = fold_yields(excerpt.whole)
        if yields:
            self.app.push_screen(FoldMenu(yields, excerpt.kinds, self.fold_by))
        else:
            self.notify("Nothing in this graph can be folded.", timeout=3)

    def action_map(self) -> None:
        """Show the map, or hide it."""
        self.map_wanted = not self.query_one(DagMinimap).has_class("-shown")
        self._show_map()

    def action_run_to(self) -> None:
        """Ask for a run up to what is picked, or to the node under the cursor."""
        view = self.view
        wanted = view.picked or (view.excerpt.members(view.cursor) if view.cursor else ())
        if wanted:
            self.post_message(self.RunWanted(wanted))

    def action_leave(self) -> None:
        """Leave the question, and go back to where it began; else the search, the focus, the picks."""
        view = self.view
        if self._asks:
            self._forget_search()
            self._hide_question()
            if self._origin is not None:
                view.go_to(self._origin)
        elif self._wanted:
            self._forget_search()
        elif view.excerpt.focus is not None:
            self._look(view.excerpt, centre=None)
        else:
            view.unpick()
        self._tell()

    def _look(self, excerpt: Excerpt, **changes: object) -> None:
        self.view.look_at(msgspec.structs.replace(excerpt, **changes))

    def _farthest(self, excerpt: Excerpt) -> int:
        """The steps after which nothing more comes around the node."""
        hops, everything = 1, len(excerpt.graph.nodes)
        while len(msgspec.structs.replace(excerpt, hops=hops).graph.nodes) < everything:
            hops += 1
        return hops

    def _find(self, *, go: bool) -> None:
        view = self.view
        found = find(view.excerpt, self._wanted)
        order = self._order()
        self._found = tuple(sorted((name for name in found if name in order), key=order.__getitem__))
        view.set_found(found)
        if go and self._found:
            start = order.get(self._origin or "", 0)
            view.go_to(next((name for name in self._found if order[name] >= start), self._found[0]))

    def _order(self) -> dict[str, int]:
        """The nodes that are drawn, by their places in reading order."""
        drawing = self.view.drawing
        return {name: index for index, name in enumerate(drawing.order)} if drawing else {}

    def _forget_search(self) -> None:
        self._wanted, self._found = "", ()
        self.view.set_found({})

    @property
    def _asks(self) -> bool:
        return self.query_one(Input).has_class("-shown")

    def _hide_question(self) -> None:
        asked = self.query_one(Input)
        had_focus = asked.has_focus
        asked.remove_class("-shown")
        if had_focus:
            self.view.focus()
        self._tell()

    def _show_map(self) -> None:
        view, small = self.view, self.query_one(DagMinimap)
        drawing, room = view.drawing, view.size
        if drawing is None or not room:
            small.remove_class("-shown")
            return
        canvases = max(1.0, drawing.width / room.width) * max(1.0, drawing.height / room.height)
        # Bare names are as small as a map, and would only be hidden by one.
        is_large = canvases > _MAPPED and room.width >= _NARROW and view.level != "names"
        small.set_class(is_large if self.map_wanted is None else self.map_wanted, "-shown")
        if small.has_class("-shown"):
            small.show(drawing, view.shown_states, room, view.charset)
            self._show_seen()

    def _show_seen(self) -> None:
        view = self.view
        self.query_one(DagMinimap).show_seen(Rect(*view.scroll_offset, *view.size))

    def _tell(self) -> None:
        """Say what of the graph is shown, what is found, what is picked."""
        view = self.view
        excerpt = view.excerpt
        parts = []
        if self._asks or self._wanted:
            parts.append(self._tell_found())
        if excerpt.focus is not None:
            around = "all" if excerpt.hops is None else str(excerpt.hops)
            of = f"{len(excerpt.graph.nodes)} of {len(excerpt.folded.graph.nodes)} nodes"
            parts.append(f"focus: {one_line(excerpt.centre or '')} {_SIDES[excerpt.up, excerpt.down]}{around} — {of}")
        if excerpt.kinds:
            folds = f"{len(excerpt.whole.nodes)} nodes as {len(excerpt.folded.graph.nodes)}"
            parts.append(f"folded by {', '.join(map(one_line, excerpt.kinds))}: {folds}")
        if view.picked:
            parts.append(f"◆ {', '.join(map(one_line, view.picked))} — R runs up to there")
        if view.is_waiting:
            parts.append(f"laying out {len(excerpt.graph.nodes):,} nodes…")
        said = self.query_one(Static)
        said.update(Content("   ".join(parts)))
        said.set_class(bool(parts), "-shown")
        can_leave = self._asks or bool(self._wanted) or excerpt.focus is not None or bool(view.picked)
        can = (can_leave, bool(self._found), excerpt.focus is not None)
        if can != self._can:
            self._can = can
            self.refresh_bindings()

    def _tell_found(self) -> str:
        if not self._wanted:
            return "find a node"
        if not self._found:
            return f"/{one_line(self._wanted)}  nothing"
        cursor = self.view.cursor
        place = f"{self._found.index(cursor) + 1} of " if cursor in self._found else ""
        return f"/{one_line(self._wanted)}  {place}{len(self._found)}"


def fold_yields(graph: Graph) -> dict[str, int]:
    """Return for each kind that folds something how many nodes it leaves, in the order in which they are applied."""
    tags = dict.fromkeys(f"tag:{tag}" for node in graph.nodes for tag in node.tags if not tag.startswith("hamilton."))
    kinds = (*_FOLD_FIRST, *tags, *_FOLD_LAST)
    left = {kind: len(fold(graph, kind).graph.nodes) for kind in kinds}
    return {kind: count for kind, count in left.items() if count < len(graph.nodes)}
