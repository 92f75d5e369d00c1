"""How the end of a run is told: a word in the interface, the terminal's bell, a notification of the desktop."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flowerpower_tui.runs.events import NodeFailed, RunFinished
from flowerpower_tui.runs.journal import from_the_end
from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.runs.store import GOING_ON
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.states import look

if TYPE_CHECKING:
    from textual.app import App

    from flowerpower_tui.runs.store import RunInfo, RunState
    from flowerpower_tui.settings import Endings, NoticeSettings

MANY = 4
"""So many ends at once are told in one word."""
_LONGEST = 200
_TIMEOUT = 8.0

Severity = Literal["information", "warning", "error"]
_SEVERITIES: dict[str, Severity] = {"succeeded": "information", "cancelled": "warning"}


@dataclass(frozen=True)
class Ending:
    """A run that has ended, and why.

    Attributes:
        run: the run.
        node: the node that failed, if one did.
        message: what went wrong.
    """

    run: RunInfo
    node: str = ""
    message: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nobody needs to be called: it went well, or somebody ended it."""
        return self.run.state in ("succeeded", "cancelled")


@dataclass(frozen=True)
class Notice:
    """What is said of one end, or of many.

    Attributes:
        title: the state's glyph, the pipeline, how it ended.
        text: what went wrong, if anything.
        severity: how it is shown.
    """

    title: str
    text: str
    severity: Severity

    @property
    def words(self) -> str:
        """All of it in a line, safe for a terminal."""
        return one_line(f"{self.title}: {self.text}" if self.text else self.title)[:_LONGEST]


def newly_ended(before: Mapping[str, RunState], runs: Sequence[RunInfo]) -> list[RunInfo]:
    """Return those of `runs` that have ended since they stood as `before`, the first to begin first.

    One that was not there before has begun since.
    """
    return [run for run in reversed(runs) if run.is_over and before.get(run.id, "running") in GOING_ON]


def ending_of(run: RunInfo) -> Ending:
    """Read in the journal why a run ended as it did."""
    if run.state == "succeeded":
        return Ending(run)
    node, message = "", ""
    for event in from_the_end(run.directory.path):
        if isinstance(event, RunFinished):
            if event.failure:
                message = event.failure.message or event.failure.type
            elif event.signal:
                message = f"its worker was ended by {event.signal}"
        elif isinstance(event, NodeFailed):
            node = event.node
            message = f"{event.failure.type}: {event.failure.message}".removesuffix(": ")
            break
    if run.state == "lost":
        message = message or "its supervisor died without a word"
    return Ending(run, node, message)


def is_worth_a_word(ending: Ending, settings: NoticeSettings, *, in_view: bool) -> bool:
    """Return whether the interface says anything: who has watched a short run has seen its end."""
    return not (in_view and ending.run.duration < settings.minimum_duration)


def calls_out(ending: Ending, wanted: Endings, settings: NoticeSettings, *, has_focus: bool) -> bool:
    """Return whether the bell or the desktop, which is `wanted` for such ends, tells of this one."""
    if wanted == "off" or (settings.only_unfocused and has_focus):
        return False
    if ending.is_good:
        return wanted == "all" and ending.run.duration >= settings.minimum_duration
    return True


def notice_of(endings: Sequence[Ending]) -> Notice:
    """Return what is said of some ends: each in full, or many in a line."""
    severities = [_SEVERITIES.get(ending.run.state, "error") for ending in endings]
    worst = min(severities, key=("error", "warning", "information").index)
    if len(endings) > 1:
        counts = Counter(ending.run.state for ending in endings)
        told = ", ".join(f"{look(state).glyph} {count} {state}" for state, count in counts.items())
        names = dict.fromkeys(ending.run.pipeline for ending in endings)
        return Notice(f"{len(endings)} runs have ended: {told}", ", ".join(map(one_line, names)), worst)
    (ending,) = endings
    run = ending.run
    title = f"{look(run.state).glyph} {one_line(run.pipeline)} {run.state} after {spoken_time(run.duration)}"
    where = f"{one_line(ending.node)}: " if ending.node else ""
    first = one_line(ending.message.strip().partition("\n")[0])
    return Notice(title, f"{where}{first}"[:_LONGEST], worst)


def announce(app: App[Any], endings: Sequence[Ending], settings: NoticeSettings, *, in_view: str = "") -> None:
    """Tell in the interface of runs that have ended, and to the terminal what the settings want told there.

    Args:
        app: the interface.
        endings: how they ended, the first to begin first.
        settings: what is told where.
        in_view: the id of the run that the user looks at.
    """
    told = [end for end in endings if is_worth_a_word(end, settings, in_view=end.run.id == in_view)]
    for group in [told] if len(told) >= MANY else [[end] for end in told]:
        if group:
            notice = notice_of(group)
            # Without more to say the title is all there is.
            title, text = (notice.title, notice.text) if notice.text else ("", notice.title)
            app.notify(text, title=title, severity=notice.severity, timeout=_TIMEOUT, markup=False)
    focus = app.app_focus
    if any(calls_out(end, settings.bell, settings, has_focus=focus) for end in endings):
        app.bell()
    called = [end for end in endings if calls_out(end, settings.desktop, settings, has_focus=focus)]
    if called and app._driver is not None:  # noqa: SLF001 - Textual has no other way to write a sequence
        app._driver.write(desktop_sequence(notice_of(called).words))  # noqa: SLF001


def desktop_sequence(words: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the sequence that has the terminal show `words` on the desktop (OSC 9), through tmux or screen if need be.

    It is not begun with a digit, which ConEmu takes for a command of its own.
    """
    safe = one_line(words)
    sequence = f"\x1b]9;{safe}\x07" if not safe[:1].isdigit() else f"\x1b]9; {safe}\x07"
    if environ.get("TMUX"):
        # Every escape inside is doubled.
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environ.get("STY"):
        return f"\x1bP{sequence}\x1b\\"
    return sequence
