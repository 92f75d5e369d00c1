"""Setting, inserting, appending and renaming: each returns the document with that done, and all else as it was.

`Document` has these as methods.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from flowerpower_tui.errors import EditError
from flowerpower_tui.yamldoc.comments import begin_of, behind_last, comments_in, end_of
from flowerpower_tui.yamldoc.draft import Candidate, Draft, Path, Place, Splice, meaning, wanted
from flowerpower_tui.yamldoc.paths import print_path
from flowerpower_tui.yamldoc.placing import closed_text, placements, renderings
from flowerpower_tui.yamldoc.spelling import spellings
from flowerpower_tui.yamldoc.tree import Alias, Collection, Entry, Node, Scalar, is_same

if TYPE_CHECKING:
    from flowerpower_tui.yamldoc.document import Document

# A list or mapping that changes in more places is written anew.
_FEW = 20


def set_value(document: Document, path: Path, value: Any) -> Document:
    """Return the document with `value` at `path`, which is made if it is not there.

    Of a list or mapping that is there, only what differs is changed.
    """
    draft, value = document.draft, _plain(value)
    place = draft.find(path)
    if place.rest:
        return _made(draft, place, path, value)
    if place.node is None:
        return document if value is None else _replaced(draft, place, path, value)
    if is_same(meaning(place.node), value) and not isinstance(place.node, Alias):
        return document
    if isinstance(place.node, Collection) and value and (steps := _few_steps(draft, place, path, value)) is not None:
        return steps
    return _replaced(draft, place, path, value)


def insert(document: Document, path: Path, value: Any, at: int | None = None) -> Document:
    """Return the document with a new key, or a new item before the one that `path` names.

    `at` is where among its siblings the key goes; at their end without it.
    """
    draft, value = document.draft, _plain(value)
    *outer, last = path
    place = draft.find(outer)
    node = place.node
    if place.rest or not isinstance(node, Collection):
        if isinstance(last, int) and not isinstance(last, bool) and last == 0:
            return append(document, outer, value)
        return set_value(document, path, value)
    if node.is_list:
        if not isinstance(last, int) or isinstance(last, bool) or not 0 <= last <= len(node.entries):
            draft.refuse(f"{print_path(path)} is no place in a list of {len(node.entries)}", node)
        return _inserted(draft, place, path, value, last)
    if node.find(last) is not None:
        draft.refuse(f"{print_path(path)} is there already", node)
    count = len(node.entries)
    if at is not None and not 0 <= at <= count:
        draft.refuse(f"{at} is no place among {count} keys", node)
    return _inserted(draft, place, path, value, count if at is None else at)


def append(document: Document, path: Path, value: Any) -> Document:
    """Return the document with `value` as the last item of the list at `path`, which is made if it is not there."""
    draft, value = document.draft, _plain(value)
    place = draft.find(path)
    node = place.node
    if not place.rest and isinstance(node, Alias):
        draft.refuse_alias(node, path)
    if place.rest or (isinstance(node, Scalar) and node.value is None) or node is None:
        return set_value(document, path, [value])
    if not (isinstance(node, Collection) and node.is_list):
        draft.refuse(f"{print_path(path)} is no list", node)
    return _inserted(draft, place, [*path, len(node.entries)], value, len(node.entries))


def rename(document: Document, path: Path, key: Hashable) -> Document:
    """Return the document with another key in the place of the last one of `path`."""
    draft = document.draft
    place = draft.existing(path)
    if not place.around or place.parent.is_list or place.entry.key is None:
        draft.refuse(f"{print_path(path) or 'the whole document'} has no key", place.node)
    old = place.entry.key
    same = [entry for entry in place.parent.entries if entry.name == place.entry.name]
    if len(same) > 1:
        draft.refuse(f"the key {print_path(path)} stands twice", old, "Take out one of them first.")
    if place.entry.name == key and type(place.entry.name) is type(key):
        return document
    if place.parent.find(key) is not None:
        draft.refuse(f"there is a key {print_path([*path[:-1], key])} already", old)
    if not isinstance(old, Scalar):
        draft.refuse("this key is none that can be renamed", old)
    quote = old.style if old.style in ("'", '"') else ""
    texts = spellings(key, quote or draft.style.quote, flow=place.in_flow, plain=not quote)
    expected = draft.expected(place.steps[:-1], lambda node: _with_key(node, place.steps[-1], wanted(key, old.anchor)))
    begin = old.body if not old.tagged else old.start
    anchor = f"&{old.anchor} " if old.anchor and old.tagged else ""
    named = [Splice(begin, old.end, anchor + text) for text in texts]
    # `{"a":1}` needs no space, `{a: 1}` does.
    space = Splice(place.entry.mark, place.entry.mark, " ")
    candidates = [*([name] for name in named), *([name, space] for name in named)]
    return draft.attempt(candidates, expected, f"renaming {print_path(path)}", old)


def _plain(value: Any) -> Any:
    """Return a value as YAML gives it back: of dictionaries and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _with_key(node: Node, index: int, key: Node) -> Node:
    assert isinstance(node, Collection)
    entries = list(node.entries)
    entries[index] = replace(entries[index], key=key)
    return replace(node, entries=tuple(entries))


