"""Removing old runs: how many would go is said while one says how many to keep; only then they go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, Input, Static

from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.run_work import SurplusFound, find_surplus, prune
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.retention import Retention
    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.run_work import Pruned


class Prune(Modal[None]):
    """A panel over the runs."""

    CSS_PATH = "prune.tcss"

    BINDINGS: ClassVar = [Binding("escape", "dismiss", "Close", key_display="esc")]

    def __init__(self, runs: Sequence[RunDirectory], retention: Retention) -> None:
        super().__init__()
        self._runs = runs
        self._retention = retention
        self._found: SurplusFound | None = None

    def compose(self) -> ComposeResult:
        """The number to keep, and what that means."""
        with Vertical(id="pruning"):
            yield Static(Content("Remove this project's old runs"), id="pruning-title")
            yield Static(Content("How many of the newest runs shall stay? One that goes on is never touched."))
            yield Input(str(self._retention.runs), type="integer", compact=True, id="keep")
            yield Static(id="means")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Keys go to the number."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find out what this number means."""
        self._found = None
        if event.value.isdigit():
            find_surplus(self._runs, replace(self._retention, runs=int(event.value)), self)
        self._say("…" if event.value.isdigit() else "This is no number of runs.")

    def on_surplus_found(self, event: SurplusFound) -> None:
        """Say what would go."""
        if event.retention.runs != self._wanted:
            return
        self._found = event
        if event.runs:
            count = len(event.runs)
            self._say(
                f"{count:,} of {len(self._runs):,} runs would go, {event.size / 1e6:.1f} MB. enter removes them; "
                "there is no way back."
            )
        else:
            self._say(f"Nothing would go: there are {len(self._runs):,} runs.")

    def on_input_submitted(self) -> None:
        """Remove what was said to go."""
        if self._found is not None and self._found.runs:
            self._say("Removing…")
            prune(self._found.runs, self)

    def on_pruned(self, event: Pruned) -> None:
        """Say what is gone."""
        self.app.notify(f"{event.count:,} runs removed", timeout=4)
        self.dismiss()

    def on_troubled(self, event: Troubled) -> None:
        """Say why not."""
        self._say(sanitise(str(event.error)))

    @property
    def _wanted(self) -> int | None:
        text = self.query_one(Input).value
        return int(text) if text.isdigit() else None

    def _say(self, text: str) -> None:
        self.query_one("#means", Static).update(Content(text))
