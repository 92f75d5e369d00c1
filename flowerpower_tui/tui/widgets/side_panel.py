"""Beside the text: what holds with it, the file as a form, or the node that a module's line belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher, Static
from typing_extensions import override

from flowerpower_tui.assist.form import fields_of, value_of, written
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.widgets.effective_view import EffectiveView
from flowerpower_tui.tui.widgets.form_view import FormView
from flowerpower_tui.tui.widgets.inspector import Inspector
from flowerpower_tui.tui.widgets.value_field import ValueField

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.assist.form import Field
    from flowerpower_tui.config.keys import KeyPath
    from flowerpower_tui.config.layers import Origin
    from flowerpower_tui.graph.model import Graph, Node
    from flowerpower_tui.runs.view import RunView
    from flowerpower_tui.tui.assistant import Resolved
    from flowerpower_tui.tui.widgets.cursor_view import CursorView

_TITLES = {"effective": "Effective", "form": "Form"}


class _Tab(Static):
    def __init__(self, view: str) -> None:
        super().__init__(Content(_TITLES[view]), id=f"tab-{view}")
        self._view = view

    def on_click(self) -> None:
        self.post_message(SidePanel.ViewWanted(self._view))


class _Nothing(Static, can_focus=True):
    """A word where there is nothing to show; keys can be there, too."""


class SidePanel(Vertical):
    """Shows one of its views; the configuration's two are a key apart."""

    BINDINGS: ClassVar = [
        Binding("left,right,h,l,v", "turn", "View", key_display="v",
                tooltip="Between what holds and the form", id="panel.view"),
        Binding("escape", "leave", "Text", tooltip="Back to the text", id="panel.leave"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    SidePanel {
        width: 46%;
        border-left: solid $panel;
        display: none;
        &.-shown { display: block; }
        & > #views { height: 1; background: $surface; }
        & > #views > Static { width: auto; padding: 0 1; color: $text-muted; }
        & > #views > .-here { background: $primary 30%; color: $foreground; text-style: bold; }
        & > #views > #views-note { width: 1fr; text-align: right; text-wrap: nowrap; text-overflow: ellipsis; }
        & > ContentSwitcher { height: 1fr; }
        & #nothing { padding: 1 2; color: $text-muted; }
        & > #panel-help {
            height: auto; min-height: 4; max-height: 8; padding: 0 1; background: $surface; display: none;
            border-top: solid $panel;
        }
        & > #panel-help.-shown { display: block; }
    }
    """

    @dataclass
    class ViewWanted(Message):
        """Somebody wants to see a view."""

        view: str

    @dataclass
    class OriginWanted(Message):
        """Somebody wants to see where a value comes from."""

        key: str
        origin: Origin

    @dataclass
    class Left(Message):
        """Somebody wants to go back to the text."""

    def __init__(self, root: Path, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._root = root
        # Which of the two configuration's views is wanted.
        self._wanted = "effective"
        self._shown: Resolved | None = None
        # The file and the key to go to, as soon as that file is shown.
        self._sought: tuple[Path, KeyPath] | None = None

    def compose(self) -> ComposeResult:
        """The views' names, the views, a line for a value, help."""
        with Horizontal(id="views"):
            yield from (_Tab(view) for view in _TITLES)
            yield Static(id="views-note")
        with ContentSwitcher(initial="nothing"):
            yield EffectiveView(self._root, id="effective")
            yield FormView(id="form")
            yield Inspector(id="node")
            yield _Nothing(id="nothing")
        yield ValueField(id="value-field")
        yield Static(id="panel-help")

    def on_mount(self) -> None:
        """Say which view this is."""
        self._switch("nothing")

    @property
    def is_shown(self) -> bool:
        """Whether somebody looks at it."""
        return self.has_class("-shown")

    @property
    def view(self) -> CursorView | None:
        """The configuration's view that is shown."""
        shown = self.query_one(ContentSwitcher).visible_content
        return shown if isinstance(shown, EffectiveView | FormView) else None

    def focus_view(self) -> None:
        """Let keys go to what is shown."""
        shown = self.query_one(ContentSwitcher).visible_content
        if shown is not None:
            shown.focus()

    def turn_to_configuration(self) -> None:
        """Show one of the configuration's views, before there is anything in it."""
        self._switch(self._wanted)

    def show_configuration(self, resolved: Resolved) -> None:
        """Show what holds with a text; of a text that is no YAML, what held before, with a word on that."""
        document, kind = resolved.document, resolved.subject.role.yaml
        is_other = self._shown is not None and self._shown.subject.path != resolved.subject.path
        if document is None or kind is None:
            if is_other or self._shown is None:
                self.show_nothing("This is no YAML yet: what is wrong is marked in the text.")
            self.query_one("#views-note", Static).update(Content("no YAML now").stylize("$text-error"))
            return
        self._shown = resolved
        self.query_one("#views-note", Static).update(Content(""))
        self.query_one(FormView).show(fields_of(document, kind))
        if resolved.effective is not None:
            self.query_one(EffectiveView).show(resolved.subject, document, resolved.effective)
        self._switch(self._wanted)
        if self._sought is not None:
            self.seek(*self._sought)

    def seek(self, file: Path, path: KeyPath) -> None:
        """Go to a key of a file, or to the section around it; as soon as the file is shown, if it is not yet."""
        shown = self._shown
        if shown is None or shown.subject.path != file or self.view is None:
            self._sought = (file, path)
            return
        self._sought = None
        self.query_one(EffectiveView).seek((shown.subject.role.kind, *path))
        self.query_one(FormView).seek(path)

    def show_node(self, graph: Graph | None, node: Node | None, view: RunView) -> None:
        """Show the node that a line belongs to, with what it did in a run; or say that there is none."""
        self.explain(None)
        if graph is None or node is None:
            self.show_nothing("No node of the pipeline stands on this line.")
        else:
            self.query_one(Inspector).show(graph, node, view.node(node.name))
            self._switch("node")

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing."""
        self._shown = None
        self.query_one("#nothing", Static).update(Content(sanitise(why)))
        self._switch("nothing")

    def explain(self, known: Content | None) -> None:
        """Show help below."""
        note = self.query_one("#panel-help", Static)
        note.set_class(known is not None, "-shown")
        note.update(known or Content())

    def refuse(self, why: str) -> None:
        """Say why an edit could not be made."""
        self.query_one(ValueField).refuse(why)

    def settled(self) -> None:
        """A value was changed: back to the form."""
        self.query_one(ValueField).close()
        self.focus_view()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A node has one view only."""
        return self.view is not None if action == "turn" else True

    def on_side_panel_view_wanted(self, event: ViewWanted) -> None:
        """Turn to it."""
        event.stop()
        if self.view is not None and self.view.id != event.view:
            self.action_turn()

    def on_cursor_view_opened(self, event: CursorView.Opened) -> None:
        """Ask for where the value comes from."""
        event.stop()
        row = self.query_one(EffectiveView).row
        if event.view.id != "effective" or row is None:
            return
        is_own = self._shown is not None and row.path[0] == self._shown.subject.role.kind
        if row.is_default and is_own:
            # Nobody sets it: here is where to.
            self.action_turn()
        elif row.origin is not None:
            self.post_message(self.OriginWanted(".".join(map(str, row.path)), row.origin))

    def on_cursor_view_highlighted(self, event: CursorView.Highlighted) -> None:
        """Say what the row is."""
        event.stop()
        if event.view.has_focus:
            self._explain_row()

    def on_descendant_focus(self) -> None:
        """Say what the row is that keys go from now."""
        self._explain_row()

    def on_form_view_question_wanted(self, event: FormView.QuestionWanted) -> None:
        """Ask for one of the choices, or in a line."""
        event.stop()
        field = event.field
        if field.kind != "choice":
            self._ask(field)
            return
        # Late, as all that is rarely seen.
        from flowerpower_tui.tui.screens.pick import Pick

        def take(index: int | None) -> None:
            if index is not None:
                self.post_message(FormView.ValueWanted(field, field.choices[index]))

        present = field.value if field.is_written else field.default
        at = field.choices.index(present) if present in field.choices else 0
        self.app.push_screen(Pick(field.key, field.choices, at), take)

    def on_value_field_left(self) -> None:
        """Back to the form."""
        self.settled()

    def action_turn(self) -> None:
        """Show the other of the configuration's views, on the same key."""
        here, shown = self._path, self._shown
        self._wanted = "form" if self._wanted == "effective" else "effective"
        self._switch(self._wanted)
        if here and shown is not None:
            self.seek(shown.subject.path, here)

    def action_leave(self) -> None:
        """Back to the text."""
        self.post_message(self.Left())

    @property
    def _path(self) -> KeyPath:
        """The key under the cursor; empty if it is another file's."""
        row, field = self.query_one(EffectiveView).row, self.query_one(FormView).field
        if self.view is None or self._shown is None:
            return ()
        if self.view.id == "form":
            return field.path if field is not None else ()
        return row.path[1:] if row is not None and row.path[0] == self._shown.subject.role.kind else ()

    def _explain_row(self) -> None:
        view = self.view
        if isinstance(view, EffectiveView | FormView):
            self.explain(view.explained())

    def _ask(self, field: Field) -> None:
        shown = self._shown
        if shown is None or shown.document is None or (kind := shown.subject.role.yaml) is None:
            return

        def refusal(text: str) -> str:
            try:
                value_of(kind, field.path, text)
            except FlowerPowerError as error:
                return first_line(error)
            return ""

        self.query_one(ValueField).open(field, written(shown.document, field.path), refusal)

    def _switch(self, view: str) -> None:
        views = self.query_one(ContentSwitcher)
        # The focus may be on its way to the text: only what goes takes it along.
        takes_focus = views.has_focus_within and views.current != view
        views.current = view
        if takes_focus:
            self.focus_view()
        for name in _TITLES:
            tab = self.query_one(f"#tab-{name}")
            tab.set_class(name == view, "-here")
            tab.display = view in _TITLES


def first_line(error: FlowerPowerError) -> str:
    """Return what an error says, without its place and on one line."""
    return one_line("; ".join(": ".join(filter(None, (one.message, one.hint))) for one in error.problems))
