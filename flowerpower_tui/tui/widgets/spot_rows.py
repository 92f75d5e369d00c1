"""Rows that lead to places in files."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from typing_extensions import override

from flowerpower_tui.tui.spots import EDIT_KEYS, How, Spot, SpotWanted
from flowerpower_tui.tui.widgets.cursor_view import CursorView


class SpotRows(CursorView):
    """Enter shows the place, other keys edit it."""

    BINDINGS: ClassVar = [
        Binding("enter", "spot('look')", "Source", tooltip="Show the file at that line", id="spot.look"),
        *EDIT_KEYS,
    ]

    @property
    def spot(self) -> Spot | None:
        """The place that the row under the cursor leads to."""
        raise NotImplementedError

    @override
    def action_open(self) -> None:
        """Ask for the place, as a second click does."""
        self.action_spot("look")

    def action_spot(self, how: How) -> None:
        """Ask for the place to be shown, or edited."""
        if self.spot is not None:
            self.post_message(SpotWanted(self.spot, how))
