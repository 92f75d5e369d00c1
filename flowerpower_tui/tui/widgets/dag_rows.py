"""The rows of a DAG's drawing as far as they can be seen: what lies beside is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from flowerpower_tui.graph.drawing import Drawing, Span


class Rows:
    """Cuts rows out of a drawing, each once until other columns are in sight.

    Args:
        kept: so many are remembered.

    Attributes:
        window: the first column in sight, and the one behind the last.
    """

    def __init__(self, kept: int) -> None:
        self.window = (0, 0)
        self._kept = kept
        self._drawing: Drawing | None = None
        self._spans: dict[int, list[Span]] = {}

    @property
    def known(self) -> Collection[int]:
        """The rows that are remembered."""
        return self._spans.keys()

    def turn_to(self, drawing: Drawing | None) -> None:
        """Have the rows of another drawing from now on."""
        self._drawing = drawing
        self._spans.clear()

    def look(self, left: int, right: int) -> bool:
        """Have these columns in sight from now on; return whether they are others than before."""
        if (left, right) == self.window:
            return False
        self.window = (left, right)
        self._spans.clear()
        return True

    def __getitem__(self, y: int) -> list[Span]:
        """Row `y` of the drawing, which there must be."""
        assert self._drawing is not None
        spans = self._spans.get(y)
        if spans is None:
            if len(self._spans) > self._kept:
                self._spans.clear()
            spans = self._spans[y] = self._drawing.spans(y, *self.window)
        return spans
