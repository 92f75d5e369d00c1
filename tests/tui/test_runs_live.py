"""The place for runs, with real ones: cancelled, run again, run again with changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static, TextArea

from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.backstage import Backstage
from flowerpower_tui.tui.screens.edit_run import EditRun
from flowerpower_tui.tui.screens.runs import Runs
from flowerpower_tui.tui.widgets.run_list import RunList
from flowerpower_tui.tui.widgets.run_pages import RunPages

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]
Project = Callable[..., Path]

STUBBORN = """
import time


def nap(loud: bool) -> int:
    print("good night", flush=True)
    while loud:
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            print("not now", flush=True)
    return 1
"""
RUN = "run:\n  final_vars: [nap]\n  inputs: {loud: true}\n  retry: {max_retries: 0}\n"


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are few here: a process in waiting would cost more than it saves."""
    monkeypatch.setattr(Backstage, "warm_up", lambda _: None)


async def test_a_live_run_is_cancelled_edited_and_run_again(
    project: Project, open_app: OpenApp, until: Until, screen_text: ScreenText, state: Path
) -> None:
    root = project(STUBBORN, RUN)
    first = start(RunRequest(str(root), "job"), state=state)
    async with open_app(root).run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs) and pilot.app.screen.query(RunPages))
        runs, pages = pilot.app.screen.query_one(RunList), pilot.app.screen.query_one(RunPages)
        await until(pilot, lambda: runs.run is not None and pages.is_ready)
        await pilot.press("enter")
        await until(pilot, lambda: "good night" in screen_text(pilot))

        # At once visible, with what was stopped how; and the list says the same.
        await pilot.press("c")
        note = pages.query_one("#run-note", Static)
        await until(pilot, lambda: "Cancelling. Sent SIGINT to" in str(note.render()))
        await until(pilot, lambda: "not now" in screen_text(pilot))
        await until(pilot, lambda: runs.shown[0].state == "cancelling")
        await pilot.press("c")
        await until(pilot, lambda: "SIGTERM is sent to" in str(note.render()))
        await until(pilot, lambda: runs.shown[0].state == "cancelled" and pages.facts.view.state == "cancelled")

        # What cannot be run is not started, and says why.
        await pilot.press("R")
        await until(pilot, lambda: isinstance(pilot.app.screen, EditRun) and pilot.app.screen.query_one(TextArea).text)
        form = pilot.app.screen
        assert "#   inputs:" in form.query_one(TextArea).text
        form.query_one(TextArea).text = "run:\n  executor: {type: threadpol}\n"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "threadpol" in str(form.query_one("#form-problems", Static).render()))
        form.query_one(TextArea).text = "run:\n  inputs: {loud: false}\n"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs))
        await until(pilot, lambda: pages.run is not None and pages.run.id != first.id and pages.facts.view.is_over)
        edited = pages.run
        assert edited is not None
        assert pages.facts.view.state == "succeeded"
        assert edited.record().request.overrides == {"run": {"inputs": {"loud": False}}}

        # Again asks for the same.
        await pilot.press("r")
        await until(pilot, lambda: pages.run not in (None, edited) and pages.facts.view.is_over)
        assert pages.run is not None
        assert pages.run.record().request.overrides == {"run": {"inputs": {"loud": False}}}
        assert [run.state for run in RunStore(state).runs()] == ["succeeded", "succeeded", "cancelled"]
