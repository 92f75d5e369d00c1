"""A YAML document as the tree of what is written: every key, value, dash and colon with its place in the text.

Unlike a document's value it knows aliases, merges, keys that stand twice, styles and anchors: what an edit must keep.
Places are offsets in characters into the text that was read.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator
from functools import cached_property
from typing import Any

import msgspec
import yaml

from flowerpower_tui.yamldoc.collector import undisturbed
from flowerpower_tui.yamldoc.outline import resolved, span

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BLANKS = re.compile("[ \t]*")
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
_PLAIN = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


class _Mark:
    """A key without a name of its own."""


MERGE = _Mark()
"""The name of a `<<`."""
NO_NAME = _Mark()
"""The name of a key that is itself a list, a mapping or an alias."""


# A tree has no cycles, and a file may have a million parts: the collector is spared them.
class Node(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """Something that is written.

    Attributes:
        start: where it begins, with its anchor and tag.
        body: where it begins behind them.
        end: where it ends; of what is in block style, behind its last value.
        anchor: `&anchor`, without the `&`; empty if there is none.
        tagged: whether a tag is written.
    """

    start: int
    body: int
    end: int
    anchor: str = ""
    tagged: bool = False


class Scalar(Node, frozen=True, kw_only=True, eq=False, gc=False):
    """A value that is no list and no mapping.

    Attributes:
        style: `'`, `"`, `|` or `>`; empty if it is plain.
        tag: what it is, by its tag or by how it looks.
        text: what it says.
        value: what that means.
    """

    style: str
    tag: str
    text: str
    value: Any


class Alias(Node, frozen=True, kw_only=True, eq=False, gc=False):
    """`*name`.

    Attributes:
        name: of the anchor.
        target: what the anchor stands at.
    """

    name: str
    target: Node


class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A key with its value, or an item of a list.

    Attributes:
        start: where it begins: at its key, its `?`, its dash; in `[…]` at its value.
        key: the key; None in a list.
        mark: the place behind the colon or dash; behind the key, where there is neither.
        value: the value.
        name: what the key means, `MERGE`, or `NO_NAME`; in a list the index.
        explicit: it is written `? key`, or without a colon.
    """

    start: int
    key: Node | None
    mark: int
    value: Node
    name: Hashable
    explicit: bool = False


class Collection(Node, frozen=True, kw_only=True, eq=False, gc=False):
    """A list or a mapping.

    Attributes:
        is_list: it is a list.
        flow: it stands in brackets or braces. (A pair in a list, `[a: 1]`, has none, but is of that style.)
        special: it is neither, but a set or an ordered mapping, by its tag.
        entries: what is in it.
    """

    is_list: bool
    flow: bool
    special: bool
    entries: tuple[Entry, ...]

    def find(self, key: Hashable) -> int | None:
        """Return which entry `key` names: the last, if there are several; None if there is none."""
        if self.is_list:
            index = int(key) if isinstance(key, str) and key.isdecimal() else key
            if not isinstance(index, int) or isinstance(index, bool):
                return None
            index += len(self.entries) * (index < 0)
            return index if 0 <= index < len(self.entries) else None
        for place in range(len(self.entries) - 1, -1, -1):
            # As in a dict, where 1 and true are one key.
            if self.entries[place].name == key or (key == "<<" and self.entries[place].name is MERGE):
                return place
        return None


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same for YAML: 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        if len(one) != len(other):
            return False
        keys = {(type(key), key): key for key in other}
        return all((type(key), key) in keys and is_same(item, other[key]) for key, item in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, float):
        return repr(one) == repr(other)
    return one is other or bool(one == other)


