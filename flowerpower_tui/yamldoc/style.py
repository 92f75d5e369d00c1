"""How a file is written: indentation, quotes, line ends, lists in brackets or below each other. News are written so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flowerpower_tui.yamldoc.tree import Collection, Lines, Node, Scalar, inner

# Of a file that does not say: as PyYAML, ruamel.yaml and FlowerPower's own files have it.
_INDENT = 2
_OFFSET = 2


@dataclass(frozen=True)
class Style:
    """A file's own style.

    Attributes:
        newline: how lines end.
        indent: how far a mapping stands in from the key above it.
        offset: how far the dashes of a list stand in from the key above them.
        quote: `'` or `"`, where text needs quotes.
        flow_lists: short lists stand in brackets.
        is_json: every key and every text is in double quotes, everything in brackets and braces.
    """

    newline: str = "\n"
    indent: int = _INDENT
    offset: int = _OFFSET
    quote: str = "'"
    flow_lists: bool = False
    is_json: bool = False


def style_of(tree: Node | None, lines: Lines) -> Style:
    """Return the style of a document: what it does most often."""
    if tree is None:
        return Style(lines.newline)
    indents: Counter[int] = Counter()
    offsets: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    lists: Counter[bool] = Counter()
    all_double = True
    for node in inner(tree):
        if isinstance(node, Scalar):
            if node.style in ("'", '"'):
                quotes[node.style] += 1
            all_double = all_double and (node.style == '"' or not node.tag.endswith(":str"))
        elif isinstance(node, Collection):
            if node.is_list and node.entries and all(isinstance(entry.value, Scalar) for entry in node.entries):
                lists[node.flow] += 1
            if not node.flow and not node.is_list:
                _measure(node, lines, indents, offsets)
    return Style(
        lines.newline,
        _usual(indents, _INDENT),
        _usual(offsets, _OFFSET),
        '"' if quotes['"'] > quotes["'"] else "'",
        lists[True] > lists[False],
        all_double and isinstance(tree, Collection) and tree.flow and bool(tree.entries),
    )


def _measure(mapping: Collection, lines: Lines, indents: Counter[int], offsets: Counter[int]) -> None:
    column = lines.column(mapping.body)
    for entry in mapping.entries:
        value = entry.value
        if isinstance(value, Collection) and not value.flow and lines.start(value.body) != lines.start(entry.mark):
            (offsets if value.is_list else indents)[lines.column(value.body) - column] += 1


def _usual(counted: Counter[int], default: int) -> int:
    return counted.most_common(1)[0][0] if counted else default
