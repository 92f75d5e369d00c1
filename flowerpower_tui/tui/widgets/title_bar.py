"""The first line of the screen: whose project this is, and what runs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.runs.store import RunInfo


class TitleBar(Horizontal):
    """Names the project at the left and its live runs at the right."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        background: $surface;
        padding: 0 1;
        & > #project-name { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #live-runs { width: auto; }
    }
    """

    def __init__(self, name: str, root: Path) -> None:
        super().__init__()
        self._project = name
        self._root = root

    def compose(self) -> ComposeResult:
        """Two texts."""
        yield Static(
            Content.assemble(
                ("✿ fp-tui  ", "$text-primary bold"),
                (one_line(self._project), "bold"),
                (f"  {one_line(_home_relative(self._root))}", "$foreground-muted"),
            ),
            id="project-name",
        )
        yield Static(id="live-runs")

    def show_live(self, runs: Sequence[RunInfo]) -> None:
        """Name the runs that are under way."""
        mark = look("running")
        names = ", ".join(one_line(run.pipeline) for run in runs)
        self.query_one("#live-runs", Static).update(
            Content.assemble((f"{mark.glyph} {names}", f"${mark.variable}")) if names else Content("")
        )


def _home_relative(path: Path) -> str:
    try:
        return f"~/{path.relative_to(path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
