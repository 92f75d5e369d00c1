"""`fp-tui run`: starts a run and shows it until it ends."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, RUN_EXITS, CommandLine, add_json, add_pipeline

if TYPE_CHECKING:
    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.request import RunRequest

_ABOUT = """\
The pipeline's own output goes to stdout, everything else to stderr. Ctrl+C cancels the run; once more leaves it
alone. Closing the terminal does not end it: fp-tui logs PIPELINE -f shows how it goes on."""
_EXAMPLES = {
    "fp-tui run sales": "as its YAML says",
    "fp-tui run sales --final-var revenue": "only up to this node",
    "fp-tui run sales --set run.retry.max_retries=0": "with another value this once",
    "fp-tui run sales --input day=2026-05-01": "with another input",
    "fp-tui run sales --detach": "and leave it alone",
}


def add_commands(line: CommandLine) -> None:
    """Add `run`."""
    parser = line.add(
        "run",
        run_pipeline,
        "run a pipeline and watch it",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits=RUN_EXITS,
        takes=CODE,
    )
    add_pipeline(parser)
    add_options(parser)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be asked of a run."""
    add_overrides(parser)
    parser.add_argument("--detach", action="store_true", help="start it, print its id, and leave")
    add_json(parser, "print what happens as JSON, one event a line")


def add_overrides(parser: argparse.ArgumentParser) -> None:
    """Add what a pipeline can be run with, beside what its YAML says; `overrides` reads it."""
    asked = parser.add_argument_group("what it runs with", "Each but --executor may be given several times.")
    add_set(asked)
    asked.add_argument(
        "--input", metavar="NAME=VALUE", action="append", default=[], help="give an input of the graph a value"
    )
    asked.add_argument(
        "--final-var", metavar="NODE", action="append", default=[], help="compute this node, not those of the YAML"
    )
    asked.add_argument(
        "--executor", metavar="TYPE", help="what runs the nodes: synchronous, threadpool, processpool, ray, dask, …"
    )


def add_set(parser: argparse._ActionsContainer) -> None:
    """Add what overrides values of the pipeline's YAML."""
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="override a value of the pipeline's YAML: run.retry.max_retries=0; VALUE is YAML: 3, true, [a, b], text",
    )


def run_pipeline(arguments: argparse.Namespace) -> int:
    """Run a pipeline; return 0, 1, 2, 3 or 130, as it ends."""
    from flowerpower_tui.runs.request import RunRequest

    project = place.project_to_run(arguments)
    pipeline = project.find(arguments.pipeline).name
    return carry_out(RunRequest(str(project.root), pipeline, overrides(arguments)), arguments)


def carry_out(request: RunRequest, arguments: argparse.Namespace) -> int:
    """Start a run and watch it, or leave it; return 0, 1, 2, 3 or 130, as it ends."""
    from flowerpower_tui.cli.watch import EventPrinter, Interrupts, Narrator, watch
    from flowerpower_tui.config.resolve import resolve_pipeline
    from flowerpower_tui.runs.launcher import start

    place.executors_of(Path(request.project))
    for notice in resolve_pipeline(Path(request.project), request.pipeline, request.overrides).notices:
        console.say(str(notice))
    if arguments.detach:
        return _leave(start(request), as_json=arguments.json)
    # From here on, so that a Ctrl+C while it starts does not leave a run behind that nobody asked for.
    with Interrupts() as interrupts:
        run = start(request)
        return watch(run, EventPrinter(run) if arguments.json else Narrator(run), interrupts)


def overrides(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the options override, shaped like the pipeline's YAML.

    Raises:
        ConfigError: one of them cannot be read.
    """
    from flowerpower_tui.cli.overrides import assignments, nested

    values = assignments("--set", arguments.set)
    inputs = assignments("--input", arguments.input)
    values |= {f"run.inputs.{name}": value for name, value in inputs.items()}
    if arguments.final_var:
        values["run.final_vars"] = arguments.final_var
    if arguments.executor:
        values["run.executor.type"] = arguments.executor
    return nested(values)


def _leave(run: RunDirectory, *, as_json: bool) -> int:
    if as_json:
        console.json_document({"id": run.id, "path": str(run.path)})
    else:
        console.data(run.id)
        console.say(f"fp-tui logs {run.id} -f shows it, fp-tui cancel {run.id} ends it.")
    return console.Exit.DONE
