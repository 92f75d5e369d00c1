"""A run's two files as bytes at positions: opened once, so that a run which is pruned meanwhile can still be read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flowerpower_tui.runs.directory import OUTPUT, RunDirectory
from flowerpower_tui.runs.journal import JOURNAL

PIECE = 1 << 20
_BACK = 1 << 16


class LogFile:
    """A file that grows, read by any number of threads; as long as it is not there, it is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`; fewer where the file ends, or where it cannot be read."""
        if start >= end:
            return b""
        try:
            if self._descriptor is None:
                self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            data = os.pread(self._descriptor, end - start, start)
            # One call reads at most 2 GB, and less from some file systems.
            while len(data) < end - start and (
                more := os.pread(self._descriptor, end - start - len(data), start + len(data))
            ):
                data += more
        except OSError:
            return b""
        return data

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `end` in pieces that are not large."""
        while start < end and (piece := self.read(start, min(start + PIECE, end))):
            yield piece
            start += len(piece)

    def size(self) -> int:
        """How many bytes it has now."""
        with suppress(OSError):
            return self._path.stat().st_size if self._descriptor is None else os.fstat(self._descriptor).st_size
        return 0

    def find_back(self, byte: bytes, start: int, end: int) -> int:
        """Return where `byte` is last between `start` and `end`, -1 if it is not there."""
        while start < end:
            begin = max(start, end - _BACK)
            found = self.read(begin, end).rfind(byte)
            if found >= 0:
                return begin + found
            end = begin
        return -1

    def lines_back(self, end: int) -> Iterator[tuple[int, int, bytes]]:
        """Yield the lines before `end`, where a line ends: the latest first, each with its start and end."""
        rest = b""
        while end - len(rest) > 0:
            start = max(0, end - len(rest) - _BACK)
            block = self.read(start, end - len(rest)) + rest
            lines = block[:-1].split(b"\n")
            rest = b"" if start == 0 else lines.pop(0) + b"\n"
            for line in reversed(lines):
                yield end - len(line) - 1, end, line
                end -= len(line) + 1


class LogFiles(NamedTuple):
    """The journal and the output of a run."""

    journal: LogFile
    output: LogFile

    @classmethod
    def of(cls, run: RunDirectory) -> LogFiles:
        """The files of `run`; neither is opened yet."""
        return cls(LogFile(run.path / JOURNAL), LogFile(run.path / OUTPUT))
