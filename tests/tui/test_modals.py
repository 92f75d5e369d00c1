"""What lies over the places: it closes once, whatever comes twice, and needs no room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.jump import Jump
from flowerpower_tui.tui.screens.theme_pick import ThemePick
from flowerpower_tui.tui.screens.workspace import Workspace

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Opened = tuple[FlowerPowerApp, Pilot[int], Workspace]
Opens = Callable[..., AbstractAsyncContextManager[Opened]]


@pytest.fixture
def opened(example: Callable[..., Path], open_app: OpenApp, until: Until) -> Opens:
    """Opens a project, and waits until its first place is there."""

    @asynccontextmanager
    async def open_project(height: int = 24) -> AsyncIterator[Opened]:
        app = open_app(example("hello-world"))
        async with app.run_test(size=(80, height)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, Workspace))
            assert isinstance(app.screen, Workspace)
            yield app, pilot, app.screen

    return open_project


async def test_two_resizes_at_once_take_away_the_letters_and_not_what_lies_below(opened: Opens, until: Until) -> None:
    async with opened() as (app, pilot, workspace):
        await pilot.press("apostrophe")
        await until(pilot, lambda: isinstance(app.screen, Jump))
        jump = app.screen
        for height in (20, 16):
            jump.post_message(Resize(Size(80, height), Size(80, height)))
        await until(pilot, lambda: app.screen is workspace)
        await pilot.pause()
        assert app.screen is workspace


async def test_a_theme_that_is_taken_twice_leaves_the_place_below(opened: Opens, until: Until) -> None:
    async with opened() as (app, pilot, workspace):
        app.push_screen(ThemePick())
        await until(pilot, lambda: isinstance(app.screen, ThemePick) and app.screen.query(OptionList))
        names = app.screen.query_one(OptionList)
        await until(pilot, lambda: names.highlighted is not None)
        names.action_select()
        names.action_select()
        await until(pilot, lambda: app.screen is workspace)
        await pilot.pause()
        assert app.screen is workspace


async def test_a_page_down_in_a_palette_without_room_for_a_line_does_nothing(opened: Opens, until: Until) -> None:
    async with opened(height=4) as (app, pilot, _):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.query(CommandList))
        names = app.screen.query_one(CommandList)
        await until(pilot, lambda: names.option_count)
        assert not names.scrollable_content_region
        await pilot.press("down", "pagedown", "pageup")
        assert isinstance(app.screen, CommandPalette)


async def test_a_letter_that_comes_while_the_palette_closes_searches_nothing(opened: Opens, until: Until) -> None:
    async with opened() as (app, pilot, workspace):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.query(CommandList))
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        palette._action_escape()
        # What Textual takes off first.
        await palette.query_one(CommandList).remove()
        palette._input(Input.Changed(palette.query_one(Input), "a"))
        await until(pilot, lambda: app.screen is workspace)
        await pilot.pause()
        assert app.screen is workspace
