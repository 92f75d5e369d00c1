"""Showing a run as it happens, to a person or a program; `run` and `logs` have this in common."""

from __future__ import annotations

import contextlib
import signal
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from flowerpower_tui.cli import console
from flowerpower_tui.pipeline.failure import render
from flowerpower_tui.runs.events import (
    AttemptFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    OutputWritten,
    RunFinished,
    RunStarted,
)
from flowerpower_tui.runs.lines import LineAssembler

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

    from flowerpower_tui.runs.directory import RunDirectory
    from flowerpower_tui.runs.events import AnyEvent
    from flowerpower_tui.runs.lines import LogLine

_WIDEST_LEVEL = 8
_WIDEST_HEAD = len("00:00:00") + 2 + _WIDEST_LEVEL + 2
_NARROWEST_TEXT = 20
_TONES: dict[str, console.Tone] = {"WARNING": "warning", "ERROR": "error", "CRITICAL": "error"}
_EXITS = {
    "succeeded": console.Exit.DONE,
    "failed": console.Exit.FAILED,
    "cancelled": console.Exit.CANCELLED,
    "crashed": console.Exit.CRASHED,
}


class Watcher(Protocol):
    """Shows a run to somebody."""

    def show(self, event: AnyEvent) -> None:
        """Show the next event."""

    def rest(self) -> None:
        """Nothing more has happened so far: show what was held back."""


class EventPrinter:
    """Prints events to stdout, one a line, for programs."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run

    def show(self, event: AnyEvent) -> None:
        """Print the event; a mistake in what was given also for the person who gave it."""
        console.json_line(event_data(self._run, event))
        if isinstance(event, RunFinished) and event.failure and event.failure.user_error:
            console.mistake("\n".join(render(event.failure)))

    def rest(self) -> None:
        """Hold nothing back."""


class LinePrinter:
    """Prints the log of a run to stdout: output, log records, what happened to nodes."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._lines = LineAssembler(root=_here())

    def show(self, event: AnyEvent) -> None:
        """Print the lines that the event completes."""
        if isinstance(event, OutputWritten):
            lines = self._lines.output(event, self._run.output(event))
        else:
            lines = self._lines.event(event)
        self._print(lines)

    def rest(self) -> None:
        """Print the lines that are begun and not ended."""
        self._print(self._lines.rest())

    def _print(self, lines: Iterable[LogLine]) -> None:
        for text, tone in line_texts(lines, console.columns("stdout")):
            console.data(text, tone)