def _made(draft: Draft, place: Place, path: Path, value: Any) -> Document:
    """Make what is missing of the path in the place where it ends."""
    first, *rest = place.rest
    node = place.node
    done = path[: len(path) - len(place.rest)]
    if rest and draft.is_merged(place):
        shown = print_path([*done, first])
        draft.refuse(
            f"{shown} comes from what is merged here by '<<', and is written elsewhere",
            node,
            f"Change it there, or set {shown} as a whole.",
        )
    for key in reversed(rest):
        value = _nest(draft, key, value)
    if isinstance(node, Collection) and (node.entries or node.is_list or comments_in(draft, node)):
        if not node.is_list:
            return _inserted(draft, place, [*done, first], value, len(node.entries))
        count = len(node.entries)
        if (first == count and not isinstance(first, bool)) or first == str(count):
            return _inserted(draft, place, [*done, count], value, count)
        where = print_path(done) or "this"
        hint = f"It has {count} item{'' if count == 1 else 's'}; {print_path([*done, count])} would be one more."
        draft.refuse(f"{where} is a list, and has no item {first}", node, hint)
    if isinstance(node, Scalar) and node.value is not None:
        where = print_path(done) or "this"
        draft.refuse(f"{where} is a value, and has no keys", node, f"Set {where} as a whole.")
    return _replaced(draft, place, done, _nest(draft, first, value))


def _nest(draft: Draft, key: Hashable, value: Any) -> Any:
    if not isinstance(key, int) or isinstance(key, bool):
        return {key: value}
    if key:
        draft.refuse(f"there is no list to have an item {key}", None)
    return [value]


def _replaced(draft: Draft, place: Place, path: Path, value: Any) -> Document:
    what = f"setting {print_path(path) or 'the whole'}"
    node = place.node
    if node is None:
        return _begun(draft, value, what)
    draft.keep_anchors(node)
    anchor = node.anchor
    expected = draft.expected(place.steps, lambda _: wanted(value, anchor))
    candidates = (
        splices for head, lines in renderings(draft, place, value) for splices in placements(draft, place, head, lines)
    )
    return draft.attempt(candidates, expected, what, node, [_inside(draft, node)])


def _inside(draft: Draft, node: Node) -> tuple[int, int]:
    """Return where the comments are that go with a value."""
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        return draft.lines.next(node.body), node.end
    is_block = isinstance(node, Collection) and not node.flow
    return node.body, draft.lines.end(node.end) if is_block else node.end


def _begun(draft: Draft, value: Any, what: str) -> Document:
    """Write the first value of a document that says nothing, behind its comments."""
    place = Place((), (), None, ())
    end = len(draft.text)
    newline = draft.style.newline
    before, behind = (newline, "") if end and draft.lines.start(end) != end else ("", newline)
    candidates = (
        [Splice(end, end, before + newline.join([head] * bool(head) + lines) + behind)]
        for head, lines in renderings(draft, place, value)
    )
    return draft.attempt(candidates, wanted(value), what, None)


