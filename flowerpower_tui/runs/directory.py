"""One run on disk: the names of its files, who holds its lock, and what they tell."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flowerpower_tui.errors import RunStoreError

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.pipeline.ingredients import Ingredients
    from flowerpower_tui.runs.events import OutputWritten
    from flowerpower_tui.runs.request import RunRecord

REQUEST = "request.json"
GRAPH = "graph.json"
INGREDIENTS = "ingredients.json"
OUTPUT = "output.log"
LOCK = "lock"


class RunDirectory:
    """A run as a directory. Nothing is read before it is asked for.

    Attributes:
        path: the directory.
        id: the run's id, which is the directory's name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    def __repr__(self) -> str:
        return f"RunDirectory({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunDirectory) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)

    def record(self) -> RunRecord:
        """Return what was asked.

        Raises:
            RunStoreError: `request.json` is missing or damaged.
        """
        from flowerpower_tui.runs.request import read_record

        try:
            return read_record((self.path / REQUEST).read_bytes())
        except (OSError, ValueError) as error:
            raise RunStoreError(f"The record of run {self.id} cannot be read: {error}") from error

    def graph(self) -> Graph | None:
        """Return the graph as it ran; None as long as the worker has not built it.

        Raises:
            RunStoreError: `graph.json` is damaged.
        """
        from flowerpower_tui.graph.model import Graph

        try:
            return msgspec.json.decode((self.path / GRAPH).read_bytes(), type=Graph)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunStoreError(f"The graph of run {self.id} cannot be read: {error}") from error

    def ingredients(self) -> Ingredients | None:
        """Return what the values of the run were made of; None as long as the worker has not told, or if it never did.

        Raises:
            RunStoreError: `ingredients.json` is damaged.
        """
        from flowerpower_tui.pipeline.ingredients import Ingredients

        try:
            return msgspec.json.decode((self.path / INGREDIENTS).read_bytes(), type=Ingredients)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunStoreError(f"The ingredients of run {self.id} cannot be read: {error}") from error

    def output(self, event: OutputWritten) -> bytes:
        """Return the bytes that an `OutputWritten` tells of."""
        try:
            with (self.path / OUTPUT).open("rb", buffering=0) as output:
                output.seek(event.start)
                return output.read(event.end - event.start)
        except FileNotFoundError:
            return b""

    @property
    def is_locked(self) -> bool:
        """Whether the run's supervisor lives, or its launcher is about to start one."""
        try:
            descriptor = os.open(self.path / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            # Another user's, as `sudo` leaves them: there is no telling, and it is not ours to touch.
            return True
        try:
            # A shared lock: askers never see one another, only the holder.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def supervisor(self) -> int | None:
        """Return the process id that the supervisor wrote into `lock`; None before it did."""
        try:
            text = (self.path / LOCK).read_text("ascii")
        except FileNotFoundError:
            return None
        return int(text) if text.endswith("\n") else None
