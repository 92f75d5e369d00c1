"""The editor with a run that failed: its failure is among the problems of the file, and leads to its line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowerpower_tui.assist.diagnostic import Diagnostic
from flowerpower_tui.graph.model import Node
from flowerpower_tui.pipeline.failure import Failure, Frame, line_in
from flowerpower_tui.runs.view import NodeRun, RunView
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.run_problems import problems_of_run
from flowerpower_tui.tui.screens.dag import DagPlace
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.spots import Spot, spot_of
from flowerpower_tui.tui.widgets.code_area import CodeArea
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.inspector import in_a_line
from flowerpower_tui.tui.widgets.page import Page
from flowerpower_tui.tui.widgets.problem_list import ProblemList

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Project = Callable[..., Path]

SOURCE = """\
def orders() -> dict:
    return {}


def report(orders: dict) -> int:
    total = 1
    return total + orders["region"]
"""
MODULE = "/p/job.py"
INNER = Failure("KeyError", "'region'", (Frame(MODULE, 12, "report"), Frame("/lib/x.py", 3, "get")))
OUTER = Failure("ValueError", "first\nsecond", (Frame("/p/other.py", 5, "load"),), cause=INNER)


def said(pilot: Pilot[Any]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


@pytest.mark.parametrize(
    ("failure", "file", "line"),
    [(INNER, MODULE, 12), (OUTER, MODULE, 12), (OUTER, "/p/other.py", 5), (INNER, "/p/other.py", 0)],
)
def test_a_failures_line_in_a_file_is_the_last_one_there_or_that_of_its_cause(
    failure: Failure, file: str, line: int
) -> None:
    assert line_in(failure, file) == line


def test_a_node_is_looked_at_where_it_failed_else_where_it_begins() -> None:
    node = Node("report", file=MODULE, line=10)

    assert spot_of(node, NodeRun()) == Spot(Path(MODULE), 10)
    assert spot_of(node, NodeRun("failed", failure=INNER)) == Spot(Path(MODULE), 12)
    assert spot_of(node, NodeRun("failed", failure=Failure("KeyError", "'x'"))) == Spot(Path(MODULE), 10)


def test_a_failed_node_in_a_line_names_the_line_that_failed() -> None:
    node = Node("report", file=MODULE, line=10, module="pipelines.job")

    assert "KeyError: 'region'  job.py:12" in in_a_line(node, NodeRun("failed", failure=INNER)).plain
    assert "job.py:10" in in_a_line(node, NodeRun("succeeded")).plain


def test_a_failed_node_in_a_line_is_told_with_what_matters_first() -> None:
    line = in_a_line(Node("report", "dict[str, int]", file=MODULE, line=10), NodeRun("failed", failure=OUTER)).plain

    assert line.startswith("✗ report  ValueError: first second")


def test_a_failure_in_a_file_that_was_written_since_is_a_hint(tmp_path: Path) -> None:
    module = tmp_path / "job.py"
    module.write_text(SOURCE)
    failure = Failure("KeyError", "'region'", (Frame(str(module), 7, "report"),))
    now = datetime.fromtimestamp(module.stat().st_mtime, UTC)

    def severity(started: datetime) -> str:
        (problem,) = problems_of_run(RunView(started=started, failure=failure), module)
        return problem.severity

    assert severity(now - timedelta(seconds=1)) == "hint"
    assert severity(now + timedelta(seconds=1)) == "error"


def test_a_failure_is_told_once_whole_and_of_its_node() -> None:
    view = RunView(nodes={"report": NodeRun("failed", failure=OUTER), "other": NodeRun("succeeded")}, failure=OUTER)

    def told(problem: Diagnostic) -> tuple[str, int]:
        return problem.message, problem.span.line

    assert [*map(told, problems_of_run(view, Path(MODULE)))] == [("report: ValueError: first second", 12)]
    assert problems_of_run(view, Path("/p/third.py")) == []
    assert [*map(told, problems_of_run(RunView(failure=INNER), Path(MODULE)))] == [("KeyError: 'region'", 12)]


async def test_a_failed_node_is_edited_where_it_failed_and_its_failure_is_listed(
    project: Project, open_app: OpenApp, until: Until, rows: Callable[..., list[str]]
) -> None:
    root = project(SOURCE, "run:\n  final_vars: [report]\n  retry:\n    max_retries: 0\n")
    app = open_app(root)
    async with app.run_test(size=(110, 30)) as pilot:
        session = app.session
        assert session is not None
        await until(pilot, lambda: session.can_run and session.graph is not None)
        session.launches.ask()
        await until(pilot, lambda: session.run is not None and session.view.state == "failed")
        session.show_node("report")
        await until(pilot, lambda: isinstance(app.screen, DagPlace))
        dag = app.screen.query_one(DagView)
        await until(pilot, lambda: dag.has_focus and dag.cursor == "report")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, Editor) and isinstance(app.screen.focused, CodeArea))
        editor = app.screen
        assert isinstance(editor, Editor)
        page = editor.page
        assert isinstance(page, Page)
        await until(pilot, lambda: page.cursor[0] == 7)

        await pilot.press("ctrl+home", "ctrl+t")
        assert page.cursor == (7, 1)

        await pilot.press("ctrl+home", "f12")
        problems = editor.query_one(ProblemList)
        await until(pilot, lambda: problems.has_focus)
        (listed,) = [row for row in rows(problems) if "region" in row]
        assert "7  report: KeyError: 'region'" in listed
        await pilot.press("enter")
        await until(pilot, lambda: page.area.has_focus and page.cursor == (7, 1))

        await until(pilot, lambda: page.is_diagnosed)
        for keys in (("ctrl+r",), ("escape", "x"), ("x",)):
            app.clear_notifications()
            await pilot.press(*keys)
            await until(pilot, lambda: "Nothing to fix on this line." in said(pilot))
        assert page.area.text == SOURCE


async def test_what_failed_is_found_mended_and_run_again_without_leaving_the_editor(
    project: Project, open_app: OpenApp, until: Until, screen_text: Callable[[Pilot[Any]], str]
) -> None:
    root = project(SOURCE, "run:\n  final_vars: [report]\n  retry:\n    max_retries: 0\n")
    app = open_app(root)
    async with app.run_test(size=(110, 30)) as pilot:
        session = app.session
        assert session is not None
        await until(pilot, lambda: session.can_run and session.graph is not None)
        await pilot.press("r")
        await until(pilot, lambda: session.run is not None and session.view.state == "failed")
        failed = session.run

        # From the tree, without looking for the node.
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, Editor) and isinstance(app.screen.focused, CodeArea))
        assert isinstance(app.screen, Editor)
        page = app.screen.page
        assert isinstance(page, Page)
        await until(pilot, lambda: page.cursor == (7, 1))
        await until(pilot, lambda: "✗ report: KeyError: 'region'" in screen_text(pilot))

        page.area.change_to(SOURCE.replace('orders["region"]', "len(orders)"))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: not page.is_dirty)
        await until(pilot, lambda: [one.severity for one in page.failures] == ["hint"])
        await pilot.press("escape", "r")
        await until(pilot, lambda: session.run != failed and session.view.state == "succeeded")
        await until(pilot, lambda: "job succeeded" in said(pilot))
        assert not page.failures
        assert isinstance(app.screen, Editor)


async def test_a_run_from_the_editor_tells_what_it_does_not_know_of(
    project: Project, open_app: OpenApp, until: Until
) -> None:
    root = project(SOURCE.replace('orders["region"]', "1"), "run:\n  final_vars: [report]\n")
    app = open_app(root)
    async with app.run_test(size=(110, 30)) as pilot:
        session = app.session
        assert session is not None
        await until(pilot, lambda: session.can_run and session.graph is not None)
        session.edit(root / "pipelines" / "job.py")
        await until(pilot, lambda: isinstance(app.screen, Editor) and isinstance(app.screen.focused, CodeArea))
        await pilot.press("#", "escape", "r")
        await until(pilot, lambda: "Running job without what is not saved: job.py" in said(pilot))
        await until(pilot, lambda: session.run is not None and session.view.is_over)
