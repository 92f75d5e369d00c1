"""Names of folders, as somebody types the way to one."""

from __future__ import annotations

import os

from flowerpower_tui.terminal import one_line


def completed(typed: str) -> str:
    """Return what is typed with the rest of a folder's name: of the first one that begins so; as it is if none does.

    Behind a slash it is the first folder there. Hidden ones, and names that cannot be typed, are left out. It asks the
    disk, which may take its time.
    """
    before, slash, begun = typed.rpartition("/")
    try:
        with os.scandir(os.path.expanduser(before + slash) or ".") as entries:  # noqa: PTH111 - as it is typed
            names = [
                entry.name
                for entry in entries
                if entry.name.startswith(begun) and one_line(entry.name) == entry.name and entry.is_dir()
            ]
    except OSError:
        return typed
    if begun in names:
        # It is a whole name already, whatever longer ones there are.
        return typed
    return before + slash + min((name for name in names if begun or not name.startswith(".")), default=begun)
