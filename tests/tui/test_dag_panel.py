"""What one does to a DAG: finding, focusing, folding, picking, the map, and layouts that are waited for."""

from __future__ import annotations

import random
import threading
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, SelectionList, Static

from flowerpower_tui.graph.decode import decode
from flowerpower_tui.graph.fold import fold
from flowerpower_tui.graph.groups import KINDS
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.tui.widgets import dag_drafting
from flowerpower_tui.tui.widgets.dag_drafting import is_quick
from flowerpower_tui.tui.widgets.dag_minimap import DagMinimap
from flowerpower_tui.tui.widgets.dag_panel import DagPanel, fold_yields
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.line_view import LineView

Rows = Callable[[LineView], list[str]]
Until = Callable[..., Awaitable[None]]

# Five features of one table, scored together.
FEATURES = Graph(
    tuple(map(Node, ("table", *(f"feature_{index}" for index in range(5)), "score", "report", "mail"))),
    (
        *(("table", f"feature_{index}") for index in range(5)),
        *((f"feature_{index}", "score") for index in range(5)),
        ("score", "report"),
        ("report", "mail"),
    ),
)


class Host(App[None]):
    """Nothing but a panel; remembers what was wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[tuple[str, ...]] = []

    def compose(self) -> ComposeResult:
        yield DagPanel()

    def on_dag_panel_run_wanted(self, event: DagPanel.RunWanted) -> None:
        self.wanted.append(event.final_vars)


def large(count: int, seed: int = 7) -> Graph:
    """A graph that is not laid out at once."""
    chance = random.Random(seed)
    names = [f"step_{index:04}" for index in range(count)]
    edges = {(names[chance.randrange(max(0, index - 20), index)], names[index]) for index in range(1, count)}
    edges |= {(names[chance.randrange(max(0, index - 20), index)], names[index]) for index in range(1, count, 2)}
    graph = Graph(tuple(map(Node, names)), tuple(sorted(edges)))
    assert not is_quick(graph)
    return graph


async def shown(pilot: Pilot[Any], graph: Graph) -> DagView:
    view = pilot.app.query_one(DagView)
    view.show(graph)
    view.focus()
    await pilot.pause()
    return view


def said(pilot: Pilot[Any]) -> str:
    """What the line below says."""
    line = pilot.app.query_one(DagPanel).query_one(Static)
    return str(line.content) if line.has_class("-shown") else ""


def on_screen(view: DagView, node: str) -> tuple[int, int]:
    """Where a node's mark stands on the screen."""
    assert view.drawing is not None
    x, y = view.drawing.marks[node]
    return x - view.scroll_offset.x, y - view.scroll_offset.y


# Finding.


async def test_what_is_typed_is_found_as_it_is_typed_and_n_goes_on_around_the_end() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)

        await pilot.press("slash", *"FEAT")
        assert view.cursor == "feature_0"
        assert said(pilot) == "/FEAT  1 of 5"
        await pilot.press("enter", "n", "n")
        assert view.cursor == "feature_2"
        await pilot.press("N", "N", "N")
        assert view.cursor == "feature_4"
        await pilot.press("n")
        assert (view.cursor, said(pilot)) == ("feature_0", "/FEAT  1 of 5")

        await pilot.press("escape")
        assert said(pilot) == ""


async def test_escape_while_typing_leads_back_to_where_one_was() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "score"

        await pilot.press("slash", *"mail")
        assert view.cursor == "mail"
        await pilot.press("escape")

        assert view.cursor == "score"
        assert view.has_focus


async def test_every_word_has_to_be_in_the_name_and_what_is_nowhere_is_said() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)

        await pilot.press("slash", *"3", "space", *"feat")
        assert (view.cursor, said(pilot)) == ("feature_3", "/3 feat  1 of 1")
        await pilot.press("x")
        assert said(pilot) == "/3 featx  nothing"


async def test_found_names_are_marked_where_the_word_stands() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)

        await pilot.press("slash", *"eat")
        await pilot.pause()

        marked = {
            segment.text
            for y in range(view.size.height)
            for segment in view.render_line(y)
            if segment.style and segment.style.reverse
        }
        assert marked == {"eat"}


# Focus.


