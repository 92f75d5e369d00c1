r"""Which lines of a log are wanted: by level, stream, node and text, written in one line.

    level:warning node:orders !stream:stderr rejected "missing value" /SO-\d+/

Every term must hold. A leading `!` turns one around. Case counts only in a text that has capitals.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, get_args

import msgspec

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.runs.lines import LogLine, Source, prefix
from flowerpower_tui.terminal import sanitise

LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}

_TERM = re.compile(
    r'(?P<no>!?)(?:(?P<key>level|stream|node):)?(?:"(?P<quoted>[^"]*)"|/(?P<regex>(?:[^/\\]|\\.)+)/|(?P<word>\S+))'
)
_ESCAPED = re.compile(r"\\.")
_COLOURS = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
# The characters that begin a sequence in one byte, as UTF-8 has them.
_C1_SEQUENCE = re.compile(rb"\xc2[\x90\x98\x9b\x9d-\x9f]")
_GLOB = frozenset("*?[")


class FilterError(FlowerPowerError):
    """A filter or a pattern that cannot be understood."""


class _Term(Protocol):
    def accepts(self, line: LogLine) -> bool:
        """Whether it holds for a line."""
        ...

    def rules_out(self, journal: bytes, output: bytes) -> bool:
        """Whether it can hold for no line whose event and text stand in these bytes."""
        ...


@dataclass(frozen=True)
class _Not:
    term: _Term

    def accepts(self, line: LogLine) -> bool:
        return not self.term.accepts(line)

    def rules_out(self, journal: bytes, output: bytes) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True)
class _Level:
    at_least: int

    def accepts(self, line: LogLine) -> bool:
        # Output has no level, and one that we do not know is taken for an ordinary one.
        return bool(line.level) and LEVELS.get(line.level, LEVELS["INFO"]) >= self.at_least

    def rules_out(self, journal: bytes, output: bytes) -> bool:  # noqa: ARG002
        return b'"LogEmitted"' not in journal


@dataclass(frozen=True)
class _Stream:
    name: str

    def accepts(self, line: LogLine) -> bool:
        return line.source == self.name

    def rules_out(self, journal: bytes, output: bytes) -> bool:  # noqa: ARG002
        match self.name:
            case "log":
                return b'"LogEmitted"' not in journal
            case "stdout" | "stderr":
                return f'"{self.name}"'.encode() not in journal
        # What the run itself says stands nowhere in so many words.
        return True


@dataclass(frozen=True)
class _Node:
    name: str
    pattern: re.Pattern[str] | None

    def accepts(self, line: LogLine) -> bool:
        return self._is_meant(line.node) or any(map(self._is_meant, line.nodes))

    def rules_out(self, journal: bytes, output: bytes) -> bool:  # noqa: ARG002
        # An empty name stands nowhere.
        return self.pattern is None and bool(self.name) and _in_json(self.name) not in journal

    def _is_meant(self, node: str) -> bool:
        return node == self.name if self.pattern is None else bool(self.pattern.match(node))


class TextPattern:
    """A text, or a regular expression, that is looked for in what is shown of a line: whose it is, and its text.

    Attributes:
        regex: what finds it.
    """

    def __init__(self, text: str, *, is_regex: bool = False) -> None:
        """Look for `text`; case counts if it has capitals.

        Raises:
            FilterError: it is no regular expression.
        """
        folded = _ESCAPED.sub("", text) if is_regex else text
        flags = re.NOFLAG if folded != folded.lower() else re.IGNORECASE
        if text.isascii():
            # Else the Kelvin sign would be a k, which bytes do not know.
            flags |= re.ASCII
        try:
            self.regex = re.compile(text if is_regex else re.escape(text), flags)
        except (re.error, OverflowError, RecursionError) as error:
            raise FilterError(f"/{text}/ is no regular expression: {error}.") from error
        self._folds = bool(flags & re.IGNORECASE) and text.lower() != text.upper()
        self._plain = text if not is_regex and text.isascii() and text.isprintable() else ""
        self._is_regex = is_regex
        self._in_output = self._plain.encode()
        self._in_journal = _in_json(self._plain)[1:-1]
        self._astride = [_Astride.of(*parts) for parts in _around_the_joint(self._plain)]

    @classmethod
    def parse(cls, text: str) -> TextPattern:
        """Return the pattern for what a person looks for: a text, or `/a regular expression/`.

        Raises:
            FilterError: it is no regular expression.
        """
        if len(text) > 2 and text.startswith("/") and text.endswith("/"):
            return cls(text[1:-1], is_regex=True)
        return cls(text)

    def accepts(self, line: LogLine) -> bool:
        """Whether it is in the line."""
        before = prefix(line)
        text = line.text if line.text.isprintable() else sanitise(line.text)
        shown = before + text
        if self._plain and shown.isascii():
            # Several times as fast as the regular expression.
            return self._plain in (shown.lower() if self._folds else shown)
        return next(self.spans(before, text), None) is not None

    def spans(self, before: str, text: str) -> Iterator[tuple[int, int]]:
        """Yield where it is in what is shown: `before` and `text`, in which a regular expression begins anew."""
        for found in self.regex.finditer(before + text):
            yield found.span()
        if before and self._is_regex:
            for found in self.regex.finditer(text):
                yield found.start() + len(before), found.end() + len(before)

    def rules_out(self, journal: bytes, output: bytes) -> bool:
        """Whether it can be in no line whose text stands in these bytes: quick, and sure."""
        if not self._in_output or b"\\u00" in journal or b"\\r" in journal:
            return False
        # A line that overwrites itself shows what stands nowhere.
        if b"\r" in output and b"\r" in output.replace(b"\r\n", b"\n"):
            return False
        if b"\x1b" in output:
            output = _COLOURS.sub(b"", output)
            if b"\x1b" in output:
                return False
        if any(b"\xc2" in written and _C1_SEQUENCE.search(written) for written in (journal, output)):
            return False
        if self._folds:
            journal, output = journal.lower(), output.lower()
        return (
            self._in_output not in output
            and self._in_journal not in journal
            and not any(parts.may_meet(journal, output) for parts in self._astride)
        )


class _Astride(NamedTuple):
    """A text that ends the name of a node and begins the text of its line, as it does so in their bytes."""

    name: bytes
    in_output: bytes
    in_journal: bytes

    @classmethod
    def of(cls, name: str, text: str) -> _Astride:
        # The quote behind the name belongs to it: in the journal it ends there.
        return cls(_in_json(name)[1:], text.encode(), _in_json(text)[1:-1])

    def may_meet(self, journal: bytes, output: bytes) -> bool:
        return self.name in journal and (self.in_output in output or self.in_journal in journal)


def _around_the_joint(text: str) -> Iterator[tuple[str, str]]:
    """Yield what of `text` would be of the node's name, and of the line, where it is found at the `: ` between them."""
    for joint in re.finditer(": ", text):
        yield text[: joint.start()], text[joint.end() :]
    if text.endswith(":"):
        yield text[:-1], ""
    if text.startswith(" "):
        yield "", text[1:]


