"""`fp-tui ls`: the pipelines of a project."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json

if TYPE_CHECKING:
    from flowerpower_tui.runs.store import RunInfo

_EXAMPLES = {
    "fp-tui ls": "those of the project around here",
    "fp-tui ls -C ~/shop --json": "those of another, for a program",
}


def add_commands(line: CommandLine) -> None:
    """Add `ls`."""
    add_json(line.add("ls", list_pipelines, "list the pipelines, each with its last run", examples=_EXAMPLES))


def list_pipelines(arguments: argparse.Namespace) -> int:
    """Print the pipelines with their last runs."""
    from flowerpower_tui.runs.store import RunStore

    project = place.project(arguments)
    store = RunStore()
    pipelines = [(entry, store.latest(str(project.root), entry.name)) for entry in project.pipelines()]
    if arguments.json:
        console.json_document(
            [
                {"name": entry.name, "config": entry.config, "module": entry.module, "last_run": run}
                for entry, run in pipelines
            ]
        )
    elif pipelines:
        console.table(
            ("PIPELINE", "LAST RUN", "STARTED", "DURATION"),
            [(entry.name, *_last_run(run)) for entry, run in pipelines],
        )
    else:
        console.say("This project has no pipelines yet. Add one: fp-tui new PIPELINE")
    return console.Exit.DONE


def _last_run(run: RunInfo | None) -> tuple[str, str, str]:
    from flowerpower_tui.runs.lines import spoken_time

    if run is None:
        return "never", "", ""
    return run.state, console.local(run.started), spoken_time(run.duration)
