"""Every key that works where you are, made from the bindings themselves, found by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.screen import Screen
from textual.widgets import Static

from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.tui.screens.place import EVERYWHERE
from flowerpower_tui.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.binding import ActiveBinding

Group = Literal["Here", "This place", "Everywhere"]

_TITLES: dict[Group, str] = {
    "Here": "Here, where the focus is",
    "This place": "In this place",
    "Everywhere": "Everywhere",
}
_COMMON = {binding.id for binding in EVERYWHERE}


@dataclass(frozen=True)
class KeyRow:
    """Something that keys do.

    Attributes:
        group: where they do it.
        keys: the keys, as they are shown.
        what: what they do.
    """

    group: Group
    keys: str
    what: str


def key_rows(bindings: Iterable[ActiveBinding], shown: Callable[[Binding], str]) -> list[KeyRow]:
    """Return what the bindings do, a row for each thing, the nearest at hand first.

    Args:
        bindings: those that work.
        shown: how a binding's key is written.
    """
    keys: dict[tuple[Group, str], list[str]] = {}
    for active in bindings:
        what = active.tooltip or active.binding.tooltip or active.binding.description
        # What has no name is Textual's, and hardly anybody's wish.
        if what and active.binding.id:
            keys.setdefault((_group(active), what), []).append(shown(active.binding))
    rows = [KeyRow(group, " ".join(dict.fromkeys(found)), what) for (group, what), found in keys.items()]
    order = list(_TITLES)
    return sorted(rows, key=lambda row: order.index(row.group))


def matching(rows: Sequence[KeyRow], words: str) -> list[KeyRow]:
    """Return the rows that have all of the words in what they do, or one that is such a key."""
    wanted = words.casefold().split()
    return [
        row for row in rows if words.strip() in row.keys.split() or all(word in row.what.casefold() for word in wanted)
    ]


def _group(active: ActiveBinding) -> Group:
    if active.binding.id in _COMMON or not active.node.is_attached or active.node is active.node.app:
        return "Everywhere"
    return "This place" if isinstance(active.node, Screen) else "Here"


class KeyList(LineView, can_focus=False):
    """Rows of keys, under the titles of their groups."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-list--group", "key-list--key", "key-list--what"}

    DEFAULT_CSS = """
    KeyList {
        background: $surface;
        & > .key-list--group { color: $text-primary; text-style: bold; }
        & > .key-list--key { color: $text-accent; text-style: bold; }
        & > .key-list--what { color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[KeyRow | str] = []
        self._room = 0

    def show(self, rows: Sequence[KeyRow]) -> None:
        """Show these rows."""
        self._lines = []
        for row in rows:
            if not self._lines or (isinstance(last := self._lines[-1], KeyRow) and last.group != row.group):
                self._lines += ["", _TITLES[row.group]] if self._lines else [_TITLES[row.group]]
            self._lines.append(row)
        self._room = min(16, max((len(row.keys) for row in rows), default=0))
        widths = (self._room + 2 + len(row.what) for row in rows)
        self.forget_strips()
        self.set_extent(max(widths, default=0), len(self._lines))
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def line_count(self) -> int:
        """Titles and rows."""
        return len(self._lines)

    def line_segments(self, index: int) -> list[Segment]:
        """A title, or keys and what they do."""
        line = self._lines[index]
        if isinstance(line, str):
            return [Segment(line, self.get_component_rich_style("key-list--group", partial=True))]
        return [
            Segment(f"{line.keys:>{self._room}}  ", self.get_component_rich_style("key-list--key", partial=True)),
            Segment(line.what, self.get_component_rich_style("key-list--what", partial=True)),
        ]


class Help(Modal[None]):
    """A list of keys; typing searches, esc closes."""

    CSS_PATH = "help.tcss"

    BINDINGS: ClassVar = [
        Binding("escape", "leave", "Close", key_display="esc", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
    ]

    def __init__(self, bindings: Iterable[ActiveBinding], shown_by: App[int]) -> None:
        super().__init__()
        self._rows = key_rows(bindings, shown_by.get_key_display)
        self._words = ""

    def compose(self) -> ComposeResult:
        """A title, the rows, what was typed."""
        with Vertical(id="box"):
            yield Static(Content("Keys that work here"), id="title")
            yield KeyList(id="keys")
            yield Static(id="words")

    def on_mount(self) -> None:
        """All rows, until something is typed."""
        self._search("")

    def on_key(self, event: Key) -> None:
        """Search for what is typed; q closes while nothing is."""
        if self.app.screen is not self:
            # It is closed already: what was typed right behind that is meant for what lies below.
            self.app.post_message(Key(event.key, event.character))
        elif event.key == "question_mark" or (event.key == "q" and not self._words):
            self.dismiss()
        elif event.key == "backspace":
            self._search(self._words[:-1])
        elif event.is_printable and event.character:
            self._search(self._words + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def action_leave(self) -> None:
        """Forget what was typed; close if there is nothing to forget."""
        if self._words:
            self._search("")
        else:
            self.dismiss()

    def action_scroll(self, by: int) -> None:
        """Move by lines."""
        self.query_one(KeyList).scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move by what is in sight."""
        keys = self.query_one(KeyList)
        keys.scroll_relative(y=by * max(1, keys.size.height - 1), animate=False)

    def _search(self, words: str) -> None:
        self._words = words
        found = matching(self._rows, words)
        self.query_one(KeyList).show(found)
        said = Content("Type to search. The mouse works too. esc closes.")
        if words:
            said = Content.assemble(
                ("/ ", "$text-accent"), (words, "bold"), ("" if found else "   no key does that", "")
            )
        self.query_one("#words", Static).update(said)
