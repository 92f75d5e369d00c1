"""`fp-tui runs`, `logs` and `cancel`: what the run store knows."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json, add_run, at_least

if TYPE_CHECKING:
    from flowerpower_tui.runs.directory import RunDirectory

_STATES = ("running", "cancelling", "succeeded", "failed", "cancelled", "crashed", "lost")
_RUNS_EXAMPLES = {
    "fp-tui runs": "those of this project",
    "fp-tui runs --state failed --since 2d": "what failed these two days",
    "fp-tui runs orders -n 1 --json": "the last of a pipeline, as data",
}
_LOGS_EXAMPLES = {
    "fp-tui logs orders": "of the latest run of this pipeline",
    "fp-tui logs latest -f": "of the latest of all, until it ends",
}
_CANCEL = "Nodes that are finished stay so. A second time takes the next measure at once: SIGINT, SIGTERM, SIGKILL."
_CANCEL_EXAMPLES = {
    "fp-tui cancel orders": "the latest run of this pipeline",
    "fp-tui cancel latest": "the latest of all",
}


def add_commands(line: CommandLine) -> None:
    """Add `runs`, `logs` and `cancel`."""
    runs = line.add("runs", list_runs, "list runs, the newest first", examples=_RUNS_EXAMPLES)
    runs.add_argument("pipeline", metavar="PIPELINE", nargs="?", help="only the runs of this pipeline")
    runs.add_argument("--all", action="store_true", help="of every project, not only of this one")
    runs.add_argument(
        "--state",
        metavar="STATE",
        action="append",
        default=[],
        choices=_STATES,
        help=f"only those {', '.join(_STATES)}",
    )
    runs.add_argument("--since", metavar="WHEN", type=_moment, help="only from then on: 2026-05-01, 12h, 7d")
    runs.add_argument("-n", "--limit", metavar="N", type=at_least(1), help="at most so many")
    add_json(runs)
    logs = line.add("logs", print_log, "print what a run has written", examples=_LOGS_EXAMPLES)
    add_run(logs)
    logs.add_argument("-f", "--follow", action="store_true", help="wait for more until the run ends")
    add_json(logs, "print the events as JSON; with -f, one a line")
    cancel = line.add(
        "cancel", cancel_run, "end a run, and wait until it has", about=_CANCEL, examples=_CANCEL_EXAMPLES
    )
    add_run(cancel)


def list_runs(arguments: argparse.Namespace) -> int:
    """Print the runs of the project, or all of them outside of one."""
    from msgspec.structs import replace

    from flowerpower_tui.project.mirrors import url_of
    from flowerpower_tui.runs.lines import spoken_time
    from flowerpower_tui.runs.store import RunStore

    project = None if arguments.all else place.project_or_none(arguments)
    root = str(project.root) if project else None
    runs = RunStore().runs(root, arguments.pipeline, arguments.limit, states=arguments.state, since=arguments.since)
    if arguments.json:
        console.json_document([replace(run, project=url_of(Path(run.project)) or run.project) for run in runs])
    elif runs:
        console.table(
            ("RUN", "PIPELINE", "STATE", "STARTED", "DURATION"),
            [(run.id, run.pipeline, run.state, console.local(run.started), spoken_time(run.duration)) for run in runs],
        )
    else:
        console.say(_no_runs(arguments))
    return console.Exit.DONE


def print_log(arguments: argparse.Namespace) -> int:
    """Print the log of a run, so far or to its end."""
    from flowerpower_tui.cli.watch import EventPrinter, LinePrinter, event_data
    from flowerpower_tui.runs.journal import follow
    from flowerpower_tui.runs.sinks import troubles

    run = _find(arguments)
    events = follow(run, stop=lambda: not arguments.follow)
    if arguments.json and not arguments.follow:
        console.json_document([event_data(run, event) for event in events])
        return console.Exit.DONE
    printer = EventPrinter(run) if arguments.json else LinePrinter(run)
    for event in events:
        printer.show(event)
    printer.rest()
    for trouble in troubles(run):
        console.say(trouble.message, "warning")
    return console.Exit.DONE


def cancel_run(arguments: argparse.Namespace) -> int:
    """Cancel a run; return when it is over."""
    from flowerpower_tui.runs.cancel import cancel
    from flowerpower_tui.runs.events import RunFinished
    from flowerpower_tui.runs.journal import follow

    run = _find(arguments)
    cancel(run)
    end = next((event for event in follow(run) if isinstance(event, RunFinished)), None)
    console.say(f"Run {run.id} {end.outcome if end else 'is lost'}.")
    return console.Exit.DONE


def _find(arguments: argparse.Namespace) -> RunDirectory:
    from flowerpower_tui.runs.store import RunStore

    project = place.project_or_none(arguments)
    return RunStore().find(arguments.run, str(project.root) if project else None)


def _no_runs(arguments: argparse.Namespace) -> str:
    if arguments.state or arguments.since:
        return "There are no such runs."
    return "There are no runs yet." if arguments.pipeline is None else f"No run of {arguments.pipeline} yet."


def _moment(text: str) -> datetime:
    """Read a day, a moment, or how long ago it was; the clock on the wall is meant."""
    from flowerpower_tui.runs.runfilter import moment

    found = moment(text, datetime.now(UTC))
    if found is None:
        raise ValueError(text)
    return found


_moment.__name__ = "time"
