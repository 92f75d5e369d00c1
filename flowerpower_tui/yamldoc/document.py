"""A YAML file as values with the place of each: YAML 1.1, as PyYAML reads it, with guards against bombs.

`config` reads its files through this, so that whatever is wrong with a value can be told with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from flowerpower_tui.errors import ConfigError, Location, Problem

MAX_SIZE = 1_000_000
MAX_DEPTH = 100
# How many values aliases may add to those that are written: a merge bomb of 16 lines adds millions.
MAX_ALIASED = 100_000

# No character takes more bytes in UTF-8.
_MOST_BYTES = 4 * MAX_SIZE

KeyPath = tuple[Hashable, ...]

# What YAML 1.1 allows in a stream; a byte order mark is allowed at its beginning only, and taken off before.
_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

_HINTS = (
    ("mapping values are not allowed", "A value that contains ': ' needs quotes; or the indentation is off."),
    ("cannot start any token", "Indent with spaces, not tabs; quote a value that begins with @, ` or %."),
    ("could not find expected ':'", "A key needs a colon, then a space: key: value"),
    ("did not find expected key", "Check the indentation: keys of one mapping stand in one column."),
    ("did not find expected '-' indicator", "Check the indentation: the items of one list stand in one column."),
    ("found unexpected end of stream", "A quote, bracket or brace is never closed."),
    ("did not find expected ',' or ']'", "A bracket is never closed, or a comma is missing."),
    ("did not find expected ',' or '}'", "A brace is never closed, or a comma is missing."),
    ("found undefined alias", "An alias (*name) needs an anchor (&name) before it."),
    ("could not determine a constructor for the tag", "Tags are not used here: write a plain value."),
    ("found unhashable key", "A key is a name, not a list or a mapping; quote it if it contains { or [."),
)


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


@dataclass(frozen=True)
class Document:
    """A YAML file that could be read.

    Attributes:
        file: its name, as problems tell it.
        text: what it says.
        value: its value as YAML 1.1 means it; None if it says nothing.
        problems: what is suspicious, though it can be read: keys that stand twice.
    """

    file: str
    text: str
    value: Any
    problems: tuple[Problem, ...]
    _root: Node = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read the file at `path`.

        Raises:
            ConfigError: it cannot be read, is no UTF-8, or is not YAML that we take.
        """
        file = str(path)
        try:
            with path.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
        except OSError as error:
            raise _refusal(f"cannot be read: {error.strerror}", Location(file)) from error
        if len(data) > _MOST_BYTES:
            raise _refusal(f"is too large: at most {MAX_SIZE:,} characters are read", Location(file))
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise _refusal("is not UTF-8 text", Location(file, line), "Save it as UTF-8.") from error
        return cls.parse(text, file)

    @classmethod
    def parse(cls, text: str, file: str) -> Document:
        """Read `text`, which `file` holds.

        Raises:
            ConfigError: it is not YAML, or too large, too deep or too often aliased; tells the place.
        """
        body = text.removeprefix("\ufeff")
        _check_characters(body, file)
        try:
            outline = _Outline(body, file)
            value = _load(body)
        except yaml.MarkedYAMLError as error:
            raise _syntax_error(error, body, file) from error
        except RecursionError as error:
            raise _refusal("is nested too deep", Location(file)) from error
        return cls(file, text, value, tuple(outline.problems), outline.root)

    def location(self, path: KeyPath = ()) -> Location:
        """Return where the value at `path` stands, or the nearest value around it that does."""
        node = self._root
        for key in path:
            if key not in node.children:
                break
            node = node.children[key].node
        return Location(self.file, node.line, node.column)

    def key_location(self, path: KeyPath) -> Location:
        """Return where the key at the end of `path` stands, or the nearest key around it that does."""
        node, line, column = self._root, self._root.line, self._root.column
        for key in path:
            child = node.children.get(key)
            if child is None:
                break
            node, line, column = child.node, child.line, child.column
        return Location(self.file, line, column)

    def paths(self) -> Iterator[KeyPath]:
        """Yield the path of every value, in the order of the file; what an alias stands for is not entered."""

        def below(node: Node, path: KeyPath, seen: frozenset[int]) -> Iterator[KeyPath]:
            yield path
            if id(node.children) in seen:
                return
            for key, child in node.children.items():
                yield from below(child.node, (*path, key), seen | {id(node.children)})

        return below(self._root, (), frozenset())


def scalar(text: str) -> Any:
    """Return the value that `text` is in YAML, as given on a command line: `3`, `true`, `[a, b]`, `{a: 1}`, `plain`.

    Raises:
        ConfigError: it is no YAML, or a part of it would be lost as a comment.
    """
    try:
        value = Document.parse(text, "").value
    except ConfigError as error:
        first = error.problems[0]
        raise ConfigError([Problem(f"'{text}' is no YAML value: {first.message}", hint=first.hint)]) from error
    if _has_comment(text):
        raise ConfigError([Problem(f"'{text}' has a comment in it", hint="Quote a value that contains '#'.")])
    return value


