"""What lines and footers tell: of a fold, of what failed before it could be drawn, of keys where room is short."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.view import NodeRun
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import fold_in_a_line

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

CHAIN = Graph(tuple(Node(name) for name in "abc"), (("a", "b"), ("b", "c")))


class Host(App[None]):
    """Nothing but a DAG."""

    def compose(self) -> ComposeResult:
        yield DagView()


def test_a_fold_is_told_by_how_many_of_its_nodes_stand_how() -> None:
    members = {"a": NodeRun("succeeded"), "b": NodeRun("succeeded"), "c": NodeRun("failed"), "d": NodeRun()}
    assert fold_in_a_line("load.*", members).plain == "load.*  4 nodes  ✓ 2  ✗ 1"


async def test_the_cursor_goes_along_with_a_node_that_was_not_drawn_yet(until: Until) -> None:
    async with Host().run_test(size=(40, 12)) as pilot:
        view = pilot.app.query_one(DagView)
        view.go_along("c")
        view.show(CHAIN)
        await until(pilot, lambda: view.cursor == "c")
        assert view.goes_along


async def test_whoever_moved_the_cursor_is_not_taken_along(until: Until) -> None:
    async with Host().run_test(size=(40, 12)) as pilot:
        view = pilot.app.query_one(DagView)
        view.go_along("c")
        view.goes_along = False
        view.show(CHAIN)
        await until(pilot, lambda: view.drawing is not None)
        await pilot.pause()
        assert view.cursor == "a"


async def test_the_keys_for_help_and_leaving_are_told_however_narrow_it_is(
    project: Callable[..., Path], open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = project("def one() -> int:\n    return 1\n", "run:\n  final_vars: [one]\n")

    def footer() -> str:
        return screen_text(pilot).splitlines()[-1]

    async with open_app(root).run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: "z Zoom  ? Help  q Quit" in footer())
        await pilot.resize_terminal(44, 24)
        await until(pilot, lambda: "? Help  q Quit" in footer() and "z Zoom" not in footer())
        await pilot.resize_terminal(100, 24)
        await until(pilot, lambda: "z Zoom  ? Help  q Quit" in footer())
