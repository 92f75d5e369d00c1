"""Keys that come before it is known what they are about count as soon as it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flowerpower_tui.runs.launcher import start
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.backstage import Backstage

QUICK = "def answer() -> int:\n    return 42\n"
SLOW = "import time\n\ndef answer() -> int:\n    time.sleep(600)\n    return 42\n"
FINAL = "run:\n  final_vars: [answer]\n"


async def test_a_run_that_is_asked_for_while_the_project_is_read_begins_once(
    project: Callable[..., Path],
    open_app: Callable[[Path], FlowerPowerApp],
    until: Callable[..., Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[Backstage] = []

    def hold(backstage: Backstage) -> None:
        held.append(backstage)

    app = open_app(project(QUICK, FINAL))
    with monkeypatch.context() as patched:
        # Reading takes as long as the keys.
        patched.setattr(Backstage, "read_project", hold)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: held and app.session)
            assert app.session is not None
            assert app.session.pipeline is None
            await pilot.press("r", "r")
            patched.undo()
            held[0].read_project()
            await until(pilot, lambda: any(run.state == "succeeded" for run in RunStore().runs()))
            assert len(RunStore().runs()) == 1


async def test_a_run_is_not_begun_beside_one_that_goes_on_only_because_it_was_asked_for_early(
    project: Callable[..., Path], open_app: Callable[[Path], FlowerPowerApp], until: Callable[..., Awaitable[None]]
) -> None:
    root = project(SLOW, FINAL)
    start(RunRequest(str(root), "job"))
    app = open_app(root)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("r")
        await until(pilot, lambda: app.session and app.session.can_cancel and app.session.view.started)
        await until(pilot, lambda: app.session and app.session.launches._early is None)
        await pilot.press("c")
        await until(pilot, lambda: [run.state for run in RunStore().runs()] == ["cancelled"])