class _Outline:
    """Reads the events once: the place of every value, keys that stand twice, and the guards."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._loader: Any = yaml.CSafeLoader(text)
        self._anchors: dict[str, Node] = {}
        self._open: set[str] = set()
        self._aliased = 0
        self.root = Node(1, 1)
        try:
            self._read()
        finally:
            self._loader.dispose()

    def _read(self) -> None:
        self._event()
        if isinstance(self._event(), yaml.StreamEndEvent):
            return
        self.root = self._value(self._event(), 0)
        self._event()
        event = self._event()
        if not isinstance(event, yaml.StreamEndEvent):
            hint = "One file holds one document: take out the '---'."
            self._refuse("a second document begins here", event, hint)

    def _event(self) -> Any:
        return self._loader.get_event()

    def _value(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        node = Node(*_place(event))
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor:
                self._anchors[event.anchor] = node
            return node
        if depth == MAX_DEPTH:
            self._refuse(f"nested more than {MAX_DEPTH} deep", event)
        if event.anchor:
            self._anchors[event.anchor] = node
            self._open.add(event.anchor)
        if isinstance(event, yaml.SequenceStartEvent):
            self._sequence(node, depth)
        else:
            self._mapping(node, depth)
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
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == "tag:yaml.org,2002:merge":
            return _MERGE
        if tag == "tag:yaml.org,2002:str":
            return str(event.value)
        key: Hashable = _construct(self._loader.construct_object, _scalar_node(tag, event))
        return key

    def _alias(self, event: Any) -> Node:
        name = event.anchor
        if name not in self._anchors:
            self._refuse(
                f"found undefined alias '{name}'", event, "An alias (*name) needs an anchor (&name) before it."
            )
        if name in self._open:
            self._refuse(f"the alias '*{name}' stands inside what it stands for", event)
        target = self._anchors[name]
        self._aliased += target.size
        if self._aliased > MAX_ALIASED:
            self._refuse(f"aliases make this file more than {MAX_ALIASED:,} values larger", event)
        return Node(*_place(event), target.children, target.is_list, target.size)

    def _report_twice(self, key: Hashable, place: tuple[int, int], first: Child) -> None:
        message = f"the key '{key}' stands twice, first on line {first.line}; this one counts"
        self.problems.append(Problem(message, Location(self._file, *place)))

    def _refuse(self, message: str, event: Any, hint: str = "") -> None:
        raise _refusal(message, Location(self._file, *_place(event)), hint)


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _is_nothing(event: Any) -> bool:
    if not isinstance(event, yaml.ScalarEvent):
        return False
    start, end = _span(event)
    return start == end


def _span(event: Any) -> tuple[int, int]:
    """Return where the event begins and ends in the text, in characters."""
    return event.start_mark.index, event.end_mark.index


def _scalar_node(tag: str, event: Any) -> yaml.ScalarNode:
    return yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)


class _Marker:
    """A key that is none: `<<`, and one that is itself a list or mapping."""


_MERGE = _Marker()
_NO_NAME = _Marker()


class _Loader(yaml.CSafeLoader):
    """Tells the place of a value that looks like a date or number and is none: PyYAML raises a bare ValueError."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        return _construct(super().construct_object, node, deep)


def _construct(construct: Callable[..., Any], node: Any, *arguments: Any) -> Any:
    try:
        return construct(node, *arguments)
    except (ValueError, OverflowError) as error:
        raise yaml.constructor.ConstructorError(
            None, None, f"'{node.value}' is no value YAML can read: {error}; quote it", node.start_mark
        ) from error


def _load(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _check_characters(text: str, file: str) -> None:
    if len(text) > MAX_SIZE:
        raise _refusal(f"is too large: {len(text):,} characters, at most {MAX_SIZE:,} are read", Location(file))
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
        raise _refusal(message, Location(file, line, column), 'Write it as an escape in double quotes: "\\x07"')


def _has_comment(text: str) -> bool:
    """Return whether YAML reads less of `text` than is there."""
    rest, end = "", 0
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            start, after = _span(event)
            rest, end = rest + text[end:start], after
    return "#" in rest + text[end:]


def _syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> ConfigError:
    problem = str(error.problem or error.context or "this is no YAML")
    problem_mark: Any = error.problem_mark
    context_mark: Any = error.context_mark
    # What is never closed is mended where it opens, not where the file ends.
    if context_mark and ("',' or" in problem or not text[problem_mark.index :].strip()):
        mark = context_mark
        problem = problem.replace("did not find expected node content", "found unexpected end of stream")
    else:
        mark = problem_mark or context_mark
    location = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
    return _refusal(problem, location, next((hint for start, hint in _HINTS if start in problem), ""))


def _refusal(message: str, location: Location, hint: str = "") -> ConfigError:
    return ConfigError([Problem(message, location, hint)])
