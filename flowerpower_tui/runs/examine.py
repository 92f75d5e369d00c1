"""Finding what would fail in a run of a pipeline: a process of its own imports the user's code and answers."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from flowerpower_tui.errors import InstallationError, Problem
from flowerpower_tui.python import module_command
from flowerpower_tui.runs.interpreter import ready

EXAMINER = "flowerpower_tui.runs.examiner"
PATIENCE = 60.0


class Examination(msgspec.Struct, frozen=True):
    """What was found wrong with a pipeline.

    Attributes:
        problems: a run would fail for each of them.
        notices: worth knowing, and no reason for a run to fail.
    """

    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def examine(root: Path, pipeline: str, *, timeout: float = PATIENCE) -> Examination:
    """Look a pipeline through in another process; blocks until it answers, at most `timeout` seconds."""
    try:
        python = ready(root)
    except InstallationError as error:
        return Examination(error.problems)
    # Files, not pipes: nothing blocks whatever the user's code prints, and nobody can hold them open.
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            module_command(EXAMINER, str(root), pipeline, str(answer.fileno()), python=python.path),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=(answer.fileno(),),
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            return _nothing_but(
                f"checking pipeline '{pipeline}' took longer than {timeout:g} seconds",
                "Does one of its modules work or wait when it is imported?",
            )
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        answer.seek(0)
        with suppress(msgspec.MsgspecError):
            return msgspec.json.decode(answer.read(), type=Examination)
        printed.seek(max(0, printed.seek(0, os.SEEK_END) - 1000))
        last_words = printed.read().decode(errors="replace").strip().rpartition("\n")[2]
        return _nothing_but(f"importing pipeline '{pipeline}' ended its process ({code})", last_words)


def _nothing_but(message: str, hint: str) -> Examination:
    return Examination((Problem(message, hint=hint),))
