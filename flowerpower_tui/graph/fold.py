"""Folding: groups of nodes shown as one, so that a large graph can be looked at; and which nodes a fold holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from flowerpower_tui.graph.groups import Group, groups
from flowerpower_tui.graph.model import Graph, Node

STANDARD = ("quality", "twins", "chains")
"""What is folded where nobody says by what: it keeps the shape of the graph."""


class Folded(msgspec.Struct, frozen=True, dict=True):
    """A graph some nodes of which stand for many.

    Attributes:
        graph: the smaller graph; like every graph, without cycles.
        members: for each fold in it the nodes it holds, by their names in the whole graph.
    """

    graph: Graph
    members: Mapping[str, tuple[str, ...]] = {}

    @cached_property
    def shown_as(self) -> Mapping[str, str]:
        """For each node of the whole graph the node that shows it."""
        single = {name: name for name in self.graph.by_name if name not in self.members}
        return single | {member: fold for fold, members in self.members.items() for member in members}

    @property
    def notes(self) -> Mapping[str, str]:
        """How many nodes each fold holds, as a drawing shows it: `×50`."""
        return {fold: f"×{len(members)}" for fold, members in self.members.items()}

    def tally(self, fold: str, states: Mapping[str, str]) -> Mapping[str, int]:
        """How many members of a fold are in each state, the most frequent first."""
        return dict(Counter(states[name] for name in self.members[fold] if name in states).most_common())


def fold(graph: Graph, by: str | Iterable[str] = STANDARD, *, unfolded: Collection[str] = ()) -> Folded:
    """Fold a graph; what lies between two members of a group and is none of it keeps them apart.

    Args:
        graph: what to fold.
        by: what to fold by, one after the other, each in what the one before left: `groups.KINDS` and `tag:NAME`.
        unfolded: names of folds that stay open.

    Raises:
        ValueError: there is no such kind, or the graph has a cycle.
    """
    members: dict[str, tuple[str, ...]] = {}
    for kind in [by] if isinstance(by, str) else by:
        # All in one would leave nothing to look at.
        found = (group for group in groups(graph, kind, members) if len(group.members) < len(graph.nodes))
        wanted = [group for group in found if group.name not in unfolded]
        graph, made = _at_once(graph, wanted) or _one_by_one(graph, wanted, unfolded)
        for group in made:
            inside = [inner for member in group.members for inner in members.pop(member, (member,))]
            members[group.name] = tuple(inside)
    return Folded(graph, members)


def _at_once(graph: Graph, wanted: Sequence[Group]) -> tuple[Graph, list[Group]] | None:
    """Make every group a node, or return None if that makes a cycle."""
    made: list[Group] = []
    taken = set(graph.by_name)
    for group in wanted:
        name = _free(group, taken)
        taken.add(name)
        made.append(Group(name, group.members))
    smaller = _contracted(graph, made)
    try:
        _ = smaller.topological
    except ValueError:
        _ = graph.topological
        return None
    return smaller, made


def _one_by_one(graph: Graph, wanted: Sequence[Group], unfolded: Collection[str]) -> tuple[Graph, list[Group]]:
    """Make parts of the groups nodes, such that there is no cycle."""
    made: list[Group] = []
    for group in wanted:
        for part in _convex(graph, group):
            if len(part.members) > 1 and part.name not in unfolded:
                made.append(Group(_free(part, graph.by_name), part.members))
                graph = _contracted(graph, made[-1:])
    return graph, made


def _convex(graph: Graph, group: Group) -> Iterator[Group]:
    """The group in parts that no path leaves and enters again: each can be one node without making a cycle."""
    inside = frozenset(group.members)
    part: dict[str, int] = {}
    for name in graph.topological:
        part[name] = max(
            (part[parent] + (parent in inside and name not in inside) for parent in graph.parents[name]), default=0
        )
    found: dict[int, list[str]] = {}
    for name in group.members:
        found.setdefault(part[name], []).append(name)
    for count, number in enumerate(sorted(found), start=1):
        yield Group(group.name if count == 1 else f"{group.name}~{count}", tuple(found[number]))


def _free(group: Group, taken: Container[str]) -> str:
    """The group's name, or one like it that no node outside has."""
    name, count = group.name, 1
    while name in taken and name not in group.members:
        count += 1
        name = f"{group.name}~{count}"
    return name


def _contracted(graph: Graph, made: Sequence[Group]) -> Graph:
    """The graph with one node in the place of each group."""
    shown_as = {member: group for group in made for member in group.members}
    kept: dict[str, Node] = {}
    for node in graph.nodes:
        group = shown_as.get(node.name)
        if group is None:
            kept[node.name] = node
        elif group.name not in kept:
            kept[group.name] = _merged([graph.by_name[member] for member in group.members], group.name)
    ends = {name: shown_as[name].name if name in shown_as else name for name in graph.by_name}
    edges = dict.fromkeys((ends[source], ends[target]) for source, target in graph.edges)
    return Graph(tuple(kept.values()), tuple(edge for edge in edges if edge[0] != edge[1]))


def _merged(nodes: Sequence[Node], name: str) -> Node:
    """A node with what all of these have in common."""
    first = nodes[0]
    return Node(
        name,
        type=first.type if all(node.type == first.type for node in nodes) else "",
        role=first.role if all(node.role == first.role for node in nodes) else "function",
        module=first.module if all(node.module == first.module for node in nodes) else "",
    )
