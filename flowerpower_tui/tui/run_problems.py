"""What a run failed by, as problems of the files that its tracebacks come through."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flowerpower_tui.assist.diagnostic import Diagnostic, Severity, Span
from flowerpower_tui.pipeline.failure import line_in
from flowerpower_tui.terminal import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.runs.view import RunView


def problems_of_run(view: RunView, path: Path) -> list[Diagnostic]:
    """Return what a run failed by in a file, in the order of its lines; a failure of several nodes once.

    Of a file that was written since, it is a hint only: another run tells.
    """
    found = {}
    is_past = None
    for node, failure in _failures(view):
        line = line_in(failure, str(path))
        if line and failure not in found:
            what = " ".join(f"{failure.type}: {failure.message}".removesuffix(": ").split())
            said = one_line(f"{node}: {what}" if node else what)
            if is_past is None:
                is_past = _is_past(view, path)
            severity: Severity = "hint" if is_past else "error"
            where = "before it was saved; not run since" if is_past else "in the run that is shown"
            found[failure] = Diagnostic(severity, said, Span(line, 1, line, 1), "run", where)
    return sorted(found.values(), key=lambda problem: problem.span)


def _is_past(view: RunView, path: Path) -> bool:
    """Whether a file was written since a run began."""
    with suppress(OSError):
        return view.started is not None and path.stat().st_mtime > view.started.timestamp()
    return True


def _failures(view: RunView) -> Iterator[tuple[str, Failure]]:
    """The nodes' failures, and the run's own: of no node, if none of them told it."""
    yield from ((name, run.failure) for name, run in view.nodes.items() if run.failure is not None)
    if view.failure is not None:
        yield "", view.failure
