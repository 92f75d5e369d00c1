"""Which project a command works in."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.project.layout import ProjectLayout


def project(arguments: argparse.Namespace) -> ProjectLayout:
    """Return the project that `-C` names, or the one around the working directory.

    Raises:
        ProjectError: there is none.
    """
    from flowerpower_tui.project.layout import ProjectLayout, find_root

    return ProjectLayout.of(find_root(Path(arguments.project or ".")))


def project_or_none(arguments: argparse.Namespace) -> ProjectLayout | None:
    """Return the project as `project` does; None where none is named and none is around.

    Raises:
        ProjectError: one is named, and is not there.
    """
    from flowerpower_tui.errors import ProjectError

    try:
        return project(arguments)
    except ProjectError:
        if arguments.project:
            raise
        return None
