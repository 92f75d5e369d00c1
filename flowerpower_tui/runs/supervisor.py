"""The process that owns a run: it starts the worker, writes the journal, and sees to it that the run has an end.

Light, because it is started for every run: no Hamilton, no pandas, no YAML, no code of the user.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.failure import Failure
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import SUPERVISOR, CancelRequested, LogEmitted, RunFinished, RunOutcome, RunStarted
from flowerpower_tui.runs.family import RUN_VARIABLE, Family, Spawn, adopt_orphans, command_spawn, names_of
from flowerpower_tui.runs.journal import JournalWriter
from flowerpower_tui.runs.pipes import Pipes
from flowerpower_tui.runs.recorder import Recorder
from flowerpower_tui.runs.retention import Retention, keep_within
from flowerpower_tui.runs.warden import leave_a_warden

GRACE_VARIABLE = "FP_TUI_CANCEL_GRACE"
GRACE = (5.0, 3.0)
"""Seconds between SIGINT and SIGTERM, and between SIGTERM and SIGKILL."""
LEFTOVER_PATIENCE = ((None, 0.3), (signal.SIGTERM, 1.0), (signal.SIGKILL, 2.0))
"""What is done about processes that outlive the worker, and seconds until the next measure."""
DRAIN_PATIENCE = 2.0
"""Seconds for reading what still comes when nobody should be left to write."""
TICK = 0.02
LAST_WORDS = (20, 0.1)
"""How often the end of a run is tried to be written, and the seconds in between: a full disk may be made free."""


class Supervisor:
    """One run, from the start of its worker to `RunFinished`."""

    def __init__(self, run: RunDirectory, grace: tuple[float, float]) -> None:
        """Listen to signals from here on.

        Raises:
            RunStoreError: there is no telling what was asked.
        """
        self._run = run
        self._request = run.record().request
        self._began = time.monotonic()
        self._began_at = _now()
        self._cancels = 0
        self._ladder = _Ladder(grace)
        self._wake = self._listen()

    def start(self, spawn: Spawn) -> None:
        """Start the worker; a process that `spawn` forks leaves from here.

        Raises:
            OSError: it cannot be started.
        """
        self._pipes = Pipes.new()
        self._family = Family(spawn(self._pipes))
        self._pipes.close_writing()

    def open_journal(self, note: str) -> None:
        """Begin to record; a `note` on how the run was started is its second event.

        Raises:
            OSError: the journal cannot be written; the worker is ended.
        """
        try:
            self._journal = JournalWriter(self._run.path)
            self._recorder = Recorder(self._run, self._journal, self._pipes, self._wake)
            self._journal.append(
                RunStarted(
                    time=self._began_at,
                    run=self._run.id,
                    project=self._request.project,
                    pipeline=self._request.pipeline,
                    supervisor=os.getpid(),
                    worker=self._family.worker,
                )
            )
            if note:
                self._say(note, "DEBUG")
        except OSError:
            self._family.kill()
            raise

    def supervise(self) -> None:
        """Record the run until its worker is gone and nobody of its family is left; then write its end."""
        failure = None
        try:
            self._watch()
            self._end_leftovers()
            self._drain()
        except (OSError, MemoryError) as error:
            # It cannot be recorded any more (a full disk): then it shall not go on unseen.
            failure = Failure(type=type(error).__name__, message=f"The run could not be recorded: {error}")
            # First: whoever is left would take the reserve.
            self._family.kill()
            self._journal.give_up_reserve()
            with suppress(OSError):
                self._recorder.take_last_words()
        self._write_end(failure)
        self._recorder.close()
        self._journal.close()

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
            self._take()
            if self._cancels > seen:
                if not seen:
                    self._journal.append(CancelRequested(time=_now()))
                seen = self._cancels
                self._climb()
            elif self._ladder.seconds_left() == 0.0:
                self._climb()
            self._family.reap()

    def _take(self) -> int:
        taken = self._recorder.take()
        if self._journal.trouble:
            raise self._journal.trouble
        return taken

    def _climb(self) -> None:
        if number := self._ladder.climb():
            group = names_of(self._family.group())
            if number == signal.SIGINT:
                self._say(f"Sent {number.name} to {group}.", "INFO")
            else:
                self._say(f"The worker did not end, so {number.name} is sent to {group}.")
            self._family.signal_group(number)

    def _end_leftovers(self) -> None:
        for number, patience in LEFTOVER_PATIENCE:
            if number and (left := self._family.left()):
                self._say(f"Still there after the worker's end, sent {number.name}: {names_of(left)}.")
            deadline = time.monotonic() + patience
            self._take()
            while self._family.left() and time.monotonic() < deadline:
                if number:
                    # Again and again: the children of those who die come to us.
                    self._family.signal_left(number)
                self._recorder.wait(TICK)
                self._take()
                self._family.reap()

    def _drain(self) -> None:
        deadline = time.monotonic() + DRAIN_PATIENCE
        while self._take() and time.monotonic() < deadline:
            pass

    def _write_end(self, failure: Failure | None) -> None:
        end = self._end(failure)
        tries, pause = LAST_WORDS
        for rest in reversed(range(tries)):
            try:
                self._recorder.tell_rest()
                self._journal.append(end)
            except OSError:
                if not rest:
                    raise
                self._journal.give_up_reserve()
                time.sleep(pause)
            else:
                return

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

    def _say(self, message: str, level: str = "WARNING") -> None:
        self._journal.append(LogEmitted(time=_now(), level=level, logger=SUPERVISOR, message=message))


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


def supervise(run: RunDirectory, lock: int, spawn: Spawn, note: str = "") -> None:
    """Own a run in this process until its end, and let go of its lock then; and of stderr when it has begun.

    Raises:
        OSError: the worker cannot be started, or the journal cannot be written.
    """
    adopt_orphans()
    os.environ[RUN_VARIABLE] = run.id
    supervisor = Supervisor(run, _grace())
    supervisor.start(spawn)
    supervisor.open_journal(note)
    _come_up(lock)
    supervisor.supervise()
    os.close(lock)
    # Nobody waits for this, and nobody can be told what goes wrong.
    with suppress(OSError, FlowerPowerError):
        keep_within(Retention.of(os.environ), run.path.parent)


def detach() -> None:
    """Go on in a process that is nobody's child and no leader of its session, watched over by a warden."""
    if os.fork():
        os._exit(0)
    leave_a_warden()


def _come_up(lock: int) -> None:
    """Tell who owns the run, now that signals are heard; and let go of the launcher, and of its directory."""
    os.pwrite(lock, f"{os.getpid()}\n".encode("ascii"), 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    os.chdir("/")


def main(arguments: list[str]) -> None:
    """Run as `supervisor RUN_DIRECTORY LOCK NOTE WORKER…`.

    These are the descriptor that holds the lock, what to tell about the start or nothing, and the worker's command.
    """
    directory, descriptor, note, *command = arguments
    run, lock = RunDirectory(Path(directory)), int(descriptor)
    os.set_inheritable(lock, False)
    # The launcher waits for the first of us only.
    detach()
    supervise(run, lock, command_spawn([*command, str(run.path)]), note)


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
