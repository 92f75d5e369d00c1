"""Every key that works where you are, made from the bindings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import ComposeResult
    from textual.binding import ActiveBinding


class Help(ModalScreen[None]):
    """A list of keys; any of esc, q, ? closes it."""

    CSS_PATH = "help.tcss"

    BINDINGS: ClassVar = [Binding("escape,q,question_mark", "dismiss", "Close", key_display="esc", show=False)]

    def __init__(self, bindings: Iterable[ActiveBinding]) -> None:
        super().__init__()
        self._active = list(bindings)

    def compose(self) -> ComposeResult:
        """A box with a line for each key."""
        with VerticalScroll(id="keys"):
            yield Static(Content("Keys that work here"), id="title")
            for keys, what in self._rows():
                yield Static(Content.assemble((f"{keys:>14}", "bold"), "  ", what))
            yield Static(Content("The mouse works too: click, scroll, drag to select. esc closes this."), id="more")

    def _rows(self) -> list[tuple[str, str]]:
        rows: dict[str, list[str]] = {}
        # What works everywhere on the screen comes first, then what the focused pane adds.
        for active in sorted(self._active, key=lambda active: not isinstance(active.node, Screen)):
            binding = active.binding
            what = active.tooltip or binding.tooltip or binding.description
            if what and not binding.system:
                rows.setdefault(what, []).append(self.app.get_key_display(binding))
        return [(" ".join(dict.fromkeys(keys)), what) for what, keys in rows.items()]
