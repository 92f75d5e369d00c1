"""What holds for a pipeline with the text as it is typed: each value, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.reactive import reactive

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.help_note import spoken_origin
from flowerpower_tui.yamldoc.dump import inline

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        place: where it comes from, in a few letters.
        is_overridden: the text says something else, which something stronger replaces.
    """

    path: KeyPath
    depth: int
    entry: Entry | None = None
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

    def line_count(self) -> int:
        """The rows that are shown."""
        return len(self._shown)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Name, value, where it comes from."""
        row = self._shown[index]
        name = f"{'  ' * row.depth}{one_line(str(row.path[-1]))}"
        keys, values = self._widths()
        if row.entry is None:
            yield f"   {name}", "strong"
            return
        colour = "text-disabled" if row.is_default else "text-warning" if row.is_overridden else "text-primary"
        yield " ▲ " if row.is_overridden else "   ", "text-warning"
        yield f"{_fit(name, keys)}  ", colour
        value = one_line(inline(row.entry.value))
        yield f"{_fit(value, values)}  ", "text-disabled" if row.is_default else ""
        is_here = row.place.startswith(":")
        yield row.place, "text-disabled" if row.is_default else "text-muted" if is_here else "text-accent"

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

    def _widths(self) -> tuple[int, int]:
        keys = max((cell_len(str(row.path[-1])) + 2 * row.depth for row in self._shown if row.entry), default=0)
        places = max((cell_len(row.place) for row in self._shown), default=0)
        keys = min(keys, max(12, self.size.width * 2 // 5))
        return keys, max(_NARROWEST_VALUE, self.size.width - keys - min(places, self.size.width // 6) - 6)


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
                rows.append(EffectiveRow(section, length - first - 1))
        place = spoken_origin(entry.origin, root)
        is_here = entry.origin.file == str(subject.path)
        if is_here:
            place = f":{entry.origin.line}" + (f" ${entry.origin.variable}" if entry.origin.variable else "")
        says = entry.path[0] == own and document.has(entry.path[1:])
        # A name that follows its file is no news.
        overridden = says and not is_here and entry.origin.layer != "default"
        rows.append(EffectiveRow(entry.path, len(entry.path) - first - 1, entry, one_line(place), overridden))
    return rows


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
