"""An open file: its text, whether it is saved, and a line above it when something is to be decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.buffer import Buffer
from flowerpower_tui.tui.widgets.code_area import CodeArea

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult


class Page(Vertical):
    """Shows one file for editing.

    Attributes:
        buffer: what the file held when it was read or saved last.
        is_saving: a save is under way.
    """

    DEFAULT_CSS = """
    Page {
        & > CodeArea { height: 1fr; }
        & > .page--banner { height: auto; padding: 0 1; background: $warning 20%; color: $text-warning; display: none; }
        & > .page--banner.-shown { display: block; }
    }
    """

    @dataclass
    class Changed(Message):
        """The text of `page` is another now."""

        page: Page

    def __init__(self, buffer: Buffer) -> None:
        super().__init__()
        self.buffer = buffer
        self.is_saving = False
        self._banner = Static(classes="page--banner")
        self.area = CodeArea(buffer.text, buffer.path)

    def compose(self) -> ComposeResult:
        """The banner over the text."""
        yield self._banner
        yield self.area

    @property
    def path(self) -> Path:
        """The file."""
        return self.buffer.path

    @property
    def is_dirty(self) -> bool:
        """Whether there is something to save."""
        return self.area.text != self.buffer.text or (self.buffer.base is None and bool(self.area.text))

    @property
    def content(self) -> bytes:
        """What the file shall hold."""
        return self.buffer.encode(self.area.text)

    def take(self, buffer: Buffer, text: str | None = None) -> None:
        """Let the file be what `buffer` says, and its text that, or `text`; typing can be undone still."""
        self.buffer = buffer
        self.area.change_to(buffer.text if text is None else text)
        self.post_message(self.Changed(self))

    def say(self, what: str) -> None:
        """Say something above the text; nothing takes it away."""
        self._banner.update(Content(one_line(what)))
        self._banner.set_class(bool(what), "-shown")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell that something was typed."""
        event.stop()
        self.post_message(self.Changed(self))