async def test_focus_shows_what_is_around_a_node_and_what_is_cut(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "mail"

        await pilot.press("f")
        assert set(view.excerpt.graph.by_name) == {"score", "report", "mail"}
        assert said(pilot) == "focus: mail ±2 — 3 of 9 nodes"
        assert "score ⋯↑5" in "\n".join(rows(view))

        await pilot.press("greater_than_sign")
        assert len(view.excerpt.graph.nodes) == 8
        await pilot.press("greater_than_sign", "greater_than_sign")
        assert said(pilot) == "focus: mail ±all — 9 of 9 nodes"
        await pilot.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert said(pilot) == "focus: mail ±1 — 2 of 9 nodes"

        await pilot.press("escape")
        assert view.excerpt.graph == FEATURES
        assert (view.cursor, said(pilot)) == ("mail", "")


async def test_focus_can_be_on_the_inputs_or_the_consumers_only() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "report"

        await pilot.press("f", "a")
        assert "mail" not in view.excerpt.graph.by_name
        assert said(pilot).startswith("focus: report ↑2")
        await pilot.press("a")
        assert set(view.excerpt.graph.by_name) == {"report", "mail"}
        assert said(pilot).startswith("focus: report ↓2")


async def test_leaving_a_focus_shows_the_picture_as_it_was(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        before = rows(view)

        await pilot.press("f")
        assert rows(view) != before
        await pilot.press("f")

        assert rows(view) == before


async def test_going_to_a_node_out_of_the_picture_shows_all() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "mail"
        await pilot.press("f")

        pilot.app.query_one(DagPanel).go_to("table")

        assert (view.cursor, view.excerpt.graph) == ("table", FEATURES)


async def test_another_graph_altogether_is_shown_whole_and_an_edit_of_it_is_not() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "report"
        await pilot.press("f", "space")

        view.show(FEATURES.subgraph(set(FEATURES.by_name) - {"feature_1"}))
        assert len(view.excerpt.graph.nodes) < 8
        kept = view.picked

        other = Graph((Node("report"), *(Node(f"other_{index}") for index in range(5))))
        view.show(other)
        assert view.excerpt.graph == other
        assert (kept, view.picked) == (("report",), ())


# Folds.


async def test_a_fold_stands_for_its_nodes_and_opens_and_closes(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "feature_3"

        await pilot.press("X", "space", "escape")
        assert view.cursor == "feature_*"
        assert "feature_* ×5" in "\n".join(rows(view))
        assert said(pilot) == "folded by twins: 9 nodes as 5"
        read = decode("\n".join(rows(view)[:-1]).rstrip())
        assert set(read.edges) == set(fold(FEATURES, "twins").graph.edges)

        await pilot.press("x")
        assert view.excerpt.graph == FEATURES
        assert view.cursor == "feature_0"
        await pilot.press("x")
        assert view.cursor == "feature_*"


async def test_a_fold_tells_how_its_nodes_stand_and_moves_nothing_while_they_run(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        pilot.app.query_one(DagPanel).fold_by(("twins",))
        view.set_states({"table": "succeeded"})
        await pilot.pause()
        drawing = view.drawing

        for states, text, glyph in [
            ({"feature_0": "running"}, "×5 ▶1", "▶"),
            ({"feature_0": "succeeded"}, "×5 ✓1", " "),
            ({"feature_0": "succeeded", "feature_1": "failed"}, "×5 ✗1 ✓1", "✗"),
            ({f"feature_{index}": "succeeded" for index in range(5)}, "×5 ✓5", "✓"),
        ]:
            view.set_states({"table": "succeeded", **states})
            row = next(row for row in rows(view) if "feature_*" in row)
            assert f"{glyph} feature_* {text} " in row
        assert view.drawing is drawing


async def test_the_menu_says_what_each_kind_leaves() -> None:
    graph = Graph(
        tuple(Node(node.name, module="late" if node.name > "m" else "early") for node in FEATURES.nodes), FEATURES.edges
    )
    async with Host().run_test(size=(120, 40)) as pilot:
        await shown(pilot, graph)
        await pilot.press("X")
        kinds = pilot.app.screen.query_one(SelectionList)
        listed = {str(kinds.get_option_at_index(index).prompt).split()[-2] for index in range(kinds.option_count)}

    assert listed == {str(len(fold(graph, kind).graph.nodes)) for kind in fold_yields(graph)}
    assert set(fold_yields(graph)) == {"module", "twins", "chains"}
    assert set(fold_yields(graph)) <= set(KINDS)


# Picking.


async def test_picked_nodes_are_what_is_run_up_to_in_the_order_of_the_graph() -> None:
    app = Host()
    async with app.run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        view.cursor = "report"
        await pilot.press("R")

        await pilot.press("space")
        view.cursor = "feature_1"
        await pilot.press("space", "R")
        assert said(pilot) == "◆ feature_1, report — R runs up to there"
        await pilot.press("space", "R", "escape")
        view.cursor = "mail"
        await pilot.press("R")

    assert app.wanted == [("report",), ("feature_1", "report"), ("report",), ("mail",)]


async def test_a_picked_node_is_marked_by_a_shape(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        for shape in ("boxes", "chips", "lanes", "names"):
            view.shape = shape
            view.set_picked(["score"])
            view.set_marks({"report": "changed", "mail": "added", "table": "stale"})
            await pilot.pause()
            text = "\n".join(rows(view))
            assert all(sign in text for sign in ("◆score", "report~", "mail+", "table!"))
            view.set_picked(())
            view.set_marks({})
            assert not any(sign in "\n".join(rows(view)) for sign in "◆~+!")


async def test_the_path_that_took_longest_is_drawn_in_heavy_lines(rows: Rows) -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        view = await shown(pilot, FEATURES)
        before = rows(view)

        view.set_critical(("table", "feature_2", "score"))
        text = "\n".join(rows(view))
        boxes = [row for row in rows(view) if "┃" in row and ("table" in row or "feature_2" in row or "score" in row)]
        assert len(boxes) == 3
        assert "┃   feature_2 ┃" in text
        assert "│   feature_1 │" in text
        # The way to it is heavy, the ways beside it are not.
        assert view.drawing is not None
        y = view.drawing.rects["feature_2"].y
        ports = [x for x, glyph in enumerate(rows(view)[y]) if glyph == "▼"]
        above = "".join(rows(view)[y - 1][x] for x in ports)
        assert [glyph in "┃┏┓┳╋" for glyph in above] == [index == 2 for index in range(5)]

        view.shape = "names"
        view.cursor = "mail"
        assert "«feature_2»" in "\n".join(rows(view))
        view.shape = "boxes"
        view.cursor = "table"
        view.set_critical(())
        assert rows(view) == before


# The map.


async def test_a_large_drawing_has_a_map_and_a_click_on_it_goes_there() -> None:
    steps = [f"step_{number:03}" for number in range(400)]
    chain = Graph(tuple(map(Node, steps)), tuple(pairwise(steps)))
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, chain)
        small = pilot.app.query_one(DagMinimap)
        assert small.display

        await pilot.click(small, offset=(0, small.size.height - 1))
        await pilot.pause()
        assert view.scroll_offset.y > 300

        await pilot.mouse_down(small, offset=(0, small.size.height - 1))
        await pilot.hover(small, offset=(0, 0))
        await pilot.mouse_up(small, offset=(0, 0))
        await pilot.pause()
        assert view.scroll_offset.y < 60

        await pilot.press("m")
        assert not small.display


async def test_a_small_drawing_has_no_map_unless_it_is_asked_for() -> None:
    async with Host().run_test(size=(120, 40)) as pilot:
        await shown(pilot, FEATURES)
        small = pilot.app.query_one(DagMinimap)

        assert not small.display
        await pilot.press("m")
        assert small.display


async def test_the_map_shows_where_it_failed() -> None:
    steps = [f"step_{number:03}" for number in range(400)]
    chain = Graph(tuple(map(Node, steps)), tuple(pairwise(steps)))
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, chain)
        small = pilot.app.query_one(DagMinimap)
        view.set_states({**dict.fromkeys(steps, "succeeded"), steps[-1]: "failed"})
        await pilot.pause()

        colours = [
            {segment.style.color for segment in small.render_line(y) if segment.style and segment.text.strip("⠀ ")}
            for y in range(small.size.height)
        ]
        failed = small.get_component_rich_style("minimap--failed").color
        assert [failed in colour for colour in colours] == [False] * (len(colours) - 1) + [True]


# The mouse.


async def test_dragging_pans_and_is_no_click() -> None:
    graph = large(200)
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, graph)
        view.shape = "lanes"
        await pilot.pause()
        cursor = view.cursor

        await pilot.mouse_down(view, offset=(20, 15))
        await pilot.hover(view, offset=(20, 5))
        await pilot.mouse_up(view, offset=(20, 5))
        await pilot.pause()

        assert view.scroll_offset.y == 10
        assert view.cursor == cursor


async def test_keys_pan_and_leave_the_cursor() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, large(200))
        cursor = view.cursor

        await pilot.press("J", "J", "K")
        assert (view.scroll_offset.y, view.cursor) == (4, cursor)


# Layouts that are waited for.


async def test_lanes_are_shown_until_the_boxes_are_there(until: Until) -> None:
    graph = large(160)
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, graph)
        view.shape = "boxes"
        assert (view.level, view.is_waiting) == ("lanes", True)
        place = on_screen(view, view.cursor or "")

        await until(pilot, lambda: view.level == "boxes")
        assert said(pilot) == ""
        assert on_screen(view, view.cursor or "")[1] == place[1] + 1
        assert view.drawing is not None
        assert set(decode(view.drawing.text).edges) == set(graph.edges)