def inner(node: Node) -> Iterator[Node]:
    """Yield the node and every node in it, keys too, in the order of the text."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Collection):
            for entry in reversed(node.entries):
                waiting.append(entry.value)
                if entry.key is not None:
                    waiting.append(entry.key)


class Lines:
    """Where the lines of a text begin and end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.span() for match in _BREAK.finditer(text)]
        self._ends = [end for _, end in self._breaks]
        self._begins = [begin for begin, _ in self._breaks]

    @cached_property
    def newline(self) -> str:
        """How lines end in this text, as the first one does."""
        breaks = [self._text[begin:end] for begin, end in self._breaks]
        # Others break no line to YAML 1.2, and may stand in a text.
        return next((found for found in breaks if found in ("\n", "\r\n", "\r")), breaks[0] if breaks else "\n")

    def number(self, place: int) -> int:
        """Return which line `place` is on, counted from 1."""
        return bisect_right(self._ends, place) + 1

    def start(self, place: int) -> int:
        """Return where the line begins that `place` is on."""
        number = bisect_right(self._ends, place)
        return self._ends[number - 1] if number else 0

    def end(self, place: int) -> int:
        """Return where the line ends that `place` is on, before its line break."""
        number = bisect_left(self._begins, place)
        return self._begins[number] if number < len(self._begins) else len(self._text)

    def next(self, place: int) -> int:
        """Return where the line after that of `place` begins; the end of the text behind the last."""
        number = bisect_left(self._begins, place)
        return self._ends[number] if number < len(self._ends) else len(self._text)

    def column(self, place: int) -> int:
        """Return how many characters are before `place` on its line."""
        return place - self.start(place)


