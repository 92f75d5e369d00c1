"""The lines of a YAML file that hold secrets, and how they are shown: for diffs, where a line is seen by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.tree import Alias, Collection, Node, Scalar


def secret_lines(document: Document) -> Mapping[str, str]:
    """Return for each line with a part of a secret how it is shown: with a mask in its place, and all else as it is."""
    text, lines = document.draft.text, document.draft.lines
    parts: dict[int, set[tuple[int, int]]] = {}
    for begin, end in _values(document.draft.tree, secret=False):
        place = begin
        while place < end:
            if part := text[place : min(end, lines.end(place))]:
                parts.setdefault(lines.start(place), set()).add((place, place + len(part)))
            place = lines.next(place)
    shown: dict[str, str] = {}
    for start, found in parts.items():
        line, place = "", start
        for begin, end in sorted(found):
            line += text[place:begin] + _hidden(text[begin:end])
            place = end
        shown[text[start : lines.end(start)]] = line + text[place : lines.end(start)]
    return shown


def _values(node: Node | None, *, secret: bool) -> Iterator[tuple[int, int]]:
    """Yield where in the text the values are that are secrets, or that are used as such."""
    if isinstance(node, Alias):
        yield from _values(node.target, secret=secret) if secret else ()
    elif isinstance(node, Scalar) and secret and masked(node.value, secret=True) != node.value:
        yield node.body, node.end
    elif isinstance(node, Collection):
        for entry in node.entries:
            inside = secret or (entry.key is not None and is_secret(str(entry.name)))
            yield from _values(entry.value, secret=inside)


def _hidden(part: str) -> str:
    written = part.lstrip()
    return part[: len(part) - len(written)] + MASK if written else part
