"""The critical path of a run: the chain of nodes that it could not have been quicker than."""

from __future__ import annotations

from collections.abc import Mapping

from flowerpower_tui.graph.model import Graph


def critical_path(graph: Graph, durations: Mapping[str, float]) -> tuple[str, ...]:
    """Return the path whose nodes took longest together, from its first node to its last.

    Only nodes that ran can stand in it; one that did not, an input for instance, separates what is around it.
    Of paths that took equally long it is the one whose nodes come first in the graph.

    Args:
        graph: the graph as it ran.
        durations: seconds, for each node that ran; names that the graph does not have are passed over.

    Raises:
        ValueError: the graph has a cycle.
    """
    total: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for name in graph.topological:
        if name not in durations:
            continue
        slowest = max(
            (parent for parent in graph.parents[name] if parent in total), key=total.__getitem__, default=None
        )
        before[name] = slowest
        total[name] = durations[name] + (total[slowest] if slowest is not None else 0.0)
    path: list[str] = []
    last = max(total, key=total.__getitem__, default=None)
    while last is not None:
        path.append(last)
        last = before[last]
    return tuple(reversed(path))
