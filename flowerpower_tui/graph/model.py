"""The DAG as data: what Hamilton built, without Hamilton. Everyone who shows or asks about a graph uses this."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from flowerpower_tui.graph.diff import Diff

Role = Literal["function", "input", "expand", "collect", "load", "save"]


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node: a function's value, or an input that comes from outside.

    Attributes:
        name: unique in its graph.
        type: the value's type as the user would write it, e.g. `pd.DataFrame`.
        role: `function`; `input` (given from outside); `expand` and `collect` (Parallelizable, Collect);
            `load` and `save` (data from and to files and databases).
        module: dotted name of the module that defines it; empty for inputs.
        file: path of that module's file; empty if unknown.
        line: line of the function's definition, from 1; 0 if unknown.
        tags: Hamilton's tags.
        doc: the function's docstring.
        optional: names of dependencies that may be missing.
    """

    name: str
    type: str = ""
    role: Role = "function"
    module: str = ""
    file: str = ""
    line: int = 0
    tags: Mapping[str, str | list[str]] = {}
    doc: str = ""
    optional: tuple[str, ...] = ()


class Graph(msgspec.Struct, frozen=True, dict=True):
    """A directed acyclic graph of nodes. Edges run from a value to its consumer.

    Raises:
        ValueError: a name stands twice, or an edge names a node that is not there.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        if len(set(names)) != len(names):
            raise ValueError("a node name stands twice")
        unknown = {end for edge in self.edges for end in edge} - set(names)
        if unknown:
            raise ValueError(f"edges name nodes that are not there: {', '.join(sorted(unknown))}")

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Nodes by name, in the graph's order."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """For each node the nodes whose values it takes, in the order of the edges."""
        return self._adjacent(to=1)

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """For each node the nodes that take its value, in the order of the edges."""
        return self._adjacent(to=0)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The nodes whose value nobody takes, in the graph's order."""
        return tuple(node.name for node in self.nodes if not self.children[node.name])

    @cached_property
    def topological(self) -> tuple[str, ...]:
        """Names so that every edge runs forwards; the graph's own order where that leaves a choice (Kahn).

        Raises:
            ValueError: the graph has a cycle; the message names it.
        """
        rank = {node.name: index for index, node in enumerate(self.nodes)}
        waiting = {name: len(set(parents)) for name, parents in self.parents.items()}
        ready = [rank[name] for name, count in waiting.items() if not count]
        heapq.heapify(ready)
        order: list[str] = []
        while ready:
            name = self.nodes[heapq.heappop(ready)].name
            order.append(name)
            for child in dict.fromkeys(self.children[name]):
                waiting[child] -= 1
                if not waiting[child]:
                    heapq.heappush(ready, rank[child])
        if len(order) < len(self.nodes):
            raise ValueError("the graph has a cycle: " + " → ".join(self._cycle(set(order))))
        return tuple(order)

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that `names` need, themselves included."""
        return _reach(names, self.parents)

    def descendants(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that needs one of `names`, themselves included."""
        return _reach(names, self.children)

    def subgraph(self, names: Iterable[str]) -> Graph:
        """The graph of only these nodes and the edges between them, in the order they have here."""
        kept = set(names)
        return Graph(
            nodes=tuple(node for node in self.nodes if node.name in kept),
            edges=tuple(edge for edge in self.edges if edge[0] in kept and edge[1] in kept),
        )

    def diff(self, other: Graph) -> Diff:
        """What is different in `other`, a later state of this graph."""
        from flowerpower_tui.graph.diff import diff

        return diff(self, other)

    def _adjacent(self, to: int) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        for edge in self.edges:
            found[edge[to]].append(edge[1 - to])
        return {name: tuple(others) for name, others in found.items()}

    def _cycle(self, done: set[str]) -> list[str]:
        # Every node that is left has a parent that is left, so walking up must come round.
        name = next(node.name for node in self.nodes if node.name not in done)
        walked: list[str] = []
        while name not in walked:
            walked.append(name)
            name = next(parent for parent in self.parents[name] if parent not in done)
        return [name, *reversed(walked[walked.index(name) :])]


def _reach(names: Iterable[str], step: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found = set(names)
    waiting = list(found)
    while waiting:
        for other in step[waiting.pop()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)
