"""Which layer each node stands in, and the chains of dummies that carry a net through the layers between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SWEEPS = 6


@dataclass
class Levels:
    """A graph cut into layers. Items below `count` are nodes, the others dummies.

    Attributes:
        rows: the items of each layer, in order from left to right.
        above: for each item the items of the layer above that its wires come from.
        below: for each item the items of the layer below that its net goes to.
        source: for each item the node whose net it carries; a node carries its own.
    """

    count: int
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    source: list[int]


def levels(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], order: Sequence[int]) -> Levels:
    """Cut a graph into layers; `order` is topological, and no edge stands twice."""
    count = len(parents)
    layer = assign(parents, children, order)
    made = Levels(
        count=count,
        rows=[[] for _ in range(max(layer) + 1)],
        above=[[] for _ in range(count)],
        below=[[] for _ in range(count)],
        source=list(range(count)),
    )
    for node in order:
        made.rows[layer[node]].append(node)
    for node in order:
        _chain(made, node, layer, children[node])
    return made


def assign(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], order: Sequence[int]) -> list[int]:
    """Layers from longest paths, then tightened: sources sink to their consumers, nets become short.

    A net costs the layers that it reaches over. In turn the nodes go as low as costs them nothing, which lets those
    above follow, and as high as costs them nothing.
    """
    layer = [0] * len(parents)
    for node in order:
        layer[node] = max((layer[parent] + 1 for parent in parents[node]), default=0)
    for sweep in range(SWEEPS):
        before = list(layer)
        lazily = sweep % 2 == 0
        for node in reversed(order) if lazily else order:
            layer[node] = _best(node, layer, parents[node], children, lazily)
        if layer == before:
            break
    lowest = min(layer)
    return [value - lowest for value in layer]


def _best(
    node: int, layer: Sequence[int], parents: Sequence[int], children: Sequence[Sequence[int]], lazily: bool
) -> int:
    """The layer at which the nets around `node` are shortest; of equals the lowest if `lazily`, else the highest."""
    low = max((layer[parent] + 1 for parent in parents), default=0)
    own = children[node]
    if not own:
        return low
    high = min(layer[child] for child in own) - 1
    # One layer further down a parent's net grows if nobody else takes it there anyway; the node's own net shrinks.
    reach = sorted(max((layer[other] for other in children[parent] if other != node), default=-1) for parent in parents)
    free = 2 if lazily else 1
    if len(reach) < free:
        return high
    return max(low, min(high, reach[free - 1]))


def _chain(made: Levels, node: int, layer: Sequence[int], children: Sequence[int]) -> None:
    """Lead the net of `node` down to its deepest consumer, one dummy a layer."""
    if not children:
        return
    by_layer: dict[int, list[int]] = {}
    for child in children:
        by_layer.setdefault(layer[child], []).append(child)
    carrier = node
    for below in range(layer[node] + 1, max(by_layer) + 1):
        targets = by_layer.get(below, [])
        for target in targets:
            made.below[carrier].append(target)
            made.above[target].append(carrier)
        if below == max(by_layer):
            return
        dummy = len(made.source)
        made.source.append(node)
        made.above.append([carrier])
        made.below.append([])
        made.below[carrier].append(dummy)
        made.rows[below].append(dummy)
        carrier = dummy