async def test_what_was_asked_for_before_is_never_shown(until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = large(400, seed=1), large(150, seed=2)
    real = dag_drafting._COMMAND
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, first)
        monkeypatch.setattr(dag_drafting, "_COMMAND", ("sleep", "100"))
        view.shape = "boxes"
        await pilot.pause(0.2)
        assert said(pilot) == "laying out 400 nodes…"

        monkeypatch.setattr(dag_drafting, "_COMMAND", real)
        view.show(second)
        await until(pilot, lambda: view.level == "boxes")
        assert view.drawing is not None
        assert set(view.drawing.rects) == set(second.by_name)

        # And what is waited for is dropped where there is something that can be drawn at once.
        view.show(first)
        view.show(FEATURES)
        assert not view.is_waiting
        await until(pilot, lambda: not [thread for thread in threading.enumerate() if thread.name == "draft"])
        assert set(view.drawing.rects) == set(FEATURES.by_name)


async def test_an_edit_keeps_the_node_one_is_on_where_it_is_on_the_screen(until: Until) -> None:
    graph = large(160)
    async with Host().run_test(size=(100, 30)) as pilot:
        view = await shown(pilot, graph)
        view.shape = "boxes"
        await until(pilot, lambda: view.level == "boxes")
        view.cursor = "step_0080"
        await pilot.press("J")
        place = on_screen(view, "step_0080")

        edited = Graph((Node("new"), *graph.nodes), (("new", "step_0005"), ("new", "step_0010"), *graph.edges))
        view.show(edited)
        await until(pilot, lambda: view.drawing is not None and "new" in view.drawing.rects)

        assert view.level == "boxes"
        assert on_screen(view, "step_0080") == place


