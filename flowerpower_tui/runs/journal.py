"""The journal of a run, `events.jsonl`: one event a line, one writer, any number of readers that follow it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, Event, Moment, RunFinished, UnknownEvent

JOURNAL = "events.jsonl"
RESERVE = "reserve"
RESERVE_SIZE = 1 << 16
BLOCK = 1 << 20
INTERVAL = 0.03

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyEvent).decode
_SPOKEN = (b'{"type":"LogEmitted"', b'{"type":"OutputWritten"')
_E = TypeVar("_E", bound=Event)


class _Head(msgspec.Struct):
    """What every event has, of whatever version."""

    type: str
    time: Moment
    seq: int = 0


_decode_head = msgspec.json.Decoder(_Head).decode


def encode(event: Event) -> bytes:
    """Return the event as one line of JSON, without its newline."""
    return _encode(event)


def decode(line: bytes) -> AnyEvent:
    """Return the event that a line tells; of a type that is not known here, an `UnknownEvent`.

    Raises:
        msgspec.MsgspecError: the line tells no event at all.
    """
    try:
        try:
            event: AnyEvent = _decode(line)
        except msgspec.ValidationError:
            head = _decode_head(line)
            return UnknownEvent(seq=head.seq, time=head.time, name=head.type)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"this is no event: {error}") from error
    return event


class JournalWriter:
    """Appends events to a journal and numbers them. There is one writer: the supervisor.

    While it is open it keeps some bytes of the disk in reserve, so that the last words can be written on a full one.

    Attributes:
        trouble: what went wrong when the reserve was touched; nothing but last words should follow.
    """

    def __init__(self, directory: Path) -> None:
        """Open the journal in `directory`; a torn last line, left by a writer that died, is ended first.

        Raises:
            OSError: it cannot be written.
        """
        path = directory / JOURNAL
        self.trouble: OSError | None = None
        self._reserve = directory / RESERVE
        self._reserve.touch(mode=0o600)
        # Random, since a file system that compresses keeps no room for zeros.
        self._reserve.write_bytes(os.urandom(RESERVE_SIZE))
        self._seq = next((event.seq for event in from_the_end(directory)), 0)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        size = os.fstat(self._descriptor).st_size
        self._is_torn = bool(size) and os.pread(self._descriptor, 1, size - 1) != b"\n"
        if self._is_torn:
            self._write(b"\n")

    def append(self, event: _E) -> _E:
        """Write the event with the next sequence number, in one write; return it with that number.

        Raises:
            OSError: the journal cannot be written.
        """
        numbered = msgspec.structs.replace(event, seq=self._seq + 1)
        line = _encode(numbered) + b"\n"
        try:
            self._write(b"\n" + line if self._is_torn else line)
        except OSError as error:
            if self.trouble:
                raise
            self.trouble = error
            self.give_up_reserve()
            self._write(b"\n" + line)
        self._seq += 1
        return numbered

    def _write(self, line: bytes) -> None:
        # On a disk that is almost full a part of the line gets there, and the rest raises.
        self._is_torn = True
        written = os.write(self._descriptor, line)
        while written < len(line):
            written += os.write(self._descriptor, line[written:])
        self._is_torn = False

    def give_up_reserve(self) -> None:
        """Let what follows be written in the place of the reserve."""
        self._reserve.unlink(missing_ok=True)

    def close(self) -> None:
        """Bring the journal to the disk and close it."""
        self.give_up_reserve()
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class JournalReader:
    """Reads a journal while it grows: each call of `read` goes on where the last one ended.

    Attributes:
        undecodable: how many lines told no event and were skipped.
    """

    def __init__(self, directory: Path) -> None:
        self.undecodable = 0
        self._path = directory / JOURNAL
        self._offset = 0
        self._torn = b""

    def read(self) -> list[AnyEvent]:
        """Return the events that came since the last call; a torn last line waits for its rest.

        Raises:
            OSError: the journal is there and cannot be read.
        """
        events: list[AnyEvent] = []
        for block in self._blocks():
            *lines, self._torn = (self._torn + block).split(b"\n")
            events.extend(self._decoded(lines))
        return events

    def _blocks(self) -> Iterator[bytes]:
        # Opened afresh each time: a watcher of many runs holds no descriptors of those that are quiet.
        try:
            with self._path.open("rb", buffering=0) as journal:
                journal.seek(self._offset)
                while block := journal.read(BLOCK):
                    self._offset += len(block)
                    yield block
        except FileNotFoundError:
            return

    def _decoded(self, lines: list[bytes]) -> Iterator[AnyEvent]:
        for line in lines:
            if not line:
                continue
            try:
                yield decode(line)
            except msgspec.MsgspecError:
                self.undecodable += 1


def follow(
    run: RunDirectory, *, stop: Callable[[], bool] = lambda: False, interval: float = INTERVAL
) -> Iterator[AnyEvent]:
    """Yield the run's events from the first on, and wait for more, until its end.

    Ends after `RunFinished`; without one if the run is lost; or when `stop()` says so, which is asked
    after each look into the journal. There is a look every `interval` seconds while nothing happens.
    """
    reader = JournalReader(run.path)
    while True:
        # Asked before reading: what a supervisor wrote before it died is read in any case.
        alive = run.is_locked
        events = reader.read()
        for event in events:
            yield event
            if isinstance(event, RunFinished):
                return
        if stop() or not (events or alive):
            return
        if not events:
            time.sleep(interval)


def milestones(directory: Path) -> Iterator[AnyEvent]:
    """Yield the events that are neither output nor log records: these are most of a journal, and are not decoded.

    Raises:
        OSError: the journal is there and cannot be read.
    """
    try:
        with (directory / JOURNAL).open("rb") as journal:
            for line in journal:
                # Torn, it ends without a newline.
                if not line.startswith(_SPOKEN) and line.endswith(b"\n") and (event := _decode_or_none(line)):
                    yield event
    except FileNotFoundError:
        return


def read_head(directory: Path, size: int = 4096) -> AnyEvent | None:
    """Return the journal's first event, if it stands whole in the first `size` bytes."""
    lines = _slice(directory / JOURNAL, 0, size).split(b"\n", 1)
    return _decode_or_none(lines[0]) if len(lines) > 1 else None


def from_the_end(directory: Path, size: int = 1 << 18) -> Iterator[AnyEvent]:
    """Yield the events in the journal's last `size` bytes, the latest first; none is decoded before it is asked for."""
    path = directory / JOURNAL
    try:
        start = max(0, path.stat().st_size - size)
    except OSError:
        return
    lines = _slice(path, start, size).split(b"\n")[:-1]
    # The first line of a slice from the middle is the end of a line.
    for line in reversed(lines[1:] if start else lines):
        if event := _decode_or_none(line):
            yield event


def tells(directory: Path, kind: type[Event], size: int) -> bool:
    """Return whether the journal's last `size` bytes tell of an event of this kind; none is decoded for it."""
    path = directory / JOURNAL
    try:
        start = max(0, path.stat().st_size - size)
    except OSError:
        return False
    # No text in an event has a newline, or a quote, that looks like this.
    return f'\n{{"type":"{kind.__name__}"'.encode() in _slice(path, start, size)


def _slice(path: Path, start: int, size: int) -> bytes:
    try:
        with path.open("rb", buffering=0) as journal:
            journal.seek(start)
            return journal.read(size)
    except OSError:
        return b""


def _decode_or_none(line: bytes) -> AnyEvent | None:
    try:
        return decode(line) if line else None
    except msgspec.MsgspecError:
        return None
