"""One channel between two layers: which net's trunk runs in which track, so that no two nets touch."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

# Beyond this many trunks in a channel not every pair is weighed.
WEIGHED = 120


@dataclass
class Trunk:
    """The part of a net that runs across a channel.

    Attributes:
        net: whose it is.
        tops: where its wires come down from the layer above, sorted.
        bottoms: where its wires go on to the layer below, sorted.
        track: counted from the layer above.
        jog: for one half of a net that was cut in two: where the halves meet.
    """

    net: int
    tops: list[int]
    bottoms: list[int]
    track: int = 0
    jog: int | None = None
    low: int = field(init=False)
    high: int = field(init=False)

    def __post_init__(self) -> None:
        ends = [*self.tops, *self.bottoms]
        if self.jog is not None:
            ends.append(self.jog)
        self.low, self.high = min(ends), max(ends)


def channel(pins: dict[int, tuple[list[int], list[int]]], pitch: int) -> list[Trunk]:
    """Return the trunks that the nets with these pins (tops, bottoms) need, each in its track.

    Args:
        pins: for each net its sorted tops and bottoms; a net that goes straight down needs no trunk.
        pitch: the distance of neighbouring columns.
    """
    trunks = [Trunk(net, tops, bottoms) for net, (tops, bottoms) in pins.items() if tops != bottoms or len(tops) > 1]
    if not trunks:
        return []
    taken = {pin for tops, bottoms in pins.values() for pin in (*tops, *bottoms)}
    trunks = _without_cycles(trunks, taken, pitch)
    under = _under(trunks)
    gain = _gains(trunks) if len(trunks) <= WEIGHED else None
    _assign(trunks, under, gain, _order(trunks, under, gain))
    return trunks


def _under(trunks: Sequence[Trunk]) -> list[set[int]]:
    """For each trunk those that must run under it, because they go on where it comes down."""
    by_bottom = {pin: index for index, trunk in enumerate(trunks) for pin in trunk.bottoms}
    under: list[set[int]] = []
    for index, trunk in enumerate(trunks):
        below = {by_bottom[pin] for pin in trunk.tops if pin in by_bottom}
        below.discard(index)
        under.append(below)
    for index, trunk in enumerate(trunks):
        if trunk.jog is not None and not trunk.bottoms:
            under[index].add(index + 1)
    return under


def _without_cycles(trunks: list[Trunk], taken: set[int], pitch: int) -> list[Trunk]:
    """Cut trunks that would each have to run under another in a ring: the halves meet in a free column."""
    cut = _ring_breakers(_under(trunks))
    found: list[Trunk] = []
    for index, trunk in enumerate(trunks):
        if index not in cut:
            found.append(trunk)
            continue
        column = _free_column((trunk.low + trunk.high) // 2 // pitch * pitch, taken, pitch)
        taken.add(column)
        # The lower half stands directly behind the upper one: `_under` relies on that.
        found += (Trunk(trunk.net, trunk.tops, [], jog=column), Trunk(trunk.net, [], trunk.bottoms, jog=column))
    return found


def _ring_breakers(under: Sequence[set[int]]) -> set[int]:
    """Trunks without which nothing runs under itself."""
    waiting = [0] * len(under)
    over: list[list[int]] = [[] for _ in under]
    for index, below in enumerate(under):
        for other in below:
            waiting[other] += 1
            over[other].append(index)
    left = {index for index in range(len(under)) if waiting[index] or under[index]}
    cut: set[int] = set()
    ready = [index for index in sorted(left) if not waiting[index]]
    while left:
        while ready:
            index = ready.pop()
            if index not in left:
                continue
            left.discard(index)
            for other in under[index]:
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
        if left:
            # The one that holds up most.
            worst = max(sorted(left), key=lambda index: len(under[index] & left) * sum(o in left for o in over[index]))
            cut.add(worst)
            ready.append(worst)
    return cut


def _free_column(near: int, taken: set[int], pitch: int) -> int:
    step = 0
    while True:
        for column in (near + step, near - step):
            if column not in taken:
                return column
        step += pitch


def _inside(pins: Sequence[int], low: int, high: int) -> int:
    """How many pins lie strictly between."""
    return max(0, bisect_left(pins, high) - bisect_right(pins, low))


def _gains(trunks: Sequence[Trunk]) -> list[dict[int, int]]:
    """For each trunk and each other that it overlaps: the crossings saved by running above it."""
    gains: list[dict[int, int]] = [{} for _ in trunks]
    by_low = sorted(range(len(trunks)), key=lambda index: trunks[index].low)
    for position, first in enumerate(by_low):
        a = trunks[first]
        for second in by_low[position + 1 :]:
            b = trunks[second]
            if b.low > a.high:
                break
            a_above = _inside(a.bottoms, b.low, b.high) + _inside(b.tops, a.low, a.high)
            b_above = _inside(b.bottoms, a.low, a.high) + _inside(a.tops, b.low, b.high)
            gains[first][second] = b_above - a_above
            gains[second][first] = a_above - b_above
    return gains


def _order(trunks: Sequence[Trunk], under: Sequence[set[int]], gain: list[dict[int, int]] | None) -> list[int]:
    """The trunks from top to bottom: what must be under another comes later, the rest by what saves crossings."""
    waiting = [0] * len(trunks)
    for below in under:
        for other in below:
            waiting[other] += 1
    score = [sum(gain[index].values()) for index in range(len(trunks))] if gain else [_slant(trunk) for trunk in trunks]
    ready = {index for index in range(len(trunks)) if not waiting[index]}
    order: list[int] = []
    while ready:
        index = max(ready, key=lambda index: (score[index], -index))
        ready.discard(index)
        order.append(index)
        for other in under[index]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.add(other)
        if gain:
            for other, saved in gain[index].items():
                score[other] += saved
    return order


def _slant(trunk: Trunk) -> int:
    """Trunks that lead right are best stacked from the right-most down, those that lead left from the left-most."""
    tops, bottoms = trunk.tops or [trunk.low], trunk.bottoms or [trunk.high]
    return tops[0] if sum(bottoms) * len(tops) >= sum(tops) * len(bottoms) else -tops[-1]


def _assign(
    trunks: Sequence[Trunk],
    under: Sequence[set[int]],
    gain: list[dict[int, int]] | None,
    order: Sequence[int],
) -> None:
    """Give every trunk the first track that is free for it and lies under those that belong above it."""
    least = [0] * len(trunks)
    tracks: list[list[tuple[int, int]]] = []
    for index in order:
        trunk = trunks[index]
        number = least[index]
        while number < len(tracks) and any(
            low - 1 <= trunk.high and trunk.low <= high + 1 for low, high in tracks[number]
        ):
            number += 1
        while number >= len(tracks):
            tracks.append([])
        tracks[number].append((trunk.low, trunk.high))
        trunk.track = number
        for other in under[index]:
            least[other] = max(least[other], number + 1)
        for other, saved in gain[index].items() if gain else ():
            if saved > 0:
                least[other] = max(least[other], number + 1)
