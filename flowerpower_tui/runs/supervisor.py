"""The process that owns a run: it starts the worker, writes the journal, and sees to it that the run has an end.

Light, because it is started for every run: no Hamilton, no pandas, no YAML, no code of the user.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import CancelRequested, LogEmitted, RunFinished, RunOutcome, RunStarted
from flowerpower_tui.runs.family import Family, Spawn, adopt_orphans, command_spawn, name_of
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.pipes import Pipes
from flowerpower_tui.runs.recorder import Recorder

GRACE_VARIABLE = "FP_TUI_CANCEL_GRACE"
GRACE = (5.0, 3.0)
"""Seconds between SIGINT and SIGTERM, and between SIGTERM and SIGKILL."""
LEFTOVER_PATIENCE = ((None, 0.3), (signal.SIGTERM, 1.0), (signal.SIGKILL, 2.0))
"""What is done about processes that outlive the worker, and seconds until the next measure."""
DRAIN_PATIENCE = 2.0
"""Seconds for reading what still comes when nobody should be left to write."""
TICK = 0.02


class Supervisor:
    """One run, from the start of its worker to `RunFinished`."""

    def __init__(self, run: RunDirectory, journal: JournalWriter, spawn: Spawn, grace: tuple[float, float]) -> None:
        """Listen to signals from here on, and start the worker.

        Raises:
            RunStoreError: there is no telling what was asked.
            OSError: the worker cannot be started.
        """
        self._journal = journal
        self._began = time.monotonic()
        self._cancels = 0
        self._ladder = _Ladder(grace)
        request = run.record().request
        wake = self._listen()
        pipes = Pipes.new()
        now = _now()
        self._family = Family(spawn(pipes))
        pipes.close_writing()
        self._recorder = Recorder(run, journal, pipes, wake)
        self._journal.append(
            RunStarted(
                time=now,
                run=run.id,
                project=request.project,
                pipeline=request.pipeline,
                supervisor=os.getpid(),
                worker=self._family.worker,
            )
        )

    def supervise(self) -> None:
        """Record the run until its worker is gone and nobody of its family is left; then write its end."""
        failure = None
        try:
            self._watch()
            self._end_leftovers()
            self._drain()
        except OSError as error:
            # It cannot be recorded any more (a full disk): then it shall not go on unseen.
            failure = Failure(type="OSError", message=f"The run could not be recorded: {error}")
            self._family.kill()
        self._journal.append(self._end(failure))
        self._recorder.close()

    def _listen(self) -> int:
        wake, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_for_the_end)
        return wake

    def _ask_for_the_end(self, *_: object) -> None:
        self._cancels += 1

    def _watch(self) -> None:
        seen = 0
        while self._family.status is None:
            self._recorder.wait(self._ladder.seconds_left())
            self._recorder.take()
            if self._cancels > seen:
                if not seen:
                    self._journal.append(CancelRequested(time=_now()))
                seen = self._cancels
                self._climb()
            elif self._ladder.seconds_left() == 0.0:
                self._climb()
            self._family.reap()

    def _climb(self) -> None:
        if number := self._ladder.climb():
            if number != signal.SIGINT:
                self._say(f"The worker did not end, so it is sent {number.name}.")
            self._family.signal_group(number)

    def _end_leftovers(self) -> None:
        for number, patience in LEFTOVER_PATIENCE:
            if number and (left := self._family.left()):
                self._say(f"Still there after the worker's end, sent {number.name}: {', '.join(map(name_of, left))}.")
            deadline = time.monotonic() + patience
            self._recorder.take()
            while self._family.left() and time.monotonic() < deadline:
                if number:
                    # Again and again: the children of those who die come to us.
                    self._family.signal_left(number)
                self._recorder.wait(TICK)
                self._recorder.take()
                self._family.reap()

    def _drain(self) -> None:
        deadline = time.monotonic() + DRAIN_PATIENCE
        while self._recorder.take() and time.monotonic() < deadline:
            pass

    def _end(self, failure: Failure | None) -> RunFinished:
        assert self._family.status is not None
        code = os.waitstatus_to_exitcode(self._family.status)
        verdict = self._recorder.verdict
        return RunFinished(
            time=_now(),
            outcome="crashed" if failure else self._outcome(code, verdict.outcome if verdict else None),
            duration=time.monotonic() - self._began,
            exit_code=code if code >= 0 else None,
            signal=_signal_name(-code) if code < 0 else "",
            failure=failure or (verdict.failure if verdict else None),
        )

    def _outcome(self, code: int, verdict: RunOutcome | None) -> RunOutcome:
        if self._cancels:
            # It may have been through before it heard of it.
            return "succeeded" if verdict == "succeeded" else "cancelled"
        return verdict if verdict and code >= 0 else "crashed"

    def _say(self, message: str) -> None:
        self._journal.append(LogEmitted(time=_now(), level="WARNING", logger=__name__, message=message))


class _Ladder:
    """The measures against a worker that shall end, each harder than the one before."""

    def __init__(self, grace: tuple[float, float]) -> None:
        self._rungs = [(signal.SIGINT, grace[0]), (signal.SIGTERM, grace[1]), (signal.SIGKILL, None)]
        self._deadline: float | None = None

    def climb(self) -> signal.Signals | None:
        """Return the signal that is due now; None after the last one."""
        if not self._rungs:
            return None
        number, patience = self._rungs.pop(0)
        self._deadline = time.monotonic() + patience if patience is not None else None
        return number

    def seconds_left(self) -> float | None:
        """Seconds until the next measure is due; None if none will be."""
        return max(0.0, self._deadline - time.monotonic()) if self._deadline is not None else None


def supervise(run: RunDirectory, spawn: Spawn, started: Callable[[], None], grace: tuple[float, float] = GRACE) -> None:
    """Own a run in this process until its end; `started` is called when `RunStarted` is in the journal.

    Raises:
        OSError: the worker cannot be started, or the journal cannot be written.
    """
    adopt_orphans()
    with JournalWriter(run.path) as journal:
        supervisor = Supervisor(run, journal, spawn, grace)
        started()
        supervisor.supervise()


def main(arguments: list[str]) -> None:
    """Run as `supervisor RUN_DIRECTORY LOCK WORKER…`: the descriptor that holds the lock, the worker's command."""
    run, lock, command = RunDirectory(Path(arguments[0])), int(arguments[1]), arguments[2:]
    os.set_inheritable(lock, False)
    # The launcher waits for the first of us only; the second is nobody's child, and no leader of its session.
    if os.fork():
        os._exit(0)
    supervise(run, command_spawn([*command, str(run.path)]), lambda: _come_up(lock), _grace())


def _come_up(lock: int) -> None:
    """Tell who owns the run, now that signals are heard; and let go of the launcher, and of its directory."""
    os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    os.chdir("/")


def _grace() -> tuple[float, float]:
    if text := os.environ.get(GRACE_VARIABLE):
        first, second = map(float, text.split(","))
        return first, second
    return GRACE


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main(sys.argv[1:])
