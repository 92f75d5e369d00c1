"""What a mirror notes beside the files that it has fetched: which they are, and who is at work on them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from flowerpower_tui.location import put

INDEX = ".mirror.json"
LOCK = ".lock"


class Fetched(msgspec.Struct, frozen=True):
    """A file of the mirror: the version that was fetched, and by what we see that it is as it was then."""

    version: str
    size: int
    time: int

    @classmethod
    def at(cls, path: Path, version: str) -> Fetched:
        """Describe a file as it is now.

        Raises:
            OSError: there is none.
        """
        status = path.stat()
        return cls(version, status.st_size, status.st_mtime_ns)

    def is_at(self, path: Path) -> bool:
        """Return whether a file is as it was when it was fetched."""
        return path.is_file() and not path.is_symlink() and Fetched.at(path, self.version) == self


class Index(msgspec.Struct, frozen=True):
    """What a mirror has: written when all of it lies there."""

    url: str
    files: dict[str, Fetched] = {}
    left_off: tuple[str, ...] = ()


def read_index(home: Path) -> Index | None:
    """Return what the mirror in the folder `home` has; None if nobody knows."""
    with suppress(OSError, ValueError):
        return msgspec.json.decode((home / INDEX).read_bytes(), type=Index)
    return None


def write_index(home: Path, index: Index) -> None:
    """Note what the mirror in the folder `home` has.

    Raises:
        OSError: it cannot be written.
    """
    put(home / INDEX, msgspec.json.encode(index))


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Keep others out of the mirror in the folder `home`, in this process and in others, and note that it is used."""
    with (home / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(lock.fileno())
        yield


def last_used(home: Path) -> float:
    """Return when somebody was at work on the mirror in the folder `home` last, in seconds since 1970; 0 if never."""
    with suppress(OSError):
        return (home / LOCK).stat().st_mtime
    return 0.0
