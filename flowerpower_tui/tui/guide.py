"""Who shows around: at most one tour of the application at a time, and who comes for the first time is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.widgets.tour_card import Tour

# Counted among the hints, as if it were a key.
_OFFERED = "app.tour"


class Guide:
    """The application's tour, while there is one."""

    def __init__(self, app: FlowerPowerApp) -> None:
        self._app = app
        self._tour: Tour | None = None

    @property
    def is_there(self) -> bool:
        """Whether somebody is shown around, or asked whether they want to be."""
        return self._tour is not None

    def offer(self) -> None:
        """Ask whether to show around. Once: whoever does not want it now finds it in the palette."""
        if not self._app.hints.counts[_OFFERED]:
            self._app.hints.used(_OFFERED)
            self._start(-1)

    def begin(self) -> None:
        """Show around from the first step on."""
        self._start(0)

    def follow(self) -> None:
        """Say on the screen that is shown now what is to be said."""
        if self._tour is not None:
            self._tour.show()

    def saw(self, action: str) -> None:
        """Take note of what is done: it may be what the tour waits for."""
        if self._tour is not None and self._tour.saw(action):
            self._tour = None

    def go_on(self) -> None:
        """Go to the next step."""
        if self._tour is not None and self._tour.go_on():
            self._tour = None

    def end(self) -> None:
        """Leave the tour, or do not begin it."""
        if self._tour is not None:
            self._tour.end()
            self._tour = None

    def _start(self, step: int) -> None:
        # Rarely needed, so it does not weigh on every start.
        from flowerpower_tui.tui.widgets.tour_card import Tour

        self.end()
        self._tour = Tour(self._app, step)
        self._tour.show()
