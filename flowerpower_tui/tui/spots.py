"""Lines of files that something on the screen leads to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from textual.message import Message


class Spot(NamedTuple):
    """A line of a file, from 1; 0 if no line is meant."""

    path: Path
    line: int


@dataclass
class SpotWanted(Message):
    """Someone wants to see a line of a file."""

    spot: Spot