async def test_an_edit_of_lanes_is_there_at_once_and_boxes_are_tried_only_if_there_is_less(until: Until) -> None:
    graph = large(140)
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, graph)
        await until(pilot, lambda: not view.is_waiting)
        assert view.level == "lanes"

        view.show(Graph((*graph.nodes, Node("new")), (*graph.edges, ("step_0000", "new"))))
        assert view.drawing is not None
        assert "new" in view.drawing.rects
        assert not view.is_waiting

        last = graph.nodes[-1].name
        view.show(Graph(graph.nodes[:-1], tuple(edge for edge in graph.edges if last not in edge)))
        assert last not in view.drawing.rects
        assert view.is_waiting
        await until(pilot, lambda: not view.is_waiting)


async def test_a_process_that_fails_leaves_the_lanes(until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dag_drafting, "_COMMAND", ("false",))
    async with Host().run_test(size=(80, 24)) as pilot:
        view = await shown(pilot, large(160))
        view.shape = "boxes"
        await until(pilot, lambda: not view.is_waiting)

        assert view.level == "lanes"


async def test_the_question_is_only_there_while_it_is_asked() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        await shown(pilot, FEATURES)
        asked = pilot.app.query_one(Input)

        there = [(asked.display, asked.has_focus)]
        for key in ("slash", "enter"):
            await pilot.press(key)
            there.append((asked.display, asked.has_focus))

        assert there == [(False, False), (True, True), (False, False)]
