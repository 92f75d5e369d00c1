"""Where a cursor stands in a YAML text that is being written and may be broken: told line by line, by indentation."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

KeyPath = tuple[Hashable, ...]

# More would keep people waiting.
_MOST_LINES = 50_000
_DEEPEST = 100

# Nothing here tries a long line twice: groups that are begun are never taken back (`(?>…)`).
_QUOTED = r"""(?>'(?:[^']|'')*'?|"(?:[^"\\]|\\.)*"?)"""
_DASHES = re.compile(r"(?:-(?:[ \t]+|$))*")
_KEY = re.compile(rf"""(?P<key>{_QUOTED}[ \t]*|[^\s#'"\[\]{{}},&*!|>%@`][^#\n]*?):(?=\s|$)""")
_COMMENT = re.compile(r"(?:^|(?<=\s))#")
_QUOTED_TEXT = re.compile(_QUOTED)
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)+")
_TEXT_FOLLOWS = re.compile(r"[|>][-+0-9]*[ \t]*(?:\s#.*)?$")
# What stands in brackets: quoted text, brackets, commas, a colon, a comment, plain text (`${VAR}` is a part of it).
_PART = re.compile(
    rf"""{_QUOTED}|[][{{}},]|:(?=[\s,\[\]{{}}]|$)|(?<!\S)\#.*"""
    r"""|(?:\$\{[^}\s]*\}?|(?!:(?:\s|$|[,\[\]{}]))[^\s,\[\]{}]|[ \t]++(?![\s\#,\[\]{}:]))+|[ \t]+"""
)


@dataclass(frozen=True)
class Spot:
    """What stands at a cursor, or could.

    Attributes:
        role: `key` of a mapping, `value` of a key, `item` of a list.
        path: of the mapping or list; of the key, for its value.
        line: counted from 1.
        start: the column where the word at the cursor begins, from 1; the cursor's, if there is none.
        end: the column behind it.
        word: that word, with its quotes.
        taken: the other keys of the mapping, or items of the list.
        in_brackets: it is in a list or mapping in brackets.
        has_colon: a colon follows.
        needs_space: it is right behind a colon or dash.
    """

    role: Literal["key", "value", "item"]
    path: KeyPath
    line: int
    start: int
    end: int
    word: str = ""
    taken: frozenset[str] = frozenset()
    in_brackets: bool = False
    has_colon: bool = False
    needs_space: bool = False


def find_spot(lines: Sequence[str], line: int, column: int) -> Spot | None:
    """Return what stands at a place, both counted from 1; None in a comment, in text of several lines, and outside."""
    if not 1 <= line <= len(lines) <= _MOST_LINES or not 1 <= column <= len(lines[line - 1]) + 1:
        return None
    sketch = _Sketch(line, column)
    for number, written in enumerate(lines, 1):
        sketch.read(number, written)
    return sketch.spot()


class _Word(NamedTuple):
    text: str
    line: int
    column: int


@dataclass
class _Frame:
    """A mapping or list that is open: in block style with its column, or in brackets."""

    column: int
    path: KeyPath
    kind: Literal["mapping", "list", ""] = ""
    words: list[_Word] = field(default_factory=list)
    # The last key, or how many items there were before this one.
    last: Hashable = None
    has_value: bool = False
    # It stands below a value that is whole on its line.
    is_misplaced: bool = False

    @property
    def inner(self) -> KeyPath:
        return self.path if not self.kind else (*self.path, self.last)


@dataclass
class _Found:
    """A spot whose neighbours may still come."""

    frame: _Frame
    spot: Spot


