"""The outline of a YAML file: where every key and value stands. Read from events, with guards against bombs.

Events, not PyYAML's nodes: a node of an alias tells the place of its anchor, and nodes are made before a guard can act.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import yaml

from flowerpower_tui.errors import Location, Problem
from flowerpower_tui.yamldoc.faults import refusal, syntax_error
from flowerpower_tui.yamldoc.misread import misreading

MAX_DEPTH = 100
# How many values aliases may add to those that are written: a merge bomb of 16 lines adds millions.
MAX_ALIASED = 100_000


@dataclass(slots=True)
class Node:
    """A value's place, and where what is in it stands. An alias shares the `children` of its anchor.

    `line` and `column` count from 1.
    """

    line: int
    column: int
    children: dict[Hashable, Child] = field(default_factory=dict)
    is_list: bool = False
    # How many values this is when every alias in it is written out.
    size: int = 1


@dataclass(slots=True, frozen=True)
class Child:
    """An item of a mapping or list: the place of its key (of itself, in a list) and its value."""

    line: int
    column: int
    node: Node


class _Marker:
    """A key that is none: `<<`, and one that is itself a list or mapping."""


_MERGE = _Marker()
_NO_NAME = _Marker()


class Outline:
    """Reads the events once: the place of every value, keys that stand twice, and the guards.

    Without a number, a second document is refused; with one, the root is of that document, counted from 0.
    """

    def __init__(self, text: str, file: str, number: int | None = None) -> None:
        self.problems: list[Problem] = []
        self.misread: list[Problem] = []
        self._file = file
        self._number = number
        self._loader: Any = yaml.CSafeLoader(text)
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()
        self._brackets: list[tuple[int, int]] = []
        self._aliased = 0
        self.root = Node(1, 1)
        try:
            self._read()
        except yaml.MarkedYAMLError as error:
            raise syntax_error(error, text, file, self._brackets[-1] if self._brackets else None) from error
        finally:
            self._loader.dispose()

    def _read(self) -> None:
        self._event()
        count = 0
        while not isinstance(begin := self._event(), yaml.StreamEndEvent):
            if count and self._number is None:
                self._refuse("a second document begins here", begin, "One file holds one document: take out the '---'.")
            self._anchors.clear()
            root = self._value(self._event(), 0)
            self._event()
            if count == (self._number or 0):
                self.root = root
            count += 1

    def _event(self) -> Any:
        return self._loader.get_event()

    def _value(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        node = Node(*_place(event))
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                self._anchors[event.anchor] = node
            self._look_at(event)
            return node
        if depth == MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} deep", event)
        if event.anchor:
            self._anchors[event.anchor] = node
            self._open.add(event.anchor)
        if event.flow_style:
            self._brackets.append(_place(event))
        if isinstance(event, yaml.SequenceStartEvent):
            self._sequence(node, depth)
        else:
            self._mapping(node, depth)
        if event.flow_style:
            self._brackets.pop()
        self._open.discard(event.anchor)
        return node

    def _sequence(self, node: Node, depth: int) -> None:
        node.is_list = True
        index = 0
        while not isinstance(event := self._event(), yaml.SequenceEndEvent):
            item = self._value(event, depth + 1)
            node.children[index] = Child(item.line, item.column, item)
            node.size += item.size
            index += 1

    def _mapping(self, node: Node, depth: int) -> None:
        merged: list[Node] = []
        while not isinstance(event := self._event(), yaml.MappingEndEvent):
            place, key = _place(event), self._key(event, depth)
            value = self._event()
            item = self._value(value, depth + 1)
            node.size += item.size + 1
            if _is_nothing(value):
                # Its mark stands behind the comments that follow.
                item.line, item.column = place
            if key is _MERGE:
                merged.append(item)
                continue
            if key is _NO_NAME:
                continue
            if key in node.children:
                self._report_twice(key, place, node.children[key])
            node.children[key] = Child(*place, item)
        for source in reversed(merged):
            # Of a list of mappings, the first that has a key gives it.
            for mapping in [child.node for child in source.children.values()] if source.is_list else [source]:
                for key, child in mapping.children.items():
                    node.children.setdefault(key, child)

    def _key(self, event: Any, depth: int) -> Hashable:
        if not isinstance(event, yaml.ScalarEvent):
            # PyYAML refuses it afterwards, with the place.
            self._value(event, depth + 1)
            return _NO_NAME
        if event.anchor:
            self._anchors[event.anchor] = Node(*_place(event))
        self._look_at(event, is_key=True)
        tag, value = resolved(self._loader, event)
        return _MERGE if tag == "tag:yaml.org,2002:merge" else value

    def _look_at(self, event: Any, *, is_key: bool = False) -> None:
        """Note a plain scalar that YAML 1.2 reads otherwise."""
        if event.implicit[0] and (found := misreading(event.value)):
            instead = f'"{event.value}"' if is_key else found.instead
            place = Location(self._file, *_place(event))
            self.misread.append(Problem(found.message, place, found.hint, "misread", instead))

    def _alias(self, event: Any) -> Node:
        name = event.anchor
        if name not in self._anchors:
            self._refuse(f"the alias '*{name}' has no anchor '&{name}' before it", event)
        if name in self._open:
            self._refuse(f"the alias '*{name}' stands inside what it stands for", event)
        target = self._anchors[name]
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            self._refuse(f"aliases make this file more than {MAX_ALIASED:,} values larger", event)
        return Node(*_place(event), target.children, target.is_list, target.size)

    def _report_twice(self, key: Hashable, place: tuple[int, int], first: Child) -> None:
        message = f"the key '{key}' stands twice, first on line {first.line}; this one counts"
        self.problems.append(Problem(message, Location(self._file, *place), code="duplicate-key"))

    def _refuse(self, message: str, event: Any, hint: str = "") -> None:
        raise refusal(message, Location(self._file, *_place(event)), hint)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _is_nothing(event: Any) -> bool:
    if not isinstance(event, yaml.ScalarEvent):
        return False
    start, end = span(event)
    return start == end


def span(event: Any) -> tuple[int, int]:
    """Return where the event begins and ends in the text, in characters."""
    return event.start_mark.index, event.end_mark.index


def resolved(loader: Any, event: Any) -> tuple[str, Any]:
    """Return the tag of a scalar, written or not, and its value; `<<` has none but its text."""
    tag = event.tag
    if tag is None or tag == "!":
        tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag in _TEXTS:
        return tag, str(event.value)
    return tag, construct(loader.construct_object, _scalar_node(tag, event))


_TEXTS = frozenset({"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"})


def _scalar_node(tag: str, event: Any) -> yaml.ScalarNode:
    return yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)


def construct(constructor: Callable[..., Any], node: Any, *arguments: Any) -> Any:
    """Return what PyYAML's `constructor` makes of `node`.

    It raises a bare ValueError for what looks like a date or number and is none; here that has its place.
    """
    try:
        return constructor(node, *arguments)
    except (ValueError, OverflowError) as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"this is no value YAML can read: {error}; quote it", node.start_mark
        ) from error
