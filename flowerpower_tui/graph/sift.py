"""Sifting: each item of a layer goes to the place among the others where its wires cross the fewest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import itemgetter

from flowerpower_tui.graph.layers import Levels

# In a layer with more items than this, an item moves by at most half as many places.
WINDOW = 128


class Sifter:
    """Sifts layers of `levels` as long as its budget lasts.

    Attributes:
        left: how many pairs of items may still be compared; counted, so that the result can be repeated.
    """

    def __init__(self, levels: Levels, place: list[int], budget: int) -> None:
        self.left = budget
        self._levels = levels
        self._place = place

    def run(self, movable: frozenset[int] | None = None) -> int:
        """Sift all layers down and up until nothing changes any more; return the crossings saved.

        Args:
            movable: the only items that may move; None: all.
        """
        rows = self._levels.rows
        saved = 0
        restless = set(range(len(rows)))
        downwards = True
        while restless and self.left > 0:
            for index in range(len(rows)) if downwards else range(len(rows) - 1, -1, -1):
                if index not in restless or self.left <= 0:
                    continue
                gain = self.layer(index, movable)
                saved += gain
                if gain:
                    restless.update(other for other in (index - 1, index + 1) if 0 <= other < len(rows))
                else:
                    restless.discard(index)
            downwards = not downwards
        return saved

    def layer(self, index: int, movable: frozenset[int] | None = None) -> int:
        """Sift one layer; return the crossings saved."""
        rows, place = self._levels.rows, self._place
        row = rows[index]
        if len(row) < 2:
            return 0
        ups = {item: sorted(place[other] for other in self._levels.above[item]) for item in row}
        downs = {item: sorted(place[other] for other in self._levels.below[item]) for item in row}
        breadth_up = len(rows[index - 1]) if index else 0
        breadth_down = len(rows[index + 1]) if index + 1 < len(rows) else 0
        # What has one wire up and one down, as most items do, is weighed without a loop.
        single = {item: (ups[item][0], downs[item][0]) for item in row if len(ups[item]) == 1 == len(downs[item])}
        saved = 0
        for item in list(row):
            if movable is not None and item not in movable:
                continue
            at = row.index(item)
            first, last = 0, len(row)
            if last > WINDOW:
                first, last = max(0, at - WINDOW // 2), min(last, at + WINDOW // 2)
            self.left -= last - first
            up, down = _side(ups[item], breadth_up), _side(downs[item], breadth_down)
            gains = []
            for other in row[first:last]:
                if other in single:
                    above, below = single[other]
                    gains.append(up[above] + down[below])
                else:
                    gains.append(sum([up[end] for end in ups[other]]) + sum([down[end] for end in downs[other]]))
            here = at - first
            rightwards = list(accumulate(gains[here + 1 :]))
            leftwards = list(accumulate(-gain for gain in reversed(gains[:here])))
            best_right = max(enumerate(rightwards), key=itemgetter(1), default=(0, 0))
            best_left = max(enumerate(leftwards), key=itemgetter(1), default=(0, 0))
            best = max(best_right[1], best_left[1])
            if best <= 0:
                continue
            saved += best
            del row[at]
            row.insert(at + best_right[0] + 1 if best_right[1] == best else at - best_left[0] - 1, item)
        if saved:
            for position, item in enumerate(row):
                place[item] = position
        return saved


def _side(ends: Sequence[int], breadth: int) -> list[int]:
    """For each place in the neighbouring layer: the wires to `ends` that pass it on the right less those on the left.

    That is what an item saves by letting an item with a wire there pass to its left.
    """
    found: list[int] = []
    balance = len(ends)
    for end in ends:
        found += [balance] * (end - len(found))
        found.append(balance - 1)
        balance -= 2
    found += [balance] * (breadth - len(found))
    return found