class _Sketch:
    def __init__(self, line: int, column: int) -> None:
        self._line, self._column = line, column
        self._frames = [_Frame(0, ())]
        self._brackets: list[_Frame] = []
        self._indent = 0  # of the line in which the brackets or the text began
        self._in_text = False
        self._found: _Found | None = None

    def spot(self) -> Spot | None:
        if self._found is None:
            return None
        frame, spot = self._found.frame, self._found.spot
        here = (spot.line, spot.start)
        names = frozenset(_plain(word.text) for word in frame.words if (word.line, word.column) != here)
        return Spot(**{**spot.__dict__, "taken": names if spot.role != "value" else frozenset()})

    def read(self, number: int, written: str) -> None:
        """Take in a line."""
        content = written.lstrip(" \t")
        indent = len(written) - len(content)
        here = number == self._line
        if self._in_text:
            if not content or indent > self._indent:
                return
            self._in_text = False
        if self._brackets:
            if not content or indent > self._indent or content[0] in "]}":
                self._flow(number, written, 0)
                return
            self._brackets.clear()
        if content.startswith(("---", "...", "%")) and not indent:
            self._frames = [_Frame(0, ())]
            return
        if content.startswith("#") or (not content and not here):
            return
        self._block(number, written, indent)

    def _block(self, number: int, written: str, indent: int) -> None:
        at, behind = indent, 0
        dashes = _DASHES.match(written, at)
        end_of_dashes = dashes.end() if dashes else at
        while at < end_of_dashes and len(self._frames) < _DEEPEST:
            self._open(at + 1, "list")
            frame = self._frames[-1]
            frame.last = frame.last + 1 if isinstance(frame.last, int) else 0
            frame.has_value = False
            behind = at + 1
            at = len(written) - len(written[at + 1 :].lstrip(" \t"))
        key = _KEY.match(written, at)
        if key:
            self._open(at + 1, "mapping")
            frame = self._frames[-1]
            name = key["key"].rstrip()
            frame.last = _plain(name)
            frame.words.append(_Word(name, number, at + 1))
            self._note(frame, "key", frame.path, number, frame.words[-1], has_colon=True)
            self._behind(frame, number, written, key.end(), indent)
        elif behind:
            self._behind(self._frames[-1], number, written, behind, indent)
        elif written.startswith(("[", "{"), at):
            # On a line of its own, below its key.
            while self._frames[-1].column > at:
                self._frames.pop()
            self._indent = self._frames[-1].column - 1
            self._flow(number, written, at, self._frames[-1].inner)
        elif number == self._line:
            self._unfinished(number, written, at)

    def _open(self, column: int, kind: Literal["mapping", "list"]) -> None:
        """Go to the mapping or list at this column, which may begin here."""
        frames = self._frames
        while frames[-1].column > column or (
            frames[-1].column == column and frames[-1].kind == "list" and kind == "mapping"
        ):
            frames.pop()
        if frames[-1].column < column or frames[-1].kind != kind:
            frames.append(_Frame(column, frames[-1].inner, kind, is_misplaced=frames[-1].has_value))

    def _behind(self, frame: _Frame, number: int, written: str, after: int, indent: int) -> None:
        """Read what stands behind the colon of a key, or behind a dash."""
        at, word = _scalar(written, after, number)
        frame.has_value = bool(word.text) and not word.text.startswith(("&", "!"))
        if word.text.startswith(("[", "{")):
            self._indent = indent
            self._flow(number, written, at, frame.inner)
        elif _TEXT_FOLLOWS.match(written, at):
            self._in_text, self._indent = True, indent
        elif frame.kind == "mapping":
            self._note(frame, "value", frame.inner, number, word, after=after)
        else:
            frame.words += [word] if word.text else []
            self._note(frame, "item", frame.path, number, word, after=after)

    def _unfinished(self, number: int, written: str, at: int) -> None:
        """Read a line with the cursor that is no key yet, or nothing: it stands where a key could."""
        comment = _COMMENT.search(written, at)
        if comment and comment.start() < self._column:
            return
        text = written[at : comment.start() if comment else len(written)].rstrip()
        column = at + 1 if text else self._column
        self._open(column, "mapping")
        frame = self._frames[-1]
        if not frame.is_misplaced:
            self._note(frame, "key", frame.path, number, _Word(text, number, column))

    def _note(
        self,
        frame: _Frame,
        role: Literal["key", "value", "item"],
        path: KeyPath,
        number: int,
        word: _Word,
        *,
        after: int | None = None,
        has_colon: bool = False,
        in_brackets: bool = False,
    ) -> None:
        """Take this as the spot if the cursor is on the word, or in the blanks between `after` and it."""
        if self._found is not None or number != self._line:
            return
        start, end = word.column, word.column + len(word.text)
        if not start <= self._column <= end:
            is_before = after is not None and after < self._column < start
            is_missing = after is not None and after < self._column and not word.text
            if not (is_before or is_missing):
                return
            start = end = self._column
            word = _Word("", number, self._column)
        needs_space = after is not None and start == after + 1
        spot = Spot(role, path, number, start, end, word.text, frozenset(), in_brackets, has_colon, needs_space)
        self._found = _Found(frame, spot)

    def _flow(self, number: int, written: str, at: int, path: KeyPath = ()) -> None:
        """Read brackets: from `at` where they open at `path`, or on from the lines before."""
        for part, start in _parts(written, at):
            is_here = number == self._line and self._found is None
            if is_here and self._brackets and self._column - 1 <= start and part in "[]{},:":
                self._note_between(number)
            if len(self._brackets) == _DEEPEST:
                return
            if part in "[{":
                inner = self._brackets[-1].inner if self._brackets else path
                self._brackets.append(_Frame(start + 1, inner, "list" if part == "[" else "mapping", last=0))
            elif part in "]}":
                self._brackets.pop()
                if not self._brackets:
                    return
            else:
                self._in_brackets(self._brackets[-1], number, part, start, written)
        comment = _COMMENT.search(written)
        if self._brackets and (comment is None or self._column <= comment.start()):
            self._note_between(number)

    def _in_brackets(self, frame: _Frame, number: int, part: str, start: int, written: str) -> None:
        if part == ",":
            frame.has_value = False
            if frame.kind == "list" and isinstance(frame.last, int):
                frame.last += 1
            return
        if part == ":":
            frame.has_value = frame.kind == "mapping"
            return
        word = _Word(part, number, start + 1)
        if self._column <= start:
            self._note_between(number)
        if frame.kind == "list":
            frame.words.append(word)
        elif not frame.has_value:
            frame.last = _plain(part)
            frame.words.append(word)
        has_colon = written[start + len(part) :].lstrip().startswith(":")
        self._note_inside(frame, word, has_colon=has_colon)

    def _note_between(self, number: int) -> None:
        """Take the cursor as the spot where it stands on no word."""
        self._note_inside(self._brackets[-1], _Word("", number, self._column))

    def _note_inside(self, frame: _Frame, word: _Word, *, has_colon: bool = False) -> None:
        """Note a word in brackets."""
        if frame.kind == "list":
            self._note(frame, "item", frame.path, word.line, word, in_brackets=True)
        elif frame.has_value:
            self._note(frame, "value", frame.inner, word.line, word, in_brackets=True)
        else:
            self._note(frame, "key", frame.path, word.line, word, has_colon=has_colon, in_brackets=True)


def _scalar(written: str, after: int, number: int) -> tuple[int, _Word]:
    """Return where a value begins behind a colon or dash, and the value up to a comment."""
    at = len(written) - len(written[after:].lstrip(" \t"))
    if properties := _PROPERTIES.match(written, at):
        at = properties.end()
    if quoted := _QUOTED_TEXT.match(written, at):
        return at, _Word(quoted.group(), number, at + 1)
    comment = _COMMENT.search(written, at)
    return at, _Word(written[at : comment.start() if comment else len(written)].rstrip(), number, at + 1)


def _parts(written: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield what stands in brackets on this line, each with its offset, up to a comment."""
    for match in _PART.finditer(written, at):
        part = match.group()
        if part.startswith("#"):
            return
        if stripped := part.strip():
            yield stripped, match.start() + len(part) - len(part.lstrip())


def _plain(text: str) -> str:
    """Return a name without its quotes."""
    return text[1:].removesuffix(text[0]) if text[:1] in ("'", '"') else text
