"""The first line of the screen: whose project this is, which places there are, and what runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.places import PLACES, ROOM_FOR_NAMES, PlaceKind
from flowerpower_tui.tui.recent import home_relative
from flowerpower_tui.tui.states import look
from flowerpower_tui.tui.widgets.link_meter import LinkMeter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.events import Resize

    from flowerpower_tui.runs.store import RunInfo


class PlaceTab(Static):
    """A place's digit and, where there is room for it, name; a click goes there."""

    def __init__(self, kind: PlaceKind, *, is_here: bool) -> None:
        super().__init__(classes="-here" if is_here else "")
        self._kind = kind
        self._is_here = is_here

    def show(self, *, names: bool) -> None:
        """Show the digit, and the name if there is room for `names`, or if this is where one is."""
        digit = (self._kind.key, "bold" if self._is_here else "$text-primary")
        self.update(Content.assemble(digit, f" {self._kind.title}" if names or self._is_here else ""))

    async def on_click(self) -> None:
        """Go there."""
        await self.run_action(f"app.go('{self._kind.name}')")


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

    def on_mount(self) -> None:
        """Be as wide as the screen from the first picture on."""
        self._fit(self.app.size.width)

    def on_resize(self, event: Resize) -> None:
        """There may be room for names, or none any more."""
        self._fit(event.size.width)

    def show_live(self, runs: Sequence[RunInfo]) -> None:
        """Name the runs that are under way."""
        mark = look("running")
        names = ", ".join(one_line(run.pipeline) for run in runs)
        self.query_one("#live-runs", Static).update(
            Content.assemble((f"{mark.glyph} {names}", f"${mark.variable}")) if names else Content("")
        )

    def _fit(self, width: int) -> None:
        for tab in self.query(PlaceTab):
            tab.show(names=width >= ROOM_FOR_NAMES)
