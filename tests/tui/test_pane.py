"""The title of a pane is lit while the focus is inside, in whatever order its widgets tell of it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.events import DescendantBlur
from textual.widgets import Input

from flowerpower_tui.tui.widgets.pane import Pane


class Panes(App[None]):
    def compose(self) -> ComposeResult:
        yield Pane("One", Input(id="first"), Input(id="second"), id="one")
        yield Pane("Two", Input(id="third"), id="two")


async def test_the_title_is_lit_where_the_focus_is() -> None:
    app = Panes()
    async with app.run_test() as pilot:
        one, two = app.query_one("#one"), app.query_one("#two")
        app.query_one("#second").focus()
        await pilot.pause()
        assert (one.has_class("-lit"), two.has_class("-lit")) == (True, False)
        app.query_one("#third").focus()
        await pilot.pause()
        assert (one.has_class("-lit"), two.has_class("-lit")) == (False, True)


async def test_it_stays_lit_when_who_lost_the_focus_tells_last() -> None:
    app = Panes()
    async with app.run_test() as pilot:
        one = app.query_one("#one")
        app.query_one("#second").focus()
        await pilot.pause()
        one.post_message(DescendantBlur(app.query_one("#first")))
        await pilot.pause()
        assert one.has_class("-lit")
