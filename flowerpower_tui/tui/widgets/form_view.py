"""A configuration file as a form: a row a key; one value is changed at a time, by its type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.message import Message
from typing_extensions import override

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.help_note import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.content import Content

    from flowerpower_tui.assist.form import Field
    from flowerpower_tui.config.keys import KeyPath
    from flowerpower_tui.tui.widgets.cursor_view import Piece


class FormView(CursorView):
    """Fields in their sections."""

    BINDINGS: ClassVar = [
        Binding("enter,space", "change", "Change", tooltip="Change the value, or fold the section", id="form.change"),
        Binding("delete,backspace,minus", "unset", "Unset", key_display="del",
                tooltip="Take the key out of the file", id="form.unset"),
    ]  # fmt: skip

    @dataclass
    class ValueWanted(Message):
        """The field shall have the value that `text` is in YAML; None if the key shall go."""

        field: Field
        text: str | None

    @dataclass
    class QuestionWanted(Message):
        """Somebody wants to be asked for the value of a field."""

        field: Field

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._all: Sequence[Field] = ()
        self._shown: list[Field] = []
        # Sections that are folded although they are written, and unfolded although they are not.
        self._turned: set[KeyPath] = set()

    @property
    def field(self) -> Field | None:
        """The one under the cursor."""
        return self._shown[self.cursor] if self._shown else None

    def show(self, fields: Sequence[Field]) -> None:
        """Show these; the cursor stays on its field."""
        self._all = fields
        self._choose()

    def seek(self, path: KeyPath) -> None:
        """Go to the field of a key, or to the section around it."""
        around = [index for index, field in enumerate(self._shown) if path[: len(field.path)] == field.path]
        if around:
            self.go_to(around[-1])

    def explained(self) -> Content | None:
        """What the field under the cursor is."""
        field = self.field
        return told(field.key, field.wanted, field.default, field.meaning) if field is not None else None

    def line_count(self) -> int:
        """The fields that are shown."""
        return len(self._shown)

    def pieces(self, index: int) -> Iterator[Piece]:
        """Name, and value; where the file says nothing, the default."""
        field = self._shown[index]
        indent = "  " * (len(field.path) - 1)
        name = f"{indent}{one_line(str(field.path[-1]))}"
        if field.kind == "section":
            yield (
                f" {indent}{'▾' if self._is_open(field) else '▸'} {one_line(str(field.path[-1]))}",
                ("strong" if field.is_written else "text-muted"),
            )
            return
        width = self._name_width
        yield f"   {set_cell_size(name, width)}  ", "text-primary" if field.is_written else "text-muted"
        if field.is_written:
            yield field.value, ""
        else:
            yield field.default, "text-disabled"

    def action_change(self) -> None:
        """Fold a section, toggle a truth, or ask for a value."""
        field = self.field
        if field is None:
            return
        match field.kind:
            case "section":
                self._turned ^= {field.path}
                self._choose()
            case "toggle":
                is_true = (field.value or field.default) == "true"
                self.post_message(self.ValueWanted(field, "false" if is_true else "true"))
            case _:
                self.post_message(self.QuestionWanted(field))

    @override
    def action_open(self) -> None:
        """A second click changes, too."""
        self.action_change()

    def action_unset(self) -> None:
        """Take the key out of the file: its default holds."""
        if self.field is not None and self.field.is_written:
            self.post_message(self.ValueWanted(self.field, None))

    def _choose(self) -> None:
        here = self.field
        closed: list[KeyPath] = []
        self._shown = []
        for field in self._all:
            if any(field.path[: len(path)] == path for path in closed):
                continue
            self._shown.append(field)
            if field.kind == "section" and not self._is_open(field):
                closed.append(field.path)
        self.rows_changed()
        self.cursor = next((i for i, field in enumerate(self._shown) if here and field.path == here.path), self.cursor)

    def _is_open(self, section: Field) -> bool:
        return section.is_written != (section.path in self._turned)

    @property
    def _name_width(self) -> int:
        names = (cell_len(str(field.path[-1])) + 2 * len(field.path) for field in self._shown)
        return min(max(names, default=0), max(12, self.size.width // 2))
