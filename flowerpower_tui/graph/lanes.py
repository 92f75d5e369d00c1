"""The compact view: one row a node, values as lanes at the left, as version-control logs draw their branches."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from flowerpower_tui.graph.labels import labels
from flowerpower_tui.graph.lane_plan import Plan, Rows
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.shapes import Lane, LaneInput, LaneRow, Lanes, Net

# A lane that nobody takes for more rows than this is cut; its later consumers name it instead.
REACH = 30


def lanes(
    graph: Graph,
    *,
    reach: int | None = REACH,
    notes: Mapping[str, str] | None = None,
    previous: Lanes | None = None,
) -> Lanes:
    """Lay out a graph in lanes.

    Args:
        graph: what to lay out.
        reach: the rows that a lane may run without being taken before it is cut; None: never cut one.
        notes: for some nodes what stands behind their names: words that are not blank.
        previous: the lanes before an edit; what has not changed stays in its order, as far as its inputs allow.

    Raises:
        ValueError: the graph has a cycle.
    """
    names = graph.topological
    number = {name: index for index, name in enumerate(names)}
    parents = [[number[other] for other in dict.fromkeys(graph.parents[name])] for name in names]
    children = [[number[other] for other in dict.fromkeys(graph.children[name])] for name in names]
    if previous is None:
        orders = [_depth_first(parents, children), _greedy(parents, children)]
    else:
        was = {row.name: index for index, row in enumerate(previous.rows)}
        orders = [_as_before([was.get(name) for name in names], parents, children)]
    limit = len(names) if reach is None else reach
    plans = [Plan(Rows(order, parents, children), limit) for order in orders]
    best = min(plans, key=lambda plan: plan.cost)
    drawn = labels(graph.by_name)
    return _shaped(best, names, [drawn[name] for name in names], notes or {})


def _shaped(plan: Plan, names: Sequence[str], label: Sequence[str], notes: Mapping[str, str]) -> Lanes:
    rows = plan.rows
    return Lanes(
        rows=tuple(
            LaneRow(
                name=names[node],
                label=label[node],
                column=plan.column[node],
                lane=plan.lanes[plan.lane[node]].column if node in plan.lane else None,
                joins=node in plan.lane and plan.lanes[plan.lane[node]].first < row,
                inputs=tuple(
                    sorted(
                        LaneInput(plan.lanes[lane].column, lane, plan.lanes[lane].last == row)
                        for lane in plan.inputs[node]
                    )
                ),
                far=tuple(label[other] for other in plan.far[node]),
                reach=plan.reach[node],
                note=notes.get(names[node], ""),
            )
            for row, node in enumerate(rows.order)
        ),
        lanes=tuple(Lane(lane.column, lane.first, lane.last, index) for index, lane in enumerate(plan.lanes)),
        nets=tuple(
            Net(
                tuple(names[node] for node in lane.members),
                tuple(names[child] for child in rows.children[lane.members[0]]),
            )
            for lane in plan.lanes
        ),
    )


def _as_before(
    was: Sequence[int | None], parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]]
) -> list[int]:
    """The old order, new nodes directly behind their last input, or before what takes them first."""
    wish = [0.0] * len(was)
    for node, row in enumerate(was):
        wish[node] = row if row is not None else max((wish[parent] + 0.25 for parent in parents[node]), default=-1.0)
    for node in range(len(was) - 1, -1, -1):
        if was[node] is None and not parents[node] and children[node]:
            wish[node] = min(wish[child] for child in children[node]) - 0.5
    waiting = [len(others) for others in parents]
    ready = [(wish[node], node) for node in range(len(was)) if not waiting[node]]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        node = heapq.heappop(ready)[1]
        order.append(node)
        for child in children[node]:
            waiting[child] -= 1
            if not waiting[child]:
                heapq.heappush(ready, (wish[child], child))
    return order


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
