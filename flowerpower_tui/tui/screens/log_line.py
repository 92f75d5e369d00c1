"""One line of a log, whole: JSON in it is laid out, and what is long is wrapped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.runs.lines import LogLine


class LogLineScreen(Modal[None]):
    """A panel over the screen; esc closes it."""

    CSS_PATH = "log_line.tcss"

    BINDINGS: ClassVar = [
        Binding("escape,enter,q,i", "dismiss", "Close", key_display="esc"),
        Binding("y", "copy", "Copy", tooltip="Copy the line as it is shown here"),
    ]

    def __init__(self, line: LogLine) -> None:
        super().__init__()
        self._line = line
        self._text = laid_out(sanitise(line.text))

    def compose(self) -> ComposeResult:
        """Whose line it is, and its text."""
        line = self._line
        when = line.time.astimezone().isoformat(" ", "milliseconds")
        head = "  ".join(part for part in (when, line.level or line.source, line.node) if part)
        with VerticalScroll(id="line"):
            yield Static(Content(one_line(head)), id="head")
            yield Static(Content(self._text), id="text")
            yield Static(Content("y copies this, esc closes it."), id="more")

    def action_copy(self) -> None:
        """Copy the text."""
        self.notify(copy(self.app, self._text), timeout=3, markup=False)


def laid_out(text: str) -> str:
    """Return `text` with the JSON that it ends in, if it does, indented; and its words before that as they are."""
    starts = [start for start in (text.find("{"), text.find("[")) if start >= 0]
    for start in sorted(starts):
        try:
            value = json.loads(text[start:])
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list):
            head = text[:start].rstrip()
            return (f"{head}\n" if head else "") + json.dumps(value, indent=2, ensure_ascii=False)
    return text
