"""What is known of the nodes of a whole graph, and what is seen of that where only some of them are shown, or folds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowerpower_tui.tui.widgets.dag_paint import fold_notes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowerpower_tui.graph.excerpt import Excerpt
    from flowerpower_tui.tui.widgets.dag_paint import Mark, Paint


@dataclass
class Facts:
    """What a canvas was told of its graph, by the names of nodes, whether they are shown or not.

    Attributes:
        states: how each ran.
        marks: what an edit did to each.
        picked: which are picked.
        critical: the path that took longest.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    picked: frozenset[str] = frozenset()
    critical: tuple[str, ...] = ()

    def tell_states(self, paint: Paint, excerpt: Excerpt) -> list[str]:
        """Tell a painter the states of what is shown, as that was before; return the nodes that look different now."""
        before = {name: (paint.states.get(name), paint.notes.get(name)) for name in paint.graph.by_name}
        self._tell_states(paint, excerpt)
        return [name for name in before if before[name] != (paint.states.get(name), paint.notes.get(name))]

    def tell(self, paint: Paint, excerpt: Excerpt) -> None:
        """Tell a painter all that is known of what is shown."""
        paint.graph = excerpt.graph
        self._tell_states(paint, excerpt)
        paint.marks = {there: mark for name, mark in self.marks.items() if (there := excerpt.shown(name))}
        paint.picked = {there for name in self.picked if (there := excerpt.shown(name))}

    def critical_in(self, excerpt: Excerpt) -> tuple[str, ...]:
        """The path that took longest, as far as it is shown."""
        return tuple(dict.fromkeys(there for name in self.critical if (there := excerpt.shown(name))))

    def _tell_states(self, paint: Paint, excerpt: Excerpt) -> None:
        paint.states = excerpt.states(self.states)
        paint.notes = fold_notes(excerpt, self.states)
