"""The order of items within their layers: as few crossings as sweeps of medians and barycentres find."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence

from flowerpower_tui.graph.layers import Levels

MOST_SWEEPS = 24
# Beyond this many items the sweeps are cut, so that the first picture comes in time.
UNHURRIED = 600


def arrange(levels: Levels) -> None:
    """Reorder the rows of `levels` in place."""
    best_rows, best = levels.rows, None
    items = len(levels.source)
    sweeps = max(6, min(MOST_SWEEPS, MOST_SWEEPS * UNHURRIED // max(items, 1)))
    for start in (_from_top(levels), _from_bottom(levels)):
        levels.rows = start
        place = [0] * items
        for row in levels.rows:
            _number(row, place)
        for sweep in range(sweeps):
            found = crossings(levels, place)
            if best is None or found < best:
                best, best_rows = found, [list(row) for row in levels.rows]
            if best == 0:
                break
            _sweep(levels, place, downwards=sweep % 2 == 0, median=sweep % 4 < 2, flip=sweep % 8 >= 4)
    levels.rows = best_rows


def crossings(levels: Levels, place: Sequence[int]) -> int:
    """How often edges between neighbouring layers cross."""
    total = 0
    for row in levels.rows[:-1]:
        seen: list[int] = []
        for item in row:
            ends = sorted(place[other] for other in levels.below[item])
            for end in ends:
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _number(row: Sequence[int], place: list[int]) -> None:
    for index, item in enumerate(row):
        place[item] = index


def _from_top(levels: Levels) -> list[list[int]]:
    """Rows in the order in which a walk down from the sources meets the items."""
    return _walked(levels, levels.below, [item for row in levels.rows for item in row if not levels.above[item]])


def _from_bottom(levels: Levels) -> list[list[int]]:
    """Rows in the order in which a walk up from the sinks meets the items."""
    ends = [item for row in reversed(levels.rows) for item in row if not levels.below[item]]
    return _walked(levels, levels.above, ends)


def _walked(levels: Levels, step: Sequence[Sequence[int]], starts: Sequence[int]) -> list[list[int]]:
    met: dict[int, int] = {}
    for start in starts:
        waiting = [start]
        while waiting:
            item = waiting.pop()
            if item not in met:
                met[item] = len(met)
                waiting.extend(reversed(step[item]))
    return [sorted(row, key=met.__getitem__) for row in levels.rows]


def _sweep(levels: Levels, place: list[int], *, downwards: bool, median: bool, flip: bool) -> None:
    """Order every layer by the one before it; `flip` turns round what the layer before leaves open."""
    rows = levels.rows if downwards else levels.rows[::-1]
    neighbours = levels.above if downwards else levels.below
    for row in rows[1:]:
        keys: dict[int, float] = {}
        for item in row:
            places = [place[other] for other in neighbours[item]]
            if not places:
                continue
            keys[item] = _median(places) if median else sum(places) / len(places)
        movable = [item for item in row if item in keys]
        if flip:
            movable.reverse()
        movable.sort(key=keys.__getitem__)
        # What has no neighbour there keeps its place.
        following = iter(movable)
        row[:] = [next(following) if item in keys else item for item in row]
        _number(row, place)


def _median(places: list[int]) -> float:
    """The median as Gansner et al. weigh it: between the two middle ones, nearer to the denser side."""
    places.sort()
    middle = len(places) // 2
    if len(places) % 2:
        return places[middle]
    if len(places) == 2:
        return (places[0] + places[1]) / 2
    left, right = places[middle - 1] - places[0], places[-1] - places[middle]
    if left + right == 0:
        return (places[middle - 1] + places[middle]) / 2
    return (places[middle - 1] * right + places[middle] * left) / (left + right)
