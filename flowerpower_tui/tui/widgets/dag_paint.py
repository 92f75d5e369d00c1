"""From the spans of a drawing to coloured segments: what each node and each wire looks like just now."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from rich.segment import Segment
from rich.style import Style

from flowerpower_tui.graph.glyphs import CHIPS, NOTES
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from flowerpower_tui.graph.drawing import Span
    from flowerpower_tui.graph.excerpt import Excerpt
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.graph.shapes import Net

Level = Literal["boxes", "chips", "lanes", "names"]
Mark = Literal["added", "changed", "stale"]

MARKS: Mapping[Mark, str] = {"added": "+", "changed": "~", "stale": "!"}
"""What stands behind a name that an edit touched."""
PICKED = {"unicode": "◆", "ascii": "#"}
INPUT, CONSUMER = {"unicode": "↑", "ascii": "^"}, {"unicode": "↓", "ascii": "v"}

# The critical path is drawn in heavy lines; a name that has no frame stands in guillemets.
_HEAVY = {
    "unicode": str.maketrans("│─┌┐└┘├┤┬┴╋┼╭╮╰╯()", "┃━┏┓┗┛┣┫┳┻╋╂┏┓┗┛«»"),
    "ascii": str.maketrans("|-.'[]", "H=.'HH"),
}
_CROSSING = "┼"
_CHIP_ENDS = tuple(ends[1] for glyphs in CHIPS.values() for ends in (glyphs.single, glyphs.last))
_AROUND = {"unicode": ("«", "»"), "ascii": ("<", ">")}


@dataclass
class Paint:
    """What is known about the nodes that are shown, and how it looks.

    Attributes:
        style: returns the style of that name.
        charset: `unicode` or `ascii`.
        level: how near it is shown.
        graph: what is shown.
        cursor: the node that one is on.
        states: how each ran.
        marks: what an edit did to each.
        picked: which are picked.
        critical: the nodes of the critical path.
        critical_cells: where its wires run, as (x, y).
        found: for nodes whose names were searched for, the words that were.
        notes: what stands behind names, where it is not what was laid out.
    """

    style: Callable[[str], Style]
    graph: Graph
    charset: Literal["unicode", "ascii"] = "unicode"
    level: Level = "boxes"
    cursor: str | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mark] = field(default_factory=dict)
    picked: Collection[str] = ()
    critical: Collection[str] = ()
    critical_cells: Collection[tuple[int, int]] = ()
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def leads(self, net: Net, node: str | None) -> bool:
        """Whether a wire comes from a node, or leads there."""
        return node in net.sources or node in net.targets

    def segments(self, span: Span, y: int) -> list[Segment]:
        """Colour a span of row `y`."""
        if span.node is None:
            return self._wire(span, y)
        match span.part:
            case "mark":
                return [self._mark(span, span.node)]
            case "border":
                return [self._border(span, span.node)]
            case "note":
                text = self.notes.get(span.node, "").translate(NOTES[self.charset])
                shown = text + " " * (span.width - len(text)) if text else one_line(span.text)
                return [Segment(shown, self.style("note"))]
            case _:
                return self._name(span, span.node)

    def _wire(self, span: Span, y: int) -> list[Segment]:
        hot = span.net is not None and self.leads(span.net, self.cursor)
        light = self.style("wire-hot" if hot else "wire")
        if not self.critical_cells:
            return [Segment(span.text, light)]
        heavy = self.style("wire-hot" if hot else "critical")
        segments: list[Segment] = []
        cells = enumerate(span.text, start=span.x)
        for is_critical, piece in groupby(cells, lambda cell: (cell[0], y) in self.critical_cells):
            if is_critical:
                segments.append(Segment("".join(self._heavy(glyph, x, y) for x, glyph in piece), heavy))
            else:
                segments.append(Segment("".join(glyph for _, glyph in piece), light))
        return segments

    def _heavy(self, glyph: str, x: int, y: int) -> str:
        """A piece of the critical path's wires; where another crosses it, only its own arms are heavy."""
        if glyph == _CROSSING and (x - 1, y) in self.critical_cells and (x, y - 1) not in self.critical_cells:
            return "┿"
        return glyph.translate(_HEAVY[self.charset])

    def _mark(self, span: Span, node: str) -> Segment:
        state = self.states.get(node, "")
        glyph = look(state).glyph if state and state != "waiting" else span.text
        return Segment(glyph, self._state(state, "border") + self._on_cursor(node))

    def _border(self, span: Span, node: str) -> Segment:
        state = self.states.get(node, "")
        if self.level == "chips" and node in self.marks and span.text in _CHIP_ENDS:
            # Between a chip's name and its end is no room.
            mark = self.marks[node]
            return Segment(MARKS[mark], self.style(mark))
        if node in self.critical:
            return Segment(span.text.translate(_HEAVY[self.charset]), self._state(state, "critical"))
        return Segment(span.text, self._state(state, "border"))

    def _name(self, span: Span, node: str) -> list[Segment]:
        label = span.text.strip(" ")
        if not label:
            return [Segment(span.text, self.style("ground"))]
        known = self.graph.by_name.get(node)
        plain = "input" if known is not None and known.role == "input" else "name"
        style = self._state(self.states.get(node, ""), plain)
        if node in self.critical:
            style += Style(bold=True)
        cursor = self._on_cursor(node)
        before, _, after = span.text.partition(label)
        left, right = self._badges(node)
        ground = self.style("ground")
        segments = [Segment(before[:-1], ground), *self._badge(before[-1:], left, cursor)]
        segments += self._label(one_line(label), style + cursor, self.found.get(node, ()))
        segments += [*self._badge(after[:1], right, cursor), Segment(after[1:], ground)]
        return [segment for segment in segments if segment.text]

    def _badges(self, node: str) -> tuple[tuple[str, str], tuple[str, str]]:
        """What stands directly before and behind a name, each with its style."""
        left, right = ("", ""), ("", "")
        if node in self.critical and self.level in ("lanes", "names"):
            around = _AROUND[self.charset]
            left, right = (around[0], "critical"), (around[1], "critical")
        if self.level == "names" and self.cursor is not None and self.cursor in self.graph.by_name:
            if node in self.graph.parents[self.cursor]:
                right = (INPUT[self.charset], "wire-hot")
            elif node in self.graph.children[self.cursor]:
                right = (CONSUMER[self.charset], "wire-hot")
        if node in self.picked:
            left = (PICKED[self.charset], "picked")
        if node in self.marks:
            right = (MARKS[self.marks[node]], self.marks[node])
        return left, right

    def _badge(self, blank: str, badge: tuple[str, str], cursor: Style) -> list[Segment]:
        glyph, name = badge
        if not blank:
            return []
        return [Segment(glyph, self.style(name) + cursor) if glyph else Segment(blank, self.style("ground") + cursor)]

    def _label(self, label: str, style: Style, words: tuple[str, ...]) -> list[Segment]:
        """The name, with what was searched for marked in it."""
        if not words:
            return [Segment(label, style)]
        pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        pieces = re.split(f"({pattern})", label, flags=re.IGNORECASE)
        match = style + self.style("match")
        return [Segment(piece, match if index % 2 else style) for index, piece in enumerate(pieces) if piece]

    def _on_cursor(self, node: str) -> Style:
        return self.style("cursor") if node == self.cursor else Style.null()

    def _state(self, state: str, plain: str) -> Style:
        match state:
            case "running" | "cancelling":
                return self.style("running")
            case "succeeded":
                return self.style("succeeded")
            case "failed" | "crashed" | "lost":
                return self.style("failed")
            case "skipped" | "cancelled":
                return self.style("quiet")
            case _:
                return self.style(plain)