def _inserted(draft: Draft, place: Place, path: Path, value: Any, index: int) -> Document:
    """Put a new entry before the entry `index` of the collection at `place`, or behind the last."""
    node = place.node
    assert isinstance(node, Collection)
    key = None if node.is_list else path[-1]
    what = f"inserting {print_path(path)}"
    if not node.entries and not comments_in(draft, node):
        return _replaced(draft, place, path[:-1], [value] if node.is_list else {key: value})
    new = Entry(0, None if node.is_list else wanted(key), 0, wanted(value), None)

    def change(found: Node) -> Node:
        assert isinstance(found, Collection)
        return replace(found, entries=(*found.entries[:index], new, *found.entries[index:]))

    candidates = _in_flow(draft, node, key, value, index) if node.flow else _in_block(draft, node, key, value, index)
    return draft.attempt(candidates, draft.expected(place.steps, change), what, node)


def _in_block(draft: Draft, node: Collection, key: Any, value: Any, index: int) -> Iterator[Candidate]:
    lines, newline = draft.lines, draft.style.newline
    column = " " * lines.column(node.body)
    for written in _entry_lines(draft, node, key, value):
        text = newline.join(column + line if line else line for line in written)
        if index == len(node.entries):
            end = behind_last(draft, node)
            between = newline * (2 if _has_gaps(draft, node) else 1)
            yield [*closed_text(draft, node), Splice(end, end, between + text)]
            continue
        entry = node.entries[index]
        if draft.text[lines.start(entry.start) : entry.start].strip():
            # Behind a dash.
            yield [Splice(entry.start, entry.start, text[len(column) :] + newline + column)]
            continue
        begin = begin_of(draft, node, index)
        gap = newline if index and _has_gaps(draft, node) else ""
        yield [Splice(begin, begin, text + newline + gap)]


def _entry_lines(draft: Draft, node: Collection, key: Any, value: Any) -> Iterator[list[str]]:
    """Yield the lines of a new entry of a block, as if it stood in the first column."""
    style = draft.style
    quote = "" if node.is_list else _key_quote(node)
    if isinstance(value, dict | list | tuple) or (isinstance(value, str) and "\n" in value):
        from flowerpower_tui.yamldoc.nested import below_dash, pair

        if node.is_list:
            head, rest = below_dash(value, style)
            yield [f"- {head}", *rest]
        else:
            yield pair(key, value, style, quote)
    if node.is_list:
        yield from ([f"- {text}"] for text in _flat(draft, value, flow=False))
        return
    names = spellings(key, quote or style.quote, flow=False, plain=not quote)
    yield from ([f"{name}: {text}"] for name in names for text in _flat(draft, value, flow=False))


def _flat(draft: Draft, value: Any, *, flow: bool) -> Iterator[str]:
    if isinstance(value, dict | list | tuple):
        from flowerpower_tui.yamldoc.nested import in_braces

        yield in_braces(value, draft.style)
    else:
        yield from spellings(value, draft.style.quote, flow=flow, plain=not draft.style.is_json)


def _key_quote(node: Collection) -> str:
    """Return the quotes that all keys of a mapping are in; nothing if they are not."""
    styles = {entry.key.style if isinstance(entry.key, Scalar) else "" for entry in node.entries}
    return styles.pop() if len(styles) == 1 else ""


def _has_gaps(draft: Draft, node: Collection) -> bool:
    """Return whether an empty line is between any two entries."""
    pairs = list(zip(node.entries, node.entries[1:], strict=False))
    return bool(pairs) and all(_gap(draft, one, two) for one, two in pairs)


def _gap(draft: Draft, one: Entry, two: Entry) -> bool:
    between = draft.text[end_of(draft, one) : draft.lines.start(two.start)]
    return any(not line.strip() for line in between.splitlines()[1:])


