"""What an edit changed in a graph: nodes that came and went, new names for old nodes, what is different in others."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping

import msgspec

from flowerpower_tui.graph.model import Graph, Node

# Where a function stands moves with every line above it: that is no change of the function.
_OWN_FIELDS = ("type", "role", "module", "tags", "doc", "optional")


class Diff(msgspec.Struct, frozen=True):
    """From an old graph to a new one.

    Attributes:
        added: nodes that only the new graph has, in its order.
        removed: nodes that only the old graph has, in its order.
        renamed: for nodes that seem to have another name now, the new name by the old one.
        changed: for the other nodes, by their new names, the fields that differ; `inputs` if they take other nodes.
        edges_added: edges that only the new graph has.
        edges_removed: edges that only the old graph has, and that no new name explains.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = {}
    changed: Mapping[str, tuple[str, ...]] = {}
    edges_added: tuple[tuple[str, str], ...] = ()
    edges_removed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return self != Diff()


def diff(old: Graph, new: Graph) -> Diff:
    """Compare two graphs."""
    renamed = _renamed(old, new)
    came_from = {name: before for before, name in renamed.items()}
    changed: dict[str, tuple[str, ...]] = {}
    for name, node in new.by_name.items():
        before = came_from.get(name, name)
        if before not in old.by_name:
            continue
        fields = [field for field in _OWN_FIELDS if getattr(node, field) != getattr(old.by_name[before], field)]
        if {renamed.get(parent, parent) for parent in old.parents[before]} != set(new.parents[name]):
            fields.append("inputs")
        if fields:
            changed[name] = tuple(fields)
    edges = set(new.edges)
    before_edges = {(renamed.get(source, source), renamed.get(target, target)) for source, target in old.edges}
    return Diff(
        added=tuple(name for name in new.by_name if name not in old.by_name and name not in came_from),
        removed=tuple(name for name in old.by_name if name not in new.by_name and name not in renamed),
        renamed=renamed,
        changed=changed,
        edges_added=tuple(edge for edge in dict.fromkeys(new.edges) if edge not in before_edges),
        edges_removed=tuple(
            (source, target)
            for source, target in dict.fromkeys(old.edges)
            if (renamed.get(source, source), renamed.get(target, target)) not in edges
        ),
    )


def _renamed(old: Graph, new: Graph) -> dict[str, str]:
    """Pairs of a node that went and one that came which are alike, and like no other."""
    found: dict[str, str] = {}
    gone = [node for node in old.nodes if node.name not in new.by_name]
    came = [node for node in new.nodes if node.name not in old.by_name]

    def place(node: Node) -> Hashable:
        return (node.module, node.line, node.type, node.role) if node.line else None

    def surroundings(graph: Graph, names: Mapping[str, str]) -> Callable[[Node], Hashable]:
        def of(node: Node) -> Hashable:
            parents = frozenset(names.get(name, name) for name in graph.parents[node.name])
            children = frozenset(names.get(name, name) for name in graph.children[node.name])
            return (node.type, node.role, node.module, parents, children) if parents or children else None

        return of

    # A new name shows at the neighbours too: every pair that is found may make others plain.
    while True:
        before = len(found)
        for old_key, new_key in (
            (surroundings(old, found), surroundings(new, {})),
            (place, place),
        ):
            gone = [node for node in gone if node.name not in found]
            came = [node for node in came if node.name not in found.values()]
            ours, theirs = _only(gone, old_key), _only(came, new_key)
            found |= {ours[key].name: theirs[key].name for key in ours if key in theirs}
        if len(found) == before:
            return found


def _only(nodes: Iterable[Node], key: Callable[[Node], Hashable]) -> dict[Hashable, Node]:
    """The nodes by a key that no other has."""
    found: dict[Hashable, list[Node]] = {}
    for node in nodes:
        found.setdefault(key(node), []).append(node)
    return {value: alike[0] for value, alike in found.items() if value is not None and len(alike) == 1}
