"""`fp-tui set`: values of a configuration file, changed in place: their bytes and no others."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.cli import assigning, place
from flowerpower_tui.cli.parser import CommandLine

if TYPE_CHECKING:
    from flowerpower_tui.project.layout import ProjectLayout

_ABOUT = """\
A value is YAML: 3, true, text, '3', [a, b], {a: 1}, null. A key is dotted, from the top of the file, an item of a list
has its index in brackets: run.retry.max_retries, params.limits.low, run.final_vars[0]. What is missing on the way is
made. Comments, order, quotes and indentation of the file stay as they are.
Secrets are masked in what is printed."""
_EXAMPLES = {
    "fp-tui set sales run.retry.max_retries=0": "a value",
    "fp-tui set sales 'run.final_vars=[report]'": "a list",
    "fp-tui set sales --unset run.cache --diff": "only look what it would change",
    "fp-tui set --project-config name=shop": "in conf/project.yml",
}


def add_commands(line: CommandLine) -> None:
    """Add `set`."""
    parser = line.add(
        "set",
        set_values,
        "set values in a pipeline's YAML, and nothing else",
        about=_ABOUT,
        examples=_EXAMPLES,
        takes=("project", "python"),
    )
    parser.usage = "fp-tui set PIPELINE | --project-config [KEY=VALUE …] [OPTION …]"
    parser.add_argument("words", metavar="PIPELINE KEY=VALUE", nargs="*", help="which pipeline, and what to set")
    parser.add_argument("--project-config", action="store_true", help="edit conf/project.yml, not a pipeline's YAML")
    assigning.add_options(parser, "KEY")


def set_values(arguments: argparse.Namespace) -> int:
    """Set and take out values of a configuration file."""
    from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
    from flowerpower_tui.errors import ConfigError, Problem

    words = list(arguments.words)
    name = None if arguments.project_config or not words else words.pop(0)
    if name is None and not arguments.project_config:
        raise ConfigError([Problem("no pipeline is named", hint="Name it first, or say --project-config.")])
    asked = assigning.wanted(words, arguments.unset)
    home = place.home(arguments)
    target = assigning.Target(
        _file(home.layout, name),
        ProjectConfig if name is None else PipelineConfig,
        put=lambda document, path, assignment: document.set(path, assignment.value),
        take_out=lambda document, path: document.delete(path),
        changing=home.changing,
    )
    return assigning.carry_out(target, asked, arguments)


def _file(layout: ProjectLayout, name: str | None) -> Path:
    """Return the file to edit, as seen from here; one that is not there yet is made."""
    if name is None:
        path = layout.project_file() or layout.config_folder / "project.yml"
    else:
        entry = layout.find(name)
        path = entry.config or next(layout.pipeline_file_candidates(entry.name.replace(".", "/")))
    with suppress(ValueError):
        return path.relative_to(Path.cwd())
    return path
