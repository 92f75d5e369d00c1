"""`fp-tui check`: what is wrong with pipelines, without running them."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, CommandLine, add_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowerpower_tui.errors import Problem
    from flowerpower_tui.project.layout import ProjectLayout

# Each inspection is a process that imports pandas: more of them at a time only wait for one another.
_AT_A_TIME = 2

_ABOUT = """\
Nothing is run. Each line is path:line:column: message, as editors and CI read it. What ends in (notice) is no reason
for a run to fail: keys that nobody knows, values that YAML 1.2 reads otherwise (no, on, 012, 1:30)."""
_EXAMPLES = {
    "fp-tui check": "all pipelines",
    "fp-tui check sales orders": "these two",
}


def add_commands(line: CommandLine) -> None:
    """Add `check`."""
    parser = line.add(
        "check",
        check,
        "say what is wrong with pipelines: YAML, keys, imports, graph, inputs",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits={2: "a run would fail"},
        takes=CODE,
    )
    parser.add_argument("pipelines", metavar="PIPELINE", nargs="*", help="default: all of them")
    add_json(parser)


def check(arguments: argparse.Namespace) -> int:
    """Print every problem and notice, each with its place; return 2 if there is a problem."""
    from concurrent.futures import ThreadPoolExecutor

    from flowerpower_tui.config.resolve import resolve_project
    from flowerpower_tui.pipeline.installation import check_hamilton
    from flowerpower_tui.runs.examine import examine
    from flowerpower_tui.runs.interpreter import ready

    project = place.project_to_run(arguments)
    if not ready(project.root).path:
        check_hamilton()
    names = [project.find(name).name for name in arguments.pipelines] or [entry.name for entry in project.pipelines()]
    if not names:
        resolve_project(project.root)
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        findings = list(pool.map(lambda name: examine(project.root, name), names))
    # What is wrong with conf/project.yml is found with every pipeline.
    problems = dict.fromkeys(problem for found in findings for problem in found.problems)
    notices = dict.fromkeys(notice for found in findings for notice in found.notices)
    notices |= dict.fromkeys(_misread(project, names))
    if arguments.json:
        console.json_document([*_data("problem", problems), *_data("notice", notices)])
    else:
        for problem in problems:
            console.data(str(problem), "error")
        for notice in notices:
            console.data(f"{notice} (notice)", "warning")
        console.say(f"{_count(len(names), 'pipeline')}: {_count(len(problems), 'problem')}.")
    return console.Exit.MISTAKE if problems else console.Exit.DONE


def _misread(project: ProjectLayout, names: Iterable[str]) -> Iterator[Problem]:
    """Yield what a reader of YAML 1.2 would take for something else, in the project's file and the pipelines'."""
    from flowerpower_tui.assist.diagnose import diagnose
    from flowerpower_tui.errors import ConfigError, Location, Problem
    from flowerpower_tui.yamldoc.document import Document

    files = [("project", project.project_file()), *(("pipeline", project.pipeline_file(name)) for name in names)]
    for kind, path in files:
        # What is wrong with a file is told already.
        with suppress(ConfigError):
            text = Document.read(path).text if path else ""
            for found in diagnose(text, "project" if kind == "project" else "pipeline"):
                if found.code == "misread":
                    place = Location(str(path), found.span.line, found.span.column)
                    yield Problem(found.message, place, found.hint, found.code)


def _data(kind: str, problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind,
            "message": problem.message,
            "file": problem.location.file if problem.location else None,
            "line": (problem.location and problem.location.line) or None,
            "column": (problem.location and problem.location.column) or None,
            "hint": problem.hint,
        }
        for problem in problems
    ]


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
