"""`fp-tui watch`: looks at a pipeline after every save, tells what is stale and why, and runs it."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flowerpower_tui.cli import console, place
from flowerpower_tui.cli.parser import CODE, CommandLine, add_json, add_pipeline
from flowerpower_tui.cli.run import add_overrides, overrides

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from flowerpower_tui.cli.watch import LinePrinter
    from flowerpower_tui.errors import Problem
    from flowerpower_tui.runs.compare import Comparison, Difference
    from flowerpower_tui.runs.events import AnyEvent, NodeStarted
    from flowerpower_tui.runs.loop import Ended, Happening, Seen

_ABOUT = """\
After each save of a module, a configuration, a hook or .env, the pipeline is looked at anew. A run of what is stale
uses the results of earlier such runs where neither code nor data changed; what reads files, clocks or networks runs
every time. Ctrl+C ends it and cancels the run that goes on.

FP_TUI_WATCH=poll, or the setting watch, looks every second, for folders that other machines write to."""
_EXAMPLES = {
    "fp-tui watch sales": "run what each save makes stale",
    "fp-tui watch sales --on-change check": "only tell what is stale, and why",
    "fp-tui watch sales --final-var revenue": "as far as this node",
}
_MOST_NAMED = 5


def add_commands(line: CommandLine) -> None:
    """Add `watch`."""
    parser = line.add(
        "watch",
        watch_pipeline,
        "look at a pipeline after every save, and run what is stale",
        about=_ABOUT,
        examples=_EXAMPLES,
        exits={130: "Ctrl+C, which is its end"},
        takes=CODE,
    )
    add_pipeline(parser)
    parser.add_argument(
        "--on-change",
        choices=("stale", "run", "check"),
        default="stale",
        help="run what is stale (the default), run everything, or only tell",
    )
    parser.add_argument(
        "--while-running",
        choices=("restart", "queue"),
        help="cancel a run that a save makes old, or let it end first; the default is the setting while_running",
    )
    add_overrides(parser)
    add_json(parser, "print what happens as JSON, one event a line")


def watch_pipeline(arguments: argparse.Namespace) -> int:
    """Watch a pipeline until Ctrl+C; return 130."""
    from flowerpower_tui.cli.watch import Interrupts
    from flowerpower_tui.runs.loop import Loop
    from flowerpower_tui.runs.seedbed import Seedbed
    from flowerpower_tui.settings import read_settings

    settings = read_settings().settings
    project = place.project_to_run(arguments)
    pipeline = project.find(arguments.pipeline).name
    printer = _JsonPrinter() if arguments.json else _Printer(project.root)
    with Interrupts() as interrupts, Seedbed(project.root) as seedbed:
        loop = Loop(
            project.root,
            pipeline,
            seedbed,
            overrides(arguments),
            on_change=arguments.on_change,
            while_running=arguments.while_running or settings.while_running,
            watching=settings.watch,
        )
        for happening in loop.happenings(lambda: interrupts.count):
            printer.show(happening)
    return console.Exit.CANCELLED


class _JsonPrinter:
    """Prints what happens for programs: what happens in a run as `fp-tui run --json` does."""

    def show(self, happening: Happening) -> None:
        """Print it."""
        from flowerpower_tui.cli.watch import event_data
        from flowerpower_tui.runs.loop import Begun, Ended, Refused, Seen, Told

        match happening:
            case Told(run=run, event=event):
                console.json_line(event_data(run, event))
            case Seen(changes=changes, picture=picture):
                self._line(
                    happening,
                    files=changes.paths,
                    changed=picture.changed,
                    diff=picture.diff,
                    stale=picture.stale,
                    problems=_told(picture.problems),
                )
            case Begun(run=run):
                self._line(happening, run=run.id, path=str(run.path))
            case Ended(run=run, outcome=outcome, comparison=comparison, stale=stale):
                results = {node: list(changes) for node, changes in _results(comparison)}
                against = comparison.left if comparison else None
                self._line(happening, run=run.id, outcome=outcome, against=against, results=results, stale=stale)
            case Refused(problems=problems):
                self._line(happening, problems=_told(problems))

    def _line(self, happening: Any, **facts: Any) -> None:
        console.json_line({"type": type(happening).__name__, "time": happening.time, **facts})


class _Printer:
    """Prints what happens for people: lines as those of a run's log."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._log: LinePrinter | None = None
        # What began last, if nothing else has happened since; and how many nodes had nothing to do but to begin.
        self._begun: NodeStarted | None = None
        self._at_hand = 0

    def show(self, happening: Happening) -> None:
        """Print it."""
        from flowerpower_tui.cli.watch import LinePrinter
        from flowerpower_tui.runs.loop import Begun, Ended, Refused, Rested, Seen, Told

        match happening:
            case Seen():
                self._seen(happening)
            case Begun(run=run):
                self._log, self._at_hand = LinePrinter(run), 0
            case Told(event=event) if self._log:
                self._tell(event, self._log)
            case Rested() if self._log:
                self._tell_begun(self._log)
            case Ended():
                self._ended(happening)
            case Refused(time=time, problems=problems):
                self._problems(time, problems)

    def _seen(self, seen: Seen) -> None:
        picture, files = seen.picture, [self._short(path) for path in seen.changes.paths]
        if picture.is_broken:
            self._problems(seen.time, picture.problems)
            return
        if seen.mended:
            self._say(seen.time, "mended", "the graph is whole again")
        told = [f"{name}: {why}" for name, why in picture.changed.items()]
        told += [f"{old}: is now called {new}" for old, new in picture.diff.renamed.items()]
        told += [f"{name}: removed" for name in picture.diff.removed]
        if not told and files and not seen.mended:
            told = [f"{_listed(files)}: no node changed"]
        for text in told:
            self._say(seen.time, "change", text)
        self._stale(seen.time, picture.stale)

    def _tell(self, event: AnyEvent, log: LinePrinter) -> None:
        """Print what happens in a run, in one line the nodes whose values were at hand: there are many of them."""
        from flowerpower_tui.runs.events import NodeFinished, NodeStarted, RunFinished

        if isinstance(event, NodeFinished) and event.reused:
            self._at_hand += 1
            if self._begun and (self._begun.node, self._begun.task) == (event.node, event.task):
                self._begun = None
            return
        self._tell_begun(log)
        if isinstance(event, NodeStarted):
            self._begun = event
            return
        if isinstance(event, RunFinished) and self._at_hand:
            self._say(event.time, "at hand", f"{self._at_hand} node{'s' * (self._at_hand != 1)}")
        log.show(event)

    def _tell_begun(self, log: LinePrinter) -> None:
        if self._begun:
            log.show(self._begun)
            self._begun = None

    def _ended(self, ended: Ended) -> None:
        from flowerpower_tui.runs.compare import spoken

        if self._log:
            self._log.rest()
        for node, changes in _results(ended.comparison):
            for change in changes:
                for text in spoken(change):
                    self._say(ended.time, "result", f"{node}: {text}")
        if ended.outcome == "lost":
            self._say(ended.time, "lost", f"the supervisor died; fp-tui logs {ended.run.id}", "error")

    def _stale(self, time: datetime, stale: Mapping[str, str]) -> None:
        from flowerpower_tui.runs.staleness import causes

        nodes, downstream = causes(stale)
        told = [f"{_listed(names)} ({why})" for why, names in nodes.items()]
        if downstream:
            told.append(f"{downstream} downstream")
        self._say(time, "stale" if stale else "fresh", _listed(told) or "nothing is stale")

    def _problems(self, time: datetime, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self._say(time, "broken", self._short(str(problem)), "error")

    def _say(self, time: datetime, what: str, text: str, tone: console.Tone = "plain") -> None:
        console.data(f"{time.astimezone():%H:%M:%S}  {what:<8}  {text}", tone)

    def _short(self, text: str) -> str:
        return text.removeprefix(f"{self._root}/")


def _results(comparison: Comparison | None) -> Iterator[tuple[str, tuple[Difference, ...]]]:
    """The nodes that gave a value in both runs, and not the same."""
    for node in comparison.nodes if comparison else ():
        if node.left_result and node.right_result and node.result_changes:
            yield node.node, node.result_changes


def _told(problems: Sequence[Problem]) -> list[str]:
    return [str(problem) for problem in problems]


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
