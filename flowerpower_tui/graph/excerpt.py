"""What of a graph is looked at: some of it folded, or only what is around a node. A value; every look is a new one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from flowerpower_tui.graph.focus import Focused, focus
from flowerpower_tui.graph.fold import Folded, fold
from flowerpower_tui.graph.minimap import WORST
from flowerpower_tui.graph.model import Graph


class Excerpt(msgspec.Struct, frozen=True, dict=True):
    """A look at a graph. Where it speaks of what is shown, a fold is one node.

    Attributes:
        whole: all of it.
        kinds: what it is folded by, as `fold` takes it.
        unfolded: names of folds that stay open.
        centre: a node of the whole that is focused on; None, or one that is not there, shows everything.
        hops: how many edges around it are shown; None: to the ends.
        up: whether what it needs is shown.
        down: whether what needs it is shown.
    """

    whole: Graph = Graph()
    kinds: tuple[str, ...] = ()
    unfolded: frozenset[str] = frozenset()
    centre: str | None = None
    hops: int | None = 2
    up: bool = True
    down: bool = True

    @cached_property
    def folded(self) -> Folded:
        """All of it, with its folds."""
        return fold(self.whole, self.kinds, unfolded=self.unfolded) if self.kinds else Folded(self.whole)

    @cached_property
    def focus(self) -> Focused | None:
        """What is around the centre; None if there is none."""
        if self.centre is None or self.centre not in self.whole.by_name:
            return None
        middle = self.folded.shown_as[self.centre]
        return focus(self.folded.graph, [middle], self.hops, up=self.up, down=self.down)

    @property
    def graph(self) -> Graph:
        """What is shown."""
        return self.focus.graph if self.focus else self.folded.graph

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """How many edges lead out of the picture, for the nodes that have some."""
        return self.focus.notes if self.focus else {}

    def shown(self, name: str) -> str | None:
        """The node that shows `name`, a node of the whole; None if it is out of the picture, or not there."""
        there = self.folded.shown_as.get(name)
        return there if there in self.graph.by_name else None

    def members(self, shown: str) -> tuple[str, ...]:
        """The nodes of the whole that a shown node stands for: itself, if it is no fold."""
        return self.folded.members.get(shown, (shown,))

    def is_fold(self, shown: str) -> bool:
        """Whether a shown node stands for many."""
        return shown in self.folded.members

    def states(self, states: Mapping[str, str]) -> dict[str, str]:
        """The states of the shown nodes, from those of the whole's: of a fold the worst of its members.

        A fold has succeeded when all of it has; inputs have no states, and are not waited for.
        """
        found: dict[str, str] = {}
        for name in self.graph.by_name:
            if name not in self.folded.members:
                if name in states:
                    found[name] = states[name]
                continue
            all_of_it = [member for member in self.members(name) if self.whole.by_name[member].role != "input"]
            told = {states.get(member, "waiting") for member in all_of_it}
            if told - {"waiting"}:
                worst = min(told, key=lambda state: WORST.index(state) if state in WORST else len(WORST))
                found[name] = "waiting" if worst == "succeeded" and "waiting" in told else worst
        return found