def _in_flow(draft: Draft, node: Collection, key: Any, value: Any, index: int) -> Iterator[Candidate]:
    lines, text = draft.lines, draft.text
    quote = _key_quote(node)
    for written in _flat(draft, value, flow=True):
        names = [""] if node.is_list else spellings(key, quote or draft.style.quote, flow=True, plain=not quote)
        for name in names:
            entry = written if node.is_list else f"{name}: {written}"
            if not node.entries:
                # Below the comments that alone stand in it.
                comment = comments_in(draft, node)[-1]
                indent = draft.style.newline + " " * lines.column(comment)
                yield [Splice(lines.end(comment), lines.end(comment), indent + entry)]
                continue
            if not node.is_list and text[node.body] != "{":
                # A pair in a list, without braces.
                only = node.entries[0]
                end = max(only.value.end, only.mark)
                before, behind = ("{", f", {entry}}}") if index else (f"{{{entry}, ", "}")
                yield [Splice(node.body, node.body, before), Splice(end, end, behind)]
                continue
            if index < len(node.entries):
                start = node.entries[index].start
                own_line = not text[lines.start(start) : start].strip()
                between = draft.style.newline + text[lines.start(start) : start] if own_line else " "
                yield [Splice(start, start, f"{entry},{between}")]
                continue
            last = node.entries[-1]
            end = max(last.value.end, last.mark)
            if text[lines.start(last.start) : last.start].strip() or lines.end(end) >= node.end:
                yield [Splice(end, end, f", {entry}")]
                continue
            # One on each line: what stands behind the last, a comma or a comment, stays there.
            indent = draft.style.newline + text[lines.start(last.start) : last.start]
            line_end = lines.end(end)
            if text[end:line_end].lstrip().startswith(","):
                yield [Splice(line_end, line_end, f"{indent}{entry},")]
            yield [Splice(end, end, ","), Splice(line_end, line_end, indent + entry)]


def _few_steps(draft: Draft, place: Place, path: Path, value: Any) -> Document | None:
    """Return the document with the parts changed that differ; None if it is better written anew."""
    node = place.node
    assert isinstance(node, Collection)
    steps: list[tuple[str, Path, Any]]
    if node.is_list and isinstance(value, list | tuple):
        steps = _list_steps(meaning(node), list(value), path)
    elif not node.is_list and isinstance(value, dict):
        old = meaning(node)
        steps = [
            ("set", [*path, key], item) for key, item in value.items() if key not in old or not is_same(item, old[key])
        ]
        # Last: the comment above a key that were the only one would go with it.
        kept = {(type(key), key) for key in value}
        steps += [("delete", [*path, key], None) for key in old if (type(key), key) not in kept]
    else:
        return None
    if len(steps) > _FEW or len(steps) >= len(node.entries) + len(value):
        return None
    document = draft.document
    try:
        for kind, where, item in steps:
            if kind == "delete":
                document = document.delete(where)
            else:
                document = (set_value if kind == "set" else insert)(document, where, item)
    except EditError:
        return None
    return document if is_same(document.get(path), value) else None


def _list_steps(old: list[Any], new: list[Any], path: Path) -> list[tuple[str, Path, Any]]:
    """Return what makes one list of the other, from its end to its begin, so that places stay."""
    # The matcher's time grows with the square of what is alike: it is spared what stands at both ends.
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    ours, theirs = ([_Same(item) for item in items[head : len(items) - tail]] for items in (old, new))
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    steps: list[tuple[str, Path, Any]] = []
    for kind, *places in reversed(matcher.get_opcodes()):
        if kind == "equal":
            continue
        begin, end, first, last = (head + place for place in places)
        both = min(end - begin, last - first)
        steps += [("delete", [*path, place], None) for place in range(end - 1, begin + both - 1, -1)]
        steps += [("insert", [*path, begin + both], item) for item in reversed(new[first + both : last])]
        steps += [("set", [*path, begin + offset], new[first + offset]) for offset in range(both)]
    return steps


def _alike(one: list[Any], other: list[Any]) -> int:
    """Return how many items at the begin of two lists are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, pair in pairs if not is_same(*pair)), min(len(one), len(other)))


class _Same:
    """A value that is compared and hashed as YAML means it."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and is_same(self._value, other._value)

    def __hash__(self) -> int:
        return hash(repr(self._value)) if not isinstance(self._value, dict) else len(self._value)
