"""Network simplex (Gansner et al. 1993): values for points, such that the arcs between them cost least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple


class Arc(NamedTuple):
    """The head's value must be at least `least` above the tail's; each step between the two costs `weight`."""

    tail: int
    head: int
    least: int
    weight: int


def shorten(arcs: Sequence[Arc], values: Sequence[int], budget: int) -> list[int]:
    """Return values of least cost, or the best that were found when the work came to `budget` steps.

    Args:
        arcs: the arcs; together they join all points.
        values: a start that keeps the least length of every arc.
        budget: how many points and arcs may be looked at. Work is counted, not timed, so that it can be repeated.
    """
    tree = _Tree(arcs, values)
    tree.grow()
    tree.improve(budget)
    return tree.values


class _Tree:
    """A spanning tree of arcs that are as short as they may be; swapping one of them for another is a step.

    Every part of the tree that hangs on one arc pulls: by the weights of all arcs that leave it less those that
    enter it. Where it pulls towards its parent's side, moving it there saves that much a step.

    Attributes:
        values: the values so far; they keep the least length of every arc at any time.
    """

    def __init__(self, arcs: Sequence[Arc], values: Sequence[int]) -> None:
        self.values = list(values)
        self._arcs = arcs
        count = len(values)
        self._around: list[list[int]] = [[] for _ in range(count)]
        self._pull = [0] * count
        for index, (tail, head, _, weight) in enumerate(arcs):
            self._around[tail].append(index)
            self._around[head].append(index)
            self._pull[tail] += weight
            self._pull[head] -= weight
        # The tree hangs from point 0: each point's arc to its parent, and the points at and under it.
        self._up = [-1] * count
        self._parent = [-1] * count
        self._below: list[list[int]] = [[] for _ in range(count)]
        self._size = [1] * count

    def grow(self) -> None:
        """Hang all points on the tree: always the one that is nearest to it, moving the whole tree to it."""
        arcs, values, around = self._arcs, self.values, self._around
        inside = [False] * len(values)
        moved = 0
        # How far the tree may still rise or sink until an arc is tight; relative to where it was at the start.
        rise: list[tuple[int, int]] = []
        sink: list[tuple[int, int]] = []
        order: list[int] = []
        point, up, parent = 0, -1, -1
        while True:
            inside[point] = True
            order.append(point)
            self._up[point], self._parent[point] = up, parent
            if parent >= 0:
                self._below[parent].append(point)
            values[point] -= moved
            for index in around[point]:
                tail, head, least, _ = arcs[index]
                if tail == point and not inside[head]:
                    heappush(rise, (values[head] - values[tail] - least, index))
                elif head == point and not inside[tail]:
                    heappush(sink, (values[head] - values[tail] - least, index))
            while rise and inside[arcs[rise[0][1]].head]:
                heappop(rise)
            while sink and inside[arcs[sink[0][1]].tail]:
                heappop(sink)
            if not rise and not sink:
                break
            if not sink or (rise and rise[0][0] - moved <= sink[0][0] + moved):
                moved, up = heappop(rise)
                parent, point = arcs[up].tail, arcs[up].head
            else:
                slack, up = heappop(sink)
                moved = -slack
                parent, point = arcs[up].head, arcs[up].tail
        for point in reversed(order):
            values[point] += moved
            if self._parent[point] >= 0:
                self._pull[self._parent[point]] += self._pull[point]
                self._size[self._parent[point]] += self._size[point]

    def improve(self, budget: int) -> None:
        """Swap arcs until no part pulls towards its parent, or the budget is spent."""
        count = len(self.values)
        point = quiet = 0
        while quiet < count and budget > 0:
            point = (point + 1) % count
            quiet += 1
            budget -= 1
            if self._up[point] < 0:
                continue
            upwards = self._arcs[self._up[point]].tail == point
            if self._pull[point] < 0 if upwards else self._pull[point] > 0:
                budget -= self._swap(point, upwards)
                quiet = 0

    def _swap(self, root: int, upwards: bool) -> int:
        """Cut off the part under `root`, move it until another arc is tight, hang it there; return the work done."""
        arcs, values = self._arcs, self.values
        under = 2 * self._size[root] <= len(values)
        part = self._part(root) if under else self._rest(root)
        inside = set(part)
        # A part that is a tail sinks until an arc into it is tight, one that is a head rises until one out of it is.
        into = upwards == under
        best, entering = None, -1
        for point in part:
            for index in self._around[point]:
                tail, head, least, _ = arcs[index]
                near, far = (head, tail) if into else (tail, head)
                if near == point and far not in inside:
                    slack = values[head] - values[tail] - least
                    if best is None or (slack, index) < (best, entering):
                        best, entering = slack, index
        # There is one: all arcs that cross weigh the other way together, so not all of them cross this way.
        assert best is not None
        for point in part:
            values[point] += -best if into else best
        tail, head = arcs[entering].tail, arcs[entering].head
        self._hang(root, entering, *((tail, head) if upwards else (head, tail)))
        return 4 * len(part)

    def _part(self, root: int) -> list[int]:
        found = [root]
        for point in found:
            found += self._below[point]
        return found

    def _rest(self, root: int) -> list[int]:
        found = [0]
        for point in found:
            found += (other for other in self._below[point] if other != root)
        return found

    def _hang(self, root: int, entering: int, outer: int, inner: int) -> None:
        """Hang the part under `root` on the arc between `outer` and `inner`, which lies in it and is its new root."""
        pull, size = self._pull[root], self._size[root]
        for point in self._ancestors(self._parent[root]):
            self._pull[point] -= pull
            self._size[point] -= size
        for point in self._ancestors(outer):
            self._pull[point] += pull
            self._size[point] += size
        parent, up, point = outer, entering, inner
        less_pull = less_size = 0
        while True:
            old_parent, old_up = self._parent[point], self._up[point]
            old_pull, old_size = self._pull[point], self._size[point]
            self._below[old_parent].remove(point)
            self._below[parent].append(point)
            self._parent[point], self._up[point] = parent, up
            self._pull[point], self._size[point] = pull - less_pull, size - less_size
            less_pull, less_size = old_pull, old_size
            if point == root:
                return
            parent, up, point = point, old_up, old_parent

    def _ancestors(self, point: int) -> Iterable[int]:
        while point >= 0:
            yield point
            point = self._parent[point]
