"""Jumping: letters stand on all that is in sight; typing one goes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.geometry import Offset, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList, Static, Tree
from typing_extensions import override

from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.dag_canvas import DagCanvas
from flowerpower_tui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.app import ComposeResult

# Those under the fingers first.
LETTERS = "fjdkslaghrueiwoqptycnvmbxz"


@dataclass(frozen=True)
class Target:
    """Somewhere to go.

    Attributes:
        place: where its letters stand on the screen.
        go: goes there.
    """

    place: Offset
    go: Callable[[], object]


def codes(count: int) -> list[str]:
    """Return so many words to type, the shortest first; none is the begin of another."""
    firsts = next(n for n in range(len(LETTERS) + 1) if len(LETTERS) - n + n * len(LETTERS) >= count)
    singles = LETTERS[: len(LETTERS) - firsts]
    pairs = (first + second for first in LETTERS[len(singles) :] for second in LETTERS)
    return [*singles, *pairs][:count]


def targets(screen: Screen[object]) -> list[Target]:
    """Return what is in sight to go to: panes and fields, tabs, and the rows and nodes in them."""
    found: dict[Offset, Target] = {}
    rows: dict[Offset, Target] = {}
    for widget, (region, clip) in screen._compositor.visible_widgets.items():  # noqa: SLF001 - nobody else knows
        seen = region.intersection(clip)
        if not seen or widget is screen:
            continue
        if widget.focusable:
            at = _title_of(widget, seen)
            found.setdefault(at, Target(at, partial(widget.focus, scroll_visible=False)))
            for place, go in _inside(widget, region):
                if seen.contains_point(place):
                    rows[place] = Target(place, partial(_focus_and, widget, go))
        elif isinstance(widget, Static) and hasattr(widget, "on_click"):
            found.setdefault(seen.offset, Target(seen.offset, partial(_click, widget)))
    most = len(LETTERS) ** 2
    return [*(target for at, target in found.items() if at not in rows), *rows.values()][:most]


def _title_of(widget: Widget, seen: Region) -> Offset:
    """Where a widget's letter stands: on the title of its pane, unless others are in that pane before it."""
    pane = next((ancestor for ancestor in widget.ancestors if isinstance(ancestor, Pane)), None)
    is_first = pane is not None and next((w for w in pane.query("*") if w.focusable), None) is widget
    return pane.region.offset if pane is not None and is_first else seen.offset


def _inside(widget: Widget, region: Region) -> Iterator[tuple[Offset, Callable[[], object]]]:
    """Give the rows or nodes of a widget: where they are on the screen, and how to get to them."""
    corner = region.offset - widget.scroll_offset
    top = widget.scroll_offset.y
    lines = range(top, top + region.height)
    match widget:
        case Tree():
            for line in lines[: widget.last_line + 1 - top]:
                yield corner + Offset(0, line), partial(widget.move_cursor_to_line, line)
        case OptionList():
            for line in lines[: widget.option_count - top]:
                yield corner + Offset(0, line), partial(setattr, widget, "highlighted", line)
        case CursorView():
            for line in lines[: widget.line_count() - top]:
                yield corner + Offset(0, line), partial(widget.go_to, line)
        case DagCanvas():
            for node, rect in widget.drawing.rects.items() if widget.drawing else ():
                yield corner + Offset(rect.x, rect.y), partial(setattr, widget, "cursor", node)


def _focus_and(widget: Widget, go: Callable[[], object]) -> None:
    widget.focus(scroll_visible=False)
    go()


def _click(widget: Widget) -> None:
    widget.post_message(events.Click(widget, 0, 0, 0, 0, 1, False, False, False))


class Letters(Widget):
    """The screen as it was, with letters on it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"letters--code", "letters--typed"}

    DEFAULT_CSS = """
    Letters {
        width: 100%;
        height: 100%;
        & > .letters--code { background: $warning; color: $background; text-style: bold; }
        & > .letters--typed { color: $text-disabled; }
    }
    """

    def __init__(self, below: list[Strip], codes: dict[str, Target]) -> None:
        super().__init__()
        self.below = below
        self._codes = codes
        self.typed = ""

    @override
    def render_line(self, y: int) -> Strip:
        """A line of the screen, and the letters that may still be typed."""
        if y >= len(self.below):
            return Strip.blank(self.size.width)
        line = self.below[y]
        style = self.get_component_rich_style("letters--code")
        for code, target in self._codes.items():
            if target.place.y == y and code.startswith(self.typed):
                rest = code[len(self.typed) :]
                start = target.place.x
                label = Strip([Segment(rest, style)], len(rest))
                line = Strip.join([line.crop(0, start), label, line.crop(start + len(rest))])
        return line


class Jump(Modal[None]):
    """Shows the letters, and goes to what they stand on."""

    DEFAULT_CSS = "Jump { background: transparent; }"

    BINDINGS: ClassVar = [Binding("escape,apostrophe", "dismiss", "Close", show=False)]

    def __init__(self, below: Screen[object]) -> None:
        super().__init__()
        found = targets(below)
        self._codes = dict(zip(codes(len(found)), found, strict=True))
        strips = below._compositor.render_strips()  # noqa: SLF001 - the picture that the terminal shows
        self._letters = Letters(strips, self._codes)

    def compose(self) -> ComposeResult:
        """Only the letters."""
        yield self._letters

    def on_key(self, event: events.Key) -> None:
        """Go where the letters say; others end it."""
        if self.app.screen is not self:
            # It is over already: what was typed right behind that is meant for what lies below.
            event.stop()
            self.app.post_message(events.Key(event.key, event.character))
            return
        if event.character is None or event.character not in ascii_lowercase:
            return
        event.stop()
        typed = self._letters.typed + event.character
        if typed in self._codes:
            self.dismiss()
            # Once the screen below has its focus back.
            self.app.call_later(self._codes[typed].go)
        elif any(code.startswith(typed) for code in self._codes):
            self._letters.typed = typed
            self._letters.refresh()
        else:
            self.dismiss()

    def on_resize(self, event: events.Resize) -> None:
        """What is in sight is somewhere else now."""
        if event.size.height != len(self._letters.below):
            self.dismiss()
