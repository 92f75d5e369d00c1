"""An open file: its text, what is wrong in it, what could stand in it, and above it what is to be decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import Static, TextArea
from typing_extensions import override

from flowerpower_tui.assist.form import with_value
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.assistant import Role
from flowerpower_tui.tui.buffer import Buffer
from flowerpower_tui.tui.widgets.code_area import CodeArea, Mark
from flowerpower_tui.tui.widgets.completion_popup import CompletionPopup
from flowerpower_tui.tui.widgets.help_note import HelpNote
from flowerpower_tui.yamldoc.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.assist.diagnostic import Diagnostic
    from flowerpower_tui.config.keys import KeyPath
    from flowerpower_tui.tui.assistant import Completed

_WORST = ("error", "warning", "hint")


class Page(Vertical):
    """Shows one file for editing.

    Attributes:
        buffer: what the file held when it was read or saved last.
        role: what the file is in its project.
        is_saving: a save is under way.
        failures: what a run failed by in this file.
    """

    # They come before the text's own keys, and are there only while the list is.
    BINDINGS: ClassVar = [
        Binding("down", "completion_step(1)", "Next", show=False, priority=True,
                tooltip="The next completion", id="completion.next"),
        Binding("up", "completion_step(-1)", "Before", show=False, priority=True,
                tooltip="The completion before", id="completion.before"),
        Binding("pagedown", "completion_page(1)", "Page down", show=False, priority=True,
                tooltip="Completions further down", id="completion.page-down"),
        Binding("pageup", "completion_page(-1)", "Page up", show=False, priority=True,
                tooltip="Completions further up", id="completion.page-up"),
        Binding("enter,tab", "completion_take", "Take", show=False, priority=True,
                tooltip="Write the completion", id="completion.take"),
        Binding("escape", "close_popups", "Close", show=False, priority=True,
                tooltip="Close completions and help", id="completion.close"),
    ]  # fmt: skip

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

    @dataclass
    class CompletionWanted(Message):
        """What could stand at the cursor is wanted: by somebody's word, or because of what was typed."""

        page: Page
        asked: bool
        rest: float = 0.0

    def __init__(self, buffer: Buffer, role: Role | None = None) -> None:
        super().__init__()
        self.buffer = buffer
        self.role = role or Role()
        self.is_saving = False
        self.failures: Sequence[Diagnostic] = ()
        self._banner = Static(classes="page--banner")
        self.area = CodeArea(buffer.text, buffer.path)
        self._popup = CompletionPopup()
        self._note = HelpNote()
        self._diagnostics: Sequence[Diagnostic] = ()
        self._diagnosed = ""
        self._completed: Completed | None = None

    def compose(self) -> ComposeResult:
        """The banner over the text; over that what comes and goes."""
        yield self._banner
        yield self.area
        yield self._popup
        yield self._note

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

    @property
    def cursor(self) -> tuple[int, int]:
        """Line and column of the cursor, from 1."""
        row, column = self.area.cursor_location
        return row + 1, column + 1

    @property
    def diagnostics(self) -> Sequence[Diagnostic]:
        """What is wrong in the text, in its order."""
        return self._diagnostics

    @diagnostics.setter
    def diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        self._diagnostics = diagnostics
        self._diagnosed = self.area.text
        marks: dict[int, list[Mark]] = {}
        for one in diagnostics:
            for line in range(one.span.line, one.span.end_line + 1):
                start = one.span.column - 1 if line == one.span.line else 0
                end = one.span.end_column - 1 if line == one.span.end_line else 1_000
                marks.setdefault(line - 1, []).append(Mark(start, max(end, start + 1), one.severity))
        self.area.marks = marks

    @property
    def problems(self) -> Sequence[Diagnostic]:
        """What is wrong in the text, and what a run failed by in it, in its order."""
        return sorted([*self._diagnostics, *self.failures], key=lambda one: one.span)

    @property
    def is_diagnosed(self) -> bool:
        """Whether what is wrong is known of the text as it is now; if not, it soon is."""
        return self.area.text == self._diagnosed

    @property
    def diagnostic(self) -> Diagnostic | None:
        """What is wrong where the cursor is, or failed there: under it, else the worst on its line."""
        line, column = self.cursor
        here = [one for one in self.problems if one.span.line <= line <= one.span.end_line]
        under = [one for one in here if (line, column) in one.span]
        return min(under or here, key=lambda one: _WORST.index(one.severity), default=None)

    def take(self, buffer: Buffer, text: str | None = None) -> None:
        """Let the file be what `buffer` says, and its text that, or `text`; typing can be undone still."""
        self.buffer = buffer
        self.area.change_to(buffer.text if text is None else text)
        self.post_message(self.Changed(self))

    def say(self, what: str) -> None:
        """Say something above the text; nothing takes it away."""
        self._banner.update(Content(one_line(what)))
        self._banner.set_class(bool(what), "-shown")

    def go_to_problem(self, by: int) -> Diagnostic | None:
        """Put the cursor on the next problem, or the one before, around the ends; return it."""
        problems = self.problems
        places = [(one.span.line, one.span.column) for one in problems]
        if not places:
            return None
        if by > 0:
            index = next((index for index, place in enumerate(places) if place > self.cursor), 0)
        else:
            index = next((index for index in reversed(range(len(places))) if places[index] < self.cursor), -1)
        self.area.go_to(*places[index])
        return problems[index]

    def mend(self) -> bool:
        """Make the edit that mends what is wrong under the cursor; return whether there was one.

        An edit that was found for another text than the one that stands here now would damage this one.
        """
        fix = self.diagnostic.fix if self.diagnostic is not None and self.is_diagnosed else None
        if fix is None:
            return False
        span = fix.span
        self.area.edit_once(fix.text, (span.line - 1, span.column - 1), (span.end_line - 1, span.end_column - 1))
        return True

    def set_value(self, path: KeyPath, text: str | None) -> None:
        """Let the value at `path` of this YAML be what `text` is, in one step of undoing; None takes the key out.

        Raises:
            ConfigError: the text is no YAML, or the value nothing that the key takes.
            EditError: the edit cannot be made without changing more.
        """
        kind = self.role.yaml
        if kind is None:
            return
        document = Document.parse(self.area.text, str(self.path))
        edited = document.delete(path) if text is None else with_value(document, kind, path, text)
        self.area.change_to(edited.text)

    def complete(self, completed: Completed) -> bool:
        """Show what could stand at the cursor, if it is there still; return whether there is something."""
        items = completed.found.items
        if completed.cursor != self.cursor or completed.subject.text != self.area.text or not self.area.has_focus:
            return True
        word = self._word(completed)
        if not items or (not completed.asked and [item.text.strip() for item in items] == [word.strip()]):
            self.close_popups()
            return bool(items)
        self._note.close()
        self._completed = completed
        # The names stand below the word that they would replace.
        at = self.area.cursor_screen_offset - (completed.cursor[1] - completed.found.span.column + 1, 0)
        self._popup.open(items, Offset(max(0, at.x), at.y))
        return True

    def explain(self, content: Content) -> None:
        """Show help at the cursor, until something happens."""
        self.close_popups()
        self._note.open(content, self.area.cursor_screen_offset)

    def close_popups(self) -> None:
        """Show only the text."""
        self._popup.close()
        self._note.close()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The list has keys while it is shown; what is written already needs none."""
        if action == "close_popups":
            return self._popup.is_open or self._note.is_open
        if action == "completion_take":
            return self._popup.chosen is not None and not self._is_written
        return self._popup.is_open if action.startswith("completion_") else True

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell that something was typed."""
        event.stop()
        self.post_message(self.Changed(self))

    def on_text_area_selection_changed(self) -> None:
        """The list follows the word that is typed; help goes."""
        self._note.close()
        if not self._popup.is_open or self._completed is None:
            return
        line, column = self.cursor
        span = self._completed.found.span
        if line == span.line and column >= span.column and self.area.selection.is_empty:
            self.post_message(self.CompletionWanted(self, asked=False))
        else:
            self._popup.close()

    def on_code_area_typed(self, event: CodeArea.Typed) -> None:
        """A word is being written: soon, ask what it could become."""
        event.stop()
        row, column = self.area.cursor_location
        before = self.area.document.get_line(row)[:column]
        if self._popup.is_open:
            return
        if before.endswith("${") or (event.character.isalpha() and before[-1:].isalpha()):
            self.post_message(self.CompletionWanted(self, asked=False, rest=0.25))

    def on_completion_popup_clicked(self, event: CompletionPopup.Clicked) -> None:
        """Take it."""
        event.stop()
        self.action_completion_take()

    def on_descendant_blur(self) -> None:
        """Whoever leaves the text needs no help with it."""
        self.close_popups()

    def action_completion_step(self, by: int) -> None:
        """Highlight another completion."""
        self._popup.step(by)

    def action_completion_page(self, by: int) -> None:
        """Highlight one that is further away."""
        self._popup.page(by)

    def action_close_popups(self) -> None:
        """Show only the text."""
        self.close_popups()

    def action_completion_take(self) -> None:
        """Write the completion in place of what was typed of it."""
        chosen, completed = self._popup.chosen, self._completed
        if chosen is None or completed is None:
            return
        self.close_popups()
        row, column = self.area.cursor_location
        span = completed.found.span
        # Whoever is quick has typed more of it since.
        end = max(column, span.end_column - 1 + column + 1 - completed.cursor[1])
        self.area.edit_once(chosen.text, (row, span.column - 1), (row, min(end, len(self.area.document.get_line(row)))))
        if chosen.text.endswith(": "):
            self.post_message(self.CompletionWanted(self, asked=False))

    @property
    def _is_written(self) -> bool:
        """Whether the highlighted completion is what stands there already: then enter is a new line."""
        chosen, completed = self._popup.chosen, self._completed
        return chosen is not None and completed is not None and self._word(completed) == chosen.text.strip()

    def _word(self, completed: Completed) -> str:
        line = self.area.document.get_line(completed.cursor[0] - 1)
        return line[completed.found.span.column - 1 : self.area.cursor_location[1]].strip()
