"""Save, see, run again, in the interface: real files, real runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.compare import Compare
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.screens.stale import Stale
from flowerpower_tui.tui.session import Session
from flowerpower_tui.tui.widgets.dag_view import DagView

Until = Callable[..., Awaitable[None]]
ScreenText = Callable[[Pilot[Any]], str]

HELPER = "\n\ndef _parse(text: str) -> int:\n    return int(text)\n"
SOURCE = f"""{HELPER}

def raw() -> str:
    return "2"


def clean(raw: str) -> int:
    return _parse(raw)


def twice(clean: int) -> int:
    return 2 * clean


def aside(raw: str) -> str:
    return raw
"""
RUN = "run:\n  final_vars: [twice, aside]\n  retry: {max_retries: 0}\n"


class Opened:
    """The interface with a project of one pipeline, that was looked at."""

    def __init__(self, pilot: Pilot[Any], root: Path, until: Until) -> None:
        self.pilot = pilot
        self.module = root / "pipelines/job.py"
        self._until = until

    @property
    def session(self) -> Session:
        session = self.pilot.app.session
        assert isinstance(session, Session)
        return session

    @property
    def view(self) -> DagView:
        return self.pilot.app.screen.query_one(DagView)

    async def until(self, condition: Callable[[], object]) -> None:
        await self._until(self.pilot, condition)

    async def run(self, key: str = "r", outcome: str = "succeeded") -> None:
        before = self.session.run
        await self.pilot.press(key)
        await self.ended_after(before, outcome)

    async def ended_after(self, before: object, outcome: str = "succeeded") -> None:
        await self.until(lambda: self.session.run not in (None, before) and self.session.view.state == outcome)

    def edit(self, old: str, new: str) -> None:
        text = self.module.read_text()
        assert old in text
        fresh = self.module.with_name("job.new")
        fresh.write_text(text.replace(old, new))
        fresh.rename(self.module)

    @property
    def marks(self) -> dict[str, str]:
        return dict(self.view._facts.marks)


@pytest.fixture
def opened(
    project: Callable[..., Path], open_app: Callable[[Path], FlowerPowerApp], until: Until
) -> Callable[..., Any]:
    @asynccontextmanager
    async def begin(source: str = SOURCE, run: str = RUN, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Opened]:
        root = project(source, run)
        async with open_app(root).run_test(size=size, notifications=True) as pilot:
            one = Opened(pilot, root, until)
            await one.until(lambda: pilot.app.session and one.session.is_looked_at and one.view.drawing)
            yield one

    return begin


async def test_what_an_edit_made_stale_is_marked_with_the_reason_and_run_at_a_key(
    opened: Callable[..., Any], screen_text: ScreenText
) -> None:
    async with opened() as one:
        await one.run()
        await one.until(lambda: not one.session.picture.stale)
        assert one.marks == {}
        one.view.focus()

        one.edit("return int(text)", "return int(text) + 1")
        await one.until(lambda: one.marks == {"clean": "changed", "twice": "stale"})
        assert "2 stale: helper _parse changed" in screen_text(one.pilot)

        await one.pilot.press("s")
        await one.until(lambda: isinstance(one.pilot.app.screen, Stale))
        await one.until(lambda: "clean  helper _parse changed" in screen_text(one.pilot))
        assert "downstream of clean" in screen_text(one.pilot)
        await one.pilot.press("down", "enter")
        await one.until(lambda: not isinstance(one.pilot.app.screen, Stale) and one.view.cursor == "twice")

        await one.run("S")
        await one.until(lambda: one.marks == {} and one.session.shown.comparison)
        twice = next(node for node in one.session.shown.comparison.nodes if node.node == "twice")
        assert [change.path for change in twice.result_changes] == ["head"]
        await one.pilot.press("b")
        await one.until(lambda: isinstance(one.pilot.app.screen, Compare))


async def test_a_broken_module_leaves_the_last_good_dag_dimmed_under_the_error_until_it_is_mended(
    opened: Callable[..., Any], screen_text: ScreenText
) -> None:
    async with opened() as one:
        one.view.focus()
        one.view.go_to("twice")
        one.edit("return 2 * clean", "return 2 * * clean")
        await one.until(lambda: one.view.has_class("-broken"))
        said = screen_text(one.pilot)
        assert "pipelines/job.py:16:" in said
        assert "twice" in said
        assert one.view.drawing is not None

        one.edit("return 2 * * clean", "return 3 * clean")
        await one.until(lambda: not one.view.has_class("-broken"))
        assert "SyntaxError" not in screen_text(one.pilot)
        assert one.view.cursor == "twice"

        one.edit("return 3 * clean", "return 3 * * clean")
        await one.until(lambda: one.session.fault)
        await one.pilot.press("E")
        await one.until(lambda: isinstance(one.pilot.app.screen, Editor) and one.pilot.app.screen.page)
        await one.until(lambda: one.pilot.app.screen.page.path == one.module)


async def test_functions_and_modules_that_come_go_and_move_are_seen(
    opened: Callable[..., Any], screen_text: ScreenText
) -> None:
    async with opened(run="run:\n  final_vars: [twice]\n") as one:
        one.view.go_to("aside")
        one.edit("def aside", "def beside")
        await one.until(lambda: one.view.cursor == "beside")
        one.edit("def beside(raw: str) -> str:\n    return raw\n", "")
        await one.until(lambda: "beside" not in one.view.drawing.rects)
        assert one.view.cursor == "raw"

        helpers = one.module.with_name("helpers.py")
        helpers.write_text(HELPER.replace("_parse", "parse"))
        one.edit(HELPER, "from helpers import parse as _parse\n")
        await one.until(lambda: "helpers.py" in screen_text(one.pilot) and not one.session.picture.is_broken)

        helpers.rename(helpers.with_name("tools.py"))
        await one.until(lambda: one.view.has_class("-broken") and "named 'helpers'" in screen_text(one.pilot))
        assert "helpers.py" not in screen_text(one.pilot)
        one.edit("from helpers", "from tools")
        await one.until(lambda: not one.view.has_class("-broken"))
        assert "tools.py" in screen_text(one.pilot)


async def test_a_save_in_the_editor_is_seen_though_nothing_is_watched(
    opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FP_TUI_WATCH", "off")
    async with opened(run="run:\n  final_vars: [twice]\n") as one:
        one.edit("def aside", "def beside")
        one.session.saved(one.module)
        await one.until(lambda: "beside" in one.view.drawing.rects)


async def test_a_save_asks_or_runs_as_was_chosen_for_the_pipeline_and_that_is_remembered(
    opened: Callable[..., Any], screen_text: ScreenText
) -> None:
    async with opened() as one:
        await one.run()
        await one.until(lambda: not one.session.picture.stale)
        ran = one.session.run
        await one.pilot.press("W")
        assert one.session.reload.on_save("job") == "ask"
        one.edit("return int(text)", "return int(text) + 1")
        await one.until(lambda: "2 nodes are stale: press S" in screen_text(one.pilot))
        assert one.session.run == ran

        await one.pilot.press("W")
        one.edit("+ 1", "+ 2")
        await one.ended_after(ran)
        await one.until(lambda: not one.session.picture.stale)
        assert Session(one.pilot.app, one.session.root).reload.on_save("job") == "run"


@pytest.mark.parametrize(("while_running", "first"), [("restart", "cancelled"), ("queue", "succeeded")])
async def test_a_save_during_a_run_restarts_it_or_waits_for_its_end(
    opened: Callable[..., Any], tmp_path: Path, while_running: str, first: str
) -> None:
    gate = tmp_path / "gate"
    waits = f"    from time import sleep\n    while not os.path.exists({str(gate)!r}): sleep(0.01)\n    return "
    source = "import os" + SOURCE.replace("    return 2 * ", f"{waits}2 * ")
    async with opened(source) as one:
        settings = one.pilot.app.settings
        one.session.reload.settings = type(settings)(on_save="run", while_running=while_running)
        await one.pilot.press("r")
        await one.until(lambda: one.session.view.node("twice").state == "running")
        ran = one.session.run
        one.edit("2 * clean", "4 * clean")
        await one.until(lambda: one.session.picture.changed)
        if while_running == "queue":
            assert one.session.run == ran
            gate.touch()
        await one.until(lambda: one.session.run != ran)
        gate.touch()
        await one.ended_after(ran)
        states = {info.id: info.state for info in one.session.store.runs(str(one.session.root))}
        assert states[ran.id] == first
        assert one.session.view.node("twice").summary.preview == "8"


async def test_how_files_are_watched_can_be_changed_at_any_time_and_nothing_is_missed(
    opened: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(folder))
    async with opened() as one:
        app = one.pilot.app

        def nodes() -> int:
            return len(one.session.graph.nodes)

        async def wish(watching: str) -> None:
            (folder / "settings.yml").write_text(f"watch: {watching}\n")
            await one.until(lambda: one.session.reload.settings.watch == watching)

        await one.until(lambda: app.preferences._watcher)
        first = nodes()
        await wish("off")
        await one.until(lambda: one.session.reload.scout._watcher._mode == "off")
        for count, watching in enumerate(("poll", "off", "auto"), 1):
            if watching == "off":
                await wish("off")
                await one.until(lambda: one.session.reload.scout._watcher._mode == "off")
                continue
            one.edit("def aside", f"def more_{count}() -> int:\n    return 1\n\n\ndef aside")
            await wish(watching)
            await one.until(lambda count=count: nodes() == first + (count + 1) // 2)


async def test_settings_themes_and_keys_count_as_soon_as_they_are_saved(
    opened: Callable[..., Any], screen_text: ScreenText, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    (folder / "themes").mkdir(parents=True)
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(folder))
    async with opened() as one:
        app = one.pilot.app
        await one.until(lambda: app.preferences._watcher)
        (folder / "themes" / "mine.yml").write_text("primary: '#102030'\n")
        await one.until(lambda: "mine" in app.available_themes)
        (folder / "settings.yml").write_text("theme: mine\nframe_rate: 30\nwhile_running: queue\n")
        await one.until(lambda: app.theme == "mine" and "frame_rate: from the next start" in screen_text(one.pilot))
        assert one.session.reload.settings.while_running == "queue"
        (folder / "themes" / "mine.yml").write_text("primary: '#405060'\n")
        await one.until(lambda: app.theme_variables["primary"] == "#405060")

        (folder / "keymap.yml").write_text("run.start: f12\n")
        await one.until(lambda: "f12" in one.pilot.app.screen.active_bindings)
        (folder / "keymap.yml").unlink()
        await one.until(lambda: "f12" not in one.pilot.app.screen.active_bindings)
