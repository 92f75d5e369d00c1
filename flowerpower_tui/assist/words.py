"""The word at a place in a YAML text: a key, a value, a quoted text, a bracket with what is in it on that line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flowerpower_tui.assist.diagnostic import Span
from flowerpower_tui.yamldoc.salvage import BREAK

_WORD = re.compile(
    r"""'(?:[^']|'')*'"""
    r'''|"(?:[^"\\]|\\.)*"'''
    # Plain: up to a comment, the colon of a key, or what ends it in brackets; `${VAR:-[a]}` is one word.
    r"|(?:\$\{[^}]{0,500}\}|(?![\[\]{},])(?:(?!:(?:\s|$))(?!\s\#)[^\[\]{},]))+"
)
# What stands behind a key or a dash, outside of brackets: there, commas and brackets are a part of it.
_BEFORE_VALUE = re.compile(r"""\s*(?:-\s+)*(?:(?:'[^']*'|"[^"]*"|[^\s'"#\[\]{},][^\[\]{},]*?):\s+|(?<=-\s))""")
_VALUE = re.compile(r"(?![\[\]{}'\"])(?:(?!:(?:\s|$))(?!\s\#).)+")
# A key that stands further before its value is not looked for.
_FAR = 300
_BRACKET = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[][{}]""")


class Lines:
    """The lines of a text, and the words in them. A BOM is no part of the first."""

    def __init__(self, text: str) -> None:
        self.lines: Sequence[str] = BREAK.split(text.lstrip("\ufeff"))

    def span(self, line: int, column: int) -> Span:
        """Return the word that begins at a place, or what comes nearest; always inside the text."""
        line = min(max(line, 1), len(self.lines))
        written = self.lines[line - 1]
        start = min(max(column, 1), len(written) + 1) - 1
        end = self._end(written, start)
        if end == start:
            # Nothing stands there: what is missing is missing behind the last word.
            start = min(start, len(written.rstrip()))
            end = start
        return Span(line, start + 1, line, end + 1)

    def written(self, span: Span) -> str:
        """Return the text of a span, which ends on the line that it begins on."""
        return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]

    def is_key(self, span: Span) -> bool:
        """Return whether a colon follows."""
        return self.lines[span.line - 1][span.end_column - 1 :].lstrip().startswith(":")

    def key_before(self, span: Span) -> str:
        """Return what stands before a word; the line before, too, if no key is there."""
        before = self.lines[span.line - 1][: span.end_column][-_FAR:]
        above = self.lines[span.line - 2][-_FAR:] if span.line > 1 else ""
        return before if ":" in before else f"{above} {before}"

    def _end(self, written: str, start: int) -> int:
        if written.startswith(("[", "{"), start):
            return _closed(written, start)
        before = _BEFORE_VALUE.match(written)
        match = (_VALUE if before and before.end() == start else _WORD).match(written, start) or _WORD.match(
            written, start
        )
        if match is None:
            return max(start, min(start + 1, len(written.rstrip())))
        return max(start + len(match.group().rstrip()), start)


def _closed(written: str, start: int) -> int:
    """Return where the bracket at `start` is closed, or the line ends."""
    depth = 0
    for match in _BRACKET.finditer(written, start):
        depth += (match.group() in "[{") - (match.group() in "]}")
        if depth == 0:
            return match.end()
    return len(written.rstrip())
