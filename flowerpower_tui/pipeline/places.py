"""Which files are a project's own code: below its root, and in none of its virtual environments."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

PACKAGE = str(Path(__file__).parents[1])
"""Where this package lies: never a project's code, not even when the project surrounds it."""


def is_own_file(file: str, root: str) -> bool:
    """Whether `file` is code of the project at `root`, as opposed to a library's or ours."""
    return is_own_folder(os.path.dirname(file), root)


@lru_cache(maxsize=4096)
def is_own_folder(folder: str, root: str) -> bool:
    """Whether modules that lie in `folder` are code of the project at `root`.

    Both are absolute paths. The answer is remembered: environments do not come and go while a process runs.
    """
    while folder != root:
        parent, name = os.path.split(folder)
        if parent == folder or name in ("site-packages", "dist-packages") or folder == PACKAGE:
            return False
        if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
            return False
        folder = parent
    return True
