"""The DAG's place, on a real project: its run, its nodes, their sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import ContentSwitcher

from flowerpower_tui.runs.critical import critical_path
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.dag import DagPlace
from flowerpower_tui.tui.session import Session
from flowerpower_tui.tui.widgets.dag_panel import DagPanel
from flowerpower_tui.tui.widgets.dag_view import DagView

Project = Callable[..., Path]
OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

SOURCE = """
def table(rows: int) -> list:
    return list(range(rows))


def total(table: list) -> int:
    return sum(table)


def largest(table: list) -> int:
    return max(table)


def report(total: int, largest: int) -> str:
    return f"{total} {largest}"
"""
RUN = "run:\n  inputs: {rows: 5}\n  final_vars: [report]\n"


async def gone_to(pilot: Pilot[Any], until: Until) -> tuple[Session, DagView]:
    """Go to the place, and wait for the graph."""
    app = pilot.app
    assert isinstance(app, FlowerPowerApp)
    session = app.session
    assert session is not None
    await until(pilot, lambda: session.graph is not None)
    await pilot.press("2")
    await until(pilot, lambda: isinstance(app.screen, DagPlace) and app.screen.query_one(DagView).drawing is not None)
    return session, app.screen.query_one(DagView)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_run_up_to_picked_nodes_runs_no_more_and_marks_what_took_longest(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText, size: tuple[int, int]
) -> None:
    async with open_app(project(SOURCE, RUN)).run_test(size=size) as pilot:
        session, view = await gone_to(pilot, until)
        pilot.app.screen.query_one(DagPanel).go_to("total")
        await pilot.press("space", "R")
        await until(pilot, lambda: session.run is not None and session.view.is_over)

        assert session.view.final_vars == ("total",)
        assert session.view.node("largest").state == "waiting"
        durations = {name: node.duration or 0.0 for name, node in session.view.nodes.items()}
        await until(pilot, lambda: view.critical)
        assert view.critical == critical_path(session.graph, durations) if session.graph else ()
        text = screen_text(pilot)
        assert "✓ total" in text
        # The inspector stands beside, or below, and tells of the node that one is on.
        assert "int" in text
        assert "takes    table" in text
        assert ("slowest" in text) == ("total" in view.critical)


async def test_the_source_of_the_node_is_shown_beside_and_follows_the_cursor(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(project(SOURCE, RUN)).run_test(size=(140, 40)) as pilot:
        _, view = await gone_to(pilot, until)
        view.go_to("total")
        view.focus()

        await pilot.press("enter")
        await until(pilot, lambda: "return sum(table)" in screen_text(pilot))
        assert "total" in view.excerpt.graph.by_name
        await pilot.press("left_square_bracket")
        assert view.cursor == "table"

        await pilot.press("escape")
        assert pilot.app.screen.query_one("#told", ContentSwitcher).current == "inspector"
        assert "takes    rows" in screen_text(pilot)


async def test_another_pipeline_is_a_key_away(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = project(SOURCE, RUN)
    (root / "conf" / "pipelines" / "other.yml").write_text("name: other\n")
    (root / "pipelines" / "other.py").write_text("def alone() -> int:\n    return 1\n")
    async with open_app(root).run_test(size=(100, 30)) as pilot:
        session, view = await gone_to(pilot, until)
        assert session.pipeline == "job"

        await pilot.press("full_stop")
        await until(pilot, lambda: view.graph is not None and "alone" in view.graph.by_name)
        assert "DAG  other" in screen_text(pilot)
        await pilot.press("full_stop")
        assert session.pipeline == "job"
        await pilot.press("comma")
        assert session.pipeline == "other"


async def test_a_place_that_is_gone_to_late_shows_the_run_that_was(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    root = project(SOURCE, RUN)
    async with open_app(root).run_test(size=(100, 30)) as pilot:
        app = pilot.app
        assert isinstance(app, FlowerPowerApp)
        await until(pilot, lambda: app.session is not None and app.session.graph is not None)
        session = app.session
        assert session is not None
        session.launches.start(RunRequest(str(root), "job"))
        await until(pilot, lambda: session.run is not None and session.view.is_over)

        _, view = await gone_to(pilot, until)

        assert view.shown_states["report"] == "succeeded"
        assert view.critical
        assert "✓ report" in screen_text(pilot)
