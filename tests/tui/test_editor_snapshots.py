"""What the editor looks like at both sizes: with a mistake and completions, and with the form beside the text.

After a change that is meant: `pytest tests/tui/test_editor_snapshots.py --snapshot-update`, and look at the pictures.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.widgets.completion_popup import CompletionPopup
from flowerpower_tui.tui.widgets.form_view import FormView

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]
Snap = Callable[..., bool]

SMALL, LARGE = (80, 24), (160, 48)
CONFIG = """\
# Every night at two.
name: job

params:
  report:
    currency: EUR   # what the accounts are in

run:
  final_vars: [report]
  retry:
    max_retries: often
"""


@pytest.fixture
def root(project: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in somebody's home, so that the title shows `~/work` wherever the test runs."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = project("def report() -> int:\n    return 1\n")
    (folder / "conf" / "pipelines" / "job.yml").write_text(CONFIG)
    return folder


@pytest.fixture
def edit(root: Path, until: Until) -> Callable[[Pilot[Any]], Awaitable[Editor]]:
    """Opens the pipeline's YAML, and waits until what is wrong in it is known."""

    async def begin(pilot: Pilot[Any]) -> Editor:
        pilot.app.session.edit(root / "conf" / "pipelines" / "job.yml", 11, 5)
        await until(pilot, lambda: isinstance(pilot.app.screen, Editor) and pilot.app.screen.page)
        editor: Any = pilot.app.screen
        await until(pilot, lambda: editor.page.diagnostics and pilot.app.session.is_looked_at)
        return editor  # type: ignore[no-any-return]

    return begin


def test_a_mistake_and_what_could_be_written(
    root: Path, open_app: OpenApp, edit: Any, until: Until, snap_compare: Snap
) -> None:
    async def complete(pilot: Pilot[Any]) -> None:
        editor = await edit(pilot)
        await pilot.press("f12", "escape", "end", "enter", *"re", "ctrl+n")
        popup = editor.page.query_one(CompletionPopup)
        await until(pilot, lambda: popup.chosen is not None and len(editor.page.diagnostics) > 1)
        await pilot.pause(0.4)

    assert snap_compare(open_app(root), terminal_size=SMALL, run_before=complete)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x48"])
def test_the_form(
    root: Path, open_app: OpenApp, edit: Any, until: Until, snap_compare: Snap, size: tuple[int, int]
) -> None:
    async def turn(pilot: Pilot[Any]) -> None:
        editor = await edit(pilot)
        await pilot.press("f12", "escape", "ctrl+l", "v")
        form = editor.query_one(FormView)
        await until(pilot, lambda: form.has_focus and form.line_count())
        await pilot.press("down")
        help_ = editor.query_one("#panel-help", Static)
        await until(pilot, lambda: form.field and form.field.key in str(help_.content))
        await pilot.pause(0.4)

    assert snap_compare(open_app(root), terminal_size=size, run_before=turn)
