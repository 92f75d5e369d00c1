"""A part of a screen: one line that says what it shows, and below it the content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class Pane(Vertical):
    """A titled part of a screen; the title lights up while the focus is inside."""

    ALLOW_MAXIMIZE = True

    DEFAULT_CSS = """
    Pane {
        & > .pane--header {
            height: 1;
            background: $panel;
            color: $text-muted;
            padding: 0 1;
        }
        & .pane--title { width: auto; }
        & .pane--detail { width: 1fr; padding-left: 2; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
        &.-lit > .pane--header { background: $primary; color: $background; text-style: bold; }
    }
    """

    def __init__(self, title: str, *content: Widget, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Static(Content(title), classes="pane--title")
        self._detail = Static(classes="pane--detail")
        self._content = content
        self._shown = (title, "")

    def compose(self) -> ComposeResult:
        """Lay the header over the content."""
        with Horizontal(classes="pane--header"):
            yield self._title
            yield self._detail
        yield from self._content

    def on_descendant_focus(self) -> None:
        """Light the title up."""
        self._light()

    def on_descendant_blur(self) -> None:
        """Let it go dark, unless the focus only moved on inside: who lost it may tell later than who got it."""
        self._light()

    def _light(self) -> None:
        focused = self.screen.focused
        self.set_class(focused is not None and self in focused.ancestors_with_self, "-lit")

    def retitle(self, title: str, detail: str = "") -> None:
        """Say what is shown now, and something short about it at the right."""
        if title != self._shown[0]:
            self._title.update(Content(title))
        if detail != self._shown[1]:
            # Its width is what is left: nothing has to be laid out anew for a clock that goes on.
            self._detail.update(Content(detail), layout=False)
        self._shown = (title, detail)
