"""What third-party modules see when they are imported: the interpreter, what is installed, the environment.

A process that imported them in advance may stand in for a new one only while all of this is the same.
"""

from __future__ import annotations

import hashlib
import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

OURS = "FP_"
"""Variables of this prefix are read anew by every run, so they are free to change."""


@cache
def installed_folders() -> tuple[str, ...]:
    """Return the folders that packages are installed into."""
    named = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    with suppress(AttributeError):  # where Python runs without `site`
        named.append(site.getusersitepackages())
    named += [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    return tuple(dict.fromkeys(str(Path(name).absolute()) for name in named))


def folders_of(python: str) -> tuple[str, ...]:
    """Return the folders that packages are installed into for another interpreter, and what says how it is set up."""
    prefix = Path(python).parents[1]
    found = (*prefix.glob("lib*/python3*/site-packages"), *prefix.glob("lib*/python3*/dist-packages"))
    return (*map(str, sorted(found)), str(prefix / "pyvenv.cfg"))


@cache
def standard_folders() -> tuple[str, ...]:
    """Return the folders of Python's own library."""
    named = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
    return tuple(dict.fromkeys(str(Path(name).absolute()) for name in named))


def stamp(environ: Mapping[str, str] = os.environ, python: str = "") -> str:
    """Return a text that changes when what is imported now may differ from what was imported before.

    Installing, upgrading and removing a distribution changes the time of its folder. `python` is the interpreter that
    imports; that of this process without one.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in (python, *folders_of(python)) if python else (sys.executable, *installed_folders()):
        with suppress(OSError):
            digest.update(f"{path}={Path(path).stat().st_mtime_ns}\0".encode(errors="surrogateescape"))
    if "PYTHONPATH" in environ:
        # Its entries may be relative.
        with suppress(OSError):
            digest.update(f"{Path.cwd()}\0".encode(errors="surrogateescape"))
    for name, value in sorted(environ.items()):
        if not name.startswith(OURS):
            digest.update(f"{name}={value}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
