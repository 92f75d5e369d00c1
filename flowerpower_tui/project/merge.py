"""Two changes of one text made one, where they do not touch. The editor offers it when a file changed under it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class _Change:
    """Lines `begin` to `end` of the base are replaced by `lines`."""

    begin: int
    end: int
    lines: tuple[str, ...]


def merge(base: str, mine: str, theirs: str) -> str | None:
    """Return `base` with the changes of both, line by line; None where one touches the other.

    Changes touch if no unchanged line is between them. The same change on both sides is one.
    """
    if mine == theirs or theirs == base:
        return mine
    if mine == base:
        return theirs
    old = base.splitlines(keepends=True)
    changes = sorted(
        {*_changes(old, mine), *_changes(old, theirs)}, key=lambda change: (change.begin, change.end, change.lines)
    )
    merged: list[str] = []
    place = 0
    for number, change in enumerate(changes):
        if number and change.begin <= changes[number - 1].end:
            return None
        merged += [*old[place : change.begin], *change.lines]
        place = change.end
    return "".join([*merged, *old[place:]])


def _changes(old: list[str], text: str) -> list[_Change]:
    new = text.splitlines(keepends=True)
    # What both begin and end with needs no search: most edits are small, and the search is not.
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    matcher = SequenceMatcher(
        None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=len(old) + len(new) > _LARGE
    )
    return [
        _Change(head + begin, head + end, tuple(new[head + first : head + last]))
        for kind, begin, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


# From here on, lines that stand very often are no landmarks.
_LARGE = 4_000
