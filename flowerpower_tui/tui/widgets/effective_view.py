"""What holds for a pipeline with the text as it is typed: each value, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.reactive import reactive

from flowerpower_tui.assist.diagnostic import MODELS
from flowerpower_tui.config.keys import key_at
from flowerpower_tui.config.layers import Origin
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.help_note import spoken_origin, told
from flowerpower_tui.yamldoc.dump import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.content import Content

    from flowerpower_tui.config.effective import EffectiveConfig, Entry
    from flowerpower_tui.config.layers import KeyPath
    from flowerpower_tui.tui.assistant import Subject
    from flowerpower_tui.tui.widgets.cursor_view import Piece
    from flowerpower_tui.yamldoc.document import Document

_NARROWEST_VALUE = 8


@dataclass(frozen=True)
class EffectiveRow:
    """A section's name, or a value.

    Attributes:
        path: the keys that lead to it; the first is `project` or `pipeline`.
        depth: in how many sections it is.
        entry: the value; None for a section.
        origin: where it comes from; of a section, where the text has it, if it does.
        place: that, in a few letters.
        is_overridden: the text says something else, which something stronger replaces.
    """

    path: KeyPath
    depth: int
    entry: Entry | None = None
    origin: Origin | None = None
    place: str = ""
    is_overridden: bool = False

    @property
    def is_default(self) -> bool:
        """Whether nobody set it."""
        return self.place == "default"


class EffectiveView(CursorView):
    """Values in their sections; enter goes to where one comes from."""

    BINDINGS: ClassVar = [
        Binding("x", "defaults", "Defaults", tooltip="Show what nobody has set, too, or hide it",
                id="effective.defaults"),
    ]  # fmt: skip

    defaults: reactive[bool] = reactive(True)
    """Whether values that nobody set are shown, too."""

    def __init__(self, root: Path, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        self._all: list[EffectiveRow] = []
        self._shown: list[EffectiveRow] = []

    @property
    def row(self) -> EffectiveRow | None:
        """The one under the cursor."""
        return self._shown[self.cursor] if self._shown else None

    def show(self, subject: Subject, document: Document, effective: EffectiveConfig) -> None:
        """Show what holds with the text of `subject`."""
        self._all = effective_rows(subject, document, effective, self._root)
        self._choose()

    def explained(self) -> Content | None:
        """What the row under the cursor is: what its key means, all of its value, and where that comes from."""
        row = self.row
        if row is None:
            return None
        model = MODELS["project" if row.path[0] == "project" else "pipeline"]
        key = key_at(model, row.path[1:])
        facts = (key.kind, key.default, key.meaning) if key is not None else ("", "", "")
        name = ".".join(map(str, row.path[1:] or row.path))
        if row.entry is None or row.origin is None:
            return told(name, *facts)
        place = spoken_origin(row.origin, self._root)
        if row.origin.file and row.origin.variable:
            place = f"{place} ${row.origin.variable}"
        place += ", not what the file says" * row.is_overridden
        return told(name, *facts, inline(row.entry.value), place)

    def seek(self, path: KeyPath) -> None:
        """Go to the row of a key, or to the section around it."""
        best = max(range(len(self._shown)), key=lambda index: _shared(self._shown[index].path, path), default=None)
        if best is not None and _shared(self._shown[best].path, path) > 1:
            self.go_to(best)

    def line_count(self) -> int:
        """The rows that are shown."""
        return len(self._shown)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Name, value, where it comes from."""
        row = self._shown[index]
        name = f"{'  ' * row.depth}{one_line(str(row.path[-1]))}"
        keys = self._key_width
        if row.entry is None:
            yield f"   {name}", "strong"
            return
        colour = "text-disabled" if row.is_default else "text-warning" if row.is_overridden else "text-primary"
        yield " ▲ " if row.is_overridden else "   ", "text-warning"
        yield f"{_fit(name, keys)}  ", colour
        value = one_line(inline(row.entry.value))
        # At the right edge; what it leaves is the value's.
        room = max(_NARROWEST_VALUE, self.size.width - keys - 8)
        place = _fit_end(row.place, room - min(cell_len(value), room // 2))
        yield f"{_fit(value, room - cell_len(place))}  ", "text-disabled" if row.is_default else ""
        is_here = row.place.startswith(":")
        yield place, "text-disabled" if row.is_default else "text-muted" if is_here else "text-accent"

    def watch_defaults(self) -> None:
        """Show other rows."""
        self._choose()

    def action_defaults(self) -> None:
        """Show what nobody has set, too, or hide it."""
        self.defaults = not self.defaults

    def _choose(self) -> None:
        here = self.row
        kept = [row for row in self._all if self.defaults or row.entry is None or not row.is_default]
        # A section with nothing in it is left out.
        inside = {row.path[:length] for row in kept if row.entry is not None for length in range(1, len(row.path))}
        self._shown = [row for row in kept if row.entry is not None or row.path in inside]
        self.rows_changed()
        self.cursor = next((i for i, row in enumerate(self._shown) if here and row.path == here.path), self.cursor)

    @property
    def _key_width(self) -> int:
        keys = max((cell_len(str(row.path[-1])) + 2 * row.depth for row in self._shown if row.entry), default=0)
        return min(keys, max(12, self.size.width * 2 // 5))


def effective_rows(subject: Subject, document: Document, effective: EffectiveConfig, root: Path) -> list[EffectiveRow]:
    """Return what holds as rows: first what the text is about, each section before its values."""
    own = subject.role.kind
    entries = sorted(effective.entries, key=lambda entry: entry.path[0] != own)
    rows: list[EffectiveRow] = []
    told: set[KeyPath] = set()
    for entry in entries:
        # What the text is about needs no heading of its own.
        first = 1 if entry.path[0] == own else 0
        for length in range(first + 1, len(entry.path)):
            if (section := entry.path[:length]) not in told:
                told.add(section)
                place = document.key_location(section[1:]) if section[0] == own and document.has(section[1:]) else None
                here = Origin("yaml", str(subject.path), place.line, place.column) if place else None
                rows.append(EffectiveRow(section, length - first - 1, origin=here))
        spoken = spoken_origin(entry.origin, root)
        is_here = entry.origin.file == str(subject.path)
        if is_here:
            spoken = f":{entry.origin.line}" + (f" ${entry.origin.variable}" if entry.origin.variable else "")
        says = entry.path[0] == own and document.has(entry.path[1:])
        # A name that follows its file is no news.
        overridden = says and not is_here and entry.origin.layer != "default"
        depth = len(entry.path) - first - 1
        rows.append(EffectiveRow(entry.path, depth, entry, entry.origin, one_line(spoken), overridden))
    return rows


def _shared(path: KeyPath, other: KeyPath) -> int:
    """Return how many keys a path has, if it leads to `other` or to something around that; 0 if it does not."""
    return len(path) if other[: len(path)] == path else 0


def _fit_end(text: str, width: int) -> str:
    """Return as much of the end of `text` as there is room for: of a place, that is the file and the line."""
    while cell_len(text) > width and len(text) > 1:
        text = f"…{text[2:] if text.startswith('…') else text[1:]}"
    return text


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
