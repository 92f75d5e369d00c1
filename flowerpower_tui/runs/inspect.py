"""Looking at a pipeline without running it: a process of its own imports the user's code and answers with a graph."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, NamedTuple

import msgspec

from flowerpower_tui.errors import InstallationError, Problem
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.ingredients import Ingredients
from flowerpower_tui.python import module_command
from flowerpower_tui.runs.graph_cache import CachedGraph, fingerprint, load_graph, store_graph
from flowerpower_tui.runs.interpreter import ready
from flowerpower_tui.runs.values import encode

__all__ = ["CachedGraph", "Inspection", "cached_graph", "inspect"]

INSPECTOR = "flowerpower_tui.runs.inspector"
PATIENCE = 60.0
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Question(NamedTuple):
    """What an inspector is asked.

    Attributes:
        root: the project's folder.
        pipeline: the pipeline's name.
        overrides: shaped like the pipeline's YAML.
        answer: the descriptor of a file for the inspection, as JSON.
        printed: the descriptor of a file for what the user's code prints.
        timeout: seconds after which it is ended.
    """

    root: Path
    pipeline: str
    overrides: Mapping[str, Any]
    answer: int
    printed: int
    timeout: float


Ask = Callable[[Question], int]
"""Has a process look at a pipeline; returns its exit code. Raises TimeoutError when it took too long."""


class Inspection(msgspec.Struct, frozen=True):
    """What came of looking at a pipeline.

    Attributes:
        graph: the graph; None if the code makes none.
        final_vars: what a run would compute.
        problems: why there is no graph, each with its place.
        ingredients: what the values of the graph are made of.
        files: the modules that were imported and that people edit, in the project or elsewhere.
    """

    graph: Graph | None = None
    final_vars: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    ingredients: Ingredients = Ingredients()
    files: tuple[str, ...] = ()


def ask_new_process(question: Question) -> int:
    """Have a new process look at a pipeline; return its exit code, or a signal's number, negative.

    Raises:
        InstallationError: the project's interpreter is not there, or lacks what this needs.
        TimeoutError: it took longer than it may.
    """
    root, pipeline, overrides, answer, printed, timeout = question
    command = module_command(INSPECTOR, str(root), pipeline, str(answer), python=ready(root).path)
    with tempfile.TemporaryFile() as given:
        # Not as an argument: secrets may be among them, and everyone on the machine can see arguments.
        given.write(encode(overrides))
        given.seek(0)
        process = subprocess.Popen(
            command, stdin=given, stdout=printed, stderr=printed, pass_fds=(answer,), start_new_session=True
        )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def inspect(
    root: Path,
    pipeline: str,
    overrides: Mapping[str, Any] = _NOTHING,
    *,
    timeout: float = PATIENCE,
    ask: Ask = ask_new_process,
) -> Inspection:
    """Build a pipeline's graph in another process; blocks until it answers, at most `timeout` seconds.

    What is wrong with the user's files comes back as problems; nothing is raised for it. A graph that was built
    without overrides is remembered for `cached_graph`.
    """
    before = fingerprint(root)
    inspection = _ask(root, pipeline, overrides, timeout, ask)
    if inspection.graph and not overrides:
        # Only the next first frame is later for it.
        with suppress(OSError):
            store_graph(
                root,
                pipeline,
                inspection.graph,
                inspection.final_vars,
                before,
                inspection.ingredients,
                inspection.files,
            )
    return inspection


def cached_graph(root: Path, pipeline: str) -> CachedGraph | None:
    """Return the last good graph of a pipeline, without importing or running anything; None if there is none."""
    return load_graph(root, pipeline)


def _ask(root: Path, pipeline: str, overrides: Mapping[str, Any], timeout: float, ask: Ask) -> Inspection:
    # Files, not pipes: nothing blocks whatever the user's code prints, and nobody can hold them open.
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as printed:
        try:
            code = ask(Question(root, pipeline, overrides, answer.fileno(), printed.fileno(), timeout))
        except TimeoutError:
            return _no_graph(
                f"Looking at pipeline '{pipeline}' took longer than {timeout:g} seconds.",
                "Does one of its modules work or wait when it is imported?",
            )
        except InstallationError as error:
            return Inspection(problems=error.problems)
        answer.seek(0)
        with suppress(msgspec.MsgspecError):
            return msgspec.json.decode(answer.read(), type=Inspection)
        return _no_graph(f"Looking at pipeline '{pipeline}' ended its process: {_ending(code)}.", _last_words(printed))


def _no_graph(message: str, hint: str) -> Inspection:
    return Inspection(problems=(Problem(message, hint=hint),))


def _ending(code: int) -> str:
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:
        return f"signal {-code}"


def _last_words(printed: IO[bytes]) -> str:
    end = printed.seek(0, os.SEEK_END)
    printed.seek(max(0, end - 1000))
    return printed.read().decode(errors="replace").strip().rpartition("\n")[2]