@dataclass(frozen=True)
class LineFilter:
    """Terms that must all hold.

    Attributes:
        terms: none lets every line through.
    """

    terms: tuple[_Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> LineFilter:
        """Return the filter that `text` says.

        Raises:
            FilterError: it says none.
        """
        terms = []
        for found in _TERM.finditer(text):
            term = _term(found)
            terms.append(_Not(term) if found["no"] else term)
        return cls(tuple(terms))

    def also(self, term: _Term) -> LineFilter:
        """Return a filter with one more term."""
        return LineFilter((*self.terms, term))

    def accepts(self, line: LogLine) -> bool:
        """Whether a line is wanted."""
        return all(term.accepts(line) for term in self.terms)

    def rules_out(self, journal: bytes, output: bytes) -> bool:
        """Whether no line is wanted whose event and text stand in these bytes: quick, and sure."""
        return any(term.rules_out(journal, output) for term in self.terms)


def only_node(node: str) -> str:
    """Return what a person would write to see the lines of `node` only."""
    return f'node:"{node}"' if re.search(r"^$|^/|[\s*?\[]", node) else f"node:{node}"


def _term(found: re.Match[str]) -> _Term:
    value = found["quoted"] if found["quoted"] is not None else found["regex"] or found["word"]
    match found["key"]:
        case "level":
            names = [name for name in LEVELS if name.startswith(value.upper())]
            if not names:
                raise FilterError(f"There is no level '{value}'.", hint=f"There are: {', '.join(LEVELS).lower()}.")
            return _Level(LEVELS[names[0]])
        case "stream":
            if value not in get_args(Source):
                raise FilterError(f"There is no stream '{value}'.", hint=f"There are: {', '.join(get_args(Source))}.")
            return _Stream(value)
        case "node":
            has_pattern = not _GLOB.isdisjoint(value) and found["quoted"] is None
            return _Node(value, re.compile(fnmatch.translate(value)) if has_pattern else None)
    return TextPattern(value, is_regex=found["regex"] is not None)


def _in_json(text: str) -> bytes:
    return msgspec.json.encode(text)
