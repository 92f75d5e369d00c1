"""The places of the interface: each a screen of its own over the one session, reached by a digit from everywhere."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.tui.screens.place import Place
    from flowerpower_tui.tui.session import Session


@dataclass(frozen=True)
class PlaceKind:
    """A place that there is.

    Attributes:
        name: what it is called in code: the name of its mode.
        key: the digit that leads there.
        title: what the title bar calls it.
        make: makes its screen, when it is first gone to; imports it then, so that no place weighs on the start.
    """

    name: str
    key: str
    title: str
    make: Callable[[Session], Place]


def _project(session: Session) -> Place:
    from flowerpower_tui.tui.screens.workspace import Workspace

    return Workspace(session)


def _dag(session: Session) -> Place:
    from flowerpower_tui.tui.screens.dag import DagPlace

    return DagPlace(session)


def _runs(session: Session) -> Place:
    from flowerpower_tui.tui.screens.runs import Runs

    return Runs(session)


def _editor(session: Session) -> Place:
    from flowerpower_tui.tui.screens.editor import Editor

    return Editor(session)


PLACES: tuple[PlaceKind, ...] = (
    PlaceKind("project", "1", "Project", _project),
    PlaceKind("dag", "2", "DAG", _dag),
    PlaceKind("runs", "3", "Runs", _runs),
    PlaceKind("edit", "4", "Edit", _editor),
)
"""In the order of their digits. A new place is a screen, and an entry here."""

ROOM_FOR_NAMES = 64
"""Columns in which the places' names leave room for the project's."""

_SCREENS = ("dag", "runs", "editor")


def import_places() -> None:
    """Import all places' screens: for a thread, while nothing else is to be done, so that going there is quick.

    What there is then stays for good: Python's collector of garbage is told not to look at it again.
    """
    for name in _SCREENS:
        import_module(f"flowerpower_tui.tui.screens.{name}")
    gc.freeze()
