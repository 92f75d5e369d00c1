"""Saving a file so that nothing is lost: whole or not at all, and never over what somebody else wrote meanwhile.

The editor and `fp-tui set` write through this.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from flowerpower_tui.errors import ChangedOnDiskError, Location, OutputError

_AT_CWD = -100
_EXCHANGE = 2
# What a file system says that knows no exchange, or no links.
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def fingerprint(content: bytes) -> str:
    """Return what tells this content from any other, for who does not want to keep it."""
    return hashlib.sha256(content).hexdigest()


def save(path: Path, content: bytes, expected: bytes | str | None) -> None:
    """Write `content` to the file at `path` in one step; its mode stays, and a symbolic link leads where it led.

    The new file is written beside the old one, brought to the disk, and the two are exchanged. What comes out of the
    exchange is compared once more, so that nothing is lost that others wrote between a look and the exchange. (Where
    the system has no exchange, a look right before a plain rename must do.)

    Args:
        path: the file.
        content: all that it shall hold.
        expected: what it held when it was read, or the fingerprint of that; None if there was no file.

    Raises:
        ChangedOnDiskError: it holds something else by now, which stays as it is and is in the error.
        OutputError: it cannot be written: read-only, a full disk; the old file is whole.
    """
    target = Path(os.path.realpath(path))
    try:
        before = _described(target)
        _refuse_other_content(target, expected, path)
        with _written_beside(target, content, before) as new:
            if before is None:
                _put_new(new, target, path)
            else:
                _put_over(new, target, content, expected, path)
            _sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"Cannot be written: {error.strerror}.", location=Location(str(path))) from error


def _described(target: Path) -> os.stat_result | None:
    """Return what the file is; None if there is none.

    Raises:
        OSError: it cannot or must not be written.
    """
    try:
        before = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(before.st_mode):
        raise OSError(None, "this is no ordinary file")
    # A rename does not ask: who took away the right to write meant it.
    if not before.st_mode & _WRITABLE or not os.access(target, os.W_OK):
        raise PermissionError(None, "the file is read-only")
    return before


@contextmanager
def _written_beside(target: Path, content: bytes, before: os.stat_result | None) -> Iterator[Path]:
    """Give a new file with `content` on the disk, in the folder of `target`; what is left there at the end goes."""
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600 if before else 0o666)
    try:
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - of a descriptor
            if before is not None:
                # First the owner: a change of it takes bits off the mode.
                with suppress(OSError):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        yield new
    finally:
        new.unlink(missing_ok=True)


def _put_new(new: Path, target: Path, path: Path) -> None:
    try:
        # Unlike a rename, this fails if somebody was faster.
        os.link(new, target)
    except FileExistsError:
        raise _changed(target.read_bytes(), path) from None
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        new.replace(target)


def _put_over(new: Path, target: Path, content: bytes, expected: bytes | str | None, path: Path) -> None:
    exchange = _exchange()
    try:
        if exchange is not None:
            exchange(new, target)
    except FileNotFoundError:
        raise _changed(None, path) from None
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        exchange = None
    if exchange is None:
        _refuse_other_content(target, expected, path)
        new.replace(target)
        return
    found = new.read_bytes()
    if _is(found, expected):
        return
    # Somebody wrote since we looked: what they wrote goes back to its place.
    exchange(new, target)
    if new.read_bytes() != content:
        # And somebody once more, over what we had put there: that is the newest.
        exchange(new, target)
    raise _changed(found, path)


def _refuse_other_content(target: Path, expected: bytes | str | None, path: Path) -> None:
    try:
        found = target.read_bytes()
    except FileNotFoundError:
        found = None
    if not _is(found, expected):
        raise _changed(found, path)


def _is(found: bytes | None, expected: bytes | str | None) -> bool:
    return found is not None and fingerprint(found) == expected if isinstance(expected, str) else found == expected


def _changed(found: bytes | None, path: Path) -> ChangedOnDiskError:
    what = "was changed by another program" if found is not None else "was deleted"
    return ChangedOnDiskError(f"This file {what} since it was read.", current=found, location=Location(str(path)))


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot; the content is on the disk anyway.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@cache
def _exchange() -> Callable[[Path, Path], None] | None:
    """Return what exchanges two files in one step; None where the system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):

        def by_linux(one: Path, other: Path) -> int:
            return int(library.renameat2(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE))

        call: Callable[[Path, Path], int] = by_linux
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):

        def by_macos(one: Path, other: Path) -> int:
            return int(library.renamex_np(os.fsencode(one), os.fsencode(other), _EXCHANGE))

        call = by_macos
    else:
        return None

    def exchange(one: Path, other: Path) -> None:
        if call(one, other):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(other))

    return exchange
