"""`fp-tui prune`: makes room in the run store."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine, add_json

if TYPE_CHECKING:
    from flowerpower_tui.runs.retention import Retention

_ABOUT = """\
Kept are the newest runs, 1000 of them and 5 GB together unless keep_runs and keep_size of your settings (or
FP_TUI_KEEP_RUNS, FP_TUI_KEEP_SIZE) say otherwise; every run that ends sees to that for all projects. A run that goes on
is never touched.

Of a project in a storage the files are here, too. --mirrors lets go of those of projects that nobody has opened or run
for 30 days: they are fetched again when that is done. What runs have written there stays."""
_IDLE_DAYS = 30
_EXAMPLES = {
    "fp-tui prune --keep 20": "twenty of this project stay",
    "fp-tui prune --all --size 1GB --dry-run": "what would go, of all projects",
    "fp-tui prune --mirrors 7": "copies of buckets, idle for a week",
}


def add_commands(line: CommandLine) -> None:
    """Add `prune`."""
    parser = line.add("prune", prune_runs, "remove old runs", about=_ABOUT, examples=_EXAMPLES)
    parser.add_argument("--all", action="store_true", help="of every project, not only of this one")
    parser.add_argument("--keep", metavar="N", type=int, help="keep so many, not the default")
    parser.add_argument("--size", metavar="SIZE", help="keep what fits into this, such as 500MB")
    parser.add_argument(
        "--mirrors",
        metavar="DAYS",
        nargs="?",
        type=int,
        const=_IDLE_DAYS,
        help=f"instead: files of projects in storages that were idle for so many days; {_IDLE_DAYS} if none are given",
    )
    parser.add_argument("--dry-run", action="store_true", help="remove nothing; print what would be removed")
    add_json(parser)


def prune_runs(arguments: argparse.Namespace) -> int:
    """Remove the runs of the project that are not kept, or those of all projects outside of one; print their ids."""
    if arguments.mirrors is not None:
        return _prune_mirrors(arguments)
    from flowerpower_tui.runs.retention import remove, size_of, surplus, sweep
    from flowerpower_tui.runs.store import RunStore

    retention = _retention(arguments)
    project = None if arguments.all else place.project_or_none(arguments)
    store = RunStore()
    removed: list[str] = []
    freed = 0
    for run in surplus([info.directory for info in store.runs(str(project.root) if project else None)], retention):
        size = size_of(run)
        if arguments.dry_run or remove(run):
            removed.append(run.id)
            freed += size
    if not arguments.dry_run:
        sweep(store.path)
    if arguments.json:
        console.json_document({"removed": removed, "bytes": freed, "dry_run": arguments.dry_run})
        return console.Exit.DONE
    for run_id in removed:
        console.data(run_id)
    would = "would be " if arguments.dry_run else ""
    console.say(f"{len(removed)} runs {would}removed, {freed / 1e6:.1f} MB.")
    return console.Exit.DONE


def _prune_mirrors(arguments: argparse.Namespace) -> int:
    """Let go of what was fetched of projects that were idle; print their URLs."""
    from flowerpower_tui.errors import FlowerPowerError
    from flowerpower_tui.project.mirrors import idle
    from flowerpower_tui.runs.store import RunStore

    if arguments.all or arguments.keep is not None or arguments.size is not None:
        raise FlowerPowerError(
            "--mirrors removes no runs: --all, --keep and --size have no effect with it.",
            hint="Prune runs and mirrors one after the other.",
        )
    if arguments.mirrors < 0:
        raise FlowerPowerError(f"--mirrors {arguments.mirrors}: this is no number of days.")
    store = RunStore()

    def is_used(root: Path) -> bool:
        return any(run.directory.is_locked for run in store.runs(str(root)))

    found = list(idle(time.time() - arguments.mirrors * 86_400, is_used))
    for mirror in found if not arguments.dry_run else ():
        mirror.let_go()
    size = sum(mirror.size for mirror in found)
    if arguments.json:
        removed = [mirror.url for mirror in found]
        console.json_document({"removed": removed, "bytes": size, "dry_run": arguments.dry_run})
        return console.Exit.DONE
    for mirror in found:
        console.data(mirror.url)
    would = "would be " if arguments.dry_run else ""
    console.say(f"{len(found)} mirrors {would}emptied, {size / 1e6:.1f} MB.")
    return console.Exit.DONE


def _retention(arguments: argparse.Namespace) -> Retention:
    from flowerpower_tui.errors import FlowerPowerError
    from flowerpower_tui.runs.retention import Retention, kept, parse_size
    from flowerpower_tui.settings import read_settings

    # What the environment says counts also where it is wrong, and is refused then.
    retention = Retention.of({**kept(read_settings().settings), **os.environ})
    if arguments.keep is not None:
        if arguments.keep < 0:
            raise FlowerPowerError(f"--keep {arguments.keep}: this is no number of runs.")
        retention = replace(retention, runs=arguments.keep)
    if arguments.size is not None:
        try:
            retention = replace(retention, size=parse_size(arguments.size))
        except ValueError:
            raise FlowerPowerError(f"--size {arguments.size}: this is no size.", hint="Try 500MB or 2GB.") from None
    return retention
