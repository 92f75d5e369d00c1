r"""Which runs are wanted, written in one line: words of a name or an id, `state:failed`, `since:2d`.

    sales state:failed,crashed since:12h !nightly

Every term must hold; a leading `!` turns one around. It is read while it is typed, so what has no meaning yet
holds for every run, and is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flowerpower_tui.runs.store import RunInfo

STATES = ("running", "cancelling", "succeeded", "failed", "cancelled", "crashed", "lost")
LIVE = "live"
"""Stands for the states of a run that is not over."""

_SPANS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

_Test = Callable[[RunInfo], bool]


@dataclass(frozen=True)
class RunFilter:
    """What is wanted.

    Attributes:
        text: as it was written.
        tests: what must hold.
        unclear: what in it has no meaning.
    """

    text: str = ""
    tests: tuple[_Test, ...] = ()
    unclear: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, now: datetime | None = None) -> RunFilter:
        """Read a filter; `now` is what spans of time count back from."""
        tests: list[_Test] = []
        unclear: list[str] = []
        for word in text.split():
            negative, term = word.startswith("!"), word.removeprefix("!")
            test = _test(term, now or datetime.now(UTC)) if term else None
            if test is None:
                unclear.append(word)
            else:
                tests.append(_not(test) if negative else test)
        return cls(text.strip(), tuple(tests), tuple(unclear))

    def accepts(self, run: RunInfo) -> bool:
        """Whether a run is wanted."""
        return all(test(run) for test in self.tests)


def moment(text: str, now: datetime) -> datetime | None:
    """Return the moment that a text tells: `12h` or `7d` before `now`, or a day or time; None if it is none."""
    if text[-1:] in _SPANS and text[:-1].isdecimal():
        try:
            return now - int(text[:-1]) * _SPANS[text[-1]]
        except (ValueError, OverflowError):
            # More than 4,300 digits, or before the year 1.
            return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return None


def _test(term: str, now: datetime) -> _Test | None:
    key, colon, value = term.partition(":")
    if colon and key == "state":
        return _state(value)
    if colon and key in ("since", "until"):
        limit = moment(value, now)
        if limit is None:
            return None
        since = key == "since"
        return lambda run: (run.started >= limit) == since
    if colon and key == "pipeline":
        return (lambda run: run.pipeline == value) if value else None
    word = term.lower()
    return lambda run: word in run.pipeline.lower() or word in run.id.lower()


def _state(value: str) -> _Test | None:
    # While it is typed the beginning of a state is enough.
    wanted = {state for part in value.split(",") if part for state in STATES if state.startswith(part)}
    wanted |= {"running", "cancelling"} if LIVE in value.split(",") else set()
    return (lambda run: run.state in wanted) if wanted else None


def _not(test: _Test) -> _Test:
    return lambda run: not test(run)
