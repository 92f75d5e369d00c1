"""Deleting and moving: what goes takes its own comments along, all else stays as it was. `Document` has the methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from flowerpower_tui.yamldoc.comments import Region, begin_of, behind_last, comments, end_of, own_begin, own_end
from flowerpower_tui.yamldoc.draft import Candidate, Draft, Path, Place, Splice, changed_at, wanted
from flowerpower_tui.yamldoc.paths import print_path
from flowerpower_tui.yamldoc.placing import behind_blanks, behind_key, placements
from flowerpower_tui.yamldoc.spelling import spellings
from flowerpower_tui.yamldoc.tree import Alias, Collection, Entry, Node, Scalar, inner, is_same

if TYPE_CHECKING:
    from flowerpower_tui.yamldoc.document import Document


def delete(document: Document, path: Path) -> Document:
    """Return the document without the key or item at `path`; a key that stands twice goes twice."""
    draft = document.draft
    place = draft.existing(path)
    if not place.around:
        draft.refuse("the whole document cannot be deleted", place.node)
    assert place.node is not None
    draft.lose_anchors(place.node)
    if place.entry.key is not None:
        draft.lose_anchors(place.entry.key)
    what = f"deleting {print_path(path)}"
    changed = draft.attempt(
        _without(draft, place), _expected_without(draft, place), what, place.node, [_own(draft, place)]
    )
    twice = sum(entry.name == place.entry.name for entry in place.parent.entries) > 1
    return delete(changed, path) if twice and not place.parent.is_list else changed


def _own(draft: Draft, place: Place) -> Region:
    """Return where the comments are that go with an entry."""
    node, index, entry = place.parent, place.steps[-1], place.entry
    if not node.flow:
        return own_begin(draft, node, index), own_end(draft, entry)
    end = max(entry.mark, entry.value.end)
    line = draft.lines.start(entry.start)
    has_line = not any(line <= other.start for other in node.entries[:index])
    is_last = draft.text[end : draft.lines.end(end)].lstrip(" \t,").startswith("#")
    return entry.start, draft.lines.end(end) if has_line and is_last else end


def _expected_without(draft: Draft, place: Place) -> Node:
    def change(node: Node) -> Node:
        assert isinstance(node, Collection)
        if len(node.entries) == 1:
            return wanted([] if node.is_list else {}, node.anchor)
        index = place.steps[-1]
        return replace(node, entries=node.entries[:index] + node.entries[index + 1 :])

    return draft.expected(place.steps[:-1], change)


def _without(draft: Draft, place: Place) -> Iterator[Candidate]:
    """Yield the splices that take the entry at `place` out."""
    node, index = place.parent, place.steps[-1]
    if len(node.entries) == 1:
        yield from _emptied(draft, place)
    elif node.flow:
        yield from _out_of_flow(draft, node, index)
    else:
        yield from _out_of_block(draft, node, index)


def _emptied(draft: Draft, place: Place) -> Iterator[Candidate]:
    node = place.parent
    nothing = "[]" if node.is_list else "{}"
    entry = node.entries[0]
    if node.flow and draft.text[node.body] in "[{":
        yield [Splice(node.body + 1, node.end - 1, "")]
        yield from _out_of_flow(draft, node, 0)
        return
    if node.flow:
        # A pair in a list, without braces.
        yield [Splice(node.body, max(entry.mark, entry.value.end), nothing)]
        return
    outer = Place(place.steps[:-1], place.around[:-1], node, ())
    if outer.around and draft.lines.start(node.body) != draft.lines.start(outer.entry.mark):
        # Comments that are not the entry's own stay below.
        begin, end = _lines_of(draft, node, 0)
        yield [*behind_key(draft, outer, nothing), Splice(begin, end, "")]
        yield from placements(draft, outer, nothing, [])
        return
    yield [Splice(node.body, own_end(draft, entry), nothing)]
    yield [Splice(node.body, node.end, nothing)]


def _lines_of(draft: Draft, node: Collection, index: int) -> tuple[int, int]:
    """Return where what goes with an entry begins and ends, whole lines with one line break."""
    begin, last = own_begin(draft, node, index), own_end(draft, node.entries[index])
    end = draft.lines.next(last)
    if end == last:
        # The last line of a file that does not end in a line break: the one before it goes.
        return len(draft.text[:begin].rstrip()), end
    return begin, end


def _out_of_block(draft: Draft, node: Collection, index: int) -> Iterator[Candidate]:
    entry, text = node.entries[index], draft.text
    if text[draft.lines.start(entry.start) : entry.start].strip():
        # It shares its line with a dash: the next one takes its place.
        following = node.entries[index + 1].start
        between = text[end_of(draft, entry) : following]
        if not between.strip():
            yield [Splice(entry.start, following, "")]
        else:
            yield [Splice(len(text[: entry.start].rstrip(" \t")), end_of(draft, entry), "")]
        return
    begin, end = _lines_of(draft, node, index)
    before = draft.text[draft.lines.start(begin - 1) : begin].strip() if begin else ""
    if _blank_line(draft, end) and (not before or (index == 0 and not before.startswith("#"))):
        # Of two gaps that meet, one is enough.
        yield [Splice(begin, draft.lines.next(end), "")]
    yield [Splice(begin, end, "")]
    # The line break before it may be one that a text ends with.
    yield [Splice(own_begin(draft, node, index), end, "")]


def _blank_line(draft: Draft, start: int) -> bool:
    end = draft.lines.next(start)
    return end > start and not draft.text[start:end].strip()


def _out_of_flow(draft: Draft, node: Collection, index: int) -> Iterator[Candidate]:
    entry, text, lines = node.entries[index], draft.text, draft.lines
    end = max(entry.mark, entry.value.end)
    line_end = lines.end(end)
    comma = text.find(",", end, line_end)
    behind = comma + 1 if comma >= 0 and not text[end:comma].strip() else end
    rest = text[behind:line_end].strip()
    alone = not text[lines.start(entry.start) : entry.start].strip() and (not rest or rest.startswith("#"))
    last = index == len(node.entries) - 1
    if alone and line_end < node.end:
        line = Splice(lines.start(entry.start), lines.next(end), "")
        yield [line]
        if last and index:
            before = node.entries[index - 1]
            stop = max(before.mark, before.value.end)
            comma = text.find(",", stop, entry.start)
            yield [Splice(comma, comma + 1, ""), line]
    if not last:
        yield [Splice(entry.start, node.entries[index + 1].start, "")]
    elif index:
        before = node.entries[index - 1]
        yield [Splice(max(before.mark, before.value.end), end, "")]
    yield [Splice(entry.start, behind_blanks(text, behind) if not last else behind, "")]


def move(document: Document, path: Path, to: Path) -> Document:
    """Return the document with the key or item at `path` at the path `to`, with its comments.

    In a list, `to` is the place that it has in the end. A key goes to the end of a mapping.
    """
    draft = document.draft
    place = draft.existing(path)
    if place.around and sum(entry.name == place.entry.name for entry in place.parent.entries) > 1:
        draft.refuse(f"the key {print_path(path)} stands twice", place.node, "Take out one of them first.")
    if not place.around or not to:
        draft.refuse("the whole document cannot be moved", place.node)
    if list(path) == list(to):
        return document
    if list(to[: len(path)]) == list(path):
        draft.refuse(f"{print_path(path)} cannot be moved into itself", place.node)
    target = draft.find(to[:-1])
    if list(path[:-1]) == list(to[:-1]) and not place.parent.is_list:
        return document.rename(path, to[-1])
    _keep_meaning(draft, place)
    if target.rest or not isinstance(target.node, Collection):
        return _by_value(draft, place, path, to)
    if not target.node.is_list and target.node.find(to[-1]) is not None:
        draft.refuse(f"{print_path(to)} is there already", target.node)
    index = _index(draft, place, target.node, to)
    both_block = not target.node.flow and not place.parent.flow
    if both_block and target.node.is_list == place.parent.is_list:
        return _by_lines(draft, place, target, index, path, to)
    if not target.node.is_list:
        return _by_value(draft, place, path, to)
    return _by_value(draft, place, path, [*to[:-1], index], index)


def _index(draft: Draft, place: Place, node: Collection, to: Path) -> int:
    """Return which entry the moved one goes before, of those that are there now."""
    if not node.is_list:
        return len(node.entries)
    last = to[-1]
    same = node is place.parent
    most = len(node.entries) - same
    if not isinstance(last, int) or isinstance(last, bool) or not 0 <= last <= most:
        draft.refuse(f"{print_path(to)} is no place in a list of {len(node.entries)}", node)
    return last + 1 if same and last > place.steps[-1] else last


def _keep_meaning(draft: Draft, place: Place) -> None:
    """Refuse to move what an alias could mean something else in, or for."""
    assert place.node is not None
    for node in inner(place.node):
        if node.anchor or isinstance(node, Alias):
            draft.refuse("what has anchors or aliases in it is not moved", node, "Move it by hand.")


def _by_lines(draft: Draft, place: Place, target: Place, index: int, path: Path, to: Path) -> Document:
    """Move the lines of an entry, indented anew."""
    node = target.node
    assert isinstance(node, Collection)
    lines, entry, newline = draft.lines, place.entry, draft.style.newline
    begin, stop = own_begin(draft, place.parent, place.steps[-1]), own_end(draft, entry)
    if draft.text[lines.start(entry.start) : entry.start].strip():
        begin, comments = entry.start, [""]
    else:
        comments = draft.text[begin : lines.start(entry.start)].splitlines()
    old, new = lines.column(entry.start), lines.column(node.body)
    key = _new_key(draft, entry, to) if entry.key is not None else None
    text = draft.text[entry.start : stop]
    if entry.key is not None and key is not None:
        text = key + draft.text[entry.key.end : stop]
    indent = " " * new
    moved = [indent + line.strip() for line in comments if line.strip()]
    first, *rest = text.splitlines()
    moved.append(indent + first)
    moved += [indent + line[old:] if not line[:old].strip() and line.strip() else line for line in rest]
    block = newline.join(moved)
    if index == len(node.entries):
        where = behind_last(draft, node)
        put = Splice(where, where, newline + block)
    else:
        start = node.entries[index].start
        if draft.text[lines.start(start) : start].strip():
            put = Splice(start, start, block[new:] + newline + indent)
        else:
            where = begin_of(draft, node, index)
            put = Splice(where, where, block + newline)
    candidates = ([*out, put] for out in _without(draft, place))
    expected = _expected_moved(draft, place, target, index, to)
    return draft.attempt(candidates, expected, f"moving {print_path(path)}", place.node, in_order=False)


def _new_key(draft: Draft, entry: Entry, to: Path) -> str:
    if is_same(entry.name, to[-1]) and isinstance(entry.key, Scalar):
        return draft.text[entry.key.start : entry.key.end]
    return next(spellings(to[-1], draft.style.quote, flow=False))


def _expected_moved(draft: Draft, place: Place, target: Place, index: int, to: Path) -> Node:
    key: Node | None = place.entry.key
    if key is not None and not is_same(place.entry.name, to[-1]):
        key = wanted(to[-1], key.anchor)
    moved = replace(place.entry, key=key)

    def put(node: Node) -> Node:
        assert isinstance(node, Collection)
        return replace(node, entries=(*node.entries[:index], moved, *node.entries[index:]))

    out = _expected_without(draft, place)
    steps = list(target.steps)
    depth = len(place.steps) - 1
    if len(steps) > depth and steps[:depth] == list(place.steps[:-1]) and steps[depth] > place.steps[-1]:
        steps[depth] -= 1
    if target.node is place.parent:
        index -= index > place.steps[-1]
    return changed_at(out, steps, put)


def _by_value(draft: Draft, place: Place, path: Path, to: Path, index: int | None = None) -> Document:
    """Delete here and write anew there: between brackets and blocks, and to where nothing is yet."""
    assert place.node is not None
    begin, end = _own(draft, place)
    if any(begin <= comment <= end for comment, _ in comments(draft)):
        draft.refuse(f"{print_path(path)} has comments in it, which would be lost on the way", place.node)
    document = draft.document.insert(to, draft.document.get(path))
    old: list[Any] = list(path)
    depth = len(to) - 1
    if index is not None and old[:depth] == list(to[:-1]) and isinstance(old[depth], int) and index <= old[depth]:
        # What came in before it has pushed it on.
        old[depth] += 1
    return document.delete(old)