def tally(total: int, states: Mapping[str, int], room: int | None = None) -> str:
    """Say how a fold's nodes stand, `×50 ✗1 ✓48`: what went wrong first; as much as there is room for in cells."""
    parts = [f"×{total}"]
    for state in sorted(states, key=lambda state: _SAID_FIRST.index(state) if state in _SAID_FIRST else 0):
        part = f"{look(state).glyph}{states[state]}"
        if room is None or len(" ".join([*parts, part])) <= room:
            parts.append(part)
    return " ".join(parts)


def reserved_notes(excerpt: Excerpt, states: Mapping[str, str]) -> dict[str, str]:
    """What stands behind names at its longest: how many a fold holds and how they stand, and what is cut off."""
    notes = dict(excerpt.notes)
    for name, members in excerpt.folded.members.items():
        if name in excerpt.graph.by_name:
            count = len(members)
            longest = tally(count, {"failed": count, "succeeded": count} if states else {})
            notes[name] = f"{longest} {notes.get(name, '')}".rstrip()
    return notes


def fold_notes(excerpt: Excerpt, states: Mapping[str, str]) -> dict[str, str]:
    """What stands behind the names of folds now; never longer than what was reserved."""
    notes: dict[str, str] = {}
    reserved = reserved_notes(excerpt, states)
    for name, members in excerpt.folded.members.items():
        if name in reserved:
            cut = excerpt.notes.get(name, "")
            room = len(reserved[name]) - (len(cut) + 1 if cut else 0)
            found = {state: count for state, count in excerpt.folded.tally(name, states).items() if state != "waiting"}
            notes[name] = f"{tally(len(members), found, room)} {cut}".rstrip()
    return notes


_SAID_FIRST = ("failed", "crashed", "lost", "running", "succeeded", "cancelled", "skipped", "waiting")
