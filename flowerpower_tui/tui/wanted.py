"""What one place asks another to show: that place is gone to, and takes what is wanted once it can show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.signal import Signal

if TYPE_CHECKING:
    from textual.app import App

T = TypeVar("T")


class Wanted(Generic[T]):
    """What a place shall show. It may not be made yet when it is asked, nor know yet what is meant.

    Args:
        app: goes to the place.
        place: its name in `places.PLACES`.

    Attributes:
        asked: there is something more to show.
    """

    def __init__(self, app: App[int], place: str) -> None:
        self.asked: Signal[None] = Signal(app, f"wanted-in-{place}")
        self._app = app
        self._place = place
        self._things: list[T] = []

    @property
    def newest(self) -> T | None:
        """What was asked for last and is not shown yet."""
        return self._things[-1] if self._things else None

    def ask(self, thing: T) -> None:
        """Go to the place, and have it show this."""
        self._things.append(thing)
        self._app.call_later(self._app.run_action, f"go('{self._place}')")
        self.asked.publish(None)

    def take(self) -> list[T]:
        """Return what is wanted, the newest last: it is shown now."""
        things, self._things = self._things, []
        return things
