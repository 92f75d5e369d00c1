"""A YAML file as values with the place of each: YAML 1.1, as PyYAML reads it, with guards against bombs.

`config` reads its files through this, so that whatever is wrong with a value can be told with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from flowerpower_tui.errors import ConfigError, Location, Problem
from flowerpower_tui.yamldoc.faults import refusal, syntax_error
from flowerpower_tui.yamldoc.outline import Node, Outline, construct, span

MAX_SIZE = 1_000_000
# No character takes more bytes in UTF-8.
_MOST_BYTES = 4 * MAX_SIZE

KeyPath = tuple[Hashable, ...]

# What YAML 1.1 allows in a stream.
_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Document:
    """A YAML file that could be read.

    Attributes:
        file: its name, as problems tell it.
        text: what it says.
        value: its value as YAML 1.1 means it; None if it says nothing.
        problems: what is suspicious, though it can be read: keys that stand twice.
        misread: plain scalars that YAML 1.2 reads otherwise, as `on` and `1e-3`.
    """

    file: str
    text: str
    value: Any
    problems: tuple[Problem, ...]
    _root: Node = field(repr=False)
    misread: tuple[Problem, ...] = ()

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
            raise refusal(f"cannot be read: {error.strerror}", Location(file)) from error
        if len(data) > _MOST_BYTES:
            raise refusal(f"is too large: at most {MAX_SIZE:,} characters are read", Location(file))
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise refusal("is not UTF-8 text", Location(file, line), "Save it as UTF-8.") from error
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
            outline = Outline(body, file)
            value = _load(body)
        except yaml.MarkedYAMLError as error:
            raise syntax_error(error, body, file) from error
        except RecursionError as error:
            raise refusal("is nested too deep", Location(file)) from error
        return cls(file, text, value, tuple(outline.problems), outline.root, tuple(outline.misread))

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


class _Loader(yaml.CSafeLoader):
    """Tells the place of a value that cannot be made; slower."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        return construct(super().construct_object, node, deep)


def _load(text: str) -> Any:
    try:
        return _single_value(yaml.CSafeLoader(text))
    except (ValueError, OverflowError):
        return _single_value(_Loader(text))


def _single_value(loader: yaml.CSafeLoader) -> Any:
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _check_characters(text: str, file: str) -> None:
    if len(text) > MAX_SIZE:
        raise refusal(f"is too large: {len(text):,} characters, at most {MAX_SIZE:,} are read", Location(file))
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        message = f"the character U+{ord(found.group()):04X} is not allowed in YAML"
        raise refusal(message, Location(file, line, column), 'Write it as an escape in double quotes: "\\x07"')


def _has_comment(text: str) -> bool:
    """Return whether YAML reads less of `text` than is there."""
    rest, end = "", 0
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            start, after = span(event)
            rest, end = rest + text[end:start], after
    return "#" in rest + text[end:]
