"""The command palette: everything is found by some letters, and does what it says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.settings import Settings, flat
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.palette import Entry, Everything, entries
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.runs import Runs
from flowerpower_tui.tui.screens.settings import OwnSettings, SettingsView
from flowerpower_tui.tui.screens.theme_pick import ThemePick

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

SOURCE = "def one() -> int:\n    return 1\n"


async def begin(pilot: Pilot[Any], until: Until) -> FlowerPowerApp:
    app = pilot.app
    assert isinstance(app, FlowerPowerApp)
    assert app.session is not None
    await until(pilot, lambda: app.session and app.session.graph is not None)
    return app


async def found(pilot: Pilot[Any], until: Until) -> OptionList:
    await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
    return pilot.app.screen.query_one(OptionList)


async def test_a_file_is_opened_by_some_letters_of_its_name(
    project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        await pilot.press("ctrl+p", *"jobpy")
        options = await found(pilot, until)
        await until(pilot, lambda: options.option_count)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Editor) and app.screen.page is not None)
        assert isinstance(app.screen, Editor)
        assert app.screen.page is not None
        assert app.screen.page.path.name == "job.py"


async def test_names_are_never_markup(
    project: Callable[..., Path], open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    name = "[red]oops[/red][/foo]"
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        assert app.session is not None
        app.session.graphs["job"] = Graph((Node(name),), ())
        await pilot.press("ctrl+p", *"nodeoops")
        await until(pilot, lambda: name in screen_text(pilot))


async def test_what_cannot_be_done_now_is_not_offered(
    project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        offered = {entry.name for entry in entries(app, app.screen)}
        assert "Run the chosen pipeline" in offered
        assert "Cancel the run that is shown" not in offered


async def test_what_is_done_in_another_place_is_found_by_its_hint_and_leads_there(
    project: Callable[..., Path], open_app: OpenApp, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        told: list[str] = []
        monkeypatch.setattr(app, "notify", lambda message, **_: told.append(message))
        app.set_keymap({"runs.replay": "X"})
        offered = [entry for entry in entries(app, app.screen) if entry.kind.startswith("in ")]
        assert not {"Run the chosen pipeline", "Cancel the run that is shown"} & {entry.name for entry in offered}

        await pilot.press("ctrl+p", *"replay")
        options = await found(pilot, until)
        await until(pilot, lambda: options.option_count)
        shown = str(options.get_option_at_index(0).prompt)
        assert shown.startswith("in Runs Replay: go through the open run in time")
        assert shown.endswith("   X")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Runs))
        await until(pilot, lambda: told == ["X: Go through the open run in time, or leave that"])


async def test_a_theme_is_worn_while_one_chooses_and_taken_off_by_escape(
    project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        before = app.theme
        await app.run_action("choose_theme")
        await until(pilot, lambda: isinstance(app.screen, ThemePick))
        await pilot.press("home")
        await until(pilot, lambda: app.theme == min(app.available_themes))
        await pilot.press("escape")
        assert app.theme == before


async def test_a_setting_is_found_with_its_value_and_choosing_it_goes_to_its_row(
    project: Callable[..., Path], open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        offered = {entry.name: entry.help for entry in entries(app, app.screen) if entry.kind == "setting"}
        assert offered.keys() == flat(Settings()).keys()
        assert offered["keep_runs"].startswith("1000")
        await pilot.press("ctrl+p", *"setting keep_siz")
        options = await found(pilot, until)
        await until(pilot, lambda: options.option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, OwnSettings) and app.screen.query("SettingsView"))
        row = app.screen.query_one(SettingsView)
        await until(pilot, lambda: row.setting and row.setting.key == "keep_size")


async def test_what_is_near_together_is_found_among_very_many(
    project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        everything = Everything(app.screen)
        await everything.startup()
        many = [Entry("node", f"o{number}r{number}d{number}e{number}r{number}s", str) for number in range(1_000)]
        everything._entries = [*many, Entry("node", "some_orders_of_today", str)]
        hits = [hit async for hit in everything.search("orders")]
        assert max(hits, key=lambda hit: hit.score).text == "node some_orders_of_today"


async def test_ten_thousand_entries_are_searched_to_the_last(
    project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    async with open_app(project(SOURCE)).run_test(size=(100, 30)) as pilot:
        app = await begin(pilot, until)
        everything = Everything(app.screen)
        await everything.startup()
        many = [Entry("node", f"feature_{number}_of_many", partial(str, number)) for number in range(10_000)]
        everything._entries = [*many, Entry("node", "the_needle", str)]
        hits = [hit async for hit in everything.search("needl")]
        assert [hit.text for hit in hits] == ["node the_needle"]
