"""A run in a line: how it stands, what it is, when it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.when import ago, clock

if TYPE_CHECKING:
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.view import RunView


class RunHead(Static):
    """The headline of the run that is looked at; at rest nothing is drawn until it would say something else."""

    DEFAULT_CSS = """
    RunHead { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def show(self, run: RunDirectory | None, view: RunView, past: RunView | None = None) -> None:
        """Say which run it is and how it stands now; see `headline`."""
        words = headline(run, view, past)
        if words != self.content:
            # As high and as wide as before: nothing has to be laid out anew for a clock that goes on.
            self.update(words, layout=False)


def headline(run: RunDirectory | None, view: RunView, past: RunView | None = None) -> Content:
    """Return a run's headline; `past` is how it stood at the moment that is replayed, None at its end."""
    if run is None:
        return Content()
    now = datetime.now(UTC)
    # What it came to says nothing about how it stood then.
    state = (past or view).state
    mark = look(state)
    parts: list[Content] = [
        Content.assemble((f"{mark.glyph} {state}", f"${mark.variable} bold")),
        Content(one_line(view.pipeline or run.id)).stylize("bold"),
    ]
    if past is not None:
        parts.append(Content("as it was then").stylize("$text-warning"))
    elapsed = view.elapsed(now) if past is None else None
    if elapsed is not None:
        parts.append(Content(spoken_time(elapsed)))
    if view.attempt > 1:
        parts.append(Content(f"attempt {(past or view).attempt} of {view.attempts}").stylize("$text-warning"))
    if past is None and view.signal:
        parts.append(Content(f"by {one_line(view.signal)}").stylize("$text-error"))
    elif past is None and view.exit_code:
        parts.append(Content(f"exit code {view.exit_code}").stylize("$text-muted"))
    if view.started is not None:
        parts.append(Content(f"{clock(view.started, now)}, {ago(view.started, now)}").stylize("$text-muted"))
    parts.append(Content(one_line(run.id)).stylize("$text-disabled"))
    return Content("  ").join(parts)
