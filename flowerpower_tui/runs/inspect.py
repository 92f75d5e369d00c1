"""Looking at a pipeline without running it: a process of its own imports the user's code and answers with a graph."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from flowerpower_tui.errors import Problem
from flowerpower_tui.graph.model import Graph


class Inspection(msgspec.Struct, frozen=True):
    """What came of looking at a pipeline.

    Attributes:
        graph: the graph; None if the code makes none.
        final_vars: what a run would compute.
        problems: why there is no graph, each with its place.
    """

    graph: Graph | None = None
    final_vars: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class CachedGraph(msgspec.Struct, frozen=True):
    """The last good graph of a pipeline.

    Attributes:
        graph: the graph.
        final_vars: what a run would compute.
        is_fresh: whether configuration and code are the same as when it was built.
    """

    graph: Graph
    final_vars: tuple[str, ...]
    is_fresh: bool


def inspect(
    root: Path, pipeline: str, overrides: Mapping[str, Any] | None = None, *, timeout: float = 60.0
) -> Inspection:
    """Build a pipeline's graph in another process; blocks until it answers, at most `timeout` seconds.

    Everything that can be wrong with the user's files comes back as problems; nothing is raised for it.
    """
    raise NotImplementedError


def cached_graph(root: Path, pipeline: str) -> CachedGraph | None:
    """Return the last good graph of a pipeline, found without importing or running anything."""
    raise NotImplementedError
