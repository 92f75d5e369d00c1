"""Keys that come at once, as over a slow line: each does its work before the next one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.events import Event, Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from flowerpower_tui.tui.app import FlowerPowerApp
from flowerpower_tui.tui.key_order import KeyDone, KeyOrder
from flowerpower_tui.tui.screens.editor import Editor
from flowerpower_tui.tui.widgets.code_area import CodeArea

TEXT = "def one() -> int:\n    return 1\n"


def press_at_once(app: App[Any], *keys: str) -> None:
    """Hand over keys as the driver does when one read brings them all."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))


@pytest.fixture
def writing(project: Callable[..., Path], open_app: Callable[[Path], FlowerPowerApp], until: Any) -> Any:
    """Opens the editor on a module."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[tuple[Pilot[Any], CodeArea]]:
        root = project(TEXT)
        app = open_app(root)
        async with app.run_test(size=(100, 30)) as pilot:
            assert app.session is not None
            app.session.edit(root / "pipelines" / "job.py")
            await until(pilot, lambda: isinstance(app.screen, Editor) and isinstance(app.screen.focused, CodeArea))
            area = app.screen.focused
            assert isinstance(area, CodeArea)
            yield pilot, area

    return begin


async def test_what_moves_the_cursor_has_moved_it_before_the_next_letter(writing: Any, until: Any) -> None:
    async with writing() as (pilot, area):
        press_at_once(pilot.app, "ctrl+end", "backspace", *" + 2", "up", "home", "#")
        await until(pilot, lambda: "#" in area.text)
        assert area.text == "#def one() -> int:\n    return 1 + 2"


async def test_letters_behind_the_key_that_leaves_the_text_are_no_text(writing: Any, until: Any) -> None:
    async with writing() as (pilot, area):
        press_at_once(pilot.app, "x", "escape", "1")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Editor))
        assert area.text == f"x{TEXT}"


async def test_what_is_pasted_keeps_its_place_among_the_keys(writing: Any, until: Any) -> None:
    async with writing() as (pilot, area):
        press_at_once(pilot.app, "a", "ctrl+end")
        pilot.app.post_message(Paste("two = 2\n"))
        press_at_once(pilot.app, "b")
        await until(pilot, lambda: area.text.endswith("b"))
        assert area.text == f"a{TEXT}two = 2\nb"


class Asking(App[int]):
    """A field, and a key that takes it away."""

    BINDINGS: ClassVar = [("f2", "end", "End")]

    def __init__(self) -> None:
        super().__init__()
        self.order = KeyOrder(self, super().on_event)
        self.others: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self.order.take(event)
        else:
            await super().on_event(event)

    def on_key_done(self, event: KeyDone) -> None:
        self.call_later(self.order.done, event.number)

    def on_key(self, event: Key) -> None:
        self.others.append(event.key)

    async def action_end(self) -> None:
        await self.query_one(Input).remove()


async def test_a_field_takes_keys_in_order(until: Any) -> None:
    async with Asking().run_test() as pilot:
        field = pilot.app.query_one(Input)
        field.focus()
        await pilot.pause()
        press_at_once(pilot.app, "a", "b", "backspace", "c", "home", "d", "right", "right", "e")
        await until(pilot, lambda: "e" in field.value)
        assert field.value == "dace"


async def test_keys_go_on_when_the_widget_that_had_one_is_gone(until: Any) -> None:
    async with Asking().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Asking)
        app.query_one(Input).focus()
        await pilot.pause()
        press_at_once(app, "f2", *"xyz")
        await until(pilot, lambda: app.others[-1:] == ["z"])
        assert app.others[-3:] == list("xyz")


async def test_keys_go_on_when_nobody_says_what_became_of_one(until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Asking().run_test() as pilot:
        app = pilot.app
        assert isinstance(app, Asking)
        app.set_focus(None)
        await pilot.pause()
        with monkeypatch.context() as lost:
            lost.setattr(type(app.screen), "post_message", lose_the_done(type(app.screen).post_message))
            press_at_once(app, *"xy")
            await until(pilot, lambda: app.others == ["x", "y"])


def lose_the_done(post: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def post_others(self: Any, message: Any) -> bool:
        return isinstance(message, KeyDone) or post(self, message)

    return post_others
