"""The first line of the screen: whose project this is, which places there are, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.places import PLACES, PlaceKind
from flowerpower_tui.tui.recent import home_relative
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.link_meter import LinkMeter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.runs.store import RunInfo


class PlaceTab(Static):
    """A place's digit and name; a click goes there."""

    def __init__(self, kind: PlaceKind, *, is_here: bool) -> None:
        super().__init__(
            Content.assemble((kind.key, "bold" if is_here else "$text-primary"), f" {kind.title}"),
            classes="-here" if is_here else "",
        )
        self._place = kind.name

    async def on_click(self) -> None:
        """Go there."""
        await self.run_action(f"app.go('{self._place}')")


class TitleBar(Horizontal):
    """Names the project at the left, then the places, and the live runs at the right."""

    DEFAULT_CSS = """
    TitleBar {
        height: 1;
        background: $surface;
        padding: 0 1;
        & > Static { width: auto; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #project-name { max-width: 40%; margin-right: 2; }
        & > PlaceTab { padding: 0 1; color: $text-muted; }
        & > PlaceTab.-here { background: $primary 30%; color: $foreground; text-style: bold; }
        & > #project-path { width: 1fr; margin: 0 1; color: $foreground-muted; }
    }
    """

    def __init__(self, root: Path, place: str) -> None:
        super().__init__()
        self._root = root
        self._place = place

    def compose(self) -> ComposeResult:
        """Name, places, path, link, runs."""
        name = Content.assemble(("✿ ", "$text-primary bold"), (one_line(self._root.name), "bold"))
        yield Static(name, id="project-name")
        for kind in PLACES:
            yield PlaceTab(kind, is_here=kind.name == self._place)
        yield Static(Content(one_line(home_relative(self._root))), id="project-path")
        yield LinkMeter()
        yield Static(id="live-runs")

    def show_live(self, runs: Sequence[RunInfo]) -> None:
        """Name the runs that are under way."""
        mark = look("running")
        names = ", ".join(one_line(run.pipeline) for run in runs)
        self.query_one("#live-runs", Static).update(
            Content.assemble((f"{mark.glyph} {names}", f"${mark.variable}")) if names else Content("")
        )
