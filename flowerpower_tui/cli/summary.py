"""`fp-tui summary`: what a project consists of, to read or as a document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.summaries import Form

_ABOUT = "Secrets are masked. What cannot be read is told in its place: fp-tui check says more about it."
_EXAMPLES = {
    "fp-tui summary": "the whole project",
    "fp-tui summary sales --no-code": "one pipeline's configuration",
    "fp-tui summary --format html --output shop.html": "to pass on",
}


def add_commands(line: CommandLine) -> None:
    """Add `summary`."""
    parser = line.add(
        "summary",
        print_summary,
        "show the project's configuration, its pipelines and their code",
        about=_ABOUT,
        examples=_EXAMPLES,
        takes=("project", "python"),
    )
    parser.add_argument("pipeline", metavar="PIPELINE", nargs="?", help="only this pipeline")
    parser.add_argument("--no-project", action="store_true", help="without the project's configuration")
    parser.add_argument("--no-config", action="store_true", help="without the pipelines' configuration")
    parser.add_argument("--no-code", action="store_true", help="without the pipelines' code")
    parser.add_argument("--format", choices=("text", "json", "html", "svg"), default="text", help="default: text")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write to this file, not to stdout")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")


def print_summary(arguments: argparse.Namespace) -> int:
    """Print a summary, or write it into a file."""
    from flowerpower_tui.pipeline.summaries import rendered, summary_of

    summary = summary_of(
        place.home(arguments),
        arguments.pipeline,
        cfg=not arguments.no_config,
        code=not arguments.no_code,
        project=not arguments.no_project,
    )
    form: Form | Literal["json"] = arguments.format
    if form == "text" and arguments.output is None and sys.stdout.isatty():
        _show(summary)
    elif form == "json":
        console.json_document(summary, arguments.output)
    else:
        console.document(rendered(summary, form).rstrip("\n"), arguments.output)
    return console.Exit.DONE


def _show(summary: dict[str, object]) -> None:
    from rich.console import Console

    from flowerpower_tui.pipeline.summaries import show

    show(summary, Console())
