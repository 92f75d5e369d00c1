"""The screen of the settings: every one as it holds, changed in the user's own file, and done at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from flowerpower_tui.settings import FILE, Settings, flat
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.pick import Pick
from flowerpower_tui.tui.screens.settings import OwnSettings, SettingsView
from flowerpower_tui.tui.screens.theme_pick import ThemePick
from flowerpower_tui.tui.screens.welcome import Welcome

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Opened = tuple[FlowerPowerApp, Pilot[int], SettingsView]
OwnSettingsOver = Callable[..., AbstractAsyncContextManager[Opened]]

SOURCE = "def one() -> int:\n    return 1\n"
MINE = "# What I like.\nkeep_runs: 50   # enough\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file, in a folder of the test's own."""
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(tmp_path / "config"))
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / FILE
    path.write_text(MINE)
    return path


async def shown(pilot: Pilot[Any], until: Until, key: str = "") -> SettingsView:
    """Open the settings on one of them."""
    await until(pilot, lambda: pilot.app.screen.query("TitleBar, #box"))
    pilot.app.action_settings(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, OwnSettings) and pilot.app.screen.focused)
    return pilot.app.screen.query_one(SettingsView)


@pytest.fixture
def over_a_project(project: Callable[..., Path], open_app: OpenApp, until: Until) -> OwnSettingsOver:
    """Opens a project, and over it the settings, on one of them if it is named."""

    @asynccontextmanager
    async def opened(key: str = "", *, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Opened]:
        app = open_app(project(SOURCE))
        async with app.run_test(size=size, notifications=True) as pilot:
            yield app, pilot, await shown(pilot, until, key)

    return opened


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (160, 48)], ids=str)
async def test_every_setting_is_there_with_its_value_and_who_says_so(
    file: Path,
    over_a_project: OwnSettingsOver,
    rows: Callable[..., list[str]],
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FP_TUI_THEME", "moss")
    async with over_a_project(size=size) as (_, _, view):
        assert view.line_count() == len(flat(Settings()))
        assert view.size.height >= 5
        first = rows(view)
        assert first[0].split() == ["keep_runs", "50", "line", "2"]
        assert first[1].split() == ["keep_size", "5GB", "default"]
        assert first[3].split() == ["theme", "moss", "$FP_TUI_THEME"]


async def test_a_number_is_asked_for_checked_and_written_where_it_stands(
    file: Path, over_a_project: OwnSettingsOver, until: Until
) -> None:
    async with over_a_project("keep_runs") as (app, pilot, view):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("x")
        refused = app.screen.query_one("#value-refusal", Static)
        await until(pilot, lambda: refused.display and "whole number" in str(refused.content))
        await pilot.press("backspace", *"500", "enter")
        await until(pilot, lambda: app.settings.keep_runs == 500 and app.focused is view)
    assert file.read_text() == MINE.replace("50", "500")


async def test_a_truth_is_turned_around_a_choice_chosen_and_a_default_given_back(
    file: Path, over_a_project: OwnSettingsOver, until: Until
) -> None:
    async with over_a_project("notices.only_unfocused") as (app, pilot, view):
        await pilot.press("space")
        await until(pilot, lambda: not app.settings.notices.only_unfocused)
        view.go_to(next(i for i, each in enumerate(view._rows) if each.key == "on_save"))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Pick) and app.screen.query_one("#names").option_count)
        await pilot.press(*"run", "enter")
        await until(pilot, lambda: app.settings.on_save == "run")
        assert app.session is not None
        assert app.session.reload.settings.on_save == "run", "it counts at once"
        await until(pilot, lambda: view.setting and view.setting.value == "run")
        await pilot.press("delete")
        await until(pilot, lambda: app.settings.on_save == "off")
    assert file.read_text() == f"{MINE}notices:\n  only_unfocused: false\n#:on_save: 'off'\n"


async def test_a_theme_is_chosen_with_a_preview_and_kept(
    file: Path, over_a_project: OwnSettingsOver, until: Until
) -> None:
    async with over_a_project("theme") as (app, pilot, view):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ThemePick) and app.screen.focused)
        await pilot.press("home")
        wanted = min(app.available_themes)
        await until(pilot, lambda: app.theme == wanted)
        await pilot.press("enter")
        await until(pilot, lambda: app.settings.theme == wanted and view.setting and view.setting.value == wanted)
    assert file.read_text() == f"{MINE}theme: {wanted}\n"


async def test_what_a_variable_decides_is_not_changed_in_vain(
    file: Path,
    over_a_project: OwnSettingsOver,
    until: Until,
    screen_text: ScreenText,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FP_TUI_KEEP_RUNS", "7")
    async with over_a_project("keep_runs") as (app, pilot, _):
        await until(pilot, lambda: "FP_TUI_KEEP_RUNS in the environment" in screen_text(pilot))
        await pilot.press("enter", "delete")
        await until(pilot, lambda: any("Unset it" in said.message for said in app._notifications))
        assert not isinstance(app.focused, Input)
    assert file.read_text() == MINE


async def test_typing_finds_settings_by_what_they_say(
    file: Path, over_a_project: OwnSettingsOver, until: Until, screen_text: ScreenText
) -> None:
    async with over_a_project(size=(60, 16)) as (app, pilot, view):
        await pilot.press("slash", *"bell e")
        await until(pilot, lambda: view.line_count() < 10 and view.setting and view.setting.key == "notices.bell")
        await pilot.press(*"xyz")
        await until(pilot, lambda: "No setting has these words" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: view.line_count() == len(flat(Settings())) and view.has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, OwnSettings))


async def test_the_file_is_edited_in_the_same_editor_and_what_is_wrong_in_it_told(
    file: Path, over_a_project: OwnSettingsOver, until: Until, screen_text: ScreenText
) -> None:
    file.write_text(f"{MINE}frame_rat: 5\n")
    async with over_a_project("keep_runs") as (app, pilot, _):
        await until(pilot, lambda: "'frame_rate'?" in screen_text(pilot))
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, Editor) and app.screen.page is not None)
        assert isinstance(app.screen, Editor)
        assert app.screen.page is not None
        assert app.screen.page.path == file
        await until(pilot, lambda: app.screen.page.cursor[0] == 2)


async def test_without_a_project_settings_can_be_changed_too(
    file: Path, tmp_path: Path, open_app: OpenApp, until: Until, screen_text: ScreenText
) -> None:
    (tmp_path / "empty").mkdir()
    app = open_app(tmp_path / "empty")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Welcome))
        await shown(pilot, until, "reduced_motion")
        await pilot.press("e")
        await until(pilot, lambda: "Open a project first" in screen_text(pilot))
        await pilot.press("space")
        await until(pilot, lambda: app.settings.reduced_motion)


async def test_the_key_of_the_settings_works_in_every_place(
    file: Path, project: Callable[..., Path], open_app: OpenApp, until: Until
) -> None:
    app = open_app(project(SOURCE))
    async with app.run_test(size=(80, 24)) as pilot:
        for place in "123":
            await pilot.press(place)
            await until(pilot, lambda: app.screen.query("TitleBar") and app.screen.focused)
            await pilot.press("U")
            await until(pilot, lambda: isinstance(app.screen, OwnSettings) and app.screen.focused)
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, OwnSettings))
