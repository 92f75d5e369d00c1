"""The DAG's view: every node can be walked to, clicked and seen in its state, and little is drawn anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from flowerpower_tui.graph.decode import decode
from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.drawing import Drawing
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.names import names
from flowerpower_tui.runs.view import NodeState
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.dag_view import DagView, Shape
from flowerpower_tui.tui.widgets.dag_walk import Flow, Towards, step
from flowerpower_tui.tui.widgets.line_view import LineView

Rows = Callable[[LineView], list[str]]


# Short chains beside single nodes: rows whose boxes stand far from one another.
SCATTERED = Graph(
    tuple(Node(name * 4) for name in ("n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8", "n9")),
    (("n6" * 4, "n7" * 4), ("n0" * 4, "n9" * 4), ("n3" * 4, "n6" * 4), ("n3" * 4, "n8" * 4), ("n4" * 4, "n9" * 4)),
)


class Host(App[None]):
    """Nothing but a DAG; remembers what it told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []

    def compose(self) -> ComposeResult:
        yield DagView()

    def on_dag_view_node_highlighted(self, event: DagView.NodeHighlighted) -> None:
        self.told.append(event.node)

    def on_dag_view_source_wanted(self, event: DagView.SourceWanted) -> None:
        self.told.append(("source", event.node))


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that were rendered anew, in order."""
    found: list[int] = []
    segments = DagView.line_segments

    def noted(self: DagView, index: int) -> Any:
        found.append(index)
        return segments(self, index)

    monkeypatch.setattr(DagView, "line_segments", noted)
    return found


def drawn(graph: Graph, flow: Flow, width: int) -> Drawing:
    if flow == "lanes":
        return draw(lanes(graph))
    if flow == "names":
        return names(graph, width)
    return draw(layout(graph, direction=flow, width=width))


def walked(graph: Graph, drawing: Drawing, flow: Flow) -> set[str]:
    """Every node that can be walked to from the first one."""
    reached = {drawing.order[0]}
    waiting = list(reached)
    while waiting:
        here = waiting.pop()
        for towards in get_args(Towards):
            there = step(graph, drawing, flow, here, towards)
            if there is not None and there not in reached:
                reached.add(there)
                waiting.append(there)
    return reached


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 24))
    said = [f"n{index}" * draw(st.integers(1, 4)) for index in range(count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    edges = draw(st.lists(pairs, max_size=2 * count, unique=True)) if count > 1 else []
    return Graph(tuple(map(Node, said)), tuple((said[source], said[target]) for source, target in edges))


@pytest.mark.parametrize("flow", get_args(Flow))
@settings(max_examples=40, deadline=None)
@given(graph=graphs(), width=st.integers(30, 200))
@example(graph=SCATTERED, width=40)
def test_arrow_keys_reach_every_node(flow: Flow, graph: Graph, width: int) -> None:
    assert walked(graph, drawn(graph, flow, width), flow) == set(graph.by_name)


@settings(max_examples=40, deadline=None)
@given(graph=graphs(), width=st.integers(30, 200))
def test_up_and_down_follow_an_edge_wherever_there_is_one(graph: Graph, width: int) -> None:
    drawing = drawn(graph, "down", width)

    for here in graph.by_name:
        ways: list[tuple[Towards, tuple[str, ...]]] = [("up", graph.parents[here]), ("down", graph.children[here])]
        for towards, others in ways:
            there = step(graph, drawing, "down", here, towards)
            assert there in (others or (there,))
            if there is not None:
                assert (drawing.rects[there].y > drawing.rects[here].y) == (towards == "down")


@settings(max_examples=40, deadline=None)
@given(graph=graphs())
def test_in_lanes_up_and_down_go_row_by_row_and_left_and_right_along_edges(graph: Graph) -> None:
    drawing = drawn(graph, "lanes", 80)

    for here in graph.by_name:
        row = drawing.rects[here].y
        rows: list[tuple[Towards, int]] = [("up", -1), ("down", 1)]
        for towards, by in rows:
            there = step(graph, drawing, "lanes", here, towards)
            assert there is None or drawing.rects[there].y == row + by
        ways: list[tuple[Towards, tuple[str, ...]]] = [("left", graph.parents[here]), ("right", graph.children[here])]
        for towards, others in ways:
            there = step(graph, drawing, "lanes", here, towards)
            assert there in (others or (there,))


async def test_the_way_back_along_an_edge_is_the_way_one_came(fork_graph: Graph) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        for start, there, back in (
            ("by_month", "right_square_bracket", "left_square_bracket"),
            ("by_region", "right_square_bracket", "left_square_bracket"),
            ("rejected", "down", "up"),
        ):
            dag.cursor = start
            await pilot.press(there)
            assert dag.cursor == "report"
            await pilot.press(back)
            assert dag.cursor == start


async def test_the_cursor_walks_by_keys_and_tells_where_it_is(fork_graph: Graph) -> None:
    app = Host()
    async with app.run_test(size=(120, 50)) as pilot:
        dag = app.query_one(DagView)
        dag.show(fork_graph)
        await pilot.pause()
        start = dag.cursor

        await pilot.press("down", "down", "down", "up", "j", "k", "l", "h")
        await pilot.pause()

        assert dag.drawing is not None
        assert start == app.told[0] == dag.drawing.order[0]
        assert dag.cursor == app.told[-1]
        assert len(set(app.told)) >= 4


async def test_enter_asks_for_the_source_of_the_node_under_the_cursor(fork_graph: Graph) -> None:
    app = Host()
    async with app.run_test(size=(120, 50)) as pilot:
        dag = app.query_one(DagView)
        dag.show(fork_graph)
        dag.cursor = "euros"

        await pilot.press("enter")

        assert app.told[-1] == ("source", "euros")


@pytest.mark.parametrize("shape", ["boxes", "lanes"])
async def test_a_click_goes_to_each_node_and_a_second_one_to_its_source(fork_graph: Graph, shape: Shape) -> None:
    app = Host()
    async with app.run_test(size=(120, 50)) as pilot:
        dag = app.query_one(DagView)
        dag.shape = shape
        dag.show(fork_graph)
        await pilot.pause()
        assert dag.drawing is not None
        for name, rect in dag.drawing.rects.items():
            await pilot.click(dag, offset=(rect.x + 1, rect.y + rect.height // 2))
            assert dag.cursor == name

        await pilot.click(dag, offset=(rect.x + 1, rect.y + rect.height // 2), times=2)
        assert app.told[-1] == ("source", name)


async def test_a_click_beside_every_node_changes_nothing(fork_graph: Graph) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        await pilot.pause()
        before = dag.cursor

        await pilot.click(dag, offset=(119, 49))

        assert dag.cursor == before


@pytest.mark.parametrize("shape", ["boxes", "lanes"])
async def test_each_state_has_a_glyph_at_its_node(fork_graph: Graph, rows: Rows, shape: Shape) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.shape = shape
        dag.show(fork_graph)
        await pilot.pause()
        assert dag.drawing is not None
        x, y = dag.drawing.marks["euros"]
        plain = rows(dag)

        for state in get_args(NodeState):
            dag.set_states({"euros": state})
            marked = rows(dag)
            glyph = plain[y][x] if state == "waiting" else look(state).glyph
            assert marked == [*plain[:y], plain[y][:x] + glyph + plain[y][x + 1 :], *plain[y + 1 :]]


@pytest.mark.parametrize("shape", ["boxes", "lanes"])
async def test_a_new_state_renders_only_the_rows_of_its_node(
    fork_graph: Graph, rows: Rows, rendered: list[int], shape: Shape
) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.shape = shape
        dag.show(fork_graph)
        await pilot.pause()
        rows(dag)
        assert dag.drawing is not None
        for states, changed in [
            ({"orders": "running"}, ["orders"]),
            ({"orders": "succeeded", "valid": "running"}, ["orders", "valid"]),
            ({"orders": "succeeded", "valid": "running"}, []),
            ({"orders": "succeeded"}, ["valid"]),
        ]:
            rendered.clear()
            dag.set_states(states)
            rows(dag)
            touched = {dag.drawing.rects[name] for name in changed}
            assert sorted(rendered) == sorted({y for rect in touched for y in range(rect.y, rect.y + rect.height)})


async def test_a_row_that_is_out_of_sight_is_not_rendered(rendered: list[int]) -> None:
    steps = [f"step_{number:03}" for number in range(300)]
    chain = Graph(tuple(map(Node, steps)), tuple(pairwise(steps)))
    async with Host().run_test(size=(80, 24)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(chain)
        await pilot.pause()
        rendered.clear()

        dag.set_states(dict.fromkeys(steps[100:], "running"))
        await pilot.pause()

        assert rendered == []


async def test_the_cursor_goes_along_with_what_runs_until_it_is_moved_by_hand(rows: Rows) -> None:
    steps = [f"step_{number:03}" for number in range(100)]
    chain = Graph(tuple(map(Node, steps)), tuple(pairwise(steps)))
    async with Host().run_test(size=(80, 20)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(chain)
        await pilot.pause()

        dag.go_along("step_060")
        assert dag.cursor == "step_060"
        assert any("step_060" in row for row in rows(dag))

        await pilot.press("down")
        await pilot.pause()
        before = rows(dag)
        assert any("step_061" in row for row in before)
        dag.go_along("step_090")
        assert dag.cursor == "step_061"
        assert rows(dag) == before


async def test_the_cursor_stays_on_its_node_when_the_graph_changes(fork_graph: Graph) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        dag.cursor = "by_month"

        dag.show(fork_graph.subgraph(set(fork_graph.by_name) - {"by_region"}))
        assert dag.cursor == "by_month"

        dag.show(fork_graph.subgraph(set(fork_graph.by_name) - {"by_month"}))
        # Its neighbour in the drawing.
        assert dag.cursor == "by_region"


async def test_plus_and_minus_go_nearer_and_further_and_v_back_to_what_fits(fork_graph: Graph, rows: Rows) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        dag.cursor = "euros"
        await pilot.pause()
        pictures = [rows(dag)]
        for key in ("minus", "minus", "minus", "minus", "plus", "plus", "plus", "plus", "minus", "v"):
            await pilot.press(key)
            await pilot.pause()
            pictures.append(rows(dag))
            assert dag.cursor == "euros"
            assert all(any(name in row for row in pictures[-1]) for name in fork_graph.by_name)

        boxes, chips, lane, name = pictures[:4]
        assert len({tuple(picture) for picture in pictures}) == 4
        assert pictures[4:] == [name, lane, chips, boxes, boxes, chips, boxes]


async def test_every_level_but_the_names_can_be_read_back_from_the_screen(fork_graph: Graph, rows: Rows) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        for direction in ("down", "right"):
            dag.direction = direction
            for shape in ("boxes", "chips", "lanes"):
                dag.shape = shape
                for charset in ("unicode", "ascii"):
                    dag.charset = charset
                    await pilot.pause()
                    read = decode("\n".join(rows(dag)).rstrip())
                    assert set(read.by_name) == set(fork_graph.by_name)
                    assert set(read.edges) == set(fork_graph.edges)


async def test_names_show_the_inputs_and_the_consumers_of_the_node_one_is_on(fork_graph: Graph, rows: Rows) -> None:
    async with Host().run_test(size=(120, 50)) as pilot:
        dag = pilot.app.query_one(DagView)
        dag.show(fork_graph)
        dag.shape = "names"
        for name in fork_graph.by_name:
            dag.cursor = name
            await pilot.pause()
            text = "\n".join(rows(dag))
            assert set(re.findall(r"(\w+)↑", text)) == set(fork_graph.parents[name])
            assert set(re.findall(r"(\w+)↓", text)) == set(fork_graph.children[name])


async def test_an_empty_graph_is_an_empty_view(rows: Rows, fork_graph: Graph) -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        dag = pilot.app.query_one(DagView)
        for graph in (Graph(), fork_graph, None):
            dag.show(graph)
            await pilot.pause()
            await pilot.press("down", "enter", "v")

        assert set(rows(dag)) == {""}
