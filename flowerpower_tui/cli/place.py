"""Which project a command works in, on this machine's disks or in a storage, and whether its code may run here."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.home import ProjectHome
    from flowerpower_tui.project.layout import ProjectLayout

# Of a project's pipelines so many are named where one was forgotten.
_OFFERED = 5


def home(arguments: argparse.Namespace) -> ProjectHome:
    """Return the project that `-C` names, as it is now, or the one around the working directory.

    Raises:
        ProjectError: there is none, or its storage does not answer.
    """
    from dataclasses import replace

    from flowerpower_tui.project.layout import find_root

    named = home_at(arguments.project, arguments)
    if named.mirror is None:
        named = replace(named, root=find_root(named.root))
    else:
        named.check()
    executors_of(named.root)
    return named


def executors_of(root: Path) -> None:
    """Have the executors count that are there for a project's code; its interpreter is asked if it comes to that."""
    from flowerpower_tui.config.known import Elsewhere, ask_elsewhere

    def ask() -> Elsewhere | None:
        from flowerpower_tui.runs.interpreter import elsewhere

        return elsewhere(root)

    ask_elsewhere(ask)


def home_at(place: str | None, arguments: argparse.Namespace) -> ProjectHome:
    """Return the project at a path or URL of the command line, the working directory without one; it need not exist.

    Raises:
        ProjectError: projects are not opened by this URL.
    """
    from flowerpower_tui.pipeline.home import ProjectHome

    return ProjectHome.of(place, storage_options=storage_options(arguments))


def project(arguments: argparse.Namespace) -> ProjectLayout:
    """Return where the files of the project lie; see `home`."""
    return home(arguments).layout


def project_to_run(arguments: argparse.Namespace) -> ProjectLayout:
    """Return the project as `project` does, if its code may run here; see `trust`."""
    found = home(arguments)
    trust(found, arguments)
    return found.layout


def project_or_none(arguments: argparse.Namespace) -> ProjectLayout | None:
    """Return the project whose runs are meant; None where none is named and none is around.

    The runs of a project in a storage are here, so a storage is asked only if nothing is known of the project yet.

    Raises:
        ProjectError: one is named, and is not there.
    """
    from flowerpower_tui.errors import ProjectError

    try:
        named = home_at(arguments.project, arguments)
        if named.mirror and named.root.exists():
            return named.layout
        return project(arguments)
    except ProjectError:
        if arguments.project:
            raise
        return None


def pipelines_here(arguments: argparse.Namespace) -> str:
    """Return some words on which pipelines could be meant, to who has named none; no storage is asked for them."""
    from flowerpower_tui.errors import FlowerPowerError

    try:
        found = home_at(arguments.project, arguments)
        names = [] if found.mirror else [entry.name for entry in project(arguments).pipelines()]
    except (FlowerPowerError, OSError):
        # It is not what was asked.
        return ""
    some = ", ".join(names[:_OFFERED])
    more = f" and {len(names) - _OFFERED:,} more, which fp-tui ls lists" if len(names) > _OFFERED else ""
    return some and f"This project has: {some}{more}."


def take_python(arguments: argparse.Namespace) -> None:
    """Have the interpreter of `--python` chosen by this process and its children: a path, or a command's name."""
    if named := arguments.python:
        if os.sep in named or Path(named).is_dir():
            from flowerpower_tui.location import at_home

            named = os.path.abspath(at_home(named))  # noqa: PTH100 - its links are what makes it another
        os.environ["FP_TUI_PYTHON"] = named


def storage_options(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the options for storages that are given on the command line.

    Raises:
        ProjectError: one of them is not KEY=VALUE.
    """
    if not arguments.storage_option:
        return {}
    from flowerpower_tui.project.options import from_arguments

    return from_arguments(arguments.storage_option)


def trust(home: ProjectHome, arguments: argparse.Namespace) -> None:
    """Tell a person, before the first time, that code from a storage runs on this machine; at a terminal, ask.

    Raises:
        ProjectError: it is not wanted.
    """
    from flowerpower_tui.cli import console
    from flowerpower_tui.errors import ProjectError

    mirror = home.mirror
    if mirror is None or mirror.is_trusted:
        return
    if not arguments.trust:
        console.say(f"The code of this project comes from {mirror.url}, and runs here with your rights.", "warning")
        for left in mirror.left_off:
            console.say(f"Not fetched: {left}")
        if console.can_ask() and not console.confirmed("Run it?"):
            raise ProjectError("Nothing was run.")
    mirror.trust()
