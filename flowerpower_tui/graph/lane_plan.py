"""Columns for an order of rows: which lane runs where, which row takes what, and what is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

# This many nodes with the same consumers share a lane.
SHARED = 3


@dataclass(frozen=True)
class Rows:
    """Nodes in the order of their rows, with the numbers of those they take and those that take them."""

    order: Sequence[int]
    parents: Sequence[Sequence[int]]
    children: Sequence[Sequence[int]]


@dataclass
class PlannedLane:
    """A lane from row `first` to row `last`, with the values of its members."""

    column: int
    first: int
    last: int
    members: list[int]


@dataclass
class _Group:
    """Nodes with the same consumers that follow each other closely enough for one lane.

    Attributes:
        last: the row in which their lane ends; -1 if it is too far to the first consumer.
        shared: whether they are enough for a lane beside them.
        lane: the lane that the next one may join.
    """

    last: int
    shared: bool
    lane: int | None = None


@dataclass
class Plan:
    """Where everything stands; by node what is about nodes.

    Attributes:
        rows: what was planned.
        lanes: the lanes, by where they begin.
        lane: for each node whose value goes on the lane it goes on in.
        column: where the dot stands.
        inputs: the lanes that are taken.
        far: the nodes that are taken without a lane.
        reach: the right-most column in use on the row.
        cost: the widest row's columns, and all rows' together.
    """

    rows: Rows
    limit: int
    lanes: list[PlannedLane] = field(default_factory=list)
    lane: dict[int, int] = field(default_factory=dict)
    column: dict[int, int] = field(default_factory=dict)
    inputs: dict[int, list[int]] = field(default_factory=dict)
    far: dict[int, list[int]] = field(default_factory=dict)
    reach: dict[int, int] = field(default_factory=dict)
    cost: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._used: list[int | None] = []
        groups = _groups(self.rows, self.limit)
        widest = total = 0
        # The column in which the row above shows a dot that no lane leaves downwards.
        bare = -1
        for row, node in enumerate(self.rows.order):
            bare = self._place(row, node, groups[node], bare)
            while self._used and self._used[-1] is None:
                self._used.pop()
            widest = max(widest, self.reach[node])
            total += self.reach[node]
        self.cost = (widest, total)

    def _place(self, row: int, node: int, group: _Group | None, bare: int) -> int:
        near = dict.fromkeys(
            self.lane[other]
            for other in self.rows.parents[node]
            if other in self.lane and self.lanes[self.lane[other]].last >= row
        )
        self.inputs[node] = list(near)
        self.far[node] = [other for other in self.rows.parents[node] if self.lane.get(other) not in near]
        right = max((self.lanes[lane].column for lane in near), default=-1)
        straight = False
        for index in near:
            lane = self.lanes[index]
            if lane.last == row:
                self._used[lane.column] = None
                # Dot under dot means one thing, whatever is painted over the dots: the upper is the only input.
                straight |= lane.column == right and (len(near) == 1 or not self._dot_above(lane, row))
        column = right if straight else self._free(right + 1, -1 if near else bare)
        self.column[node] = column
        live = group is not None and group.last > row
        if group is not None and live and group.shared:
            return self._share(row, node, group, right, straight, bare)
        if group is not None and live:
            self._open(row, node, column, group.last)
        self.reach[node] = max(self._rightmost(), column)
        return -1 if live else column

    def _dot_above(self, lane: PlannedLane, row: int) -> bool:
        above = self.rows.order[row - 1]
        return self.column[above] == lane.column

    def _share(self, row: int, node: int, group: _Group, right: int, straight: bool, bare: int) -> int:
        """Let the node's value go on in a lane beside it; return the column of the dot."""
        column = self.column[node]
        if not straight:
            # Dots of one lane may stand under each other: the wire at the right of each says that they do not give.
            column = self._free(right + 1, -1 if group.lane is not None else bare)
        if group.lane is not None and self.lanes[group.lane].column > column:
            self.lanes[group.lane].members.append(node)
            self.lane[node] = group.lane
        else:
            group.lane = self._open(row, node, self._free(column + 1, -1), group.last)
        self.column[node] = column
        self.reach[node] = max(self._rightmost(), column)
        return column

    def _open(self, row: int, node: int, column: int, last: int) -> int:
        index = len(self.lanes)
        self.lanes.append(PlannedLane(column, row, last, [node]))
        self.lane[node] = index
        self._used += [None] * (column + 1 - len(self._used))
        self._used[column] = index
        return index

    def _rightmost(self) -> int:
        return max((column for column, lane in enumerate(self._used) if lane is not None), default=-1)

    def _free(self, start: int, barred: int) -> int:
        column = start
        while (column < len(self._used) and self._used[column] is not None) or column == barred:
            column += 1
        return column


def _groups(rows: Rows, limit: int) -> list[_Group | None]:
    """For each node the group whose lane its value goes on in; None if nobody takes it."""
    row_of = {node: row for row, node in enumerate(rows.order)}
    alike: dict[frozenset[int], list[int]] = {}
    for node in rows.order:
        if rows.children[node]:
            alike.setdefault(frozenset(rows.children[node]), []).append(node)
    found: list[_Group | None] = [None] * len(rows.order)
    for consumers, nodes in alike.items():
        takers = sorted(row_of[child] for child in consumers)
        run: list[int] = []
        for node, following in zip(nodes, [*nodes[1:], None], strict=True):
            run.append(node)
            if following is not None and row_of[following] - row_of[node] <= limit and len(nodes) >= SHARED:
                continue
            last = row_of[node]
            for taker in takers:
                if taker - last > limit:
                    break
                last = taker
            group = _Group(last if last > row_of[node] else -1, len(run) >= SHARED)
            for member in run:
                found[member] = group if group.shared else _Group(group.last, shared=False)
            run = []
    return found
