"""The scrubber: a run's time from side to side with its marks, and a playhead that keys and clicks move."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from typing_extensions import override

from flowerpower_tui.runs.lines import spoken_time
from flowerpower_tui.tui.bars import joined

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from flowerpower_tui.runs.replay import MarkKind, Replay
    from flowerpower_tui.tui.link import Link

SPEEDS = (1, 4, 16)
_LEAP = 0.05
_MARKS: dict[MarkKind, tuple[str, str, int]] = {
    "node": ("╷", "mark", 0),
    "end": ("╴", "mark", 1),
    "attempt": ("┃", "attempt", 2),
    "failure": ("✗", "failure", 3),
}
"""How a mark looks: glyph, style, and which one wins where two fall into one cell."""


class Scrubber(Widget, can_focus=True):
    """Two rows: the marks, and below them what was played; the times stand at the right.

    Attributes:
        replay: what is gone through.
        count: how many of its events have happened.
        seconds: the moment.
    """

    BINDINGS: ClassVar = [
        Binding("left,h", "step(-1)", "Back", show=False, tooltip="To the event before", id="replay.back"),
        Binding("right,l", "step(1)", "Step", key_display="←→", tooltip="To the next event", id="replay.next"),
        Binding(
            "shift+left,H",
            "mark(-1)",
            "Mark back",
            show=False,
            tooltip="To the mark before: a node's start, a failure",
            id="replay.mark-back",
        ),
        Binding(
            "shift+right,L",
            "mark(1)",
            "Mark",
            show=False,
            tooltip="To the next mark: a node's start, a failure",
            id="replay.mark-next",
        ),
        Binding(
            "ctrl+left,pageup",
            "leap(-1)",
            "Leap back",
            show=False,
            tooltip="Back by a twentieth of the run",
            id="replay.leap-back",
        ),
        Binding(
            "ctrl+right,pagedown",
            "leap(1)",
            "Leap",
            show=False,
            tooltip="On by a twentieth of the run",
            id="replay.leap",
        ),
        Binding("home,g", "go(0)", "Begin", show=False, tooltip="To the run's first event", id="replay.begin"),
        Binding("end,G", "go(1)", "End", show=False, tooltip="To the run's end", id="replay.end"),
        Binding("space", "play", "Play", tooltip="Play, or pause", id="replay.play"),
        Binding("x", "speed", "Speed", tooltip="Play at 1×, 4× or 16×", id="replay.speed"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "scrubber--played",
        "scrubber--rest",
        "scrubber--head",
        "scrubber--mark",
        "scrubber--attempt",
        "scrubber--failure",
        "scrubber--told",
    }

    DEFAULT_CSS = """
    Scrubber {
        height: 2;
        background: $surface;
        color: $foreground;
        padding: 0 1;
        & > .scrubber--played { color: $text-primary; }
        & > .scrubber--rest { color: $text-disabled; }
        & > .scrubber--head { color: $text-warning; text-style: bold; }
        & > .scrubber--mark { color: $text-muted; }
        & > .scrubber--attempt { color: $text-accent; }
        & > .scrubber--failure { color: $text-error; text-style: bold; }
        & > .scrubber--told { color: $text-muted; }
        &:focus > .scrubber--told { color: $foreground; }
        &:focus { background: $panel; }
    }
    """

    playing: reactive[bool] = reactive(False)
    """Whether time goes on by itself."""

    speed: reactive[int] = reactive(SPEEDS[0])
    """How many seconds of the run are played in one."""

    @dataclass
    class Moved(Message):
        """Another moment is shown: after `count` events, `seconds` into the run."""

        count: int
        seconds: float

    def __init__(self, link: Link, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.replay: Replay | None = None
        self.count = 0
        self.seconds = 0.0
        self._link = link
        self._timer: Timer | None = None
        self._played_at = 0.0

    def show(self, replay: Replay) -> None:
        """Stand at the end of a run."""
        self.replay = replay
        self.playing = False
        self.count, self.seconds = len(replay), replay.extent
        self.refresh()

    @override
    def render_line(self, y: int) -> Strip:
        """The marks, or the bar below them."""
        base = self.rich_style
        if self.replay is None:
            return Strip.blank(self.size.width, base)
        state, told = self._state(), self._told()
        width = max(4, self.size.width - len(state) - len(told) - 2)
        if y == 0:
            pieces = [(" " * (len(state) + 1), ""), *joined(self._mark_cells(width))]
        else:
            pieces = [(f"{state} ", "head"), *joined(self._bar_cells(width)), (f" {told}", "told")]
        segments = [Segment(text, self._style(name)) for text, name in pieces]
        return Strip(segments).apply_style(base).adjust_cell_length(self.size.width, base)

    def watch_playing(self) -> None:
        """Let time go on, or stand still."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = None
        if self.playing:
            self._played_at = time.monotonic()
            self._timer = self.set_interval(self._link.flush_seconds, self._play_on)
        self.refresh()

    def watch_speed(self) -> None:
        """Say how quick it is."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Go to the moment under the mouse."""
        offset = event.get_content_offset(self)
        if offset is None or self.replay is None:
            return
        begin = len(self._state()) + 1
        width = max(4, self.size.width - begin - 1 - len(self._told()))
        if begin <= offset.x < begin + width:
            self.to_moment((offset.x - begin) / max(1, width - 1) * self.replay.extent)

    def to_moment(self, seconds: float) -> None:
        """Show the run as it was `seconds` after its beginning."""
        if self.replay is not None:
            seconds = min(max(0.0, seconds), self.replay.extent)
            self._move(self.replay.count_at(seconds), seconds)

    def to_event(self, count: int) -> None:
        """Show the run as it was after `count` events."""
        if self.replay is not None and len(self.replay):
            count = min(max(1, count), len(self.replay))
            self._move(count, self.replay.seconds[count - 1])

    def action_step(self, by: int) -> None:
        """Go to the next event, or the one before."""
        self.playing = False
        self.to_event(self.count + by)

    def action_mark(self, by: int) -> None:
        """Go to the next mark, or the one before."""
        self.playing = False
        if self.replay is not None:
            self.to_event(self.replay.next_mark(self.count, backwards=by < 0))

    def action_leap(self, by: int) -> None:
        """Go on, or back, by a part of the whole."""
        if self.replay is not None:
            self.to_moment(self.seconds + by * _LEAP * self.replay.extent)

    def action_go(self, end: int) -> None:
        """Go to the first event, or to the last."""
        if self.replay is not None:
            self.playing = self.playing and not end
            self.to_event(len(self.replay) if end else 1)

    def action_play(self) -> None:
        """Play or pause; from the beginning if it is at the end."""
        if self.replay is None:
            return
        if not self.playing and self.count >= len(self.replay):
            self.to_event(1)
        self.playing = not self.playing

    def action_speed(self) -> None:
        """Play at the next speed."""
        self.speed = SPEEDS[(SPEEDS.index(self.speed) + 1) % len(SPEEDS)]

    def _play_on(self) -> None:
        if self.replay is None or not self.playing:
            return
        now = time.monotonic()
        self.to_moment(self.seconds + (now - self._played_at) * self.speed)
        self._played_at = now
        if self.count >= len(self.replay):
            self.playing = False

    def _move(self, count: int, seconds: float) -> None:
        is_other = (count, seconds) != (self.count, self.seconds)
        self.count, self.seconds = count, seconds
        if is_other:
            self.refresh()
            self.post_message(self.Moved(count, seconds))

    def _state(self) -> str:
        return f"{'▶' if self.playing else '‖'} {self.speed:>2}×"

    def _told(self) -> str:
        assert self.replay is not None
        whole = spoken_time(self.replay.extent)
        now = f"{spoken_time(self.seconds)} of {whole}"
        events = f"event {self.count:,}/{len(self.replay):,}"
        # As wide as it ever gets, so that the bar does not jump.
        widest = len(f"{len(self.replay):,}") * 2 + len("event /")
        return f"{now:>{2 * len(whole) + 6}}  {events:>{widest}}"

    def _cell(self, seconds: float, width: int) -> int:
        assert self.replay is not None
        share = seconds / self.replay.extent if self.replay.extent else 1.0
        return round(share * (width - 1))

    def _mark_cells(self, width: int) -> list[tuple[str, str]]:
        assert self.replay is not None
        cells = [(" ", "", -1)] * width
        for mark in self.replay.marks:
            cell, look = self._cell(mark.seconds, width), _MARKS[mark.kind]
            if look[2] > cells[cell][2]:
                cells[cell] = look
        return [(glyph, style) for glyph, style, _ in cells]

    def _bar_cells(self, width: int) -> list[tuple[str, str]]:
        head = self._cell(self.seconds, width)
        return [("━", "played")] * head + [("●", "head")] + [("─", "rest")] * (width - head - 1)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"scrubber--{name}") if name else Style()
