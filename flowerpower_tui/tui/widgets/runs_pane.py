"""The list of runs with the line that filters it, and a word where there is nothing to list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from flowerpower_tui.runs.runfilter import RunFilter
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.pane import Pane
from flowerpower_tui.tui.widgets.run_list import RunList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.runs.store import RunInfo

_HINT = "sales state:failed,crashed since:2d !nightly"
# What one key leads through.
_STATES = ("", "state:live", "state:failed,crashed,lost", "state:succeeded", "state:cancelled")
_NOTHING_YET = "Nothing has run in this project yet.\n\nGo to the project with 1, choose a pipeline, and press r."
_NOTHING_LIKE_THAT = "No run is like that.\n\nesc shows all of them, / changes the filter."


class RunsPane(Pane):
    """Runs, as far as they are wanted.

    Attributes:
        list: the runs themselves.
    """

    DEFAULT_CSS = """
    RunsPane {
        & > RunList { height: 1fr; }
        & > #no-runs { padding: 1 2; color: $text-muted; display: none; }
        & > #filter { height: 1; padding: 0 1; background: $panel; display: none; }
        & > #filter:focus { background: $primary 30%; }
        & > #no-runs.-shown, & > #filter.-shown { display: block; }
    }
    """

    class Changed(Message):
        """Other runs are listed now."""

    def __init__(self, *, id: str | None = None) -> None:
        self.list = RunList(id="runs")
        self._filter = Input(placeholder=_HINT, select_on_focus=False, compact=True, id="filter")
        super().__init__("Runs", self._filter, Static(id="no-runs"), self.list, id=id)
        self._runs: Sequence[RunInfo] | None = None

    def on_mount(self) -> None:
        """Say that runs are looked for."""
        self.tell()

    def show(self, runs: Sequence[RunInfo]) -> None:
        """Show runs that come newest first."""
        self._runs = runs
        self.list.show(runs)
        self.tell()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        self.list.filter(RunFilter.parse(event.value))
        self.tell()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what the filter has left."""
        event.stop()
        self.list.focus()
        self._hide_if_empty()

    def ask(self) -> None:
        """Ask for a filter."""
        asked = self._filter
        asked.add_class("-shown")
        asked.cursor_position = len(asked.value)
        asked.focus()

    def next_state(self) -> None:
        """Show only the runs in the next state; then all again."""
        words = self._filter.value.split()
        present = next((word for word in words if word.startswith("state:")), "")
        place = _STATES.index(present) if present in _STATES else 0
        words = [word for word in words if not word.startswith("state:")]
        self._filter.value = " ".join([*words, _STATES[(place + 1) % len(_STATES)]]).strip()
        self._filter.add_class("-shown")
        self._hide_if_empty()

    def mark(self, run: RunInfo) -> RunInfo | None:
        """Mark a run, or take its mark away; if another is marked, leave that, and return it."""
        marked = next((other for other in self._runs or () if other.id == self.list.marked), None)
        if marked is not None and marked.id != run.id:
            return marked
        self.list.mark("" if marked else run.id)
        self.tell()
        return None

    def unmark(self) -> None:
        """Have no run marked any more."""
        self.list.mark("")
        self.tell()

    def leave(self) -> None:
        """Leave the line; else the mark; else the filter."""
        if self._filter.has_focus:
            self.list.focus()
        elif self.list.marked:
            self.list.mark("")
        else:
            self._filter.value = ""
        self._hide_if_empty()
        self.tell()

    def tell(self) -> None:
        """Say how many runs there are, what is marked, what of the filter is unclear."""
        runs, shown = self._runs, self.list.shown
        wanted = RunFilter.parse(self._filter.value)
        parts = []
        if wanted.unclear:
            parts.append(f"unclear: {one_line(' '.join(wanted.unclear))}")
        if self.list.marked:
            parts.append("● marked, m on another one")
        if runs is not None:
            parts.append(f"{len(shown):,} of {len(runs):,}" if wanted.text else f"{len(runs):,}")
        self.retitle("Runs", "  ".join(parts))
        said = "Looking for runs…" if runs is None else "" if shown else _NOTHING_LIKE_THAT if runs else _NOTHING_YET
        nothing = self.query_one("#no-runs", Static)
        nothing.update(Content(said))
        nothing.set_class(bool(said), "-shown")
        self.list.display = runs is None or bool(runs)
        self.post_message(self.Changed())

    def _hide_if_empty(self) -> None:
        if not self._filter.value and not self._filter.has_focus:
            self._filter.remove_class("-shown")
