"""`fp-tui dag`: a pipeline's graph, drawn or as data."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CommandLine

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph

# Columns for a file or a pipe, which have none of their own.
_PAGE = 120
_FORMATS = ("text", "json", "mermaid", "dot", "svg", "png", "pdf")


def add_commands(line: CommandLine) -> None:
    """Add `dag`."""
    parser = line.add("dag", print_dag, "print a pipeline's DAG")
    parser.add_argument("pipeline", metavar="PIPELINE")
    parser.add_argument("--view", choices=("boxes", "lanes"), help="default: boxes if they fit, else lanes")
    parser.add_argument("--direction", choices=("down", "right"), default="down", help="of the flow, in boxes")
    parser.add_argument("--charset", choices=("unicode", "ascii"), help="default: unicode where it can be written")
    parser.add_argument(
        "--format", choices=_FORMATS, default="text", help="png and pdf are made by Graphviz, if it is installed"
    )
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write to this file, not to stdout")


def print_dag(arguments: argparse.Namespace) -> int:
    """Print the graph of a pipeline, or write it into a file."""
    from flowerpower_tui.errors import ConfigError, OutputError
    from flowerpower_tui.graph.picture import PICTURES, TEXTS, picture
    from flowerpower_tui.runs.inspect import inspect

    form, file = arguments.format, arguments.output
    if form in PICTURES and file is None and sys.stdout.isatty():
        raise OutputError(f"A {form.upper()} is nothing for a terminal.", hint="Say --output FILE.")

    project = place.project(arguments)
    inspection = inspect(project.root, project.find(arguments.pipeline).name)
    if inspection.graph is None:
        raise ConfigError(inspection.problems)
    if form == "text":
        console.document(_drawing(inspection.graph, arguments), file)
    elif form in TEXTS:
        console.document(TEXTS[form](inspection.graph), file)
    else:
        console.document_bytes(picture(inspection.graph, form), file)
    return console.Exit.DONE


def _drawing(graph: Graph, arguments: argparse.Namespace) -> str:
    from flowerpower_tui.graph.draw import draw
    from flowerpower_tui.graph.lanes import lanes
    from flowerpower_tui.graph.layout import layout
    from flowerpower_tui.graph.view import fit

    charset = arguments.charset or _charset(arguments.output)
    width = shutil.get_terminal_size((_PAGE, 0)).columns
    if arguments.view == "lanes":
        return draw(lanes(graph), charset=charset).text
    if arguments.view == "boxes":
        boxes = layout(graph, direction=arguments.direction, marks=False, width=width)
        return draw(boxes, charset=charset).text
    return fit(graph, width, direction=arguments.direction, charset=charset, marks=False).text


def _charset(output: Path | None) -> Literal["unicode", "ascii"]:
    if output is not None:
        return "unicode"
    try:
        "─▼".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return "ascii"
    return "unicode"
