"""The user's own settings: a row each, with who says so; changed one at a time, in the file that is theirs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, Input, Static
from typing_extensions import override

from flowerpower_tui.assist.form import Field
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.settings import initialise
from flowerpower_tui.settings_edit import Setting, change, in_short, settings_of, value_of
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.own_files import SETTLED
from flowerpower_tui.tui.recent import home_relative
from flowerpower_tui.tui.screens.modal import Modal
from flowerpower_tui.tui.screens.pick import Pick
from flowerpower_tui.tui.screens.theme_pick import ThemePick
from flowerpower_tui.tui.widgets.cursor_view import CursorView
from flowerpower_tui.tui.widgets.value_field import ValueField
from flowerpower_tui.yamldoc.dump import inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.tui.preferences import Preferences
    from flowerpower_tui.tui.widgets.cursor_view import Piece

_TOGGLE = ("true", "false")
_HEIGHTS = [(0, "-low"), (20, "-high")]
# Cells: so much a value gets where there is room, and so much at least.
_WIDEST_VALUE, _LEAST_VALUE = 40, 12


class SettingsView(CursorView):
    """Settings as rows: name, value, and who says so."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Setting] = ()

    @property
    def setting(self) -> Setting | None:
        """The one under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def show(self, rows: Sequence[Setting], key: str = "") -> None:
        """Show these; the cursor goes to `key`, or stays on its setting."""
        wanted = key or (self.setting.key if self.setting else "")
        self._rows = rows
        self.rows_changed()
        self.go_to(next((index for index, row in enumerate(rows) if row.key == wanted), 0))

    def line_count(self) -> int:
        """A row each."""
        return len(self._rows)

    def pieces(self, index: int) -> Iterator[Piece]:
        """What somebody has set stands out."""
        row = self._rows[index]
        is_default = row.origin.layer == "default"
        names = max(cell_len(each.key) for each in self._rows)
        origins = max(cell_len(origin_in_short(each)) for each in self._rows)
        room = max(_LEAST_VALUE, min(_WIDEST_VALUE, self.size.width - names - origins - 6))
        yield f" {row.key:<{names}}  ", "text-muted" if is_default else "text-primary"
        yield f"{_fit(in_short(row), room)}  ", "" if is_default else "strong"
        yield origin_in_short(row), "text-warning" if row.variable else "text-muted"


class OwnSettings(Modal[None]):
    """A panel over whatever is open; what is changed in it counts at once."""

    CSS_PATH = "settings.tcss"
    VERTICAL_BREAKPOINTS = _HEIGHTS

    BINDINGS: ClassVar = [
        Binding("enter,space", "change", "Change", tooltip="Change the setting", id="settings.change"),
        Binding(
            "delete,backspace,minus",
            "reset",
            "Default",
            key_display="del",
            tooltip="Let the setting's default hold again",
            id="settings.reset",
        ),
        Binding("slash", "find", "Find", key_display="/", tooltip="Find settings by what they say", id="settings.find"),
        Binding("e", "edit", "Edit file", tooltip="Edit the file of the settings", id="settings.edit"),
        Binding("escape,q", "leave", "Close", key_display="esc"),
    ]

    def __init__(
        self, preferences: Preferences, edit: Callable[[Path, int], object] | None = None, key: str = ""
    ) -> None:
        """Show the settings.

        Args:
            preferences: what holds, and does as changed settings say.
            edit: shows a line of a file in the editor; None if no project is open, so that there is none.
            key: the setting to begin on.
        """
        super().__init__()
        self._preferences = preferences
        self._edit = edit
        self._begin = key

    def compose(self) -> ComposeResult:
        """The file's name, the rows, and what is to be said of the one under the cursor."""
        with Vertical(id="box"):
            yield Static(id="title")
            yield Static(id="complaint")
            yield Input(id="words", placeholder="words of its name or meaning", compact=True)
            yield SettingsView(id="settings")
            yield Static(id="about")
            yield ValueField(id="value-field")
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show all of them."""
        self._show(self._begin)
        self.query_one(SettingsView).focus()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed, keys are letters."""
        if action in ("change", "reset", "find", "edit"):
            return self.query_one(SettingsView).has_focus
        return True

    def on_cursor_view_highlighted(self) -> None:
        """Say what the setting means."""
        self._explain()

    async def on_cursor_view_opened(self) -> None:
        """A second click changes, too."""
        await self.action_change()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what has these words."""
        if event.input.id == "words":
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on with what was found."""
        if event.input.id == "words":
            self.query_one(SettingsView).focus()

    async def on_value_field_answered(self, event: ValueField.Answered) -> None:
        """Take the value."""
        self.query_one(ValueField).close()
        self.query_one(SettingsView).focus()
        await self._change(event.field.key, event.text)

    def on_value_field_left(self) -> None:
        """Back to the rows."""
        self.query_one(SettingsView).focus()

    async def action_change(self) -> None:
        """Turn a truth around, offer what there is to choose from, or ask for a value."""
        setting = self.query_one(SettingsView).setting
        if setting is None or self._is_decided(setting):
            return
        key = setting.key
        if setting.choices == _TOGGLE:
            await self._change(key, "false" if setting.value else "true")
        elif key == "theme":
            self.app.push_screen(ThemePick(), lambda name: self._take(key, name))
        elif setting.choices:
            self._offer(setting)
        elif isinstance(setting.default, dict):
            await self.action_edit()
        else:
            field = Field(setting.path, "text", default=inline(setting.default), wanted=setting.wanted)
            text = "" if setting.value is None else str(setting.value)
            self.query_one(ValueField).open(field, text, lambda typed: refusal(key, typed))

    async def action_reset(self) -> None:
        """Let the default hold again."""
        setting = self.query_one(SettingsView).setting
        if setting is not None and not self._is_decided(setting):
            await self._change(setting.key, None)

    def action_find(self) -> None:
        """Type what is looked for."""
        words = self.query_one("#words", Input)
        words.add_class("-shown")
        words.focus()

    async def action_edit(self) -> None:
        """Edit the file, where the setting stands; one that is not there is made, with every default as a comment."""
        if self._edit is None:
            self.notify("Open a project first: its editor edits this file, too.", timeout=4)
            return
        read, setting = self._preferences.read, self.query_one(SettingsView).setting
        try:
            if not read.path.exists():
                await asyncio.to_thread(initialise)
        except FlowerPowerError as error:
            self._say(error)
            return
        self.dismiss()
        self.app.call_later(self._edit, read.path, setting.origin.line if setting else 0)

    def action_leave(self) -> None:
        """Show all settings again; close if they are shown."""
        words = self.query_one("#words", Input)
        if not words.has_class("-shown"):
            self.dismiss()
            return
        words.remove_class("-shown")
        words.value = ""
        self.query_one(SettingsView).focus()

    def _offer(self, setting: Setting) -> None:
        def take(index: int | None) -> None:
            self._take(setting.key, None if index is None else setting.choices[index])

        self.app.push_screen(Pick(setting.key, setting.choices, setting.choices.index(str(setting.value))), take)

    def _take(self, key: str, text: str | None) -> None:
        if text is not None:
            self.call_later(self._change, key, text)

    async def _change(self, key: str, text: str | None) -> None:
        """Change the file, and do as it says then."""
        try:
            await asyncio.to_thread(change, key, text)
        except FlowerPowerError as error:
            self._say(error)
            return
        self._preferences.take_saved()
        self._show(key)

    def _is_decided(self, setting: Setting) -> bool:
        """Whether a variable decides it; then that is said."""
        if setting.variable:
            said = f"{setting.variable} in the environment decides this, whatever the file says."
            self.notify(f"{said} Unset it to choose here.", title=setting.key, timeout=5, markup=False)
        return bool(setting.variable)

    def _show(self, key: str = "") -> None:
        read = self._preferences.read
        place = f"{one_line(home_relative(read.path))}{'' if read.path.exists() else ', not written yet'}"
        self.query_one("#title", Static).update(
            Content.assemble(("Settings  ", "$text-primary bold"), (place, "$text-muted"))
        )
        complaint = self.query_one("#complaint", Static)
        complaint.update(Content(sanitise(read.complaint)))
        complaint.set_class(bool(read.complaint), "-shown")
        found = matching(settings_of(read), self.query_one("#words", Input).value)
        self.query_one(SettingsView).show(found, key)
        self._explain()

    def _explain(self) -> None:
        about = self.query_one("#about", Static)
        setting = self.query_one(SettingsView).setting
        about.update(explained(setting) if setting else Content("No setting has these words. esc shows all of them."))

    def _say(self, error: FlowerPowerError) -> None:
        self.notify(sanitise(str(error)), title="Settings", severity="warning", timeout=8, markup=False)


