"""What a run and its processes say to each other, and how: pickles over a pair of sockets, both ends trusted."""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from logging import LogRecord
from multiprocessing.connection import Connection
from pathlib import Path
from types import FunctionType
from typing import Any

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.pipeline.summary import ValueSummary


@dataclass(frozen=True)
class Recipe:
    """What a process needs to build the graph of a run, exactly as the run has it.

    Attributes:
        root: the project's folder.
        name: the pipeline's name.
        project: the project's configuration.
        pipeline: the pipeline's, without what only the run itself uses.
        sources: the text of the project's modules as they were imported, by file.
        environ: what the folders of the project are found by.
        search_path: where modules are looked for.
        root_level: from which level on the run's process logs.
    """

    root: Path
    name: str
    project: ProjectConfig
    pipeline: PipelineConfig
    sources: Mapping[str, bytes]
    environ: Mapping[str, str] | None
    search_path: tuple[str, ...]
    root_level: int


@dataclass(frozen=True)
class Request:
    """Run these steps, in this order, and send back the values of those that are wanted.

    Attributes:
        values: what they may take, each pickled.
        tells: whether the steps' beginnings and ends are to be told.
    """

    steps: tuple[str, ...]
    values: Mapping[str, bytes]
    wanted: tuple[str, ...]
    tells: bool

    def of(self, names: tuple[str, ...], values: tuple[bytes, ...]) -> Request:
        """Return the same request, with the values of these names."""
        return replace(self, values=dict(zip(names, values, strict=True)))


@dataclass(frozen=True)
class Ready:
    """The graph stands."""


@dataclass(frozen=True)
class Started:
    """A step begins."""

    node: str


@dataclass(frozen=True)
class Finished:
    """A step gave a value."""

    node: str
    duration: float
    summary: ValueSummary


@dataclass(frozen=True)
class Failed:
    """A step raised, or what it gave cannot be sent; there is no answer to the request.

    Attributes:
        error: the exception, pickled; empty if that is not possible.
    """

    node: str
    duration: float
    failure: Failure
    error: bytes


@dataclass(frozen=True)
class Logged:
    """Something was logged."""

    record: LogRecord


@dataclass(frozen=True)
class Printed:
    """Something was written to standard output, or to standard error."""

    text: str
    is_error: bool


@dataclass(frozen=True)
class Answer:
    """The values that were wanted, each pickled."""

    values: Mapping[str, bytes]


Message = Recipe | Request | Ready | Started | Finished | Failed | Logged | Printed | Answer


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        # It would be looked for in what the other process was started with.
        if isinstance(obj, type | FunctionType) and obj.__module__ == "__main__":
            raise pickle.PicklingError(f"'{obj.__qualname__}' is of the script itself, and not of a module")
        return NotImplemented


class Wire:
    """One end of the connection; any thread may send."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            OSError: nobody is there any more.
        """
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._connection.send_bytes(data)

    def receive(self) -> Message:
        """Wait for a message.

        Raises:
            EOFError: nobody is there any more.
        """
        try:
            message: Message = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - from our own process
        except ConnectionResetError as error:
            raise EOFError from error
        return message

    def close(self) -> None:
        """Close this end."""
        self._connection.close()


def packed(value: Any) -> bytes:
    """Return a value so that it can be sent.

    Raises:
        Exception: it cannot be pickled, or not be read elsewhere; whatever the value's own methods raise.
    """
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def can_be_sent(value: Any) -> bool:
    """Whether `packed` takes it."""
    try:
        packed(value)
    except Exception:  # noqa: BLE001 - whatever the value's own methods raise
        return False
    return True


def unpacked(data: bytes) -> Any:
    """Return the value that was packed."""
    return pickle.loads(data)  # noqa: S301 - from our own process
