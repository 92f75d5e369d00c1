"""`fp-tui config` and `schema`: what a pipeline runs with and where it comes from, and what the files may say."""

from __future__ import annotations

import argparse
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json, add_pipeline
from flowerpower_tui.cli.run import add_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowerpower_tui.config.effective import Entry
    from flowerpower_tui.config.layers import Origin

_CONFIG = (
    "Secrets are masked: what stands under a secret's name, and what a variable of such a name gave. Nothing is run."
)
_CONFIG_EXAMPLES = {
    "fp-tui config sales": "as YAML",
    "fp-tui config sales --origin": "where values come from",
    "fp-tui config sales --set run.log_level=DEBUG": "with another value",
}
_SCHEMA = """\
For an editor that knows the YAML language server, save it and name it in the first line of a file:

  # yaml-language-server: $schema=pipeline.schema.json"""
_SCHEMA_EXAMPLES = {
    "fp-tui schema pipeline": "of the files in conf/pipelines",
    "fp-tui schema project": "of conf/project.yml",
}


def add_commands(line: CommandLine) -> None:
    """Add `config` and `schema`."""
    config = line.add(
        "config",
        print_config,
        "print what a pipeline runs with, of all layers",
        about=_CONFIG,
        examples=_CONFIG_EXAMPLES,
        takes=("project", "python"),
    )
    add_pipeline(config)
    config.add_argument("--origin", action="store_true", help="a table of each value with where it comes from")
    add_set(config)
    add_json(config)
    schema = line.add(
        "schema",
        print_schema,
        "print the JSON Schema of a configuration file",
        about=_SCHEMA,
        examples=_SCHEMA_EXAMPLES,
        takes=(),
    )
    schema.add_argument("file", choices=("project", "pipeline"), help="conf/project.yml, or one of conf/pipelines")
    add_json(schema, "print JSON, as it does anyway")


def print_config(arguments: argparse.Namespace) -> int:
    """Print the effective configuration of a pipeline."""
    from flowerpower_tui.cli.overrides import assignments, nested
    from flowerpower_tui.config.resolve import resolve_pipeline
    from flowerpower_tui.yamldoc.dump import dump

    project = place.project(arguments)
    overrides = nested(assignments("--set", arguments.set))
    config = resolve_pipeline(project.root, project.find(arguments.pipeline).name, overrides)
    for notice in config.notices:
        console.say(str(notice))
    if arguments.json:
        console.json_document([_data(entry) for entry in config.entries])
    elif arguments.origin:
        console.table(("KEY", "VALUE", "ORIGIN"), _rows(config.entries))
    else:
        console.data(dump(config.masked()).rstrip("\n"))
    return console.Exit.DONE


def print_schema(arguments: argparse.Namespace) -> int:
    """Print the JSON Schema of a configuration file."""
    from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
    from flowerpower_tui.config.schema import schema

    console.json_document(schema(PipelineConfig if arguments.file == "pipeline" else ProjectConfig))
    return console.Exit.DONE


def _rows(entries: Iterable[Entry]) -> list[tuple[str, str, str]]:
    from flowerpower_tui.yamldoc.dump import inline

    return [(entry.key, console.in_short(inline(entry.value)), str(_from_here(entry.origin))) for entry in entries]


def _from_here(origin: Origin) -> Origin:
    """Name the file as seen from the working directory, if it lies below it."""
    with suppress(ValueError):
        return replace(origin, file=str(Path(origin.file).relative_to(Path.cwd()))) if origin.file else origin
    return origin


def _data(entry: Entry) -> dict[str, Any]:
    origin = entry.origin
    return {
        "key": entry.key,
        "path": list(map(str, entry.path)),
        "value": entry.value,
        "origin": {
            "layer": origin.layer,
            "file": origin.file or None,
            "line": origin.line or None,
            "column": origin.column or None,
            "variable": origin.variable or None,
        },
    }
