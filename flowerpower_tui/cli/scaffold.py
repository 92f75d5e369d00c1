"""`fp-tui init`, `new` and `hook`: a project, a pipeline or a hook to begin with."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from pathlib import Path

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_pipeline

_HOOKS = ("before-run", "after-run")
_INIT = "A project is a folder with conf/project.yml and, in time, pipelines. Files that are there already stay."
_INIT_EXAMPLES = {
    "fp-tui init": "make a project of the folder that one is in",
    "fp-tui init shop --name Shop": "in a new folder",
}
_NEW = "It runs as it is. Its configuration has every key that pipelines often need, with its meaning."
_NEW_EXAMPLES = {
    "fp-tui new sales": "pipelines/sales.py, conf/pipelines/sales.yml",
    "fp-tui new reports.daily": "in folders of their own",
}
_HOOK = """\
The function is written into hooks/PIPELINE/hook.py. before_run(pipeline, config) is called before the first attempt:
an exception ends the run. after_run(pipeline, result, error) is called when the run has ended."""
_HOOK_EXAMPLES = {
    "fp-tui hook sales before-run": "such as for a check of what it needs",
    "fp-tui hook sales after-run": "such as for a message",
}


def add_commands(line: CommandLine) -> None:
    """Add `init`, `new` and `hook`."""
    init = line.add("init", init_project, "make a project", about=_INIT, examples=_INIT_EXAMPLES)
    init.add_argument("path", metavar="PATH", nargs="?", help="where; default: here")
    init.add_argument("--name", metavar="NAME", help="what it is called; default: as its folder")
    new = line.add(
        "new",
        new_pipeline,
        "add a pipeline to the project: its configuration and its module",
        about=_NEW,
        examples=_NEW_EXAMPLES,
    )
    new.add_argument(
        "pipeline", metavar="PIPELINE", help="what it is called, in words of Python; a dot leads into a folder"
    )
    hook = line.add(
        "hook",
        add_hook,
        "add a function that is called around a pipeline's runs",
        about=_HOOK,
        examples=_HOOK_EXAMPLES,
    )
    add_pipeline(hook)
    hook.add_argument("event", metavar="EVENT", choices=_HOOKS, help=f"one of {', '.join(_HOOKS)}")


def init_project(arguments: argparse.Namespace) -> int:
    """Make a project."""
    from flowerpower_tui.project import scaffold

    with place.home_at(arguments.path or arguments.project, arguments).changing() as home:
        made = scaffold.init_project(home.root, arguments.name or "")
    _tell(made)
    there = "" if home.root.resolve() == Path.cwd() else f"-C {shlex.quote(home.place)} "
    console.say(f"Add a pipeline: fp-tui new {there}PIPELINE")
    return console.Exit.DONE


def new_pipeline(arguments: argparse.Namespace) -> int:
    """Add a pipeline to the project."""
    from flowerpower_tui.project import scaffold

    with place.home(arguments).changing() as home:
        made = scaffold.new_pipeline(home.root, arguments.pipeline)
    _tell(made)
    there = f"-C {shlex.quote(arguments.project)} " if arguments.project else ""
    console.say(f"Run it: fp-tui run {there}{arguments.pipeline}")
    return console.Exit.DONE


def add_hook(arguments: argparse.Namespace) -> int:
    """Add a hook to a pipeline."""
    from flowerpower_tui.config.resolve import resolve_project
    from flowerpower_tui.project import hooks
    from flowerpower_tui.project.inside import inside

    with place.home(arguments).changing() as home:
        pipeline = home.layout.find(arguments.pipeline).name
        folder = inside(home.root, home.root / resolve_project(home.root).hooks_dir)
        path, line = hooks.add_hook(folder, pipeline, hooks.HookType(arguments.event))
    console.say(f"made {path}:{line}")
    return console.Exit.DONE


def _tell(made: Iterable[Path]) -> None:
    for path in made:
        if path.is_file():
            console.say(f"made {path}")
