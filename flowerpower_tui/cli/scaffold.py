"""`fp-tui init` and `new`: a project or a pipeline to begin with."""

from __future__ import annotations

import argparse
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

    root = Path(arguments.path or arguments.project or ".").expanduser().resolve()
    scaffold.init_project(root, arguments.name or root.name)
    console.say(f"Made the project {root}. Add a pipeline: fp-tui new -C {arguments.path or '.'} PIPELINE")
    return console.Exit.DONE


def new_pipeline(arguments: argparse.Namespace) -> int:
    """Add a pipeline to the project."""
    from flowerpower_tui.project import scaffold

    project = place.project(arguments)
    scaffold.new_pipeline(project.root, arguments.pipeline)
    console.say(f"Made the pipeline {arguments.pipeline}. Run it: fp-tui run {arguments.pipeline}")
    return console.Exit.DONE
