"""Finding and replacing in the text that is edited."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.text_area import Selection

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.logfilter import TextPattern
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.code_area import Mark

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.tui.widgets.code_area import CodeArea

Place = tuple[int, int, int]
"""A match: its line, its first column, the column behind it, from 0."""


class FindBar(Horizontal):
    """One line: what is looked for, what takes its place, how many there are."""

    BINDINGS: ClassVar = [
        Binding("escape", "leave", "Close", tooltip="Back to the text", id="find.leave"),
        Binding("down,f3", "step(1)", "Next", tooltip="Go to the next match", id="find.next"),
        Binding("up", "step(-1)", "Before", tooltip="Go to the match before", id="find.before"),
        Binding("ctrl+r", "replace_all", "Replace all", tooltip="Replace every match", id="find.replace-all"),
    ]

    DEFAULT_CSS = """
    FindBar {
        height: 1;
        background: $panel;
        display: none;
        &.-shown { display: block; }
        & > Input { width: 1fr; height: 1; padding: 0 1; background: $panel; }
        & > Input:focus { background: $primary 30%; }
        & > Static { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._area: CodeArea | None = None
        self._places: list[Place] = []
        self._pattern: re.Pattern[str] | None = None
        self._is_regex = False

    def compose(self) -> ComposeResult:
        """Two fields and a count."""
        yield Input(placeholder="find, or /regex/", id="find", compact=True, select_on_focus=True)
        yield Input(placeholder="replace by", id="replacement", compact=True)
        yield Static(id="found")

    def open(self, area: CodeArea) -> None:
        """Look in this text; from what is selected there, if that is in one line."""
        self._area = area
        field = self.query_one("#find", Input)
        if area.selected_text and "\n" not in area.selected_text:
            field.value = area.selected_text
        self.add_class("-shown")
        field.focus()
        self._look()

    def close(self) -> None:
        """Mark nothing any more."""
        self.remove_class("-shown")
        if self._area is not None:
            self._area.found = {}
            self._area.focus()
        self._area = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Mark what is found while it is typed."""
        event.stop()
        if event.input.id == "find":
            self._look()
            self._go(0)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next; in the second field, it replaces this one first."""
        event.stop()
        if event.input.id == "replacement":
            self._replace_this()
        else:
            self.action_step(1)

    def action_leave(self) -> None:
        """Back to the text."""
        self.close()

    def action_step(self, by: int) -> None:
        """Go to the next match, or the one before."""
        self._look()
        self._go(by)

    def action_replace_all(self) -> None:
        """Replace every match, in one step of undoing."""
        if self._area is None or self._pattern is None:
            return
        self._look()
        lines = self._area.text.split("\n")
        for row in {row for row, _, _ in self._places}:
            lines[row] = self._pattern.sub(self._by, lines[row])
        count = len(self._places)
        self._area.change_to("\n".join(lines))
        self._look()
        self._tell(f"{count:,} replaced")

    def _replace_this(self) -> None:
        area = self._area
        if area is None or self._pattern is None:
            return
        start, end = sorted(area.selection)
        here = (start[0], start[1], end[1])
        if here in self._places:
            match = self._pattern.match(area.document.get_line(start[0]), start[1])
            if match is not None:
                area.replace(self._by(match), start, end, maintain_selection_offset=False)
        self._look()
        self._go(1 if here not in self._places else 0)

    def _by(self, match: re.Match[str]) -> str:
        wanted = self.query_one("#replacement", Input).value
        try:
            return match.expand(wanted) if self._is_regex else wanted
        except (re.error, IndexError):
            return wanted

    def _look(self) -> None:
        """Find and mark all there are."""
        wanted = self.query_one("#find", Input).value
        self._places, self._pattern = [], None
        if self._area is None:
            return
        if wanted:
            try:
                self._pattern = TextPattern.parse(wanted).regex
            except FlowerPowerError as error:
                self._area.found = {}
                self._tell(str(error))
                return
            self._is_regex = self._pattern.pattern != re.escape(wanted)
            for row, line in enumerate(self._area.text.split("\n")):
                self._places += [(row, *match.span()) for match in self._pattern.finditer(line) if match.group()]
        found: dict[int, list[Mark]] = {}
        for row, start, end in self._places:
            found.setdefault(row, []).append(Mark(start, end, "match"))
        self._area.found = found
        self._tell("" if not wanted else f"{len(self._places):,} found" if self._places else "nowhere")

    def _go(self, by: int) -> None:
        """Select the next match from the cursor on (1), the one before it (-1), or the nearest from it on (0)."""
        area = self._area
        if area is None or not self._places:
            return
        start, end = sorted(area.selection)
        if by < 0:
            index = bisect_left(self._places, (*start, 0)) - 1
        else:
            index = (bisect_right if by else bisect_left)(self._places, (*start, 0 if not by else end[1] + 1))
            if by and area.selection.is_empty:
                index = bisect_left(self._places, (*start, 0))
        index %= len(self._places)
        row, first, last = self._places[index]
        area.selection = Selection((row, first), (row, last))
        area.scroll_cursor_visible(center=True)
        self._tell(f"{index + 1:,} of {len(self._places):,}")

    def _tell(self, what: str) -> None:
        self.query_one("#found", Static).update(Content(one_line(what)))
