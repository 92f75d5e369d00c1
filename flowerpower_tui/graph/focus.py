"""Focus: a few nodes and what is around them, with the number of edges that lead out of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from flowerpower_tui.graph.model import Graph


class Focused(msgspec.Struct, frozen=True, dict=True):
    """A part of a graph.

    Attributes:
        graph: the part.
        cut: for nodes with edges to what is not shown: how many of their inputs, and of their consumers.
    """

    graph: Graph
    cut: Mapping[str, tuple[int, int]] = {}

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """The cut edges as a drawing shows them: `⋯↑3 ⋯↓12`."""
        return {
            name: " ".join(f"⋯{arrow}{count}" for arrow, count in zip("↑↓", counts, strict=True) if count)
            for name, counts in self.cut.items()
        }


def focus(
    graph: Graph, nodes: Iterable[str], hops: int | None = None, *, up: bool = True, down: bool = True
) -> Focused:
    """Return `nodes` with what they need and what needs them.

    Args:
        graph: the whole.
        nodes: what to look at.
        hops: how many edges away; None: to the ends.
        up: whether to show what they need.
        down: whether to show what needs them.

    Raises:
        KeyError: a node is not there.
    """
    start = tuple(nodes)
    shown = set(start)
    if up:
        shown |= _reached(start, graph.parents, hops)
    if down:
        shown |= _reached(start, graph.children, hops)
    return part(graph, shown)


def between(graph: Graph, start: str, end: str) -> Focused:
    """Return all paths from one node to another; empty if there is none.

    Raises:
        KeyError: a node is not there.
    """
    return part(graph, graph.descendants([start]) & graph.ancestors([end]))


def part(graph: Graph, names: Iterable[str]) -> Focused:
    """Return the part of a graph that has these nodes.

    Raises:
        KeyError: a node is not there.
    """
    shown = {name: None for name in names if graph.by_name[name]}.keys()
    cut = {
        name: (len(set(graph.parents[name]) - shown), len(set(graph.children[name]) - shown))
        for name in graph.by_name
        if name in shown
    }
    return Focused(graph.subgraph(shown), {name: counts for name, counts in cut.items() if any(counts)})


def _reached(start: Iterable[str], step: Mapping[str, tuple[str, ...]], hops: int | None) -> set[str]:
    found = set(start)
    edge = set(found)
    while edge and (hops is None or hops > 0):
        edge = {other for name in edge for other in step[name]} - found
        found |= edge
        hops = None if hops is None else hops - 1
    return found
