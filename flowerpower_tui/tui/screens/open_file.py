"""Choosing one of the project's files to edit: first what its pipelines are made of, then every other text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import OptionList

from flowerpower_tui.project.texts import text_files
from flowerpower_tui.tui.background import in_background
from flowerpower_tui.tui.buffer import EDIT_LIMIT
from flowerpower_tui.tui.screens.pick import Pick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowerpower_tui.project.tree import ProjectListing


@dataclass
class TextsFound(Message):
    """These files of the project hold text."""

    paths: list[Path]


class OpenFile(Pick):
    """Asks for a file; other texts than those of pipelines come as soon as they are found.

    Attributes:
        paths: what is offered; the answer is the number of one. What is among them keeps its number.
    """

    CSS_PATH = "pick.tcss"

    def __init__(self, root: Path, listing: ProjectListing | None) -> None:
        self._root = root
        self.paths: list[Path] = []
        self._take(_of_pipelines(listing) if listing is not None else ())
        super().__init__("Open a file", self._names_of_paths())
        self._is_searching = True
        # Somebody has typed a name that is not there yet, and enter.
        self._is_wanted = False

    def on_mount(self) -> None:
        """Look for all that can be edited."""
        in_background("find-texts", lambda: TextsFound(text_files(self._root, EDIT_LIMIT)), self)

    def on_texts_found(self, event: TextsFound) -> None:
        """Offer them, too."""
        self._is_searching = False
        self._take(event.paths)
        self.offer(self._names_of_paths())
        if self._is_wanted:
            self.query_one(OptionList).action_select()

    def on_input_submitted(self) -> None:
        """Where nothing that is offered has these letters, wait for the rest."""
        self._is_wanted = self._is_searching and self.query_one(OptionList).highlighted is None

    def _take(self, paths: Iterable[Path]) -> None:
        self.paths = [*dict.fromkeys([*self.paths, *paths])]

    def _names_of_paths(self) -> list[str]:
        root = self._root
        return [str(path.relative_to(root) if path.is_relative_to(root) else path) for path in self.paths]


def _of_pipelines(listing: ProjectListing) -> list[Path]:
    """Return configurations and modules: each pipeline's two together, then those of all."""
    pairs = [path for entry in listing.pipelines for path in (entry.config, entry.module) if path is not None]
    return [*pairs, *listing.config, *listing.modules]
