"""Lines of files that something on the screen leads to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from textual.binding import Binding
from textual.message import Message

from flowerpower_tui.pipeline.failure import line_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.graph.model import Node
    from flowerpower_tui.runs.view import NodeRun

How = Literal["look", "edit", "external"]

EDIT_KEYS: Sequence[Binding] = (
    Binding("e", "spot('edit')", "Edit", tooltip="Edit the file at that line", id="spot.edit"),
    Binding(
        "E", "spot('external')", "$EDITOR", show=False, tooltip="Open the file there in $EDITOR", id="spot.external"
    ),
)
"""The keys of what shows places in files."""


class Spot(NamedTuple):
    """A line of a file, and a column of it, from 1; line 0 if none is meant."""

    path: Path
    line: int
    column: int = 1


def spot_of(node: Node, run: NodeRun) -> Spot:
    """Return the line of a node's source that matters: where it failed in a run, else where it begins."""
    failed = line_in(run.failure, node.file) if run.failure is not None else 0
    return Spot(Path(node.file), failed or node.line)


@dataclass
class SpotWanted(Message):
    """Someone wants to see a line of a file, or to edit it there: here, or in an editor of their own."""

    spot: Spot
    how: How = "look"
