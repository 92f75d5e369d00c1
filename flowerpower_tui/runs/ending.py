"""What a journal tells of a run beyond its nodes: how many attempts there were, and what was done to end it."""

from __future__ import annotations

from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import SUPERVISOR, CancelRequested, LogEmitted
from flowerpower_tui.runs.journal import BLOCK, JOURNAL, from_the_end

_ATTEMPT = b'\n{"type":"AttemptStarted"'


def measures(run: RunDirectory) -> list[str]:
    """Return what was done to end a run since it was asked for, in order; nothing if it was not asked for.

    Looks at the last megabyte of the journal.
    """
    told: list[str] = []
    for event in from_the_end(run.path, BLOCK):
        if isinstance(event, CancelRequested):
            return told[::-1]
        if isinstance(event, LogEmitted) and event.logger == SUPERVISOR:
            told.append(event.message)
    return []


def count_attempts(run: RunDirectory) -> int:
    """Return how many attempts began, without reading what they did; 0 if the journal cannot be read."""
    count, rest = 0, b""
    try:
        with (run.path / JOURNAL).open("rb", buffering=0) as journal:
            while block := journal.read(BLOCK):
                # A text in an event has its quotes escaped, so only an event's own begin looks like this.
                text = rest + block
                count += text.count(_ATTEMPT)
                rest = text[-len(_ATTEMPT) + 1 :]
    except OSError:
        return 0
    return count