def matching(settings: Sequence[Setting], words: str) -> list[Setting]:
    """Return the settings that have all of the words in their name, value, or meaning."""
    wanted = words.casefold().split()
    return [
        each
        for each in settings
        if all(word in f"{each.key} {in_short(each)} {each.meaning}".casefold() for word in wanted)
    ]


def origin_in_short(setting: Setting) -> str:
    """Return who says so, in a word."""
    if setting.variable:
        return f"${setting.variable}"
    return f"line {setting.origin.line}" if setting.origin.line else "default"


def explained(setting: Setting) -> Content:
    """Return what is to be said of a setting: what it takes, what it means, who decides it, and since when."""
    wanted = "" if setting.choices == _TOGGLE else setting.wanted
    facts = "; ".join(filter(None, (wanted, f"default {inline(setting.default)}")))
    said = [setting.meaning]
    if setting.variable:
        said.append(f"{setting.variable} in the environment decides it.")
    if setting.path[0] in SETTLED:
        said.append("A change counts from the next start of fp-tui on.")
    return Content.assemble(
        (setting.key, "bold"), (f"  {one_line(facts)}\n", "$text-muted"), one_line(" ".join(filter(None, said)))
    )


def refusal(key: str, text: str) -> str:
    """Return why a text is no value for a setting; nothing if it is one."""
    try:
        value_of(key, text)
    except FlowerPowerError as error:
        return one_line("; ".join(": ".join(filter(None, (one.message, one.hint))) for one in error.problems))
    return ""


def _fit(text: str, width: int) -> str:
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
