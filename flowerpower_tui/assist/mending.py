"""Edits that mend what keeps a text from being YAML: values that need quotes, tabs before keys."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flowerpower_tui.assist.diagnostic import Fix, Span
from flowerpower_tui.errors import Location, Problem
from flowerpower_tui.yamldoc.dump import inline
from flowerpower_tui.yamldoc.salvage import unread

# A key or a dash, or both, with the value up to a comment. What begins with a quote, a bracket or a property is no
# plain text: what is wrong with that, quotes around it would hide.
_VALUE = re.compile(
    r"""(?P<before>\s*(?:-[ ]+)*(?:[^\s'"#\[\]{},&*!|>%@`-][^:#]*?:[ ]+)?)"""
    r"""(?P<value>(?![\s'"\[{&*!|>#-])(?:(?!\s\#).)+)"""
)
_TABS = re.compile(r"[ ]*\t[ \t]*")
_TAB = "  "


def syntax_fix(problem: Problem, lines: Sequence[str]) -> Fix | None:
    """Return the edit of one line that mends a fault of syntax, after which YAML is read beyond that line.

    Args:
        problem: the fault, with its place.
        lines: the text's.
    """
    place = problem.location
    if place is None or not 1 <= place.line <= len(lines):
        return None
    fix = _with_quotes(lines[place.line - 1], place) or _without_tabs(lines[place.line - 1], place)
    return fix if fix is not None and _mends(fix, lines) else None


def _with_quotes(written: str, place: Location) -> Fix | None:
    found = _VALUE.match(written)
    # What is merged is a mapping: as text it would be none either.
    if found is None or not found["before"].strip() or found["before"].rstrip().endswith("<<:"):
        return None
    value = found["value"].rstrip()
    start, end = found.start("value"), found.start("value") + len(value)
    if not start < place.column <= end + 1:
        return None
    return Fix(Span(place.line, start + 1, place.line, end + 1), inline(value))


def _without_tabs(written: str, place: Location) -> Fix | None:
    found = _TABS.match(written)
    if found is None:
        return None
    return Fix(Span(place.line, 1, place.line, found.end() + 1), found.group().replace("\t", _TAB))


def _mends(fix: Fix, lines: Sequence[str]) -> bool:
    """Whether nothing is wrong with the line any more, as YAML, nor with one before it, and something was."""
    span = fix.span
    line = lines[span.line - 1]
    mended = line[: span.column - 1] + fix.text + line[span.end_column - 1 :]
    if mended == line:
        return False
    behind = "\n".join(lines[span.line :])
    return unread(["\n".join([*lines[: span.line - 1], mended, behind])]) <= len(behind) + 1
