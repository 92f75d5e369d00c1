"""Which comments and empty lines belong to an entry of a block.

A comment belongs to a key or item

- that it stands behind, on the line;
- that it stands inside: between its lines, or directly below them and further in than its key;
- that it stands directly above, in the same column, if that is clear: not at the top of the file, where it is about the
  file, and not above the first of several that follow each other without an empty line or a comment, where it may be
  about all of them.

In doubt it belongs to nobody and stays.
"""

from __future__ import annotations

from flowerpower_tui.yamldoc.draft import Draft
from flowerpower_tui.yamldoc.tree import Collection, Entry, Scalar, inner


def begin_of(draft: Draft, node: Collection, index: int) -> int:
    """Return where the lines of an entry begin, with the comments directly above it."""
    return _above(draft, node.entries[index])


def own_begin(draft: Draft, node: Collection, index: int) -> int:
    """Return where the lines of an entry begin, with the comments above it that are clearly its own."""
    entry = node.entries[index]
    start = draft.lines.start(entry.start)
    begin = _above(draft, entry)
    if begin == start:
        return start
    at_top = not draft.text[:begin].strip() and begin <= draft.lines.next(0)
    if at_top and len(node.entries) > 1:
        return start
    heads = index + 1 < len(node.entries) and (index == 0 or _is_blank(draft, begin - 1))
    if heads and _follows_directly(draft, entry, node.entries[index + 1]):
        return start
    return begin


def own_end(draft: Draft, entry: Entry) -> int:
    """Return where the last line of an entry ends, with the comments below that stand further in than it does."""
    column = draft.lines.column(entry.start)
    return _below(draft, end_of(draft, entry), column + 1)


def behind_last(draft: Draft, node: Collection) -> int:
    """Return where the last line of a block ends, with the comments directly below that stand in it."""
    return _below(draft, end_of(draft, node.entries[-1]), draft.lines.column(node.body))


def end_of(draft: Draft, entry: Entry) -> int:
    """Return where the last line of an entry ends."""
    return draft.lines.end(max(entry.mark, entry.value.end))


def has_comment(draft: Draft, entry: Entry) -> bool:
    """Return whether there is a comment inside an entry, or behind it."""
    place, rest = entry.mark, ""
    for node in inner(entry.value):
        if not isinstance(node, Collection):
            rest += draft.text[place : node.body]
            if isinstance(node, Scalar) and node.style in ("|", ">"):
                # A comment may stand behind its first sign.
                rest += draft.text[node.body : draft.lines.end(node.body)]
            place = node.end
    return "#" in rest + draft.text[place : own_end(draft, entry)]


def _above(draft: Draft, entry: Entry) -> int:
    column = draft.lines.column(entry.start)
    begin = draft.lines.start(entry.start)
    while begin:
        previous = draft.lines.start(begin - 1)
        line = draft.text[previous:begin]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != column:
            break
        begin = previous
    return begin


def _below(draft: Draft, end: int, column: int) -> int:
    """Return where the comments end that follow at once and stand in `column` or further in."""
    while (begin := draft.lines.next(end)) > end and begin < len(draft.text):
        line_end = draft.lines.end(begin)
        line = draft.text[begin:line_end]
        if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) < column:
            break
        end = line_end
    return end


def _is_blank(draft: Draft, place: int) -> bool:
    """Return whether there is nothing on the line of `place`."""
    begin = draft.lines.start(place)
    return not draft.text[begin : draft.lines.end(begin)].strip()


def _follows_directly(draft: Draft, entry: Entry, following: Entry) -> bool:
    """Return whether neither an empty line nor a comment is between two entries."""
    return draft.lines.next(end_of(draft, entry)) == draft.lines.start(following.start)
