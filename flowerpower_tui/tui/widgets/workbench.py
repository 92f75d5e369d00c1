"""The open files with all that helps to edit them: problems, completion, help, what holds, a form, the DAG's node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ContentSwitcher
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.assistant import SETTLED, Completed, Diagnosed, Explained, NodeFound, Resolved
from flowerpower_tui.tui.page_help import PageHelp
from flowerpower_tui.tui.run_problems import problems_of_run
from flowerpower_tui.tui.widgets.file_tabs import FileTabs
from flowerpower_tui.tui.widgets.find_bar import FindBar
from flowerpower_tui.tui.widgets.form_view import FormView
from flowerpower_tui.tui.widgets.help_note import help_content
from flowerpower_tui.tui.widgets.open_files import OpenFiles, nothing_open
from flowerpower_tui.tui.widgets.page import Page
from flowerpower_tui.tui.widgets.problem_list import ProblemList, problem_content
from flowerpower_tui.tui.widgets.side_panel import SidePanel, first_line
from flowerpower_tui.tui.widgets.status_line import StatusLine
from flowerpower_tui.tui.widgets.value_field import ValueField

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.config.keys import KeyPath
    from flowerpower_tui.tui.session import Session
    from flowerpower_tui.tui.widgets.cursor_view import CursorView


_MENDS = "Make the edit that mends the problem here"


class Workbench(OpenFiles):
    """Shows one of the open files, and helps with it; while its tabs have the focus, letters are commands."""

    BINDINGS: ClassVar = [
        Binding("ctrl+t,n", "problem(1)", "Problem", key_display="^t", tooltip="Go to the next problem",
                id="edit.problem"),
        Binding("N", "problem(-1)", "Problem before", show=False, tooltip="Go to the problem before",
                id="edit.problem-before"),
        Binding("f12,t", "problems", "Problems", show=False, tooltip="List what is wrong, or hide it",
                id="edit.problems"),
        Binding("ctrl+r,x", "mend", "Fix", key_display="^r", tooltip=_MENDS, id="edit.fix"),
        # The same keys where there is nothing to mend: the hint is dimmed then, and they say why.
        Binding("ctrl+r,x", "say_whole", show=False, tooltip=_MENDS, id="edit.fix"),
        Binding("ctrl+n,ctrl+space,ctrl+@", "complete", "Complete", show=False,
                tooltip="What could stand at the cursor", id="edit.complete"),
        Binding("f2", "explain", "Help here", show=False, tooltip="What the word under the cursor means",
                id="edit.explain"),
        Binding("ctrl+l,b", "beside", "Beside", key_display="^l",
                tooltip="Show what holds and the form beside the text, go there, or close it", id="edit.beside"),
        Binding("ctrl+right_square_bracket,g", "node", "Node", show=False, key_display="^]",
                tooltip="Go to the node under the cursor in the DAG", id="edit.node"),
    ]  # fmt: skip

    DEFAULT_CSS = """
    Workbench {
        height: 1fr;
        & #body { height: 1fr; }
        & #text { width: 1fr; }
        & #pages { height: 1fr; }
        & #empty { padding: 2 4; color: $text-muted; }
    }
    """

    @dataclass
    class Wanted(Message):
        """Somebody wants to see a line of a file, from 1."""

        path: Path
        line: int
        column: int

    def __init__(self, session: Session, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._session = session
        self._help = PageHelp(session, self)
        # What the footer says: it is made anew only if that has changed.
        self._could_mend = False

    def compose(self) -> ComposeResult:
        """The files' names, the text with what is said of it, and what stands beside it."""
        yield FileTabs(id="files")
        with Horizontal(id="body"):
            with Vertical(id="text"):
                with ContentSwitcher(id="pages", initial="empty"):
                    yield nothing_open()
                yield FindBar(id="find-bar")
                yield ProblemList(id="problems")
                yield StatusLine(id="status-line")
            yield SidePanel(self._session.root, id="beside")

    def on_mount(self) -> None:
        """Know more when the session does."""
        self._session.listed.subscribe(self, lambda _: self._look_anew())
        self._session.chosen.subscribe(self, lambda _: self._look_anew())
        self._session.followed.subscribe(self, lambda _: self.tell_run())
        self._session.advanced.subscribe(self, lambda advance: self.tell_run() if advance.events else None)

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self._help.stop()

    @override
    def turned(self) -> None:
        """Help with the file that is shown now."""
        if self.page is None:
            self._show_beside(False)
            self._tell_place()
        else:
            self._choose(self.page)
            self._look_anew()
            if self.query_one(SidePanel).is_shown:
                self._show_beside(True)

    @override
    def enter_text(self) -> None:
        """Let keys be text; where there is no room for both, what stands beside it goes."""
        if self._is_covered:
            self._show_beside(False)
        super().enter_text()
        self._ask_about_place()

    def uncover_text(self) -> None:
        """Let the text be seen, if what stands beside it is in its place."""
        if self._is_covered:
            self.enter_text()

    def tell_run(self) -> None:
        """Say what the run that is shown did in the file."""
        if self.page is not None:
            self.page.failures = problems_of_run(self._session.view, self.page.path)
            self.query_one(ProblemList).show(self.page.problems)
        self._tell_place()

    def find(self) -> None:
        """Find and replace in the text that is shown."""
        if self.page is not None:
            self.enter_text()
            self.query_one(FindBar).open(self.page.area)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a file waits for one, and what mends for something to mend."""
        ours = ("problem", "problems", "mend", "say_whole", "complete", "explain", "beside", "node")
        if action in ours and self.page is None:
            return None
        if action == "mend":
            return self._can_mend or None
        return not self._can_mend if action == "say_whole" else True

    # What widgets tell.

    def on_page_changed(self, event: Page.Changed) -> None:
        """Look at what is typed, once typing rests."""
        self.tell_files()
        if event.page is self.page:
            self._look()
            self._tell_place()

    def on_page_completion_wanted(self, event: Page.CompletionWanted) -> None:
        """Find what could stand at the cursor."""
        event.stop()
        self._help.complete(event.page, asked=event.asked, rest=event.rest)

    def on_text_area_selection_changed(self) -> None:
        """Say where the cursor is, and what is there."""
        self._tell_place()
        self._ask_about_place()

    def on_cursor_view_opened(self, event: CursorView.Opened) -> None:
        """Go to a problem."""
        event.stop()
        problems = self.query_one(ProblemList).diagnostics
        if self.page is not None and event.view.id == "problems" and event.row < len(problems):
            span = problems[event.row].span
            self.page.area.go_to(span.line, span.column)
            self.enter_text()

    def on_side_panel_left(self, event: SidePanel.Left) -> None:
        """Back to the text."""
        event.stop()
        self.enter_text()

    def on_problem_list_left(self, event: ProblemList.Left) -> None:
        """Back to the text; the list stays."""
        event.stop()
        self.enter_text()

    def on_side_panel_origin_wanted(self, event: SidePanel.OriginWanted) -> None:
        """Go to where a value comes from, or say what that is."""
        event.stop()
        origin = event.origin
        if origin.file:
            self.post_message(self.Wanted(Path(origin.file), origin.line, origin.column))
        elif origin.variable:
            said = f"{one_line(origin.variable)} in the environment sets {one_line(event.key)}."
            self.notify(said, timeout=4, markup=False)
        else:
            self.notify(f"Nobody sets {one_line(event.key)}: this is the default.", timeout=3, markup=False)

    def on_form_view_value_wanted(self, event: FormView.ValueWanted) -> None:
        """Change a value in the text."""
        event.stop()
        self._set(event.field.path, event.text)

    def on_value_field_answered(self, event: ValueField.Answered) -> None:
        """Change a value in the text."""
        event.stop()
        self._set(event.field.path, event.text)

    # What threads tell.

    def on_diagnosed(self, event: Diagnosed) -> None:
        """Mark what is wrong, unless the text is another by now."""
        page = self.page
        if page is None or not self._help.is_about(event.subject, page):
            return
        page.diagnostics = event.diagnostics
        self.query_one(ProblemList).show(page.problems)
        self._tell_place()

    def on_resolved(self, event: Resolved) -> None:
        """Show what holds beside the text."""
        if self.page is not None and self._help.is_about(event.subject, self.page):
            self.query_one(SidePanel).show_configuration(event)

    def on_completed(self, event: Completed) -> None:
        """Show what could stand at the cursor."""
        if self.page is not None and not self.page.complete(event) and event.asked:
            self.notify("Nothing is known that could stand here.", timeout=2)

    def on_explained(self, event: Explained) -> None:
        """Show what stands at the cursor: over the text, if somebody asked, and beside it."""
        page = self.page
        if page is None or not self._help.is_about(event.subject, page) or event.cursor != page.cursor:
            return
        content = help_content(event.help, self._session.root) if event.help is not None else None
        panel = self.query_one(SidePanel)
        if not panel.has_focus_within:
            # Where the keys are there, it tells of its own row.
            panel.explain(content)
        if event.asked and page.diagnostic is not None:
            problem = problem_content(page.diagnostic, self._key("edit.fix"))
            content = problem if content is None else Content("\n\n").join([problem, content])
        if event.asked and content is not None:
            page.explain(content)
        elif event.asked:
            self.notify("Nothing is known of this.", timeout=2)

    def on_node_found(self, event: NodeFound) -> None:
        """Tell of the node that the line belongs to."""
        page = self.page
        if page is not None and page.path == event.subject.path and event.line == page.cursor[0]:
            self._help.take_node(event)
            self._tell_place()
            self._show_node()

    # What keys ask for.

    def action_problem(self, by: int) -> None:
        """Go to the next problem, or the one before."""
        page = self.page
        if page is None:
            return
        if page.go_to_problem(by) is None:
            self.notify("Nothing is wrong here.", timeout=2)
        else:
            self.uncover_text()

    def action_problems(self) -> None:
        """List what is wrong, or hide it."""
        problems = self.query_one(ProblemList)
        problems.toggle_class("-shown")
        if problems.has_class("-shown"):
            problems.focus()
        else:
            self.enter_text()

    def action_mend(self) -> None:
        """Make the edit that mends the problem at the cursor."""
        if self.page is not None and self.page.mend():
            self.uncover_text()
        else:
            self.action_say_whole()

    def action_say_whole(self) -> None:
        """Say why there is nothing to mend."""
        if self.page is not None and not self.page.is_diagnosed:
            self.notify("What was typed is being looked at: once more, please.", timeout=2)
        else:
            self.notify("Nothing to fix on this line.", timeout=2)

    def action_complete(self) -> None:
        """Show what could stand at the cursor."""
        if self.page is not None:
            self.page.post_message(Page.CompletionWanted(self.page, asked=True))

    def action_explain(self) -> None:
        """Show what stands at the cursor, and all that is to be said of what is wrong there."""
        page = self.page
        if page is None:
            return
        if page.role.kind == "module" and page.diagnostic is not None:
            page.explain(problem_content(page.diagnostic, self._key("edit.fix")))
        elif page.role.kind == "module":
            self._show_beside(True)
            self._ask_about_place()
        else:
            self._help.explain(page)

    def action_beside(self) -> None:
        """Show what stands beside the text; go there, if it is shown; close it, if the keys are there."""
        panel = self.query_one(SidePanel)
        if panel.has_focus_within:
            self._show_beside(False)
            self.enter_text()
            return
        self._show_beside(True)
        if self.page is not None and self.page.role.yaml is not None:
            panel.seek(self.page.path, self._help.path(self.page))
        panel.call_after_refresh(panel.focus_view)

    def action_node(self) -> None:
        """Go to the node under the cursor in the DAG."""
        page = self.page
        if page is None:
            return
        node = self._help.node(page)
        if node is None:
            known = self._help.graph(page) is not None
            self.notify("No node stands here." if known else "The pipeline's graph is not known yet.", timeout=3)
            return
        self._session.show_node(node.name)

    # How it is done.

    def _look_anew(self) -> None:
        """Look at the shown file with what is known now."""
        page = self.page
        if page is None:
            return
        if self._help.learn_role(page):
            self._choose(page)
        self._look(rest=0.0)
        self.tell_run()
        self._ask_about_place()

    def _choose(self, page: Page) -> None:
        """Let the pipeline whose file is turned to be the one that is looked at everywhere."""
        if page.role.pipeline and page.role.pipeline != self._session.pipeline:
            self._session.choose(page.role.pipeline)

    def _look(self, rest: float = SETTLED) -> None:
        if self.page is not None:
            self._help.look(self.page, effective=self.query_one(SidePanel).is_shown, rest=rest)

    def _ask_about_place(self) -> None:
        if self.page is not None:
            self._help.look_at_cursor(self.page, meaning=self.query_one(SidePanel).is_shown)

    @property
    def _is_covered(self) -> bool:
        """Whether what stands beside the text is in its place: there is no room for both."""
        panel = self.query_one(SidePanel)
        return self.page is not None and panel.is_shown and self.screen.has_class("-narrow")

    @property
    def _can_mend(self) -> bool:
        """Whether an edit is known that mends what is wrong at the cursor."""
        diagnostic = self.page.diagnostic if self.page is not None else None
        return diagnostic is not None and diagnostic.fix is not None

    def _show_beside(self, shown: bool) -> None:
        panel = self.query_one(SidePanel)
        panel.set_class(shown, "-shown")
        self.set_class(shown, "-beside")
        page = self.page
        if not shown or page is None:
            return
        if page.role.kind is None:
            panel.show_nothing("There is nothing to say of a file of this kind.")
        elif page.role.kind == "module":
            self._show_node()
        else:
            panel.turn_to_configuration()
            self._look(rest=0.0)
            self._ask_about_place()

    def _show_node(self) -> None:
        panel, page = self.query_one(SidePanel), self.page
        if page is not None and panel.is_shown and page.role.kind == "module":
            panel.show_node(self._help.graph(page), self._help.node(page), self._session.view)

    def _set(self, path: KeyPath, text: str | None) -> None:
        """Change one value in the text, as an edit that can be undone; None takes its key out."""
        page, panel = self.page, self.query_one(SidePanel)
        if page is None:
            return
        try:
            page.set_value(path, text)
        except FlowerPowerError as error:
            panel.refuse(first_line(error))
            self.notify(first_line(error), severity="error", timeout=5, markup=False)
            return
        panel.settled()
        self._look(rest=0.0)

    def _tell_place(self) -> None:
        """Say where the cursor is, what is wrong there, or which node it is in."""
        page = self.page
        node = self._help.node(page) if page is not None and page.role.kind == "module" else None
        run = self._session.view.node(node.name) if node is not None else None
        diagnostic = page.diagnostic if page is not None else None
        can_mend = self._can_mend
        keys = (self._key("edit.fix") if can_mend else "", self._key("edit.explain")) if diagnostic else ("", "")
        self.query_one(StatusLine).tell(page, self._session.root, node, run, *keys)
        if can_mend != self._could_mend:
            self._could_mend = can_mend
            self.screen.refresh_bindings()

    def _key(self, action: str) -> str:
        """Return how the first key of an action is called here."""
        bindings = (active.binding for active in self.screen.active_bindings.values())
        return next((self.app.get_key_display(binding) for binding in bindings if binding.id == action), "")
