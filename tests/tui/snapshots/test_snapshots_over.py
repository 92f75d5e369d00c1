"""What lies over places: at 60×16, 80×24 and 120×40; in the dark, in the light, in sixteen colours, and without.

After a change that is meant: `pytest tests/tui/snapshots --snapshot-update`, and look at the difference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList

from flowerpower_tui.tui import palette
from flowerpower_tui.tui.freshness import Reason
from flowerpower_tui.tui.recent import remember
from flowerpower_tui.tui.screens.ask import Ask
from flowerpower_tui.tui.screens.compare import Compare
from flowerpower_tui.tui.screens.diff import ConflictScreen, DiffScreen
from flowerpower_tui.tui.screens.edit_run import EditRun
from flowerpower_tui.tui.screens.fold_menu import FoldMenu
from flowerpower_tui.tui.screens.help import Help
from flowerpower_tui.tui.screens.jump import Jump
from flowerpower_tui.tui.screens.log_line import LogLineScreen
from flowerpower_tui.tui.screens.pick import Pick
from flowerpower_tui.tui.screens.prune import Prune
from flowerpower_tui.tui.screens.settings import OwnSettings
from flowerpower_tui.tui.screens.stale import Stale
from flowerpower_tui.tui.screens.theme_pick import ThemePick
from flowerpower_tui.tui.screens.welcome import Projects
from flowerpower_tui.tui.widgets.run_pages import RunPages

Until = Callable[..., Awaitable[None]]
Shows = Callable[[Pilot[Any], str], Awaitable[None]]
Opened = Callable[..., Any]

OLD = "name: sales_etl\n\nrun:\n  final_vars: [headline]\n  retry:\n    max_retries: 1\n"
NEW = OLD.replace("max_retries: 1", "max_retries: 3")
FILE = "conf/pipelines/sales_etl.yml"
REASONS = (
    Reason("changed", "orders_in_euros", "its own code changed"),
    Reason("stale", "revenue_by_region", "it takes orders_in_euros"),
)


def over(pilot: Pilot[Any], kind: type) -> Callable[[], bool]:
    """Whether such a screen is the one that is shown."""
    return lambda: isinstance(pilot.app.screen, kind)


async def at_runs(pilot: Pilot[Any], until: Until) -> None:
    await until(pilot, lambda: pilot.app.screen.query(RunPages) and pilot.app.screen.query_one(RunPages).is_ready)


async def test_help(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "question_mark") as pilot:
        await until(pilot, over(pilot, Help))
        await shows(pilot, "help")


@pytest.mark.parametrize(
    ("typed", "first", "name"), [("sales", "sales", "palette"), ("zzz", "No matches", "palette-nothing")]
)
async def test_the_palette(
    ran: Path,
    opened: Opened,
    until: Until,
    shows: Shows,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    first: str,
    name: str,
) -> None:
    # Commands say where the project is.
    monkeypatch.setattr(palette, "commands_of", lambda _: ())
    async with opened(ran, "ctrl+p") as pilot:
        await until(pilot, over(pilot, CommandPalette))
        options = pilot.app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count > 5)
        pilot.app.screen.query_one(Input).value = typed
        await until(pilot, lambda: options.option_count and first in str(options.get_option_at_index(0).prompt))
        await shows(pilot, name)


async def test_jumping(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        below = pilot.app.screen
        # Letters end when the terminal becomes another: each size has its own.
        await until(pilot, lambda: below.query("FooterKey"))
        await pilot.press("apostrophe")
        await until(pilot, over(pilot, Jump))
        await shows(pilot, "jump")


async def test_the_settings(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "U") as pilot:
        await until(pilot, over(pilot, OwnSettings))
        await shows(pilot, "settings")


async def test_choosing_a_theme(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        await pilot.app.run_action("choose_theme")
        await until(pilot, lambda: over(pilot, ThemePick)() and isinstance(pilot.app.screen.focused, OptionList))
        await shows(pilot, "theme-pick")


async def test_other_projects(ran: Path, home: Path, opened: Opened, until: Until, shows: Shows) -> None:
    for name in ("weather", "invoices"):
        (home / name / "conf").mkdir(parents=True)
        (home / name / "conf" / "project.yml").write_text(f"name: {name}\n")
        (home / name / "pipelines").mkdir()
        remember(home / name)
    async with opened(ran, "P") as pilot:
        await until(pilot, lambda: over(pilot, Projects)() and pilot.app.screen.query("#recent"))
        pilot.app.screen.query_one("#path", Input).value = "~/sales-etl"
        await shows(pilot, "projects")


async def test_comparing_runs(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await pilot.press("m", "down", "m")
        await until(pilot, over(pilot, Compare))
        await shows(pilot, "compare")


async def test_running_again_with_changes(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await pilot.press("R")
        await until(pilot, lambda: over(pilot, EditRun)() and pilot.app.screen.query_one("#overrides").text)
        await shows(pilot, "edit-run")


async def test_removing_old_runs(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await pilot.press("p")
        await until(pilot, over(pilot, Prune))
        pilot.app.screen.query_one(Input).value = "1"
        await until(pilot, lambda: "would go" in str(pilot.app.screen.query_one("#means").render()))
        await shows(pilot, "prune")


async def test_the_whole_line_of_a_log(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        line = next(line for line in pilot.app.session.shown.rows if line.level == "WARNING")
        pilot.app.push_screen(LogLineScreen(line))
        await until(pilot, over(pilot, LogLineScreen))
        await shows(pilot, "log-line")


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("ask", lambda: Ask("Go to line", "12 or 12:5")),
        ("pick", lambda: Pick("Open a file", ["conf/project.yml", FILE])),
        ("diff", lambda: DiffScreen(FILE, OLD, NEW)),
        ("diff-nothing", lambda: DiffScreen(FILE, OLD, OLD)),
        ("conflict", lambda: ConflictScreen(FILE, NEW, OLD, None)),
        ("stale", lambda: Stale("sales_etl", REASONS)),
        ("folds", lambda: FoldMenu({"quality": 7, "module": 2, "chains": 5}, ("quality",), lambda _: None)),
    ],
)
async def test_what_asks_or_tells(
    ran: Path, opened: Opened, until: Until, shows: Shows, name: str, make: Callable[[], Screen[Any]]
) -> None:
    async with opened(ran) as pilot:
        screen = make()
        pilot.app.push_screen(screen)
        await until(pilot, lambda: pilot.app.screen is screen)
        await shows(pilot, name)
