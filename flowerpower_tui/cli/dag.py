"""`fp-tui dag`: a pipeline's graph, drawn or as data."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, CommandLine, add_pipeline, at_least
from flowerpower_tui.graph.forms import FORMS, PICTURES

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.graph.order import Effort

# Columns for a file or a pipe, which have none of their own.
_PAGE = 120
_HOPS = 2
_VIEWS = ("boxes", "chips", "lanes")
# A graph of so many nodes is laid out with the greatest care before anyone notices.
_CAREFULLY = 80

_EXAMPLES = {
    "fp-tui dag churn": "as it fits the terminal",
    "fp-tui dag churn --focus clean --hops 2": "what is around it",
    "fp-tui dag churn --focus raw --to report": "the ways between two",
    "fp-tui dag churn --fold": "less of it",
    "fp-tui dag churn --format svg --output churn.svg": "to show",
}


def add_commands(line: CommandLine) -> None:
    """Add `dag`."""
    parser = line.add("dag", print_dag, "print a pipeline's DAG", examples=_EXAMPLES, takes=CODE)
    add_pipeline(parser)
    parser.add_argument("--view", choices=_VIEWS, help="default: the first of boxes, chips and lanes that fits")
    parser.add_argument("--direction", choices=("down", "right"), help="of the flow, not in lanes; default: down")
    parser.add_argument("--width", metavar="COLUMNS", type=at_least(1), help="default: those of the terminal")
    parser.add_argument("--focus", metavar="NODE", action="append", help="only this node and what is around it")
    parser.add_argument("--hops", metavar="N", type=at_least(0), help=f"how many edges around it; default: {_HOPS}")
    parser.add_argument("--to", metavar="NODE", help="only the paths from the focused node to this one")
    parser.add_argument("--fold", action="store_true", help="show checks, twins and chains as one node each")
    parser.add_argument(
        "--fold-by",
        metavar="KIND",
        action="append",
        help="the same by quality, twins, chains, subdag, module, tag:NAME",
    )
    parser.add_argument("--charset", choices=("unicode", "ascii"), help="default: unicode where it can be written")
    parser.add_argument(
        "--format",
        choices=(*FORMS, *PICTURES),
        default="text",
        help="png and pdf are made by Graphviz, if it is installed",
    )
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write to this file, not to stdout")


def print_dag(arguments: argparse.Namespace) -> int:
    """Print the graph of a pipeline, or write it into a file."""
    from flowerpower_tui.errors import ConfigError, OutputError
    from flowerpower_tui.graph.picture import picture, text
    from flowerpower_tui.graph.svg import to_svg
    from flowerpower_tui.runs.inspect import inspect

    form, file = arguments.format, arguments.output
    if form in PICTURES and file is None and sys.stdout.isatty():
        raise OutputError(f"A {form.upper()} is nothing for a terminal.", hint="Say --output FILE.")

    _refuse_what_has_no_effect(arguments)
    project = place.project_to_run(arguments)
    inspection = inspect(project.root, project.find(arguments.pipeline).name)
    if inspection.graph is None:
        raise ConfigError(inspection.problems)
    part = _part(inspection.graph, arguments)
    if form == "text":
        console.document(_drawing(part, arguments), file)
    elif form == "svg":
        console.document(to_svg(part.graph, direction=arguments.direction or "down", notes=part.notes), file)
    elif form in FORMS:
        console.document(text(part.graph, form), file)
    else:
        console.document_bytes(picture(part.graph, form), file)
    return console.Exit.DONE


def _refuse_what_has_no_effect(arguments: argparse.Namespace) -> None:
    """Raise OutputError for an option that the others leave nothing to say."""
    from flowerpower_tui.errors import OutputError

    form = arguments.format
    drawn = {"--view": arguments.view, "--width": arguments.width, "--charset": arguments.charset}
    if form != "svg":
        drawn["--direction"] = arguments.direction
    if form != "text" and (given := next((option for option, value in drawn.items() if value is not None), "")):
        raise OutputError(f"{given} has no effect on --format {form}.", hint="Leave one of them out.")
    if arguments.hops is not None and (arguments.to or not arguments.focus):
        raise OutputError("--hops says how far to look around a node.", hint="Say --focus NODE, and not --to.")


class _Part(NamedTuple):
    """What is shown of a graph, and the notes behind its names."""

    graph: Graph
    notes: dict[str, str]


def _part(graph: Graph, arguments: argparse.Namespace) -> _Part:
    """Fold and focus as the arguments say; raises GraphError."""
    from flowerpower_tui.errors import GraphError, did_you_mean
    from flowerpower_tui.graph.focus import between, focus
    from flowerpower_tui.graph.fold import STANDARD, Folded, fold

    wanted = [*(arguments.focus or ()), *([arguments.to] if arguments.to else ())]
    for name in wanted:
        if name not in graph.by_name:
            raise GraphError(f"The graph has no node '{name}'.", hint=did_you_mean(name, graph.by_name))
    if arguments.to and len(wanted) != 2:
        raise GraphError("--to needs one node to start from.", hint="Say --focus NODE --to NODE.")
    kinds = arguments.fold_by or (STANDARD if arguments.fold else ())
    try:
        folded = fold(graph, kinds) if kinds else Folded(graph)
    except ValueError as error:
        what, _, there = str(error).partition(": ")
        raise GraphError(f"{what[0].upper()}{what[1:]}.", hint=f"{there[0].upper()}{there[1:]}.") from None
    if not wanted:
        return _Part(folded.graph, dict(folded.notes))
    nodes = [folded.shown_as[name] for name in wanted]
    if arguments.to:
        seen = between(folded.graph, *nodes)
        if not seen.graph.nodes:
            raise GraphError(f"No path leads from '{wanted[0]}' to '{wanted[1]}'.")
    else:
        seen = focus(folded.graph, nodes, _HOPS if arguments.hops is None else arguments.hops)
    notes = {name: f"{folded.notes.get(name, '')} {seen.notes.get(name, '')}".strip() for name in seen.graph.by_name}
    return _Part(seen.graph, notes)


def _drawing(part: _Part, arguments: argparse.Namespace) -> str:
    from flowerpower_tui.graph.draw import draw
    from flowerpower_tui.graph.lanes import lanes
    from flowerpower_tui.graph.layout import layout
    from flowerpower_tui.graph.view import fit

    graph, notes = part
    charset = arguments.charset or _charset(arguments.output)
    width = arguments.width or shutil.get_terminal_size((_PAGE, 0)).columns
    effort: Effort = "good" if len(graph.nodes) <= _CAREFULLY else "quick"
    if arguments.view == "lanes":
        return draw(lanes(graph, notes=notes), charset=charset).text
    if arguments.view is None:
        drawing = fit(
            graph,
            width,
            direction=arguments.direction or "down",
            charset=charset,
            marks=False,
            effort=effort,
            notes=notes,
        )
        return drawing.text
    boxes = layout(
        graph,
        direction=arguments.direction or "down",
        marks=False,
        chips=arguments.view == "chips",
        width=width,
        effort=effort,
        notes=notes,
    )
    return draw(boxes, charset=charset).text


def _charset(output: Path | None) -> Literal["unicode", "ascii"]:
    if output is not None:
        return "unicode"
    try:
        "─▼".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return "ascii"
    return "unicode"
