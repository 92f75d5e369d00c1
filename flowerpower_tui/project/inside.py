"""That a path is in the project that it seems to be in, also where a part of it is a link."""

from __future__ import annotations

import os
from pathlib import Path

from flowerpower_tui.errors import InvalidNameError, Location


def inside(root: Path, path: Path) -> Path:
    """Return `path`, which need not exist, if it leads to a place in the folder `root`.

    The folder itself may be a link, and links within it lead where they like within it.

    Raises:
        InvalidNameError: it leads elsewhere.
    """
    # Unlike `resolve`, it follows links in a circle as far as it gets.
    place = Path(os.path.realpath(path))
    if not place.is_relative_to(os.path.realpath(root)):
        raise InvalidNameError(
            f"Leads out of the project, to {place}.",
            location=Location(str(path)),
            hint="A project has its files in its own folder: copy it there, or open the project that it is in.",
        )
    return path
