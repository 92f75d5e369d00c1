"""A log with all that is done to it: filtering, searching, copying, writing it to a file."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.location import at_home
from flowerpower_tui.runs.logbook import LogBook
from flowerpower_tui.runs.logfilter import LineFilter, TextPattern, only_node
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.log_work import Exported, Filtered, Filtering, Found, Search, export
from flowerpower_tui.tui.widgets.log_past import LogPast
from flowerpower_tui.tui.widgets.log_view import COPIED_ROWS, LogView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.runs.lines import LogLine

Question = Literal["filter", "search", "export"]

_PLACEHOLDERS: dict[Question, str] = {
    "filter": 'level:warning node:orders stream:stderr text !not "two words" /regex/',
    "search": "a text, or /a regular expression/",
    "export": "the name of a new file",
}


class LogPanel(Vertical):
    """Shows a log; below it, when there is something to say or to ask, one line."""

    BINDINGS: ClassVar = [
        Binding("f", "ask('filter')", "Filter", tooltip="Only some lines: by level, node, text", id="log.filter"),
        Binding(
            "slash",
            "ask('search')",
            "Find",
            key_display="/",
            tooltip="Find a text; from the end, upwards",
            id="log.find",
        ),
        Binding("n", "find_next", "Next", show=False, tooltip="Go to the next line with that text", id="log.next"),
        Binding("N", "find_next(True)", "Previous", show=False, tooltip="Go to the one before", id="log.previous"),
        Binding("i", "whole", "Whole", show=False, tooltip="Show the whole line, JSON laid out", id="log.whole"),
        Binding("o", "node", "Node", show=False, tooltip="Go to the line's node in the DAG", id="log.node"),
        Binding("y", "copy", "Copy", show=False, tooltip="Copy the picked lines, or the one you are on", id="log.copy"),
        Binding("e", "ask('export')", "Export", show=False, tooltip="Write what is shown to a file", id="log.export"),
        Binding("escape", "leave", "All lines", show=False, tooltip="Show all lines again", id="log.all"),
        # The field takes enter as well, but offers it to nobody.
        Binding(
            "enter",
            "answer",
            "Apply",
            key_display="⏎",
            tooltip="Do what is written in the line",
            id="log.answer",
            priority=True,
        ),
        Binding("escape", "close", "Close", key_display="esc", tooltip="Close the line", id="log.close"),
    ]

    DEFAULT_CSS = """
    LogPanel {
        & > LogView { height: 1fr; }
        & > Static { height: 1; padding: 0 1; background: $surface; color: $text-accent; display: none; }
        & > Input { height: 1; background: $panel; padding: 0 1; display: none; }
        & > Input:focus { background: $primary 30%; }
        & > .-shown { display: block; }
    }
    """

    @dataclass
    class NodeWanted(Message):
        """Someone wants to see `node` in the DAG."""

        node: str

    @dataclass
    class SourceWanted(Message):
        """Someone wants to see line `line` of a file."""

        path: Path
        line: int

    def __init__(self, root: Path, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        self._rows: Sequence[LogLine] = ()
        self._wanted = ""
        self._filter = LineFilter()
        self._filtering: Filtering | None = None
        self._pattern: TextPattern | None = None
        self._searched = ""
        self._search: Search | None = None
        self._upwards = False
        self._found = ""
        # The row that was looked at before a filter came, as long as the filter has not come to it.
        self._anchor: int | None = None
        self._question: Question = "filter"
        self._can_leave = False
        self._is_gone = False

    def compose(self) -> ComposeResult:
        """The log, and the line below."""
        yield LogView(root=self._root, id="lines")
        yield Static()
        yield Input(select_on_focus=False, compact=True)

    @property
    def view(self) -> LogView:
        """What shows the rows."""
        return self.query_one(LogView)

    def show(self, rows: Sequence[LogLine], moved: int | None = None) -> None:
        """Show a log from its end; or all of it, in which row `moved` is what was first before."""
        self._rows = rows
        self._is_gone = False
        self._stop()
        if self._filter.terms:
            self._apply()
        elif moved is None:
            self.view.show(rows)
        else:
            self.view.rebase(rows, moved)
        self._tell()

    def grown(self) -> None:
        """Take note of rows that have been added at the end."""
        if self._filtering is not None:
            self._filtering.look()
        else:
            self.view.grown()

    def until(self, row: int | None) -> None:
        """Show what stood before row `row` of the log, as of a moment that is past; None shows all of it again."""
        matches = self._filtering.matches if self._filtering else None
        lines: Sequence[LogLine] = matches if matches is not None else self._rows
        if row is not None:
            lines = LogPast(lines, bisect_left(matches.rows, row) if matches is not None else row)
        self.view.show(lines)

    def look_for_files(self) -> None:
        """Say so if the run was pruned meanwhile."""
        is_gone = isinstance(self._rows, LogBook) and self._rows.is_gone
        if is_gone != self._is_gone:
            self._is_gone = is_gone
            self._tell()

    def filter(self, text: str) -> None:
        """Show only what `text` says; nothing said shows all.

        Raises:
            FilterError: it says nothing that is understood.
        """
        self._filter = LineFilter.parse(text)
        row = None if self.view.following else self._book_row(self.view.row)
        self._stop()
        self._wanted = text.strip()
        if self._filter.terms:
            self._anchor = row
            self._apply()
        else:
            self._wanted = ""
            self.view.show(self._rows, row)
        self._tell()

    def only_node(self, node: str) -> None:
        """Show only the lines of `node`; or all again, if it is so already."""
        wanted = only_node(node)
        self.filter("" if wanted == self._wanted else wanted)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Escape is for others when there is nothing to leave; in the line letters are letters."""
        if action in ("answer", "close"):
            return self._is_asking
        return not self._is_asking and (action != "leave" or self._can_leave)

    def on_unmount(self) -> None:
        """Let no thread go on."""
        self._stop()

    def on_filtered(self, event: Filtered) -> None:
        """Show what was found so far."""
        event.stop()
        if self._filtering is None or event.matches is not self._filtering.matches:
            return
        matches = event.matches
        self.view.grown()
        if self._anchor is not None and matches.seen > self._anchor:
            if len(matches):
                self.view.go_to(min(bisect_left(matches.rows, self._anchor), len(matches) - 1))
            self._anchor = None
        self._tell()

    def on_found(self, event: Found) -> None:
        """Go where the search came to."""
        event.stop()
        if event.search is not self._search:
            return
        if event.row is None:
            self._found = "is nowhere"
        else:
            self._found = f"line {event.row + 1:,}"
            if event.around:
                self._found += ", from the end again" if event.search.backwards else ", from the top again"
            matches = self._filtering.matches if self._filtering else None
            row = bisect_left(matches.rows, event.row) if matches else event.row
            if row >= self.view.line_count():
                # It is later than the moment that is shown.
                self.until(None)
            self.view.go_to(row)
        self._tell()

    def on_exported(self, event: Exported) -> None:
        """Say where the log is."""
        event.stop()
        if event.error is not None:
            self._complain(event.error)
        else:
            self.notify(f"{event.rows:,} lines written to {event.path}", timeout=5, markup=False)

    def on_log_view_line_opened(self, event: LogView.LineOpened) -> None:
        """Show the place that a line names, if it is there; else the line."""
        event.stop()
        if event.place is not None and event.place.path.is_file():
            self.post_message(self.SourceWanted(event.place.path, event.place.line))
        else:
            self._show_whole(event.line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what was asked for; who is not understood is asked again."""
        event.stop()
        try:
            self._answer(event.value)
        except FlowerPowerError as error:
            self._complain(error)
            return
        self._hide_question()

    def action_ask(self, question: Question) -> None:
        """Ask for a filter, a text or a name in the line below."""
        self._question = question
        asked = self.query_one(Input)
        asked.placeholder = _PLACEHOLDERS[question]
        asked.value = {"filter": self._wanted, "search": "", "export": self._file_name}[question]
        asked.cursor_position = len(asked.value)
        asked.add_class("-shown")
        asked.focus()
        self._tell()

    def action_find_next(self, other_way: bool = False) -> None:
        """Go to the next line with the text that was looked for."""
        if self._pattern is None:
            self.action_ask("search")
        else:
            self._look(self._upwards != other_way)

    def action_whole(self) -> None:
        """Show the line that one is on."""
        if self.view.line_count():
            self._show_whole(self.view.lines[self.view.row])

    def action_node(self) -> None:
        """Ask for the line's node."""
        node = self.view.lines[self.view.row].node if self.view.line_count() else ""
        if node:
            self.post_message(self.NodeWanted(node))
        else:
            self.notify("This line belongs to no node.", timeout=2)

    def action_copy(self) -> None:
        """Copy what is selected, what is picked, or the line that one is on."""
        view = self.view
        if view.text_selection is not None:
            text = self.screen.get_selected_text() or ""
        else:
            rows = (view.picked or range(view.row, view.line_count()))[:COPIED_ROWS]
            text = "\n".join(map(view.line_text, rows))
        if not text:
            return
        try:
            self.notify(copy(self.app, text), timeout=3, markup=False)
        except OSError as error:
            self._complain(FlowerPowerError(f"It cannot be written: {error.strerror}."))
        except FlowerPowerError as error:
            self._complain(error)

    async def action_answer(self) -> None:
        """Do what was asked for."""
        await self.query_one(Input).action_submit()

    def action_close(self) -> None:
        """Leave the question."""
        self._hide_question()

    def action_leave(self) -> None:
        """Leave the question; else the search and the filter."""
        if self._asks:
            self._hide_question()
            return
        self._pattern = None
        self.view.mark(None)
        if self._wanted:
            self.filter("")
        self._tell()

    def _answer(self, text: str) -> None:
        match self._question:
            case "filter":
                self.filter(text)
            case "search" if text:
                self._pattern = TextPattern.parse(text)
                self._searched = text
                self.view.mark(self._pattern)
                self._upwards = self.view.following
                self._look(self._upwards)
            case "export" if text.strip():
                export(self.view.lines, self._root / at_home(text.strip()), self)

    def _show_whole(self, line: LogLine) -> None:
        # Rarely needed, so it does not weigh on every start.
        from flowerpower_tui.tui.screens.log_line import LogLineScreen

        self.app.push_screen(LogLineScreen(line))

    def _apply(self) -> None:
        """Filter from the beginning; before all rows are known there is nothing to show."""
        if isinstance(self._rows, LogBook):
            self._filtering = Filtering(self._rows, self._filter, self)
            self.view.show(self._filtering.matches)
        else:
            self.view.show(())

    def _look(self, backwards: bool) -> None:
        if self._search is not None:
            self._search.stop()
        if self._pattern is None or not isinstance(self._rows, LogBook) or not self.view.line_count():
            return
        row = self._book_row(self.view.row)
        first = row if self.view.following else row + (-1 if backwards else 1)
        self._found = "…"
        self._search = Search(self._rows, self._filter.also(self._pattern), first, self, backwards=backwards)
        self._tell()

    def _stop(self) -> None:
        if self._filtering is not None:
            self._filtering.stop()
        if self._search is not None:
            self._search.stop()
        self._filtering = self._search = self._anchor = None

    def _book_row(self, row: int) -> int:
        """The number in the book of a row that is shown."""
        if self._filtering is None:
            return row
        rows = self._filtering.matches.rows
        return rows[row] if row < len(rows) else 0

    @property
    def _asks(self) -> bool:
        return self.query_one(Input).has_class("-shown")

    @property
    def _is_asking(self) -> bool:
        asked = self.query(Input)
        return bool(asked) and asked.first().has_focus

    @property
    def _file_name(self) -> str:
        return f"{self._rows.run.id}.log" if isinstance(self._rows, LogBook) else "run.log"

    def _hide_question(self) -> None:
        asked = self.query_one(Input)
        had_focus = asked.has_focus
        asked.remove_class("-shown")
        if had_focus:
            self.view.focus()
        self._tell()

    def _complain(self, error: FlowerPowerError) -> None:
        self.notify(sanitise(str(error)), severity="error", timeout=5, markup=False)

    def _tell(self) -> None:
        """Say which lines are shown, and what was found."""
        parts = []
        if self._wanted:
            matches = self._filtering.matches if self._filtering else None
            found, seen = (len(matches), matches.seen) if matches else (0, 0)
            more = "" if matches and seen == len(matches.book) else "…"
            parts.append(f"{one_line(self._wanted)}  {found:,} of {seen:,} lines{more}")
        if self._pattern is not None:
            parts.append(f"/{one_line(self._searched)}  {self._found}")
        can_leave = bool(parts) or self._asks
        if self._is_gone:
            parts.append("This run was pruned: what is open here is all that is left of it.")
        said = self.query_one(Static)
        said.update(Content("   ".join(parts)))
        said.set_class(bool(parts) and not self._asks, "-shown")
        if can_leave != self._can_leave:
            self._can_leave = can_leave
            self.refresh_bindings()