def read(text: str, number: int = 0) -> Node | None:
    """Return the tree of a document that `Document` has taken; None if there is none of that number.

    A document that says nothing is an empty scalar.
    """
    with undisturbed():
        return _Reader(text).document(number)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._dashes: list[int] = []
        self._colons: list[int] = []
        self._questions: list[int] = []
        # Where an anchor or tag ends, and where what follows it begins: by where it begins itself.
        self._properties: dict[int, int] = {}
        self._bodies: list[int] = []
        self._note_tokens(text)
        self._loader: Any = yaml.CSafeLoader(text)
        self._event = self._loader.get_event
        self._anchors: dict[str, Node] = {}
        # What untagged scalars are, by how they look: keys come again and again.
        self._known: dict[tuple[str, tuple[bool, bool]], tuple[str, Any]] = {}

    def _note_tokens(self, text: str) -> None:
        """Note what events do not tell: where dashes, colons, anchors and tags stand."""
        begins = {
            yaml.BlockEntryToken: self._dashes,
            yaml.ValueToken: self._colons,
            yaml.ScalarToken: self._bodies,
            yaml.FlowSequenceStartToken: self._bodies,
            yaml.FlowMappingStartToken: self._bodies,
        }
        tokens: Any = yaml.CSafeLoader(text)
        while (token := tokens.get_token()) is not None:
            kind = type(token)
            if kind in begins:
                begins[kind].append(token.start_mark.index)
            elif kind is yaml.KeyToken and token.end_mark.index > token.start_mark.index:
                self._questions.append(token.start_mark.index)
            elif kind in (yaml.AnchorToken, yaml.TagToken):
                self._properties[token.start_mark.index] = token.end_mark.index
        tokens.dispose()

    def document(self, number: int) -> Node | None:
        try:
            self._event()
            count = 0
            while not isinstance(begin := self._event(), yaml.StreamEndEvent):
                self._anchors.clear()
                node = self._node(self._event(), span(begin)[1])
                self._event()
                if count == number:
                    return node
                count += 1
            return None
        finally:
            self._loader.dispose()

    def _node(self, event: Any, mark: int) -> Node:
        """Read a node; `mark` is where it stands if nothing is written."""
        if isinstance(event, yaml.AliasEvent):
            start, end = span(event)
            name = str(event.anchor)
            return Alias(start=start, body=start, end=end, name=name, target=self._anchors[name])
        node = self._scalar(event, mark) if isinstance(event, yaml.ScalarEvent) else self._collection(event)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: Any, mark: int) -> Scalar:
        start, end = span(event)
        tag, value = self._resolved(event)
        style = event.style or ""
        if behind := start in self._properties and self._behind_properties(start):
            place = bisect_left(self._bodies, behind)
            written = place < len(self._bodies) and self._bodies[place] < end
            body = self._bodies[place] if written else behind
            end = end if written else behind
        else:
            body = start
        if start == end:
            start = body = end = mark
        if style in ("|", ">"):
            end = self._end_of_block(body, end)
        return Scalar(
            start=start,
            body=body,
            end=end,
            anchor=event.anchor or "",
            tagged=event.tag is not None,
            style=style,
            tag=tag,
            text=event.value,
            value=value,
        )

    def _resolved(self, event: Any) -> tuple[str, Any]:
        if event.tag is not None:
            return resolved(self._loader, event)
        look = (event.value, event.implicit)
        if (found := self._known.get(look)) is None:
            found = self._known[look] = resolved(self._loader, event)
        return found

    def _end_of_block(self, body: int, end: int) -> int:
        """Return where the last line with content ends; blank lines behind it are content only where `+` keeps them."""
        header = _BREAK.split(self._text[body:end], maxsplit=1)[0].partition("#")[0]
        content = self._text[body:end]
        if "+" not in header:
            return body + len(content.rstrip(" \n\r\x85\u2028\u2029"))
        last = [match for match in _BREAK.finditer(content) if match.end() == len(content)]
        return end - len(last[0].group()) if last else end

    def _behind_properties(self, start: int) -> int:
        """Return the end of the last anchor or tag of the node at `start`; 0 if it has none."""
        behind = 0
        while start in self._properties:
            behind = self._properties[start]
            start = _space(self._text, behind)
        return behind

    def _collection(self, event: Any) -> Collection:
        start, _ = span(event)
        flow, is_list = bool(event.flow_style), isinstance(event, yaml.SequenceStartEvent)
        behind = self._behind_properties(start)
        body = self._bodies[bisect_left(self._bodies, behind)] if flow and behind else start
        entries: list[Entry] = []
        while not isinstance(begin := self._event(), _ENDS):
            entries.append(self._item(begin, len(entries), flow=flow) if is_list else self._pair(begin))
        end = span(begin)[1]
        if not flow:
            body, end = entries[0].start, max(entries[-1].mark, entries[-1].value.end)
            start = start if behind else body
        return Collection(
            start=start,
            body=body,
            end=end,
            anchor=event.anchor or "",
            tagged=event.tag is not None,
            is_list=is_list,
            flow=flow,
            special=event.tag not in _PLAIN,
            entries=tuple(entries),
        )

    def _item(self, event: Any, index: int, *, flow: bool) -> Entry:
        start = span(event)[0]
        if flow:
            return Entry(start, None, start, self._node(event, start), index)
        # An empty item is told to be anywhere before the next dash; another may stand where its dash is not.
        dash = self._dashes[bisect_left(self._dashes, start) - 1]
        return Entry(dash, None, dash + 1, self._node(event, dash + 1), index)

    def _pair(self, event: Any) -> Entry:
        key = self._node(event, span(event)[0])
        event = self._event()
        place = bisect_right(self._colons, span(event)[0]) - 1
        has_colon = place >= 0 and self._colons[place] >= key.end
        mark = self._colons[place] + 1 if has_colon else key.end
        value = self._node(event, mark)
        question = bisect_left(self._questions, key.start) - 1
        explicit = question >= 0 and not self._text[self._questions[question] + 1 : key.start].strip()
        start = self._questions[question] if explicit else key.start
        return Entry(start, key, mark, value, _name(key), explicit or not has_colon)


def _name(key: Node) -> Hashable:
    if not isinstance(key, Scalar):
        return NO_NAME
    if key.tag == "tag:yaml.org,2002:merge":
        return MERGE
    name: Hashable = key.value
    return name


def _space(text: str, place: int) -> int:
    """Return where the blanks at `place` end."""
    found = _BLANKS.match(text, place)
    return found.end() if found else place
