"""What can be read of a YAML file that is broken somewhere: its broken lines are emptied, the rest keeps its places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import yaml

from flowerpower_tui.errors import ConfigError, Location, Problem
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.faults import missing_colon

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line to YAML."""

# Broken places that are worked round; someone who types makes one.
_MOST_REPAIRS = 8
# Of what is longer, or nested deeper, each attempt would take too long.
_LONGEST = 100_000
_DEEPEST = 500

# A key that is being written.
_WORD = re.compile(r"(?P<indent> *)[\w.-]+[ \t]*")


@dataclass(frozen=True)
class Salvaged:
    """What could be read.

    Attributes:
        document: the file without its broken lines; None if that is not to be had.
        problems: why it is broken, in the order in which it was found.
    """

    document: Document | None
    problems: tuple[Problem, ...]


def salvage(text: str, file: str) -> Salvaged:
    """Return `text` as a document, and why not all of it is one."""
    problems: list[Problem] = []
    lines = _lines(text)
    for _ in range(_MOST_REPAIRS):
        try:
            return Salvaged(Document.parse("".join(lines), file), tuple(problems))
        except ConfigError as error:
            problem = error.problems[0]
        place = problem.location
        if place is None or place.line == 0 or not _is_modest(text):
            return Salvaged(None, (*problems, problem))
        unfinished = _unfinished_key(lines, place) if "mapping values are not allowed" in problem.message else None
        place = unfinished or place
        if not problems or _is_news(place, problems[-1], lines):
            problems.append(missing_colon(place).problems[0] if unfinished else problem)
        mended = _without_fault(lines, place.line)
        if mended is None:
            break
        lines = mended
    return Salvaged(None, tuple(problems))


def _lines(text: str) -> list[str]:
    """Return the lines of `text` with their ends."""
    ends = [match.end() for match in BREAK.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def _is_modest(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", text))
    return max(accumulate(steps), default=0) <= _DEEPEST


def _unfinished_key(lines: list[str], place: Location) -> Location | None:
    """Return where a word stands on the line before, if that is why the line at `place` cannot be read."""
    before = _before(lines, place.line - 1)
    word = _WORD.fullmatch(BREAK.sub("", lines[before]))
    if word is None or unread(_without(lines, {before})) == unread(lines):
        return None
    return Location(place.file, before + 1, len(word["indent"]) + 1)


def _before(lines: Sequence[str], index: int) -> int:
    """Return the line before `index` that says something; itself if there is none."""
    return next((other for other in range(index - 1, -1, -1) if lines[other].strip()), index)


def _is_news(place: Location, last: Problem, lines: Sequence[str]) -> bool:
    """Whether what is wrong at `place` stands clear of what was emptied for `last`, and does not come of that."""
    if last.location is None:
        return True
    between = lines[last.location.line : place.line - 1]
    return place.line < last.location.line or any(line.strip() for line in between)


def _without_fault(lines: list[str], number: int) -> list[str] | None:
    """Return the lines with the first of those emptied after which the text can be read further.

    An open quote is read to the end: if nothing goes further, the fault that is left is another one, as late as may be.
    None if the fault stays the same.
    """
    before = unread(lines)
    best, least = None, sum(map(len, lines)) + 1
    for emptied in _candidates(lines, number):
        attempt = _without(lines, emptied)
        rest = unread(attempt)
        if rest < before or rest == 0:
            return attempt
        if rest != before and rest < least:
            best, least = attempt, rest
    return best


def _candidates(lines: Sequence[str], number: int) -> Iterator[frozenset[int]]:
    """Yield lines to empty, the likeliest first: that of the fault and the one before, with and without their blocks.

    A block whose first line is gone would seem to be a part of what stands before.
    """
    here = min(number, len(lines)) - 1
    before = _before(lines, here)
    for index in dict.fromkeys((here, before)):
        yield from dict.fromkeys((frozenset(range(index, _end_of_block(lines, index))), frozenset({index})))


def _end_of_block(lines: Sequence[str], first: int) -> int:
    """Return where what is indented below the line `first` ends."""
    indent, end = _indent(lines[first]), first + 1
    if lines[first].lstrip(" ").startswith("\t"):
        return end
    for index in range(first + 1, len(lines)):
        if lines[index].strip():
            if _indent(lines[index]) <= indent:
                break
            end = index + 1
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _without(lines: Sequence[str], emptied: Collection[int]) -> list[str]:
    return [_end_of(line) if index in emptied else line for index, line in enumerate(lines)]


def _end_of(line: str) -> str:
    match = BREAK.search(line)
    return match.group() if match else ""


def unread(lines: Sequence[str]) -> int:
    """Return how many characters, and the end, are not read for a fault of syntax; 0 if there is none."""
    text = "".join(lines)
    try:
        loader: Any = yaml.CSafeLoader(text)
        try:
            loader.raw_parse()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return len(text) - (mark.index if mark else 0) + 1
    except (yaml.YAMLError, UnicodeEncodeError):
        # A character that is not allowed; where, PyYAML does not say.
        return len(text) + 1
    return 0
