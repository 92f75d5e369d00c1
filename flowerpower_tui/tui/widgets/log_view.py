"""A run's log: follows what comes, stays put when scrolled up, and shows only text that is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.reactive import reactive

from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.runs.lines import LogLine

LINES_KEPT = 200_000
"""Lines held for scrolling; the oldest go first. The journal keeps them all."""

_LINES_DROPPED_AT_ONCE = 20_000
_LINE_LIMIT = 2_000
_NARROW = 72
_LEVEL_WIDTH = len("WARNING ")
_LEVELS = {"CRITICAL": "error", "ERROR": "error", "WARNING": "warning", "DEBUG": "quiet"}


class LogView(LineView):
    """Lines of one run, newest last."""

    BINDINGS: ClassVar = [
        Binding("end,G", "follow", "Follow", tooltip="Scroll to the end and stay there", id="log.follow"),
        Binding("left,h", "scroll_left", "Left", show=False, tooltip="See what is further left", id="log.left"),
        Binding("right,l", "scroll_right", "Right", show=False, tooltip="See the rest of long lines", id="log.right"),
        Binding("up,k", "scroll_up", "Up", show=False, tooltip="Scroll up", id="log.up"),
        Binding("down,j", "scroll_down", "Down", show=False, tooltip="Scroll down", id="log.down"),
        Binding("home,g", "top", "Top", show=False, tooltip="Scroll to the first line", id="log.top"),
        Binding("t", "times", "Times", show=False, tooltip="Show or hide the times", id="log.times"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--node",
        "log--run",
        "log--error",
        "log--warning",
        "log--quiet",
    }

    DEFAULT_CSS = """
    LogView {
        & > .log--time { color: $text-disabled; }
        & > .log--node { color: $text-accent; }
        & > .log--run { color: $text-muted; text-style: italic; }
        & > .log--error { color: $text-error; }
        & > .log--warning { color: $text-warning; }
        & > .log--quiet { color: $text-muted; }
    }
    """

    following: reactive[bool] = reactive(True)
    """Whether the view stays at the newest line."""

    pending: reactive[int] = reactive(0)
    """Lines that came while the view was scrolled up."""

    times: reactive[bool] = reactive(True)
    """Whether each line starts with its time."""

    class FollowChanged(Message):
        """The view began or ceased to follow, or more lines are pending."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[LogLine] = []
        self._widest = 0
        self._scrolling_itself = False

    @property
    def lines(self) -> Sequence[LogLine]:
        """What is shown, oldest first."""
        return self._lines

    def clear(self) -> None:
        """Show nothing, and follow what comes."""
        self._lines = []
        self._widest = 0
        self.pending = 0
        self.following = True
        self.forget_strips()
        self.set_extent(0, 0)
        self.scroll_to(0, 0, animate=False, immediate=True)
        self.refresh()

    def write(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end."""
        if not lines:
            return
        self._lines.extend(lines)
        if len(self._lines) > LINES_KEPT:
            self._drop_oldest()
        self._widest = max(self._widest, *map(_width, lines))
        self._measure()
        if self.following:
            self._to_the_end()
        else:
            self.pending += len(lines)
        self.refresh()

    def line_count(self) -> int:
        """How many lines are held."""
        return len(self._lines)

    def line_segments(self, index: int) -> list[Segment]:
        """The line with its time and node, in its level's colour."""
        line = self._lines[index]
        segments = []
        if self.times:
            clock = line.time.astimezone().strftime("%H:%M:%S.%f")[: self._clock_width]
            segments.append(Segment(f"{clock} ", self._style("time")))
        if line.source == "log":
            level = f"{one_line(line.level):<{_LEVEL_WIDTH - 1}} "
            segments.append(Segment(level, self._style(_LEVELS.get(line.level, "quiet"))))
        if line.node and line.source != "run" and self.size.width >= _NARROW:
            segments.append(Segment(f"{one_line(line.node)}: ", self._style("node")))
        text = sanitise(line.text, colours=True).expandtabs(8)
        if len(text) > _LINE_LIMIT:
            # Once more, since the cut may go through the middle of a colour.
            text = f"{sanitise(text[:_LINE_LIMIT], colours=True)}… ({len(text):,} characters)"
        style = self._style_of(line)
        if "\x1b" in text:
            rendered = Text.from_ansi(text, no_wrap=True, end="")
            segments += [
                Segment(part.text, style + (part.style or Style())) for part in rendered.render(self.app.console)
            ]
        else:
            segments.append(Segment(text, style))
        return segments

    def watch_following(self) -> None:
        """Nothing is pending for one who follows."""
        if self.following:
            self.pending = 0
        self.post_message(self.FollowChanged())

    def watch_pending(self) -> None:
        """Tell how much is waiting below."""
        self.post_message(self.FollowChanged())

    def watch_times(self) -> None:
        """Lines begin elsewhere now."""
        self.forget_strips()
        self._measure()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Cease to follow when scrolled up, begin again at the end."""
        super().watch_scroll_y(old_value, new_value)
        if self._scrolling_itself or round(old_value) == round(new_value):
            return
        self.following = self.is_vertical_scroll_end

    def on_resize(self) -> None:
        """Stay at the end through a resize; the times may have another width now."""
        self.forget_strips()
        self._measure()
        if self.following:
            self.call_after_refresh(self._to_the_end)

    def action_follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self._to_the_end()

    def action_top(self) -> None:
        """Go to the first line."""
        self.scroll_home(animate=False)

    def action_times(self) -> None:
        """Show or hide the times."""
        self.times = not self.times

    @property
    def _clock_width(self) -> int:
        # Milliseconds only where there is room.
        return len("12:34:56") if self.size.width < _NARROW else len("12:34:56.789")

    def _measure(self) -> None:
        self.set_extent(self._widest + (self._clock_width + 1 if self.times else 0), len(self._lines))

    def _to_the_end(self) -> None:
        self._scrolling_itself = True
        try:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
        finally:
            self._scrolling_itself = False

    def _drop_oldest(self) -> None:
        dropped = max(len(self._lines) - LINES_KEPT, _LINES_DROPPED_AT_ONCE)
        del self._lines[:dropped]
        self.forget_strips()
        if not self.following:
            self.scroll_to(y=max(0, self.scroll_offset.y - dropped), animate=False, immediate=True)

    def _style_of(self, line: LogLine) -> Style:
        if line.source == "run":
            return self._style("error" if line.level == "ERROR" else "run")
        if line.source == "stderr":
            return self._style("warning")
        if line.source == "log" and line.level in _LEVELS:
            return self._style(_LEVELS[line.level])
        return Style()

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log--{name}")


def _width(line: LogLine) -> int:
    # Characters stand for cells: only how far one can scroll depends on it.
    node = 0 if line.source == "run" else len(line.node) + 2
    return min(len(line.text), _LINE_LIMIT + 30) + node + (_LEVEL_WIDTH if line.source == "log" else 0)
