"""The process that runs the user's code: it tells the supervisor what happens, and nobody else anything."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.pipeline.failure import Failure, describe
from flowerpower_tui.runs.channel import Channel
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import RunOutcome
from flowerpower_tui.runs.family import die_with_parent
from flowerpower_tui.runs.preloads import learn
from flowerpower_tui.runs.reporter import LogSender, Reporter
from flowerpower_tui.runs.request import OVERRIDES, RunRequest
from flowerpower_tui.runs.values import decode

EXIT_CODES: dict[RunOutcome, int] = {"succeeded": 0, "failed": 1, "cancelled": 130, "crashed": 1}


Perform = Callable[[RunRequest, Reporter], object]
"""Does what a request asks for and tells it to the reporter; raises if that fails."""


def run_pipeline(request: RunRequest, reporter: Reporter) -> None:
    """Run a pipeline; its code finds the variables of the project's `.env` in the environment, if it has one."""
    from flowerpower_tui.config.resolve import environment_of
    from flowerpower_tui.pipeline.installation import check_hamilton

    check_hamilton()
    from flowerpower_tui.pipeline.runner import PipelineRunner

    root = Path(request.project)
    os.environ.update(environment_of(root))
    PipelineRunner(root, request.pipeline, request.overrides, reporter, owns_process=True).run()


def main(arguments: list[str], perform: Perform = run_pipeline) -> int:
    """Run as `worker RUN_DIRECTORY DESCRIPTOR`: where the request lies, and where events go. Return the exit code."""
    run, events = RunDirectory(Path(arguments[0])), int(arguments[1])
    os.set_inheritable(events, False)
    die_with_parent()
    if not run.is_locked:
        raise RunStoreError(f"Nobody owns run {run.id}.")
    return work(run, events, perform)


def work(run: RunDirectory, events: int, perform: Perform = run_pipeline) -> int:
    """Do what the request asks for and tell it to the descriptor `events`; return the exit code."""
    channel = Channel(events)
    reporter = Reporter(run, channel)
    logging.basicConfig(level=logging.INFO, handlers=[LogSender(reporter, channel)], format="%(message)s")
    # What it tells at INFO is about its own installation.
    logging.getLogger("hamilton").setLevel(logging.WARNING)
    channel.take_over()
    environ, request = dict(os.environ), _asked(run)
    outcome, failure = _perform(perform, request, reporter)
    reporter.finish(outcome, failure)
    # The interface is told already; a disk that is full is no reason to fail now.
    with suppress(OSError, RunStoreError):
        learn(run.path.parents[1], Path(request.project), request.pipeline, environ)
    return EXIT_CODES[outcome]


def _asked(run: RunDirectory) -> RunRequest:
    request = run.record().request
    # Taken out of the environment: it is nobody else's, least of all the processes' that the user's code starts.
    overrides = os.environ.pop(OVERRIDES, None)
    return request if overrides is None else replace(request, overrides=decode(overrides))


def _perform(perform: Perform, request: RunRequest, reporter: Reporter) -> tuple[RunOutcome, Failure | None]:
    root = Path(request.project)
    try:
        # Relative paths in a pipeline mean the project, wherever the run was started from.
        os.chdir(root)
        perform(request, reporter)
    except KeyboardInterrupt:
        return "cancelled", None
    except BaseException as error:  # noqa: BLE001 the user's code may raise anything, SystemExit too
        return "failed", describe(error, root)
    return "succeeded", None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
