"""A YAML file as values with the place of each: YAML 1.1, as PyYAML reads it, with guards against bombs.

`config` reads its files through this, so that whatever is wrong with a value can be told with its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import yaml

from flowerpower_tui.errors import ConfigError, Location, Problem
from flowerpower_tui.yamldoc.collector import undisturbed
from flowerpower_tui.yamldoc.faults import refusal, syntax_error
from flowerpower_tui.yamldoc.outline import Node, Outline, construct, span
from flowerpower_tui.yamldoc.paths import parse_path

if TYPE_CHECKING:
    from flowerpower_tui.yamldoc.draft import Draft

MAX_SIZE = 1_000_000
# No character takes more bytes in UTF-8.
_MOST_BYTES = 4 * MAX_SIZE

KeyPath = tuple[Hashable, ...]
Path = Sequence[Hashable]

_NOTHING = object()

# What YAML 1.1 allows in a stream.
_FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Document:
    """A YAML file that could be read. It does not change: what edits it returns another.

    Every edit changes the bytes it must and no others, in the file's own style. It is proved by reading the result:
    what was asked for is there, and everything else is written as it was. What cannot be done so is refused, with an
    `EditError` that says why. A path is a sequence of keys, and indices of lists; see `path`.

    Attributes:
        file: its name, as problems tell it.
        text: what it says.
        value: its value as YAML 1.1 means it; None if it says nothing.
        problems: what is suspicious, though it can be read: keys that stand twice.
        misread: plain scalars that YAML 1.2 reads otherwise, as `on` and `1e-3`.
        encoding: how its characters are bytes.
        number: which document of the file this is, counted from 0; None if there can only be one.
    """

    file: str
    text: str
    value: Any
    problems: tuple[Problem, ...]
    _root: Node = field(repr=False)
    misread: tuple[Problem, ...] = ()
    encoding: str = "utf-8"
    number: int | None = None

    @classmethod
    def read(cls, path: FilePath) -> Document:
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
        return cls.decode(data, file)

    @classmethod
    def decode(cls, data: bytes, file: str) -> Document:
        """Read `data`, which `file` holds.

        Raises:
            ConfigError: it is no UTF-8, or is not YAML that we take.
        """
        if len(data) > _MOST_BYTES:
            raise refusal(f"is too large: at most {MAX_SIZE:,} characters are read", Location(file))
        encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(data[:2], "utf-8")
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise refusal("is not UTF-8 text", Location(file, line), "Save it as UTF-8.") from error
        return replace(cls.parse(text, file), encoding=encoding)

    @classmethod
    def parse(cls, text: str, file: str, number: int | None = None) -> Document:
        """Read `text`, which `file` holds; of several documents the one with this number, counted from 0.

        Raises:
            ConfigError: it is not YAML, or too large, too deep or too often aliased; tells the place.
        """
        body = text.lstrip("\ufeff")
        _check_characters(body, file)
        try:
            with undisturbed():
                outline = Outline(body, file, number)
                value = _load(body, number or 0)
        except yaml.MarkedYAMLError as error:
            raise syntax_error(error, body, file) from error
        except RecursionError as error:
            raise refusal("is nested too deep", Location(file)) from error
        problems, misread = tuple(outline.problems), tuple(outline.misread)
        return cls(file, text, value, problems, outline.root, misread, number=number)

    def with_text(self, text: str) -> Document:
        """Return what the file is with another text.

        Raises:
            ConfigError: it is not YAML that we take.
        """
        return replace(Document.parse(text, self.file, self.number), encoding=self.encoding)

    @property
    def data(self) -> bytes:
        """The text as bytes: of a document that was read and not edited, those of the file."""
        return self.text.encode(self.encoding)

    def path(self, text: str) -> KeyPath:
        """Return the path that people write as `run.inputs.start`, `modules[0]`, `modules.0` or `params."a.b"`.

        Raises:
            EditError: it is no path.
        """
        found: list[Hashable] = []
        node = self._root
        for key in parse_path(text):
            known = _named(key, node)
            found.append(known)
            node = node.children[known].node if known in node.children else Node(0, 0)
        return tuple(found)

    def has(self, path: Path) -> bool:
        """Return whether there is a value at `path`, here or by an alias or a merge."""
        return self.get(path, _NOTHING) is not _NOTHING

    def get(self, path: Path, default: Any = None) -> Any:
        """Return the value at `path`; `default` if there is none."""
        value = self.value
        for key in path:
            inside = (isinstance(value, dict) and key in value) or (
                isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value)
            )
            if not inside:
                return default
            value = value[key]
        return value

    def span(self, path: Path) -> tuple[int, int]:
        """Return where in the text the value at `path` begins and ends, with its anchor and tag.

        Raises:
            EditError: nothing is written there.
        """
        node = self.draft.existing(path).node
        return self._in_text(node.start, node.end) if node else (len(self.text), len(self.text))

    def key_span(self, path: Path) -> tuple[int, int]:
        """Return where in the text the key, or the dash, at the end of `path` begins and ends.

        Raises:
            EditError: nothing is written there.
        """
        entry = self.draft.existing(path).entry
        return self._in_text(entry.start, entry.key.end if entry.key else entry.mark)

    def set(self, path: Path, value: Any) -> Document:
        """Return the document with `value` at `path`; parents that are missing or empty are made.

        A merged key is overridden, an alias replaced; what they stand for stays as it is. Of a list or mapping, what
        is the same stays as it is written.
        """
        from flowerpower_tui.yamldoc import edits

        return edits.set_value(self, path, value)

    def insert(self, path: Path, value: Any, at: int | None = None) -> Document:
        """Return the document with a key that was not there, or with an item before the one at `path`.

        `at` is where among its siblings a key goes; behind them without it.
        """
        from flowerpower_tui.yamldoc import edits

        return edits.insert(self, path, value, at)

    def append(self, path: Path, value: Any) -> Document:
        """Return the document with one more item in the list at `path`, which is made if it is not there."""
        from flowerpower_tui.yamldoc import edits

        return edits.append(self, path, value)

    def rename(self, path: Path, key: Hashable) -> Document:
        """Return the document with `key` in the place of the last one of `path`."""
        from flowerpower_tui.yamldoc import edits

        return edits.rename(self, path, key)

    def delete(self, path: Path) -> Document:
        """Return the document without the key or item at `path` and the comments that are its own.

        These are the one behind it, those inside it, and those directly above it, where it is clear that they are not
        about more; see `yamldoc.comments`.
        """
        from flowerpower_tui.yamldoc import removal

        return removal.delete(self, path)

    def move(self, path: Path, to: Path) -> Document:
        """Return the document with what is at `path` at the path `to`, with its comments.

        In a list, `to` is the place that it has in the end; in a mapping it goes behind the other keys.
        """
        from flowerpower_tui.yamldoc import removal

        return removal.move(self, path, to)

    @cached_property
    def draft(self) -> Draft:
        """What edits find out about the document before they change it."""
        from flowerpower_tui.yamldoc.draft import Draft

        return Draft(self)

    def _in_text(self, start: int, end: int) -> tuple[int, int]:
        shift = len(self.text) - len(self.draft.text)
        return start + shift, end + shift

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


def _load(text: str, number: int) -> Any:
    try:
        return _value(yaml.CSafeLoader(text), number)
    except (ValueError, OverflowError):
        return _value(_Loader(text), number)


def _value(loader: Any, number: int) -> Any:
    """Return the value of one of the documents; of others, not even what they mean is looked at."""
    try:
        for _ in range(number):
            if loader.check_node():
                loader.get_node()
        return loader.get_data() if loader.check_data() else None
    finally:
        loader.dispose()


def _named(key: str | int, node: Node) -> Hashable:
    """Return the key that is meant: `2024` and `on` in a path are text, but may be a number or truth in the file."""
    if key in node.children:
        return key
    if node.is_list and isinstance(key, str) and key.isdecimal():
        return int(key)
    if isinstance(key, str):
        with suppress(ConfigError):
            meant = scalar(key)
            if isinstance(meant, Hashable) and meant in node.children:
                return meant
    return key


def _check_characters(text: str, file: str) -> None:
    if len(text) > MAX_SIZE:
        raise refusal(f"is too large: {len(text):,} characters, at most {MAX_SIZE:,} are read", Location(file))
    if found := _FORBIDDEN.search(text):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1
        code = ord(found.group())
        escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
        # Half of a pair of surrogates is no character at all.
        hint = "Take it out." if 0xD800 <= code < 0xE000 else f'Write it as an escape in double quotes: "{escape}"'
        raise refusal(f"the character U+{code:04X} is not allowed in YAML", Location(file, line, column), hint)


def _has_comment(text: str) -> bool:
    """Return whether YAML reads less of `text` than is there."""
    rest, end = "", 0
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            start, after = span(event)
            rest, end = rest + text[end:start], after
    return "#" in rest + text[end:]
