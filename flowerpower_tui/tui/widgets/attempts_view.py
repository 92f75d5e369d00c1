"""The attempts of a run: how each ended, why, and how long was waited for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowerpower_tui.runs.timeline import Attempt
    from flowerpower_tui.tui.widgets.cursor_view import Piece


class AttemptsView(CursorView):
    """Three rows an attempt: how it ended; its failure; what came then."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.attempts: Sequence[Attempt] = ()
        self._lines: list[list[Piece]] = []

    def show(self, attempts: Sequence[Attempt]) -> None:
        """Show attempts as they stand."""
        self.attempts = attempts
        self._lines = [line for attempt in attempts for line in _told(attempt)]
        self.rows_changed()

    def line_count(self) -> int:
        """All rows."""
        return len(self._lines)

    def pieces(self, index: int) -> Iterator[Piece]:
        """A row."""
        yield from self._lines[index]


def _told(attempt: Attempt) -> Iterator[list[Piece]]:
    mark = look(attempt.state)
    head: list[Piece] = [(f" {mark.glyph} ", mark.variable), (f"attempt {attempt.number} of {attempt.of}", "strong")]
    head.append((f"  {attempt.state}", mark.variable))
    if attempt.end is not None:
        head.append((f" after {spoken_time(max(0.0, attempt.end - attempt.start))}", "text-muted"))
    counts: dict[str, int] = {}
    for run in attempt.nodes.values():
        counts[run.state] = counts.get(run.state, 0) + 1
    told = ", ".join(f"{count} {state}" for state, count in counts.items())
    head.append((f"  nodes: {told}" if told else "", "text-muted"))
    head.append((f"  began {spoken_time(attempt.start)} into the run" if attempt.number > 1 else "", "text-disabled"))
    yield head
    if attempt.failure is not None:
        failed = next((name for name, run in attempt.nodes.items() if run.failure == attempt.failure), "")
        where = f"{one_line(failed)}: " if failed else ""
        message = one_line(attempt.failure.message.split("\n", 1)[0])
        yield [("     ", ""), (where, "text-primary"), (f"{one_line(attempt.failure.type)}: {message}", "text-error")]
    if attempt.retry_in is not None:
        yield [("     ", ""), (f"tried again after {spoken_time(attempt.retry_in)}", "text-warning")]
    elif attempt.state == "failed":
        yield [("     ", ""), ("not tried again", "text-muted")]
