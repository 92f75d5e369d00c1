"""The places of the interface: each a screen of its own over the one session, reached by a digit from everywhere."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.tui.screens.place import Place
    from flowerpower_tui.tui.session import Session

_SCREENS = "flowerpower_tui.tui.screens"


@dataclass(frozen=True)
class PlaceKind:
    """A place that there is.

    Attributes:
        name: what it is called in code: the name of its mode.
        key: the digit that leads there.
        title: what the title bar calls it.
        screen: its module in `tui.screens`, and its class there.
    """

    name: str
    key: str
    title: str
    screen: str

    @property
    def kind(self) -> type[Place]:
        """The class of its screen: imported when it is first gone to, so that no place weighs on the start."""
        module, _, name = self.screen.partition(":")
        found: type[Place] = getattr(import_module(f"{_SCREENS}.{module}"), name)
        return found

    def make(self, session: Session) -> Place:
        """Make its screen."""
        return self.kind(session)


PLACES: tuple[PlaceKind, ...] = (
    PlaceKind("project", "1", "Project", "workspace:Workspace"),
    PlaceKind("dag", "2", "DAG", "dag:DagPlace"),
    PlaceKind("runs", "3", "Runs", "runs:Runs"),
    PlaceKind("edit", "4", "Edit", "editor:Editor"),
)
"""In the order of their digits. A new place is a screen, and an entry here."""

ROOM_FOR_NAMES = 64
"""Columns in which the places' names leave room for the project's."""


def import_places() -> None:
    """Import all places' screens: for a thread, while nothing else is to be done, so that going there is quick.

    What there is then stays for good: Python's collector of garbage is told not to look at it again.
    """
    for kind in PLACES:
        import_module(f"{_SCREENS}.{kind.screen.partition(':')[0]}")
    gc.freeze()
