"""The order of items within their layers: as few crossings as sweeps of medians and sifting find."""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from flowerpower_tui.graph.layers import Levels
from flowerpower_tui.graph.sift import Sifter

Effort = Literal["quick", "good"]
Rows = list[list[int]]


@dataclass(frozen=True)
class _Care:
    """What an effort may spend; work is counted in looks at an item, so that the result can be repeated.

    Attributes:
        sweeps: on each start, at most.
        swept: looks that the sweeps on one start may cost.
        sifted: pairs that sifting may compare, at least, and for each node where that is more, and at most.
        shuffles: shuffled starts.
        shuffled: nodes up to which they are tried.
    """

    sweeps: int
    swept: int
    sifted: tuple[int, int, int]
    shuffles: int
    shuffled: int


_CARES: dict[Effort, _Care] = {
    "quick": _Care(sweeps=12, swept=6_000, sifted=(150_000, 600, 600_000), shuffles=0, shuffled=0),
    "good": _Care(sweeps=24, swept=600_000, sifted=(8_000_000, 0, 8_000_000), shuffles=12, shuffled=300),
}


def arrange(levels: Levels, effort: Effort = "quick") -> int:
    """Reorder the rows of `levels` in place; return the crossings that are left."""
    care = _CARES[effort]
    place = [0] * len(levels.source)
    sweeps = max(4, min(care.sweeps, care.swept // len(place)))
    swept: list[tuple[int, Rows]] = []
    for start in _starts(levels, care.shuffles if levels.count <= care.shuffled else 0):
        levels.rows = start
        swept.append(_swept(levels, place, sweeps))
        if not swept[-1][0]:
            break
    swept.sort(key=lambda found: found[0])
    best, best_rows = swept[0]
    least, each, most = care.sifted
    sifter = Sifter(levels, place, min(max(least, each * levels.count), most))
    for found, rows in swept if best else ():
        levels.rows = [list(row) for row in rows]
        _number_all(levels, place)
        left = found - sifter.run()
        if left < best:
            best, best_rows = left, levels.rows
        if sifter.left <= 0:
            break
    levels.rows = best_rows
    return best


def arrange_seeded(levels: Levels, positions: Sequence[float], kept: frozenset[int]) -> None:
    """Order the rows of `levels` by where the items were; all but the `kept` ones then look for better places."""
    place = [0] * len(levels.source)
    for row in levels.rows:
        row.sort(key=positions.__getitem__)
    _number_all(levels, place)
    least, each, most = _CARES["quick"].sifted
    Sifter(levels, place, min(max(least, each * levels.count), most)).run(frozenset(range(len(place))) - kept)


def _starts(levels: Levels, shuffles: int) -> Iterator[Rows]:
    rows = levels.rows
    yield _from_top(levels)
    levels.rows = rows
    yield _from_bottom(levels)
    # Always the same chance.
    chance = random.Random(1)  # noqa: S311
    for _ in range(shuffles):
        levels.rows = [chance.sample(row, len(row)) for row in rows]
        yield levels.rows


def _swept(levels: Levels, place: list[int], sweeps: int) -> tuple[int, Rows]:
    """Sweep the rows of `levels` down and up; return the fewest crossings that there were, and the rows then."""
    _number_all(levels, place)
    best, best_rows = crossings(levels, place), [list(row) for row in levels.rows]
    for sweep in range(sweeps):
        if not best:
            break
        _sweep(levels, place, downwards=sweep % 2 == 0, median=sweep % 4 < 2, flip=sweep % 8 >= 4)
        found = crossings(levels, place)
        if found < best:
            best, best_rows = found, [list(row) for row in levels.rows]
    return best, best_rows


def _number_all(levels: Levels, place: list[int]) -> None:
    for row in levels.rows:
        _number(row, place)


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
