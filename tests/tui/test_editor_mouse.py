"""The editor by the mouse: words, lines, marks, problems, tabs, rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.widgets.code_area import CodeArea
from flowerpower_tui.tui.widgets.effective_view import EffectiveView
from flowerpower_tui.tui.widgets.file_tabs import FileTabs
from flowerpower_tui.tui.widgets.page import Page
from flowerpower_tui.tui.widgets.problem_list import ProblemList

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

CONFIG = "name: job\nrun:\n  final_vars: [one]\n  retry:\n    max_retries: x\n  log_level: INFO\n"


@pytest.fixture
def root(project: Callable[..., Path]) -> Path:
    folder = project("def one() -> int:\n    return 1\n")
    (folder / "conf" / "pipelines" / "job.yml").write_text(CONFIG)
    return folder


@pytest.fixture
def editing(root: Path, open_app: OpenApp, until: Until) -> Any:
    """Opens files, the last of them to be edited."""

    @asynccontextmanager
    async def begin(*files: str) -> AsyncIterator[Pilot[Any]]:
        app = open_app(root)
        async with app.run_test(size=(120, 36)) as pilot:
            assert app.session is not None
            for file in files or ("conf/pipelines/job.yml",):
                app.session.edit(root / file)
                await until(pilot, lambda file=file: is_shown(pilot, root / file))
            yield pilot

    return begin


def is_shown(pilot: Pilot[Any], path: Path) -> bool:
    screen = pilot.app.screen
    has_page = isinstance(screen, Editor) and screen.page is not None and screen.page.path == path
    return has_page and isinstance(screen.focused, CodeArea) and screen.focused.path == path


def page_of(pilot: Pilot[Any]) -> Page:
    assert isinstance(pilot.app.screen, Editor)
    assert pilot.app.screen.page is not None
    return pilot.app.screen.page


def names(pilot: Pilot[Any]) -> list[str]:
    """What the tabs say."""
    return [str(tab.render()) for tab in pilot.app.screen.query_one(FileTabs).children]


async def test_a_second_click_selects_the_word_and_a_third_the_line(editing: Any) -> None:
    async with editing() as pilot:
        area = page_of(pilot).area
        at = (area.gutter_width + 6, 4)
        await pilot.click(area, offset=at, times=2)
        assert area.selected_text == "max_retries"
        await pilot.click(area, offset=at, times=3)
        assert area.selected_text.rstrip("\n") == "    max_retries: x"


async def test_a_mark_and_a_row_of_the_list_lead_to_the_problem(editing: Any, until: Until) -> None:
    async with editing() as pilot:
        page = page_of(pilot)
        await until(pilot, lambda: page.diagnostics and page.area.marks)
        await pilot.click(page.area, offset=(0, 4))
        assert page.cursor == (5, 18)
        await pilot.press("ctrl+home", "f12")
        problems = pilot.app.screen.query_one(ProblemList)
        await until(pilot, lambda: problems.has_focus)
        await pilot.click(problems, offset=(10, 0))
        await until(pilot, lambda: page.area.has_focus)
        assert page.cursor == (5, 18)


async def test_tabs_are_turned_to_and_closed(editing: Any, until: Until) -> None:
    async with editing("conf/project.yml", "pipelines/job.py", "conf/pipelines/job.yml") as pilot:
        assert names(pilot) == ["project.yml", "job.py", "job.yml ×"]
        tabs = pilot.app.screen.query_one(FileTabs)
        await pilot.click(tabs.children[0], offset=(3, 0))
        await until(pilot, lambda: names(pilot) == ["project.yml ×", "job.py", "job.yml"])
        # By the middle button any, by its cross the one that is shown.
        await pilot.click(tabs.children[1], offset=(3, 0), button=2)
        await until(pilot, lambda: names(pilot) == ["project.yml ×", "job.yml"])
        cross = tabs.children[0]
        await pilot.click(cross, offset=(cross.outer_size.width - 2, 0))
        await until(pilot, lambda: names(pilot) == ["job.yml ×"])
        # What is typed in the last is not lost by closing it.
        page_of(pilot).area.focus()
        await pilot.press("x")
        await until(pilot, lambda: names(pilot) == ["job.yml ● ×"])
        cross = tabs.children[0]
        await pilot.click(cross, offset=(cross.outer_size.width - 2, 0))
        await until(pilot, lambda: not tabs.children)


async def test_rows_of_what_holds_lead_to_the_text(editing: Any, until: Until) -> None:
    async with editing() as pilot:
        page = page_of(pilot)
        await until(pilot, lambda: page.role.kind)
        await pilot.press("ctrl+l")
        view = pilot.app.screen.query_one(EffectiveView)
        await until(pilot, lambda: view.has_focus and view.line_count())

        def row(name: str) -> int:
            at = next(i for i in range(view.line_count()) if view.line_text(i).split()[:1] == [name])
            return int(at - view.scroll_offset.y)

        # A value, and a section.
        await pilot.click(view, offset=(8, row("final_vars")), times=2)
        await until(pilot, lambda: page.area.has_focus)
        assert page.cursor[0] == 3
        await pilot.click(view, offset=(8, row("retry")), times=2)
        await until(pilot, lambda: page.area.has_focus)
        assert page.cursor[0] == 4
