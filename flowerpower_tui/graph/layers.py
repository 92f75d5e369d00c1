"""Which layer each node stands in, and the chains of dummies that carry a net through the layers between."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flowerpower_tui.graph.simplex import Arc, shorten

SWEEPS = 6


@dataclass
class Levels:
    """A graph cut into layers. Items below `count` are nodes, the others dummies.

    Attributes:
        rows: the items of each layer, in order from left to right.
        above: for each item the items of the layer above that its wires come from.
        below: for each item the items of the layer below that its net goes to.
        source: for each item the node whose net it carries; a node carries its own, also if the net is shared.
        leaders: for each node of a net that many nodes share the first of them; others are not there.
    """

    count: int
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    source: list[int]
    leaders: Mapping[int, int]

    def net(self, item: int) -> int:
        """The net that an item carries, by its first source."""
        source = self.source[item]
        return self.leaders.get(source, source)


def levels(children: Sequence[Sequence[int]], layer: Sequence[int], leaders: Mapping[int, int]) -> Levels:
    """Cut a graph at its nodes' layers; the nets of nodes with the same leader are one."""
    count = len(children)
    made = Levels(
        count=count,
        rows=[[] for _ in range(max(layer) + 1)],
        above=[[] for _ in range(count)],
        below=[[] for _ in range(count)],
        source=list(range(count)),
        leaders=leaders,
    )
    nets: dict[int, list[int]] = {}
    for node in range(count):
        made.rows[layer[node]].append(node)
        nets.setdefault(leaders.get(node, node), []).append(node)
    for net, sources in nets.items():
        if children[net]:
            _chain(made, net, sources, layer, children[net])
    return made


def assign(
    parents: Sequence[Sequence[int]],
    children: Sequence[Sequence[int]],
    leaders: Mapping[int, int],
    budget: int,
    weight: int = 1,
) -> list[int]:
    """Layers such that nets and edges are short; nodes are numbered in topological order.

    Longest paths, tightened, are the start; network simplex finds the best, as far as its budget reaches. A net of many
    sources and many consumers gets a layer of its own to come together in.

    Args:
        parents: for each node the nodes it takes.
        children: for each node the nodes that take it.
        leaders: for each node that shares its net the first that does.
        budget: what the search for the best may cost, in steps.
        weight: what a layer more costs for a net; for an edge it costs one.
    """
    steps = [2 if node in leaders and len(others) > 1 else 1 for node, others in enumerate(children)]
    layer = _tightened(parents, children, steps)
    values = list(layer)
    arcs: list[Arc] = []
    nets: dict[int, list[int]] = {}
    for node, targets in enumerate(children):
        if targets:
            nets.setdefault(leaders.get(node, node), []).append(node)
    for net, sources in nets.items():
        targets = children[net]
        if len(sources) == 1 == len(targets):
            arcs.append(Arc(net, targets[0], 1, weight + 1))
            continue
        # The net reaches from its first source to its deepest consumer: a point for each of these ends.
        first = sources[0]
        if len(sources) > 1:
            first = len(values)
            values.append(min(layer[source] for source in sources))
            arcs += (Arc(first, source, 0, 0) for source in sources)
        last = targets[0]
        if len(targets) > 1:
            last = len(values)
            values.append(max(layer[target] for target in targets))
            arcs += (Arc(target, last, 0, 0) for target in targets)
        arcs.append(Arc(first, last, 1, weight))
        arcs += (Arc(source, target, steps[net], 1) for source in sources for target in targets)
    layer = shorten(arcs, values, budget)[: len(layer)]
    lowest = min(layer)
    return [value - lowest for value in layer]


def _tightened(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], steps: Sequence[int]) -> list[int]:
    """Longest paths, then in turn everything as low as costs its nets nothing, and as high as costs them nothing."""
    layer = [0] * len(parents)
    for node, others in enumerate(parents):
        layer[node] = max((layer[parent] + steps[parent] for parent in others), default=0)
    reach = [sorted(layer[child] for child in others) for others in children]
    for sweep in range(SWEEPS):
        before = list(layer)
        lazily = sweep % 2 == 0
        for node in range(len(parents) - 1, -1, -1) if lazily else range(len(parents)):
            low = max((layer[parent] + steps[parent] for parent in parents[node]), default=0)
            high = reach[node][0] - steps[node] if children[node] else low
            best = _best([_deepest_other(reach[parent], layer[node]) for parent in parents[node]], low, high, lazily)
            for parent in parents[node] if best != layer[node] else ():
                del reach[parent][bisect_left(reach[parent], layer[node])]
                insort(reach[parent], best)
            layer[node] = best
        if layer == before:
            break
    return layer


def _best(others: Sequence[int], low: int, high: int, lazily: bool) -> int:
    """The layer from `low` to `high` at which the nets around a node are shortest; of equals the lowest if `lazily`.

    `others` tells how deep the nets that the node takes reach without it: beyond that they grow with it, one step each
    for a step that its own net is shorter.
    """
    free = 2 if lazily else 1
    if len(others) < free:
        return high
    return max(low, min(high, sorted(others)[free - 1]))


def _deepest_other(reach: Sequence[int], own: int) -> int:
    """The deepest layer that a net reaches without the consumer in layer `own`."""
    if reach[-1] != own:
        return reach[-1]
    return reach[-2] if len(reach) > 1 else -1


def _chain(made: Levels, net: int, sources: Sequence[int], layer: Sequence[int], children: Sequence[int]) -> None:
    """Lead a net from its sources down to its deepest consumer, one dummy a layer that collects and hands on."""
    takers: dict[int, list[int]] = {}
    for child in children:
        takers.setdefault(layer[child], []).append(child)
    givers: dict[int, list[int]] = {}
    for source in sources:
        givers.setdefault(layer[source], []).append(source)
    deepest = max(takers)
    carriers: list[int] = []
    for below in range(min(givers) + 1, deepest + 1):
        carriers += givers.get(below - 1, ())
        reached = list(takers.get(below, ()))
        if below < deepest:
            dummy = len(made.source)
            made.source.append(net)
            made.above.append([])
            made.below.append([])
            made.rows[below].append(dummy)
            reached.append(dummy)
        for carrier in carriers:
            made.below[carrier] += reached
        for item in reached:
            made.above[item] += carriers
        carriers = reached[-1:] if below < deepest else []
