"""Which nodes belong together: by where they come from, by what they are for, and by how they are wired."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import NamedTuple

from flowerpower_tui.graph.model import Graph

# Fewer twins, or links of a chain, are no less clear unfolded.
FEWEST = 3
# A shared beginning shorter than this says nothing.
SHORTEST = 3
SOURCE_TAG = "hamilton.data_quality.source_node"


class Group(NamedTuple):
    """Nodes that may be shown as one, in the graph's order, under a name."""

    name: str
    members: tuple[str, ...]


def groups(graph: Graph, by: str, folds: Container[str] = ()) -> list[Group]:
    """Return the groups of at least two nodes; no node is in two of them.

    Args:
        graph: whose nodes.
        by: one of `KINDS`, or `tag:NAME` for nodes with the same value of a tag.
        folds: nodes that stand for many already, and are no links of chains.

    Raises:
        ValueError: there is no such kind.
    """
    kind, _, tag = by.partition(":")
    if kind == "tag" and tag:
        return _keyed((f"{tag}={node.tags[tag]}", node.name) for node in graph.nodes if tag in node.tags)
    if by not in KINDS:
        raise ValueError(f"nodes cannot be folded by '{by}': there are {', '.join(KINDS)}, and tag:NAME")
    return _chains(graph, folds) if by == "chains" else _KINDS[by](graph)


def _keyed(pairs: Iterable[tuple[str, str]]) -> list[Group]:
    found: dict[str, list[str]] = {}
    for key, name in pairs:
        found.setdefault(key, []).append(name)
    return [Group(key, tuple(names)) for key, names in found.items() if len(names) > 1]


def _modules(graph: Graph) -> list[Group]:
    return _keyed((node.module, node.name) for node in graph.nodes if node.module)


def _subdags(graph: Graph) -> list[Group]:
    """Nodes with the same first part of a dotted name, and the one whose whole name that is."""
    spaces = {name.partition(".")[0] for name in graph.by_name if "." in name}
    return _keyed((space, name) for name in graph.by_name if (space := name.partition(".")[0]) in spaces)


def _quality(graph: Graph) -> list[Group]:
    """A value with its checks: `x_raw`, the validators that are tagged with x, and x."""
    found: dict[str, set[str]] = {}
    for node in graph.nodes:
        source = node.tags.get(SOURCE_TAG)
        if isinstance(source, str) and source in graph.by_name:
            raw = {name for name in graph.parents[node.name] if name == f"{source}_raw"}
            found.setdefault(source, {source}).update({node.name}, raw)
    return [Group(name, tuple(other for other in graph.by_name if other in parts)) for name, parts in found.items()]


def _twins(graph: Graph) -> list[Group]:
    """Nodes that take the same and go to the same."""
    found: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for name in graph.by_name:
        ends = (frozenset(graph.parents[name]), frozenset(graph.children[name]))
        if any(ends):
            found.setdefault(ends, []).append(name)
    return [Group(_common(names), tuple(names)) for names in found.values() if len(names) >= FEWEST]


def _chains(graph: Graph, folds: Container[str]) -> list[Group]:
    """Runs of nodes each of which goes to the next one only, and is all that it takes."""
    following: dict[str, str] = {}
    for name in graph.by_name:
        children = set(graph.children[name])
        if len(children) == 1 and name not in folds:
            (child,) = children
            if len(set(graph.parents[child])) == 1 and child not in folds:
                following[name] = child
    inner = set(following.values())
    found: list[Group] = []
    for name in graph.by_name:
        if name in inner or name not in following:
            continue
        chain = [name]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        if len(chain) >= FEWEST:
            found.append(Group(f"{chain[0]}..{chain[-1]}", tuple(chain)))
    return found


def _common(names: list[str]) -> str:
    """A name for alike names: what they begin with."""
    first, last = min(names), max(names)
    shared = next(
        (index for index, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first)
    )
    start = first[: max(first.rfind(end, 0, shared) for end in "_.") + 1]
    return f"{start}*" if len(start) > SHORTEST else f"{names[0]}+"


_KINDS: Mapping[str, Callable[[Graph], list[Group]]] = {
    "quality": _quality,
    "twins": _twins,
    "subdag": _subdags,
    "module": _modules,
}
KINDS = ("chains", *_KINDS)
"""What nodes can be folded by, besides `tag:NAME`."""
