"""The user's own keys: used where they can be, and told where they cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flowerpower_tui.tui.actions import actions
from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.keymap import PRESETS, read_keymap

OpenApp = Callable[[Path], FlowerPowerApp]
Until = Callable[..., Awaitable[None]]

# Taken by tmux and screen, or the same as another key in old terminals.
SWALLOWED = {"ctrl+b", "ctrl+a", "ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j", "alt+enter", "ctrl+space", "f1", "f11"}


def test_every_action_says_what_it_does() -> None:
    assert len(actions()) > 100
    assert [action.id for action in actions().values() if not action.what.strip()] == []


def test_no_action_is_only_on_keys_that_terminals_swallow() -> None:
    assert [action.id for action in actions().values() if set(action.keys) <= SWALLOWED] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_no_clashes_and_no_unknown_actions(preset: str, tmp_path: Path) -> None:
    assert read_keymap(tmp_path, preset).problems == ()
    assert set(PRESETS[preset]) <= set(actions())


def test_without_a_file_keys_are_as_they_are(tmp_path: Path) -> None:
    assert read_keymap(tmp_path).keys == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("run.strat: x\n", "There is no action 'run.strat'; did you mean 'run.start'?"),
        ("# mine\nrun.start: hyperspace\n", ":2: 'hyperspace' is no key"),
        ("run.start: c\n", "The key c is wanted by"),
        ("- run.start\n", "A keymap is a mapping"),
        ("a: [\n", "cannot be read"),
    ],
)
def test_what_cannot_be_used_says_why(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "keymap.yml").write_text(text)
    problems = read_keymap(tmp_path).problems
    assert said in " ".join(map(str, problems)).replace("Did", "did")


async def test_a_key_of_ones_own_runs_the_pipeline(
    project: Callable[..., Path], open_app: OpenApp, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    (folder / "keymap.yml").write_text("run.start: [f6]\n")
    monkeypatch.setenv("FP_TUI_CONFIG_DIR", str(folder))
    async with open_app(
        project("def one() -> int:\n    return 1\n", "run:\n  final_vars: [one]\n")
    ).run_test() as pilot:
        session = pilot.app.session  # type: ignore[attr-defined]
        await until(pilot, lambda: session.graph is not None)
        await pilot.press("r")
        assert session.can_run
        await pilot.press("f6")
        await until(pilot, lambda: session.view.state == "succeeded")
