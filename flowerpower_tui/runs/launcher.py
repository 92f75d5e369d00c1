"""Starting a run: make its directory, lock it, and hand it to a supervisor that lives on when we do not."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import msgspec

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.python import module_command
from flowerpower_tui.runs import values
from flowerpower_tui.runs.directory import LOCK, REQUEST, RunDirectory
from flowerpower_tui.runs.events import RunStarted
from flowerpower_tui.runs.interpreter import ready, versions
from flowerpower_tui.runs.journal import read_head
from flowerpower_tui.runs.location import private_directory, state_directory
from flowerpower_tui.runs.request import OVERRIDES, RunRecord, RunRequest, StoredConfig, run_id, write_record
from flowerpower_tui.runs.retention import kept

PATIENCE = 60.0
"""Seconds for a supervisor to come up; a loaded machine is slow, a broken one says why at once."""

SUPERVISOR = "flowerpower_tui.runs.supervisor"
WORKER = "flowerpower_tui.runs.worker"
_NOTHING: Mapping[str, str] = MappingProxyType({})

Warm = Callable[[RunDirectory, int, Mapping[str, str]], str]
"""Has a process in waiting own a run: whose lock the descriptor holds, in this environment. Returns why it does not."""


def start(request: RunRequest, *, state: Path | None = None, warm: Warm | None = None) -> RunDirectory:
    """Start a run and return when it has begun: from then on it needs neither this process nor its terminal.

    Args:
        request: what to run.
        state: the state directory; this user's by default.
        warm: a quicker way to start it, of which `Seedbed` knows; what it cannot do is done without it.

    Raises:
        ConfigError: the configuration has mistakes; nothing is started.
        FlowerPowerError: there is no such project or pipeline.
        InstallationError: the project's interpreter is not there, or lacks what a run needs.
        RunStoreError: the run cannot be started; its directory is gone again.
    """
    # Late: YAML is read only where runs are started.
    from flowerpower_tui.config.resolve import resolve_pipeline
    from flowerpower_tui.config.secrets import masked
    from flowerpower_tui.project.mirrors import url_of
    from flowerpower_tui.settings import read_settings

    root = Path(request.project).absolute()
    request = msgspec.structs.replace(request, project=str(root), url=url_of(root))
    # First: it says which executors there are.
    python = ready(root)
    effective = resolve_pipeline(Path(request.project), request.pipeline, request.overrides)
    config = StoredConfig(effective.masked(), {path: str(origin) for path, origin in effective.origins.items()})
    shown = msgspec.structs.replace(request, overrides=masked(request.overrides))
    secrets = {} if shown == request else {OVERRIDES: values.encode(request.overrides).decode()}
    wanted = read_settings().settings
    worker = module_command(WORKER, python=python.path, options=("-P", "-X", "faulthandler"))
    environ = {**kept(wanted), **secrets}
    run = launch(shown, config, state or state_directory(), worker, environ, warm, versions(python))
    if wanted.sinks:
        # Late: few have any.
        from flowerpower_tui.runs.sinks import start_sinks

        start_sinks(run)
    return run


def launch(
    request: RunRequest,
    config: StoredConfig | None,
    state: Path,
    worker: Sequence[str],
    environ: Mapping[str, str] = _NOTHING,
    warm: Warm | None = None,
    software: Mapping[str, str] = _NOTHING,
) -> RunDirectory:
    """Start a run whose configuration is known, with `worker` as the worker's command.

    `environ` is added to the environment of supervisor and worker; `software` are the versions that are recorded.

    Raises:
        RunStoreError: the run cannot be started; its directory is gone again.
    """
    runs = private_directory(state / "runs")
    try:
        run, lock = _make_directory(runs, request, config, software)
    except OSError as error:
        raise RunStoreError(f"A run cannot be made in {runs}: {error.strerror}.") from error
    except UnicodeEncodeError as error:
        raise RunStoreError(f"A run cannot be recorded with what is no UTF-8: {error.object!a}.") from error
    try:
        why = warm(run, lock, {**os.environ, **environ}) if warm else ""
        if not (warm and isinstance(read_head(run.path), RunStarted)):
            note = f"Started cold: {why or 'the process in waiting said nothing'}." if warm else ""
            _start_supervisor(run, lock, note, worker, environ)
    except RunStoreError:
        shutil.rmtree(run.path, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(run.path, ignore_errors=True)
        raise RunStoreError(f"The run could not be started: {error.strerror}.") from error
    finally:
        os.close(lock)
    return run


def _make_directory(
    runs: Path, request: RunRequest, config: StoredConfig | None, software: Mapping[str, str]
) -> tuple[RunDirectory, int]:
    """Make the run's directory and lock it before anyone can see it."""
    hidden = Path(tempfile.mkdtemp(prefix=".", dir=runs))
    lock = os.open(hidden / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        while True:
            now = time.time()
            record = RunRecord(
                id=run_id(request.pipeline, now),
                time=datetime.fromtimestamp(now, UTC),
                request=request,
                versions=dict(software),
                config=config,
            )
            _write(hidden / REQUEST, write_record(record))
            try:
                return RunDirectory(hidden.rename(runs / record.id)), lock
            except OSError as error:
                # The id is taken: the next moment gives another.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
    except BaseException:
        os.close(lock)
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _start_supervisor(
    run: RunDirectory, lock: int, note: str, worker: Sequence[str], environ: Mapping[str, str]
) -> None:
    process = subprocess.Popen(
        module_command(SUPERVISOR, str(run.path), str(lock), note, *worker),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # Open until `RunStarted` is written, and only until then: its end is what we wait for.
        stderr=subprocess.PIPE,
        pass_fds=(lock,),
        env={**os.environ, **environ},
        start_new_session=True,
    )
    try:
        _, words = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise RunStoreError(f"The supervisor did not start within {PATIENCE:.0f} seconds.") from None
    if not isinstance(read_head(run.path), RunStarted):
        last = words.decode(errors="replace").strip().rpartition("\n")[2]
        raise RunStoreError("The run could not be started.", hint=last)
