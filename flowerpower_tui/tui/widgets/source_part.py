"""A file at a line, in the place of something that led there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.spots import EDIT_KEYS, How, Spot, SpotWanted
from flowerpower_tui.tui.widgets.source_view import SourceView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.tui.background import Troubled
    from flowerpower_tui.tui.backstage import SourceRead
    from flowerpower_tui.tui.session import Session


class SourcePart(Vertical):
    """Which file it is, and its text.

    Attributes:
        spot: what is shown, or about to be; None for nothing.
    """

    BINDINGS: ClassVar = [*EDIT_KEYS]

    DEFAULT_CSS = """
    SourcePart {
        & > #source-path { height: 1; padding: 0 1; background: $surface; color: $text-accent; }
        & > SourceView { height: 1fr; }
    }
    """

    class Read(Message):
        """The file is there, and can be looked at."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self.spot: Spot | None = None

    def compose(self) -> ComposeResult:
        """Path and text."""
        yield Static(id="source-path")
        yield SourceView()

    def open(self, spot: Spot) -> None:
        """Read a file, and tell when it can be looked at; what cannot be read is said at once."""
        self.spot = spot
        self._session.backstage.read_source(spot.path, spot.line, to=self)

    def close(self) -> None:
        """Show nothing more."""
        self.spot = None

    def on_source_read(self, event: SourceRead) -> None:
        """Show the file, if it is still wanted."""
        event.stop()
        if self.spot is not None and event.path == self.spot.path:
            self.query_one("#source-path", Static).update(Content(f"{self._place(self.spot)}   esc: back"))
            self.query_one(SourceView).show(event.lines, marked=event.marked)
            self.post_message(self.Read())

    def on_troubled(self, event: Troubled) -> None:
        """Say why the file cannot be shown."""
        event.stop()
        self.spot = None
        self.notify(sanitise(str(event.error)), severity="error", timeout=6, markup=False)

    def action_spot(self, how: How) -> None:
        """Ask for the file to be edited."""
        if self.spot is not None:
            self.post_message(SpotWanted(self.spot, how))

    def _place(self, spot: Spot) -> str:
        root = self._session.root
        path = one_line(str(spot.path.relative_to(root) if spot.path.is_relative_to(root) else spot.path))
        return f"{path}:{spot.line}" if spot.line else path
