"""Where things were: a layout before an edit as the start for the one after it, so that eyes keep their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowerpower_tui.graph.layers import Levels
from flowerpower_tui.graph.place import Extent
from flowerpower_tui.graph.shapes import Box, Layout, Segment


class Seed:
    """What an old layout says about the nodes of a component.

    Attributes:
        kept: the numbers of the nodes that were there before.
    """

    def __init__(self, names: Sequence[str], previous: Layout) -> None:
        self._down = previous.direction == "down"
        boxes = {box.name: box for box in previous.boxes}
        self._old: dict[int, Box] = {number: boxes[name] for number, name in enumerate(names) if name in boxes}
        self.kept = frozenset(self._old)
        self._wires: dict[int, list[Segment]] = {}
        number = {name: index for index, name in enumerate(names)}
        for wire in previous.wires:
            for source in wire.net.sources:
                if source in number:
                    self._wires[number[source]] = [self._flow(segment) for segment in wire.segments]
        # Where each layer begins, along the flow.
        self._starts = {box.layer: box.y if self._down else box.x for box in self._old.values()}

    def layers(
        self, parents: Sequence[Sequence[int]], children: Sequence[Sequence[int]], leaders: Mapping[int, int]
    ) -> list[int]:
        """A layer for each node: the old one, or the first below it that its inputs leave free."""
        count = len(parents)
        steps = [2 if node in leaders and len(others) > 1 else 1 for node, others in enumerate(children)]
        layer = [0] * count
        for node in range(count):
            least = max((layer[parent] + steps[parent] for parent in parents[node]), default=0)
            layer[node] = max(least, self._old[node].layer) if node in self._old else least
        for node in range(count - 1, -1, -1):
            # A new input stands directly above what takes it.
            if node not in self._old and not parents[node] and children[node]:
                layer[node] = max(0, min(layer[child] for child in children[node]) - steps[node])
        return _closed(layer, children, steps)

    def positions(self, levels: Levels) -> list[float]:
        """Where each item was, across the flow, in half cells; new nodes stand amid their neighbours."""
        found: dict[int, float] = {node: self._middle(box) for node, box in self._old.items()}
        for index, row in enumerate(levels.rows):
            for item in row:
                if item >= levels.count:
                    was = self._wire_at(levels.source[item], index)
                    if was is not None:
                        found[item] = was
        waiting = [item for item in range(len(levels.source)) if item not in found]
        while waiting:
            left = []
            for item in waiting:
                near = [found[other] for other in (*levels.above[item], *levels.below[item]) if other in found]
                if near:
                    found[item] = sum(near) / len(near)
                else:
                    left.append(item)
            if len(left) == len(waiting):
                found |= dict.fromkeys(left, 0.0)
                break
            waiting = left
        return [found[item] for item in range(len(levels.source))]

    def anchors(self, extents: Sequence[Extent]) -> Mapping[int, int]:
        """Where the anchors of the old nodes were, across the flow."""
        return {node: (box.x if self._down else box.y) + extents[node].before for node, box in self._old.items()}

    def _middle(self, box: Box) -> float:
        return 2 * box.x + box.width if self._down else 2 * box.y + box.height

    def _wire_at(self, source: int, layer: int) -> float | None:
        start = self._starts.get(layer)
        if start is None:
            return None
        passing = (x0 for x0, y0, x1, y1 in self._wires.get(source, ()) if x0 == x1 and y0 <= start <= y1)
        return next((2.0 * x + 1 for x in passing), None)

    def _flow(self, segment: Segment) -> Segment:
        return segment if self._down else Segment(segment.y0, segment.x0, segment.y1, segment.x1)


def _closed(layer: list[int], children: Sequence[Sequence[int]], steps: Sequence[int]) -> list[int]:
    """The layers without those that have come to be empty; those in which a net comes together stay."""
    joints = {layer[node] + 1 for node, others in enumerate(children) if others and steps[node] > 1}
    rank = {value: index for index, value in enumerate(sorted({*layer, *joints}))}
    return [rank[value] for value in layer]
