"""Plugins that are told what happens in a run, in a process of their own that follows the journal like anyone else.

A sink that raises, hangs or dies takes nothing with it: neither the run nor the other sinks. What went wrong with it
stands in the run's `sinks.jsonl`.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any, get_args

import msgspec

from flowerpower_tui.errors import FlowerPowerError, did_you_mean
from flowerpower_tui.location import at_home
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.events import AnyEvent, LogEmitted, RunFinished
from flowerpower_tui.runs.journal import decode, encode, follow

GROUP = "flowerpower_tui.sinks"
TROUBLE = "sinks.jsonl"
PATIENCE_VARIABLE = "FP_TUI_SINK_PATIENCE"
PATIENCE = 30.0
"""Seconds that a sink has from the end of its run; what is not done by then is left undone."""

INTERVAL = 0.2
"""Seconds between two looks into the journal while nothing happens."""

Sink = Callable[[AnyEvent], None]
"""Is told each event of one run, in order. If it has a `close`, that is called after the last."""
MakeSink = Callable[[RunDirectory, Mapping[str, Any]], Sink]
"""An entry point of the group: called once a run, with the run and with the sink's options in the settings."""


class JsonLines:
    """The sink `file`: appends every event of every run to one file, a JSON document a line.

    Options: `path`; `events`, a list of the types that are wanted, for all of them if it is not given.
    """

    def __init__(self, run: RunDirectory, options: Mapping[str, Any]) -> None:
        self._run = run
        self._wanted = _wanted(options, ())
        path = at_home(_option(options, "path"))
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def __call__(self, event: AnyEvent) -> None:
        """Append the event, in one piece also where other runs append theirs."""
        told = _told(self._run, event)
        if self._wanted and told["type"] not in self._wanted:
            return
        line = msgspec.json.encode(told) + b"\n"
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            while line:
                line = line[os.write(self._file, line) :]
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class Command:
    """The sink `command`: runs a command of the shell when something happens, with the event as JSON on its stdin.

    Options: `command`; `events`, a list of the types that are wanted, `RunFinished` if it is not given. The variables
    FP_TUI_RUN, FP_TUI_PIPELINE, FP_TUI_EVENT and, at the end, FP_TUI_OUTCOME say in short what stdin says in full.
    """

    def __init__(self, run: RunDirectory, options: Mapping[str, Any]) -> None:
        self._run = run
        self._command = _option(options, "command")
        self._wanted = _wanted(options, ("RunFinished",))
        self._pipeline = run.record().request.pipeline

    def __call__(self, event: AnyEvent) -> None:
        """Run the command, and wait for it.

        Raises:
            FlowerPowerError: it failed; tells what it said last.
        """
        told = _told(self._run, event)
        if told["type"] not in self._wanted:
            return
        told["pipeline"] = self._pipeline
        short = {"FP_TUI_RUN": self._run.id, "FP_TUI_PIPELINE": self._pipeline, "FP_TUI_EVENT": told["type"]}
        if isinstance(event, RunFinished):
            short["FP_TUI_OUTCOME"] = event.outcome
        done = subprocess.run(  # noqa: S602 - the user's own words, from the user's own settings
            self._command,
            shell=True,
            check=False,
            input=msgspec.json.encode(told),
            capture_output=True,
            env={**os.environ, **short},
        )
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise FlowerPowerError(f"its command ended with {done.returncode}{f': {last}' if last else '.'}")


def start_sinks(run: RunDirectory) -> None:
    """Start what tells the sinks of a run; it needs neither this process nor its terminal."""
    # No sink is worth a run: one that cannot be started is not waited for, nor is it a reason to fail.
    with suppress(OSError):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "flowerpower_tui.runs.sinks", str(run.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Only so that it does not stay as a zombie while we live.
        Thread(target=process.wait, name="sinks", daemon=True).start()


def installed() -> list[str]:
    """Return the names of the sinks that installed packages bring, ours among them."""
    # Late: rarely asked for.
    from importlib import metadata

    return sorted(metadata.entry_points(group=GROUP).names)


def troubles(run: RunDirectory) -> Iterator[LogEmitted]:
    """Yield what went wrong with the sinks of a run, as warnings of its log."""
    with suppress(FileNotFoundError):
        for line in (run.path / TROUBLE).read_bytes().split(b"\n"):
            with suppress(msgspec.MsgspecError):
                event = decode(line)
                if isinstance(event, LogEmitted):
                    yield event


class _Host:
    """Tells the sinks of one run, each in a thread of its own, so that none waits for another."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._lock = Lock()

    def serve(self, options: Mapping[str, Any], patience: float) -> None:
        """Tell every sink until the run ends; return when they are done, or their time is over."""
        threads = {name: Thread(target=self._tell, args=(name, of), daemon=True) for name, of in options.items()}
        for thread in threads.values():
            thread.start()
        for _ in follow(self._run, interval=INTERVAL):
            pass
        deadline = time.monotonic() + patience
        for name, thread in threads.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._complain(name, f"is still busy {patience:g} seconds after the run's end, and is left")

    def _tell(self, name: str, options: Any) -> None:
        try:
            sink = _load(name)(self._run, options if isinstance(options, Mapping) else {})
            for event in follow(self._run, interval=INTERVAL):
                sink(event)
            if close := getattr(sink, "close", None):
                close()
        except FlowerPowerError as error:
            self._complain(name, str(error).replace("\n", " "))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's own, whatever it is
            self._complain(name, f"{type(error).__name__}: {error}")

    def _complain(self, name: str, what: str) -> None:
        message = f"The sink '{name}': {what}"
        line = encode(LogEmitted(time=datetime.now(UTC), level="WARNING", logger=GROUP, message=message))
        with self._lock, suppress(OSError), (self._run.path / TROUBLE).open("ab") as file:
            file.write(line + b"\n")


def _load(name: str) -> MakeSink:
    from importlib import metadata

    points = metadata.entry_points(group=GROUP)
    if name not in points.names:
        raise FlowerPowerError("there is no such sink.", hint=did_you_mean(name, points.names))
    make: MakeSink = points[name].load()
    return make


def _option(options: Mapping[str, Any], name: str) -> str:
    if not isinstance(options.get(name), str):
        raise FlowerPowerError(f"needs the option '{name}', which is text.")
    return str(options[name])


def _wanted(options: Mapping[str, Any], otherwise: tuple[str, ...]) -> frozenset[str]:
    names = options.get("events", otherwise)
    if not isinstance(names, list | tuple):
        raise FlowerPowerError("needs a list as its option 'events', such as [RunStarted, RunFinished].")
    known = [kind.__name__ for kind in get_args(AnyEvent)]
    for name in names:
        if name not in known:
            raise FlowerPowerError(f"there is no event '{name}'.", hint=did_you_mean(str(name), known))
    return frozenset(names)


def _told(run: RunDirectory, event: AnyEvent) -> dict[str, Any]:
    """Return an event as sinks that speak JSON tell it: with its run."""
    told: dict[str, Any] = msgspec.to_builtins(event)
    return {"run": run.id, **told}


def main(arguments: list[str]) -> None:
    """Run as `sinks RUN_DIRECTORY`, with the sinks of this user's settings."""
    from flowerpower_tui.settings import read_settings

    run = RunDirectory(Path(arguments[0]))
    patience = float(os.environ.get(PATIENCE_VARIABLE) or PATIENCE)
    _Host(run).serve(read_settings().settings.sinks, patience)
    # A sink that hangs would keep the process.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
