"""A line of a log as segments: its time, level and node, and its text with colours, places and matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from flowerpower_tui.runs.lines import prefix
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.widgets.log_places import places

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from flowerpower_tui.runs.lines import LogLine
    from flowerpower_tui.runs.logfilter import TextPattern

_LINE_LIMIT = 2_000
_LEVEL_WIDTH = len("WARNING ")
_LEVELS = {"CRITICAL": "error", "ERROR": "error", "WARNING": "warning", "DEBUG": "quiet", "TRACE": "quiet"}


@dataclass(frozen=True)
class LogText:
    """How lines are shown.

    Attributes:
        clock: how many characters of the time, 0 for none.
        nodes: whether a line says whose it is.
        root: the project's folder, places in which are underlined.
        pattern: what is marked.
        style: gives the style of a name: time, node, run, error, warning, quiet, match.
    """

    clock: int
    nodes: bool
    root: Path | None
    pattern: TextPattern | None
    style: Callable[[str], Style]
    console: Console

    def segments(self, line: LogLine) -> list[Segment]:
        """Return a line, safe to show."""
        segments = []
        if self.clock:
            clock = line.time.astimezone().strftime("%H:%M:%S.%f")[: self.clock]
            segments.append(Segment(f"{clock} ", self.style("time")))
        if line.source == "log":
            level = f"{one_line(line.level):<{_LEVEL_WIDTH - 1}} "
            segments.append(Segment(level, self.style(_LEVELS.get(line.level, "quiet"))))
        shown = _shown(line)
        text = Text.from_ansi(shown, no_wrap=True, end="") if "\x1b" in shown else Text(shown, no_wrap=True, end="")
        if self.root is not None:
            for place in places(text.plain, self.root):
                text.stylize(Style(underline=True), place.start, place.end)
        node = Text(prefix(line), no_wrap=True, end="")
        if self.pattern is not None:
            for start, end in self.pattern.spans(node.plain, text.plain):
                node.stylize(self.style("match"), start, end)
                text.stylize(self.style("match"), max(0, start - len(node)), max(0, end - len(node)))
        if node and self.nodes:
            segments += self._segments(node, self.style("node"))
        return segments + self._segments(text, self._style_of(line))

    def _segments(self, text: Text, style: Style) -> list[Segment]:
        if not text.spans:
            return [Segment(text.plain, style)]
        return [Segment(part.text, style + (part.style or Style())) for part in text.render(self.console)]

    def _style_of(self, line: LogLine) -> Style:
        if line.source == "run":
            return self.style("error" if line.level == "ERROR" else "run")
        if line.source == "stderr":
            return self.style("warning")
        if line.source == "log" and line.level in _LEVELS:
            return self.style(_LEVELS[line.level])
        return Style()


def _shown(line: LogLine) -> str:
    """What of a line is shown: colours stay, of a huge one the beginning."""
    text = sanitise(line.text, colours=True).expandtabs(8)
    if len(text) <= _LINE_LIMIT:
        return text
    # Once more, since the cut may go through the middle of a colour.
    return f"{sanitise(text[:_LINE_LIMIT], colours=True)}… ({len(text):,} characters)"
