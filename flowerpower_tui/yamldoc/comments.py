"""Which comments and empty lines belong to an entry of a block.

A comment belongs to a key or item

- that it stands behind, on the line;
- that it stands inside: between its lines, or directly below them and further in than its key;
- that it stands directly above, in the same column, if that is clear: not at the top of the file, where it is about the
  file, and not above the first of several that follow each other without an empty line or a comment, where it may be
  about all of them.

In doubt it belongs to nobody and stays. So one between a key, or a dash, and the value below it stays when the value is
set: above the new one, or below it where that moves up behind its key. Every edit is held to this (`all_kept`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flowerpower_tui.yamldoc.tree import Alias, Collection, Entry, Scalar, inner

if TYPE_CHECKING:
    from flowerpower_tui.yamldoc.draft import Draft

Region = tuple[int, int]

BEFORE_VALUE = re.compile("(?P<comment>#[^\n\r\x85\u2028\u2029]*)|[&!]\\S*")
"""What may stand between a key and its value: comments, an anchor, a tag."""

_COMMENT = re.compile("#[^\n\r\x85\u2028\u2029]*")


def all_kept(before: Draft, after: Draft, gone: Sequence[Region], *, in_order: bool) -> bool:
    """Return whether every comment is still there, but those that began in a region that is gone."""
    if "#" not in before.text:
        return True
    kept = [text for place, text in comments(before) if not any(begin <= place <= end for begin, end in gone)]
    found = [text for _, text in comments(after)]
    if in_order:
        rest = iter(found)
        return all(text in rest for text in kept)
    return not Counter(kept) - Counter(found)


def comments(draft: Draft) -> list[tuple[int, str]]:
    """Return each comment with the place where it begins."""
    taken = _taken(draft)
    begins = [begin for begin, _ in taken]
    found: list[tuple[int, str]] = []
    place = draft.text.find("#")
    while place >= 0:
        index = bisect_right(begins, place) - 1
        if index >= 0 and place < taken[index][1]:
            place = draft.text.find("#", taken[index][1])
            continue
        match = _COMMENT.match(draft.text, place)
        assert match is not None
        found.append((place, match.group().rstrip()))
        place = draft.text.find("#", match.end())
    return found


def comments_in(draft: Draft, node: Collection) -> list[int]:
    """Return where comments begin in a list or mapping."""
    if "#" not in draft.text[node.body : node.end]:
        return []
    return [place for place, _ in comments(draft) if node.body < place < node.end]


def _taken(draft: Draft) -> list[Region]:
    """Return where something is written that is no comment though a `#` may be in it, in the order of the text."""
    taken: list[Region] = []
    for node in inner(draft.tree) if draft.tree else ():
        if isinstance(node, Scalar) and node.style in ("|", ">"):
            # A comment may stand behind its first sign.
            taken.append((draft.lines.end(node.body), node.end))
        elif isinstance(node, Scalar | Alias):
            taken.append((node.body, node.end))
    return taken


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
