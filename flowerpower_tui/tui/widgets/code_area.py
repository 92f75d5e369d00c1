"""The text that is edited: Textual's text area with what editing code asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Location, Selection, TextAreaTheme
from typing_extensions import override

from flowerpower_tui.terminal import pictured
from flowerpower_tui.tui.widgets.text_keys import TEXT_KEYS

if TYPE_CHECKING:
    from textual import events
    from textual.document._document import EditResult
    from textual.document._edit import Edit

HIGHLIGHTED_LINES = 2_000
"""Beyond these a key would wait for the highlighting."""

_LANGUAGES = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".py": "python",
    ".toml": "toml",
    ".json": "json",
    ".md": "markdown",
    ".sql": "sql",
    ".sh": "bash",
}

# What the highlighting queries call things, and which of our colours that has; nearest ancestor wins.
_SYNTAX = {
    "comment": "comment",
    "keyword": "keyword",
    "conditional": "keyword",
    "repeat": "keyword",
    "include": "keyword",
    "exception": "keyword",
    "operator": "plain",
    "function": "name",
    "function.builtin": "builtin",
    "method": "name",
    "constructor": "name",
    "type": "builtin",
    "type.class": "name",
    "attribute": "decorator",
    "yaml.field": "name",
    "string": "string",
    "string.escape": "decorator",
    "number": "number",
    "float": "number",
    "boolean": "number",
    "constant.builtin": "number",
    "variable.builtin": "builtin",
    "preproc": "decorator",
    "punctuation.special": "decorator",
    "error": "fault",
}


@dataclass(frozen=True)
class Mark:
    """A part of a line that is to be seen: wrong, or found.

    Attributes:
        start: its first column, from 0.
        end: the column behind it.
        kind: `error`, `warning`, `hint` or `match`.
    """

    start: int
    end: int
    kind: str


_WORST_FIRST = ("error", "warning", "hint")
_GUTTER = {"error": "✗", "warning": "!", "hint": "·"}
_WORD = re.compile(r"\w+")


class CodeArea(TextArea, inherit_bindings=False):
    """Edits a text: keeps the indentation, comments lines, indents several, marks what is wrong."""

    BINDINGS: ClassVar = [
        Binding("tab", "indent", "Indent", show=False, tooltip="Indent the line, or those selected", id="edit.indent"),
        Binding("shift+tab", "dedent", "Dedent", show=False, tooltip="Take indentation back", id="edit.dedent"),
        Binding("ctrl+underscore,ctrl+slash,f4", "comment", "Comment", show=False, key_display="^/",
                tooltip="Comment the lines, or take that back", id="edit.comment"),
        Binding("ctrl+home", "go_to_end(-1)", "Start", show=False, tooltip="Go to the start of the text",
                id="text.start"),
        Binding("ctrl+end", "go_to_end(1)", "End", show=False, tooltip="Go to the end of the text", id="text.end"),
        Binding("ctrl+shift+home", "go_to_end(-1, True)", "Select to start", show=False,
                tooltip="Select up to the start of the text", id="text.start-select"),
        Binding("ctrl+shift+end", "go_to_end(1, True)", "Select to end", show=False,
                tooltip="Select up to the end of the text", id="text.end-select"),
        Binding("alt+up", "move_lines(-1)", "Line up", show=False, tooltip="Move the lines up", id="edit.line-up"),
        Binding("alt+down", "move_lines(1)", "Line down", show=False, tooltip="Move the lines down",
                id="edit.line-down"),
        *TEXT_KEYS,
    ]  # fmt: skip

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"code--{name}" for name in {*_SYNTAX.values()}),
        *(f"code--mark-{kind}" for kind in (*_WORST_FIRST, "match")),
    }

    DEFAULT_CSS = """
    CodeArea {
        border: none;
        padding: 0;
        background: $background;
        scrollbar-size: 1 1;
        scrollbar-color: $panel;
        scrollbar-background: $background;
        &:focus { border: none; }
        & > .code--plain { color: $foreground; }
        & > .code--comment { color: $text-muted; text-style: italic; }
        & > .code--keyword { color: $text-secondary; }
        & > .code--name { color: $text-primary; }
        & > .code--decorator { color: $text-warning; }
        & > .code--builtin { color: $text-accent; }
        & > .code--string { color: $text-success; }
        & > .code--number { color: $text-warning; }
        & > .code--fault { color: $text-error; }
        & > .code--mark-error { color: $text-error; text-style: bold underline; }
        & > .code--mark-warning { color: $text-warning; text-style: underline; }
        & > .code--mark-hint { color: $text-accent; text-style: underline; }
        & > .code--mark-match { background: $warning 40%; }
        & > .text-area--gutter { color: $text-disabled; background: $background; }
        & > .text-area--cursor-gutter { color: $foreground; background: $surface; }
        & > .text-area--cursor-line { background: $surface; }
        & > .text-area--selection { background: $primary 40%; }
        & > .text-area--cursor { color: $background; background: $foreground; }
    }
    """

    @dataclass
    class Typed(Message):
        """A character was typed, or is about to be."""

        area: CodeArea
        character: str

    def __init__(self, text: str, path: Path, *, id: str | None = None) -> None:
        language = _LANGUAGES.get(path.suffix)
        super().__init__(
            text,
            language=language if text.count("\n") < HIGHLIGHTED_LINES else None,
            show_line_numbers=True,
            tab_behavior="indent",
            soft_wrap=False,
            max_checkpoints=1_000,
            id=id,
        )
        self.path = path
        self.cursor_blink = False
        self.indent_width = 4 if path.suffix == ".py" else 2
        self._marks: Mapping[int, Sequence[Mark]] = {}
        self._found: Mapping[int, Sequence[Mark]] = {}

    @property
    def found(self) -> Mapping[int, Sequence[Mark]]:
        """What was looked for and found, by line, from 0."""
        return self._found

    @found.setter
    def found(self, found: Mapping[int, Sequence[Mark]]) -> None:
        if found != self._found:
            self._found = found
            self._line_cache.clear()
            self.refresh()

    @property
    def marks(self) -> Mapping[int, Sequence[Mark]]:
        """What is wrong, by line, from 0."""
        return self._marks

    @marks.setter
    def marks(self, marks: Mapping[int, Sequence[Mark]]) -> None:
        if marks != self._marks:
            self._marks = marks
            self._line_cache.clear()
            self.refresh()

    def on_mount(self) -> None:
        """Colour by the application's theme."""
        self._take_colours()
        self.app.theme_changed_signal.subscribe(self, lambda _: self.call_after_refresh(self._take_colours))

    @override
    def get_line(self, line_index: int) -> Text:
        line = Text(pictured(self.document.get_line(line_index)), end="", no_wrap=True)
        for mark in (*self._marks.get(line_index, ()), *self._found.get(line_index, ())):
            line.stylize(self.get_component_rich_style(f"code--mark-{mark.kind}", partial=True), mark.start, mark.end)
        return line

    @override
    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        kinds = {mark.kind for mark in self._marks.get(self._line_at(y), ())}
        worst = next((kind for kind in _WORST_FIRST if kind in kinds), None)
        if worst is None:
            return strip
        at = self.gutter_width - 2
        before, _, behind = strip.divide([at, at + 1, strip.cell_length])
        style = self.get_component_rich_style(f"code--mark-{worst}") + Style(underline=False)
        return Strip.join([before, Strip([Segment(_GUTTER[worst], style)], 1), behind])

    def on_click(self, event: events.Click) -> None:
        """Go to what a mark in the gutter is about; a second click selects the word, a third the line."""
        row, column = self.get_target_document_location(event)
        marks = sorted(self._marks.get(row, ()), key=lambda mark: _WORST_FIRST.index(mark.kind))
        if event.x < self.gutter_width:
            if marks:
                self.move_cursor((row, min(marks[0].start, len(self.document.get_line(row)))))
        elif event.chain == 2:
            words = _WORD.finditer(self.document.get_line(row))
            if word := next((word for word in words if word.start() <= column <= word.end()), None):
                self.selection = Selection((row, word.start()), (row, word.end()))
        elif event.chain > 2:
            self.select_line(row)

    async def _on_key(self, event: events.Key) -> None:
        """Take the keys that the text area, whose turn is next, would take otherwise."""
        if event.key in ("escape", "tab"):
            # These are bindings: the text area would leave for wherever, and replace what is selected.
            event.prevent_default()
        elif event.key == "enter" and not self.read_only:
            event.stop()
            event.prevent_default()
            self._restart_blink()
            self._replace_via_keyboard(f"\n{self._next_indentation()}", *self.selection)
        elif event.is_printable and event.character and not self.read_only:
            self.post_message(self.Typed(self, event.character))

    @override
    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        # Tab is a binding here, and so may be one of what lies around the text.
        return key != "tab" and super().check_consume_key(key, character)

    @override
    def edit(self, edit: Edit) -> EditResult:
        before = self.document.line_count
        result = super().edit(edit)
        if grown := self.document.line_count - before:
            # Until somebody looks anew, what is marked stays on its line.
            first = edit.top[0] + (edit.top[1] > 0)
            moved = {row + grown: marks for row, marks in self._marks.items() if row >= edit.bottom[0] and row >= first}
            self._marks = {row: marks for row, marks in self._marks.items() if row < first} | moved
        return result

    def go_to(self, line: int, column: int = 1) -> None:
        """Put the cursor on a line and column, both from 1; a line that is out of sight comes to the middle."""
        row = max(0, min(line - 1, self.document.line_count - 1))
        is_seen = 0 <= row - self.scroll_offset.y < self.scrollable_content_region.height
        self.move_cursor((row, max(0, min(column - 1, len(self.document.get_line(row))))), center=not is_seen)

    def change_to(self, text: str) -> None:
        """Let `text` be the text, as an edit that can be undone; the cursor stays on its line if that stays."""
        old, new = self.text.split("\n"), text.split("\n")
        if old == new:
            return
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        # Whole lines with the break before or behind them, so that lines can come and go at either end.
        if head:
            start, prefix = (head - 1, len(old[head - 1])), [""]
        else:
            start, prefix = (0, 0), []
        last = len(old) - tail - 1
        if head or not tail:
            end, suffix = (max(last, start[0]), len(old[max(last, start[0])])), []
        else:
            end, suffix = (last + 1, 0), [""]
        self.history.checkpoint()
        self.replace("\n".join([*prefix, *new[head : len(new) - tail], *suffix]), start, end)
        self.history.checkpoint()

    def edit_once(self, text: str, start: Location, end: Location) -> None:
        """Put `text` in the place of what stands there, as one step of undoing; the cursor goes behind it."""
        self.history.checkpoint()
        result = self.replace(text, start, end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
        self.history.checkpoint()

    def action_go_to_end(self, towards: int, select: bool = False) -> None:
        """Go to the start of the text, or to its end."""
        self.move_cursor(self.document.end if towards > 0 else (0, 0), select=select)

    def action_indent(self) -> None:
        """Indent the selected lines; without a selection, insert up to the next stop."""
        if self.selection.is_empty:
            self._replace_via_keyboard(" " * self._find_columns_to_next_tab_stop(), *self.selection)
        else:
            self._change_lines(lambda line: " " * self.indent_width + line if line.strip() else line)

    def action_dedent(self) -> None:
        """Take one step of indentation from the lines."""

        def dedented(line: str) -> str:
            return line[min(self.indent_width, len(line) - len(line.lstrip(" "))) :]

        self._change_lines(dedented)

    def action_comment(self) -> None:
        """Comment the lines out; if all are, bring them back."""
        first, last = self._selected_rows()
        lines = [self.document.get_line(row) for row in range(first, last + 1)]
        meant = [line for line in lines if line.strip()]
        if not meant:
            return
        if all(line.lstrip().startswith("#") for line in meant):
            self._change_lines(_without_comment)
            return
        column = min(len(line) - len(line.lstrip()) for line in meant)
        self._change_lines(lambda line: f"{line[:column]}# {line[column:]}" if line.strip() else line)

    def action_move_lines(self, by: int) -> None:
        """Let the lines change places with the one above or below."""
        first, last = self._selected_rows()
        if first + by < 0 or last + by >= self.document.line_count:
            return
        start, end = self.selection
        lines = [self.document.get_line(row) for row in range(min(first, first + by), max(last, last + by) + 1)]
        lines = [*lines[1:], lines[0]] if by > 0 else [lines[-1], *lines[:-1]]
        top, bottom = min(first, first + by), max(last, last + by)
        self.replace("\n".join(lines), (top, 0), (bottom, len(self.document.get_line(bottom))))
        self.selection = Selection((start[0] + by, start[1]), (end[0] + by, end[1]))

    def _change_lines(self, change: Callable[[str], str]) -> None:
        """Change each of the selected lines, in one step of undoing; the selection stays on its text."""
        first, last = self._selected_rows()
        start, end = self.selection
        old = [self.document.get_line(row) for row in range(first, last + 1)]
        new = [change(line) for line in old]
        if new == old:
            return
        self.replace("\n".join(new), (first, 0), (last, len(old[-1])))

        def moved(place: Location) -> Location:
            row, column = place
            if not first <= row <= last:
                return place
            return row, max(0, column + len(new[row - first]) - len(old[row - first])) if column else 0

        self.selection = Selection(moved(start), moved(end))

    def _selected_rows(self) -> tuple[int, int]:
        top, bottom = sorted(self.selection)
        # A selection that ends before the first letter of a line does not mean that line.
        last = bottom[0] - 1 if bottom[1] == 0 and bottom[0] > top[0] else bottom[0]
        return top[0], last

    def _next_indentation(self) -> str:
        """What a line begins with that is opened here: as much as this one, more behind a colon."""
        row, column = min(self.selection)
        before = self.document.get_line(row)[:column]
        indentation = before[: len(before) - len(before.lstrip())]
        code = before.split(" #")[0].rstrip()
        return indentation + (" " * self.indent_width if code.endswith((":", "(", "[", "{")) else "")

    def _line_at(self, y: int) -> int:
        offset = y + self.scroll_offset.y
        return offset if offset < self.document.line_count else -1

    def _ink(self, component: str) -> Style:
        """A component's style on whatever ground the line has; a colour that lets its ground through is mixed."""
        whole = self.get_component_rich_style(component)
        return Style(color=whole.color, bold=whole.bold, italic=whole.italic, underline=whole.underline)

    def _take_colours(self) -> None:
        styles = {name: self._ink(f"code--{colour}") for name, colour in _SYNTAX.items()}
        for name in ("keyword.function", "keyword.operator", "keyword.return", "function.call", "method.call",
                     "type.builtin", "type.definition", "attribute.builtin"):  # fmt: skip
            styles[name] = styles[name.split(".")[0]]
        self.register_theme(TextAreaTheme(name="ours", syntax_styles=styles))
        self.theme = "css"
        self.theme = "ours"
        self._line_cache.clear()


def _without_comment(line: str) -> str:
    stripped = line.lstrip()
    if not stripped.startswith("#"):
        return line
    return line[: len(line) - len(stripped)] + stripped[1:].removeprefix(" ")
