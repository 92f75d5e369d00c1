"""Which project a command works in."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from flowerpower_tui.project.layout import ProjectLayout


def project(arguments: argparse.Namespace) -> ProjectLayout:
    """Return the project that `-C` names, or the one around the working directory.

    Raises:
        ProjectError: there is none.
    """
    from flowerpower_tui.project.layout import ProjectLayout, find_root

    return ProjectLayout.of(find_root(folder(arguments.project)))


def folder(name: str | None) -> Path:
    """Return the folder that is named on the command line, the working directory if none is.

    Raises:
        ProjectError: it is not on this machine's disks.
    """
    from flowerpower_tui.pipeline.home import local_folder

    return local_folder(name or ".")


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
