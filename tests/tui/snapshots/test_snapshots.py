"""What places look like: at 60×16, 80×24 and 120×40; in the dark, in the light, in sixteen colours, and without.

After a change that is meant: `pytest tests/tui/snapshots --snapshot-update`, and look at the difference.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button

from flowerpower_tui.errors import StorageError
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.background import Troubled
from flowerpower_tui.tui.screens import fetching
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.fetching import Fetched, Fetching, Remote
from flowerpower_tui.tui.screens.welcome import Welcome
from flowerpower_tui.tui.widgets.dag_view import DagView
from flowerpower_tui.tui.widgets.run_list import RunList
from flowerpower_tui.tui.widgets.run_pages import RunPages
from flowerpower_tui.tui.widgets.source_view import SourceView

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Shows = Callable[[Pilot[Any], str], Awaitable[None]]
Opened = Callable[..., Any]

MISTAKEN = "name: sales_etl\n\nrun:\n  final_vars: [headline]\n  retry:\n    max_retries: often\n"


def over(pilot: Pilot[Any], kind: type) -> Callable[[], bool]:
    """Whether such a screen is the one that is shown."""
    return lambda: isinstance(pilot.app.screen, kind)


# The places.


async def test_the_project(ran: Path, opened: Opened, shows: Shows) -> None:
    async with opened(ran) as pilot:
        await shows(pilot, "project")


async def test_the_source_of_a_node(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran) as pilot:
        pilot.app.screen.query_one(DagView).focus()
        await pilot.press("enter")
        source = pilot.app.screen.query_one(SourceView)
        await until(pilot, lambda: source.display and source.line_count() and source.scroll_offset.y)
        await shows(pilot, "project-source")


async def test_the_dag(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "2") as pilot:
        await until(pilot, lambda: pilot.app.screen.PLACE == "dag" and pilot.app.screen.query(DagView))
        dag = pilot.app.screen.query_one(DagView)
        await until(pilot, lambda: dag.drawing is not None)
        dag.goes_along = False
        dag.cursor = "orders_in_euros"
        await shows(pilot, "dag")


async def at_runs(pilot: Pilot[Any], until: Until) -> None:
    await until(pilot, lambda: pilot.app.screen.query(RunPages) and pilot.app.screen.query_one(RunPages).is_ready)


async def test_the_runs(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    async with opened(ran, "3") as pilot:
        await at_runs(pilot, until)
        await shows(pilot, "runs")


async def test_the_editor_with_a_mistake(ran: Path, opened: Opened, until: Until, shows: Shows) -> None:
    path = ran / "conf" / "pipelines" / "sales_etl.yml"
    path.write_text(MISTAKEN)
    async with opened(ran) as pilot:
        pilot.app.session.edit(path, 6, 5)
        await until(pilot, lambda: over(pilot, Editor)() and pilot.app.screen.page)
        await until(pilot, lambda: pilot.app.screen.page.diagnostics)
        await shows(pilot, "edit")


# Before there is a project.


async def test_the_start_screen(home: Path, open_app: OpenApp, until: Until, shows: Shows) -> None:
    (home / "reports").mkdir()
    async with open_app(Path("reports")).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: over(pilot, Welcome)() and pilot.app.screen.query("FooterKey"))
        await shows(pilot, "welcome")


class Elsewhere:
    """A project in a storage, as far as the question about it needs one."""

    is_trusted = False
    left_off = ("data/: 12,000 files, more than are fetched of one folder",)


async def test_a_project_that_is_fetched(
    home: Path, open_app: OpenApp, until: Until, shows: Shows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "in_background", lambda *_: None)
    app = open_app(home)
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, over(pilot, Welcome))
        screen = Fetching(Remote("s3://acme/pipelines/sales-etl"), goes_back=True)
        app.push_screen(screen)
        await until(pilot, lambda: app.screen is screen and screen.query("FooterKey"))
        await shows(pilot, "fetching")
        screen.post_message(Fetched(Elsewhere()))  # type: ignore[arg-type]  # nothing more is asked of it
        await until(pilot, lambda: screen.query_one("#look", Button).has_focus)
        await shows(pilot, "trust")
        hint = "Check the address, and that you are allowed to read there."
        screen.post_message(Troubled(StorageError("s3://acme/pipelines/sales-etl does not answer.", hint=hint)))
        await until(pilot, lambda: screen.query_one("#retry", Button).has_focus)
        await shows(pilot, "not-fetched")


# Where there is nothing yet.


# Four places in twelve looks each: minutes, where others work on the machine.
@pytest.mark.timeout(300)
async def test_a_project_without_anything_in_it(home: Path, open_app: OpenApp, until: Until, shows: Shows) -> None:
    root = home / "empty"
    (root / "conf").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: empty\n")
    app = open_app(root)
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: app.session and app.session.listing is not None and app.session.runs is not None)
        await shows(pilot, "empty-project")
        for key, name in (("2", "dag"), ("3", "runs"), ("4", "edit")):
            await pilot.press(key)
            await until(pilot, lambda name=name: name == app.screen.PLACE and app.screen.query("FooterKey"))
            if name == "runs":
                # Whether the list had the focus before it was hidden is chance.
                await until(pilot, lambda: app.screen.query(RunList) and not app.screen.query_one(RunList).display)
                app.screen.set_focus(None)
            await shows(pilot, f"empty-{name}")
