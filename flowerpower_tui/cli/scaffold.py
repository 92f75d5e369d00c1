"""`fp-tui init` and `new`: a project or a pipeline to begin with."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from pathlib import Path

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine


def add_commands(line: CommandLine) -> None:
    """Add `init` and `new`."""
    init = line.add("init", init_project, "make a project")
    init.add_argument("path", metavar="PATH", nargs="?", help="where; default: here")
    init.add_argument("--name", metavar="NAME", help="what it is called; default: as its folder")
    new = line.add("new", new_pipeline, "add a pipeline to the project: its configuration and its module")
    new.add_argument("pipeline", metavar="PIPELINE")


def init_project(arguments: argparse.Namespace) -> int:
    """Make a project."""
    from flowerpower_tui.project import scaffold

    folder = Path(arguments.path or arguments.project or ".").expanduser()
    _tell(scaffold.init_project(folder, arguments.name or ""))
    there = "" if folder.resolve() == Path.cwd() else f"-C {shlex.quote(str(folder))} "
    console.say(f"Add a pipeline: fp-tui new {there}PIPELINE")
    return console.Exit.DONE


def new_pipeline(arguments: argparse.Namespace) -> int:
    """Add a pipeline to the project."""
    from flowerpower_tui.project import scaffold

    project = place.project(arguments)
    _tell(scaffold.new_pipeline(project.root, arguments.pipeline))
    console.say(f"Run it: fp-tui run {arguments.pipeline}")
    return console.Exit.DONE


def _tell(made: Iterable[Path]) -> None:
    for path in made:
        if path.is_file():
            console.say(f"made {path}")
