"""What is wrong in the text that is edited, in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual import events

    from flowerpower_tui.assist.diagnostic import Diagnostic, Severity
    from flowerpower_tui.tui.widgets.cursor_view import Piece

SEVERITIES: dict[Severity, tuple[str, str]] = {
    "error": ("✗", "text-error"),
    "warning": ("!", "text-warning"),
    "hint": ("·", "text-accent"),
}
"""How each is shown: a sign, and the theme variable of its colour."""


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """Return how many there are of each severity: `2 errors, 1 warning`; empty if there are none."""
    counts = {severity: sum(one.severity == severity for one in diagnostics) for severity in SEVERITIES}
    return ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)


def problem_content(diagnostic: Diagnostic, fix_key: str = "") -> Content:
    """Return all that is to be said of a problem; `fix_key` mends it, if an edit is known."""
    sign, colour = SEVERITIES[diagnostic.severity]
    parts = [Content(f"{sign} {diagnostic.message}").stylize(f"${colour}")]
    parts += [Content(diagnostic.hint).stylize("$text-muted")] if diagnostic.hint else []
    parts += [mending(diagnostic, fix_key)] if diagnostic.fix is not None and fix_key else []
    return Content("\n").join(parts)


def mending(diagnostic: Diagnostic, fix_key: str) -> Content:
    """Return what the edit does that mends a problem."""
    text = diagnostic.fix.text if diagnostic.fix is not None else ""
    what = "takes it out" if not text else f"writes {text}" if text.strip() else "indents it with spaces"
    return Content(one_line(f"{fix_key} {what}")).stylize("$text-primary")


class ProblemList(CursorView):
    """A row a problem, in the order of the text; enter goes to its place."""

    BINDINGS: ClassVar = [
        Binding("escape", "leave", "Text", tooltip="Back to the text", id="problems.leave"),
    ]

    DEFAULT_CSS = """
    ProblemList { height: auto; max-height: 7; background: $surface; display: none; }
    ProblemList.-shown { display: block; }
    """

    @dataclass
    class Left(Message):
        """Somebody wants to go back to the text."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.diagnostics: Sequence[Diagnostic] = ()

    def show(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Show these; the cursor stays on its row."""
        if diagnostics != self.diagnostics:
            self.diagnostics = diagnostics
            self.rows_changed(max((cell_len(_text(one)) + 12 for one in diagnostics), default=0))
            self.styles.height = max(1, len(diagnostics))

    def line_count(self) -> int:
        """One more than none: that nothing is wrong is said."""
        return max(1, len(self.diagnostics))

    def pieces(self, index: int) -> Iterator[Piece]:
        """Sign, place, message, what to do."""
        if not self.diagnostics:
            yield " Nothing is wrong here.", "text-muted"
            return
        diagnostic = self.diagnostics[index]
        sign, colour = SEVERITIES[diagnostic.severity]
        yield f" {sign} ", colour
        yield f"{diagnostic.span.line:>4}  ", "text-muted"
        yield diagnostic.message, ""
        if diagnostic.hint:
            yield f"  {diagnostic.hint}", "text-muted"

    def on_click(self, event: events.Click) -> None:
        """One click goes to a problem."""
        offset = event.get_content_offset(self)
        row = offset.y + self.scroll_offset.y if offset is not None else len(self.diagnostics)
        if event.chain == 1 and row < len(self.diagnostics):
            self.cursor = row
            self.action_open()

    def action_leave(self) -> None:
        """Back to the text."""
        self.post_message(self.Left())


def _text(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.message}  {diagnostic.hint}"
