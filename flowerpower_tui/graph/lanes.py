"""The compact view: one row a node, values as lanes at the left, as version-control logs draw their branches."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.shapes import Lane, LaneInput, LaneRow, Lanes, Net

# A lane that nobody takes for more rows than this is cut; its later consumers name it instead.
REACH = 30


def lanes(graph: Graph, *, reach: int | None = REACH) -> Lanes:
    """Lay out a graph in lanes.

    Args:
        graph: what to lay out.
        reach: the rows that a lane may run without being taken before it is cut; None: never cut one.

    Raises:
        ValueError: the graph has a cycle.
    """
    names = graph.topological
    number = {name: index for index, name in enumerate(names)}
    parents = [[number[other] for other in dict.fromkeys(graph.parents[name])] for name in names]
    children = [[number[other] for other in dict.fromkeys(graph.children[name])] for name in names]
    drawn = labels(graph.by_name)
    label = [drawn[name] for name in names]
    orders = (_depth_first(parents, children), _greedy(parents, children))
    limit = len(names) if reach is None else reach
    plans = [_plan(order, parents, children, limit) for order in orders]
    order, plan = min(zip(orders, plans, strict=True), key=lambda pair: pair[1].cost)
    return Lanes(
        rows=tuple(
            LaneRow(
                name=names[node],
                label=label[node],
                column=plan.column[node],
                opens=plan.last[node] > plan.row[node],
                inputs=tuple(plan.inputs[node]),
                far=tuple(label[other] for other in plan.far[node]),
                reach=plan.reach[node],
            )
            for node in order
        ),
        lanes=tuple(
            Lane(plan.column[node], plan.row[node], plan.last[node], plan.row[node])
            for node in order
            if plan.last[node] > plan.row[node]
        ),
        nets=tuple(Net((names[node],), tuple(names[child] for child in children[node])) for node in order),
    )


def _depth_first(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]) -> list[int]:
    """Everything a result needs directly before it, the deepest results first."""
    depth = [0] * len(parents)
    for node in range(len(parents)):
        depth[node] = max((depth[other] + 1 for other in parents[node]), default=0)
    sinks = sorted((node for node in range(len(parents)) if not children[node]), key=lambda node: (-depth[node], node))
    order: list[int] = []
    seen: set[int] = set()
    for sink in sinks:
        waiting = [(sink, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                waiting.append((node, True))
                # The deepest input last, so that its lane is short; the stack turns it round.
                inputs = sorted(parents[node], key=lambda other: (depth[other], other))
                waiting += ((other, False) for other in inputs if other not in seen)
    return order


def _greedy(parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]) -> list[int]:
    """Next is always the node that ends the most lanes; of equals the one whose inputs are the freshest."""
    waiting = [len(others) for others in parents]
    takers = [len(others) for others in children]
    done = [-1] * len(parents)
    order: list[int] = []

    def rank(node: int) -> tuple[int, int, int]:
        ends = sum(takers[other] == 1 for other in parents[node])
        fresh = max((done[other] for other in parents[node]), default=-1)
        return bool(children[node]) - ends, -fresh, node

    ready = [rank(node) for node in range(len(parents)) if not waiting[node]]
    heapq.heapify(ready)
    while ready:
        node = heapq.heappop(ready)[2]
        if done[node] >= 0:
            continue
        done[node] = len(order)
        order.append(node)
        for other in parents[node]:
            takers[other] -= 1
            if takers[other] == 1:
                # The last taker ends the lane: it has become a better choice.
                last = next(child for child in children[other] if done[child] < 0)
                if not waiting[last]:
                    heapq.heappush(ready, rank(last))
        for child in children[node]:
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, rank(child))
    return order


class _Plan:
    """Columns for an order; everything by node, `row` and `last` in rows."""

    def __init__(self, count: int) -> None:
        self.row = [0] * count
        self.last = [0] * count
        self.column = [0] * count
        self.reach = [0] * count
        self.inputs: list[list[LaneInput]] = [[] for _ in range(count)]
        self.far: list[list[int]] = [[] for _ in range(count)]
        self.cost = (0, 0)


def _plan(
    order: Sequence[int], parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], reach: int
) -> _Plan:
    plan = _Plan(len(order))
    for row, node in enumerate(order):
        plan.row[node] = row
    for node in order:
        plan.last[node] = plan.row[node]
        for row in sorted(plan.row[child] for child in children[node]):
            if row - plan.last[node] > reach:
                break
            plan.last[node] = row
    used: list[int | None] = []
    widest = total = 0
    # The column in which the row above shows a dot without a lane.
    above = -1
    for row, node in enumerate(order):
        near = [other for other in parents[node] if plan.last[other] >= row]
        plan.far[node] = [other for other in parents[node] if plan.last[other] < row]
        ended = [other for other in near if plan.last[other] == row]
        right = max((plan.column[other] for other in near), default=-1)
        for other in ended:
            used[plan.column[other]] = None
        # Dot under dot means one thing, whatever is painted over the dots: the upper is the only input of the lower.
        straight = any(plan.column[other] == right and (len(near) == 1 or plan.row[other] < row - 1) for other in ended)
        column = right if straight else _free(used, right + 1, -1 if near else above)
        used += [None] * (column + 1 - len(used))
        plan.column[node] = column
        plan.inputs[node] = sorted(
            LaneInput(plan.column[other], plan.row[other], plan.last[other] == row) for other in near
        )
        if plan.last[node] > row:
            used[column] = node
        while used and used[-1] is None:
            used.pop()
        plan.reach[node] = max(len(used) - 1, column)
        above = -1 if plan.last[node] > row else column
        widest = max(widest, plan.reach[node])
        total += plan.reach[node]
    plan.cost = (widest, total)
    return plan


def _free(used: Sequence[int | None], start: int, barred: int) -> int:
    column = start
    while (column < len(used) and used[column] is not None) or column == barred:
        column += 1
    return column