class Narrator:
    """Passes on a pipeline's own output as it is, and tells the rest on stderr."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._output = console.PipelineOutput()
        self._lines = LineAssembler(root=_here())
        self._begun: NodeStarted | None = None

    def show(self, event: AnyEvent) -> None:
        """Tell the event; the start of a node only if something else happens before its end."""
        begun, self._begun = self._begun, None
        if begun and not (isinstance(event, NodeFinished) and (event.node, event.task) == (begun.node, begun.task)):
            self._tell(begun)
        if not isinstance(event, NodeSkipped):
            self._say(self._lines.tell_skipped())
        match event:
            case OutputWritten():
                self._output.write(event.stream, self._run.output(event))
            case NodeStarted():
                self._begun = event
            case RunStarted():
                pass  # whoever started it knows
            case AttemptFailed(failure=failure) if failure.user_error:
                pass  # told at the end
            case RunFinished(failure=failure) if failure and failure.user_error:
                console.mistake("\n".join(render(failure)))
            case RunFinished():
                self._output.end_lines()
                self._tell(event)
            case _:
                self._tell(event)

    def rest(self) -> None:
        """Tell what was skipped, and which node runs now."""
        self._say(self._lines.tell_skipped())
        if self._begun:
            self._tell(self._begun)
            self._begun = None

    def _tell(self, event: AnyEvent) -> None:
        self._say(self._lines.event(event))

    def _say(self, lines: Iterable[LogLine]) -> None:
        for text, tone in line_texts(lines, console.columns("stderr")):
            console.say(text, tone)


class Interrupts:
    """Counts Ctrl+C and SIGTERM instead of being ended by them.

    Attributes:
        count: how many came.
    """

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


def watch(run: RunDirectory, watcher: Watcher, interrupts: Interrupts) -> int:
    """Show a run until it ends; the first interrupt cancels it, the second leaves it alone. Return the exit code."""
    from flowerpower_tui.errors import OutputError, RunStoreError
    from flowerpower_tui.runs.cancel import cancel
    from flowerpower_tui.runs.journal import follow

    cancelled = False

    def look_up() -> bool:
        nonlocal cancelled
        watcher.rest()
        if interrupts.count and not cancelled:
            cancelled = True
            # If it has ended by itself, the journal will tell.
            with contextlib.suppress(RunStoreError):
                cancel(run)
        return interrupts.count > 1

    try:
        for event in follow(run, stop=look_up):
            watcher.show(event)
            if isinstance(event, RunFinished):
                return exit_code(event)
    except BrokenPipeError:
        console.say(f"Nobody reads; run {run.id} goes on.")
        raise
    except OutputError as error:
        raise OutputError(error.message, hint=f"Run {run.id} goes on: fp-tui logs {run.id} -f") from error
    if interrupts.count > 1:
        console.say(f"Run {run.id} is still ending; fp-tui logs {run.id} -f shows how.")
        return console.Exit.CANCELLED
    console.say(f"Run {run.id} is lost: its supervisor died without a word. See fp-tui logs {run.id}")
    return console.Exit.CRASHED


def exit_code(end: RunFinished) -> int:
    """Return what a command exits with whose run ended so."""
    if end.failure and end.failure.user_error:
        return console.Exit.MISTAKE
    return _EXITS[end.outcome]


def line_texts(lines: Iterable[LogLine], columns: int | None = None) -> Iterator[tuple[str, console.Tone]]:
    """Yield each line with its local time, its level or stream, and the node that it belongs to; and its tone.

    What goes on over several lines, such as a traceback, has these before the first of them only. In a terminal, which
    is `columns` wide, what went wrong goes on below, and what was skipped is as much as one line holds.
    """
    told = 0
    for line in lines:
        if line.source in ("run", "log") and line.seq == told:
            head = " " * _WIDEST_HEAD
        else:
            head = f"{line.time.astimezone():%H:%M:%S}  {line.level or line.source:<{_WIDEST_LEVEL}}  "
        told = line.seq
        # What the run itself says names its node.
        node = f"{line.node}: " if line.node and line.source != "run" else ""
        for text in _in_columns(line, f"{node}{line.text}", columns and columns - _WIDEST_HEAD):
            shown = f"{head}{text}"
            yield shown if line.text else shown.rstrip(), _TONES.get(line.level, "plain")
            head = " " * _WIDEST_HEAD


def _in_columns(line: LogLine, text: str, room: int | None) -> list[str]:
    if room is None or len(text) <= room or room < _NARROWEST_TEXT or line.source != "run":
        return [text]
    if line.nodes:
        return [console.in_short(text, room)]
    if line.level == "INFO":
        return [text]
    # Paths are copied and clicked: they stay in one piece.
    indent = " " * (len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text,
        room,
        subsequent_indent=indent,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _here() -> Path | None:
    """The working directory: what is below it is told, and found, by the way from there."""
    with contextlib.suppress(OSError):
        return Path.cwd()
    return None


def event_data(run: RunDirectory, event: AnyEvent) -> dict[str, Any]:
    """Return an event as `--json` prints it: output with its text, which the journal only points to."""
    told: dict[str, Any] = msgspec.to_builtins(event)
    if isinstance(event, OutputWritten):
        told["text"] = run.output(event).decode("utf-8", "replace")
    return told
