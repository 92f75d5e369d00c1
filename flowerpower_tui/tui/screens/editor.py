"""The place where files are edited: several at a time, saved whole, never over what others wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widgets import TextArea
from typing_extensions import override

from flowerpower_tui.errors import ChangedOnDiskError, FlowerPowerError
from flowerpower_tui.project.merge import merge
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.buffer import Buffer
from flowerpower_tui.tui.desk import Desk, DraftsFound, FileRead, FileSaved
from flowerpower_tui.tui.editor import edit, edit_copy
from flowerpower_tui.tui.screens.diff import ConflictScreen, DiffScreen
from flowerpower_tui.tui.screens.place import EVERYWHERE, Place
from flowerpower_tui.tui.spots import Spot
from flowerpower_tui.tui.unsaved import Unsaved
from flowerpower_tui.tui.widgets.file_tabs import FileTabs
from flowerpower_tui.tui.widgets.page import Page
from flowerpower_tui.tui.widgets.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from flowerpower_tui.tui.drafts import Draft
    from flowerpower_tui.tui.screens.diff import Choice
    from flowerpower_tui.tui.session import Session


class Editor(Place):
    """Edits the project's files."""

    PLACE = "edit"
    CSS_PATH = "editor.tcss"

    BINDINGS: ClassVar = [
        Binding("ctrl+s", "save", "Save", tooltip="Save the file", id="edit.save"),
        Binding("r", "run", "Run", tooltip="Run the pipeline of the file", id="run.start"),
        Binding("ctrl+f", "find", "Find", tooltip="Find and replace", id="edit.find"),
        # Before the text's turn: what is sent at once behind it is the answer, and no text.
        Binding("ctrl+g", "go_to_line", "Line", show=False, priority=True, tooltip="Go to a line", id="edit.line"),
        Binding("ctrl+o,o", "open", "Open", tooltip="Open a file", key_display="^o", id="edit.open"),
        # The text has them too; these are for when the keys are elsewhere, in the form above all.
        Binding("ctrl+z", "undo", "Undo", show=False, tooltip="Take the last edit back", id="edit.undo"),
        Binding("ctrl+y", "redo", "Redo", show=False, tooltip="Make the edit again", id="edit.redo"),
        Binding("ctrl+pagedown,f9", "step(1)", "Next file", show=False, tooltip="The next file", id="edit.next"),
        Binding("ctrl+pageup", "step(-1)", "File before", show=False, tooltip="The file before", id="edit.before"),
        Binding("escape", "leave_text", "Commands", tooltip="From the text to the files; there, letters are commands",
                id="edit.leave"),
        Binding("enter,i", "enter_text", "Text", tooltip="Back to the text", id="edit.enter"),
        Binding("d", "diff", "Diff", tooltip="Show what a save would change", id="edit.diff"),
        Binding("u", "revert", "Revert", show=False, tooltip="Back to what is saved; undo brings it back",
                id="edit.revert"),
        Binding("e", "external", "$EDITOR", tooltip="Open the file in your own editor", id="edit.external"),
        Binding("w", "close", "Close", tooltip="Close the file", id="edit.close"),
        *EVERYWHERE,
    ]  # fmt: skip

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.bench = Workbench(session, id="bench")
        self._desk = Desk(self, session.mirror)
        self._unsaved = Unsaved(self, self._desk)
        # Where to go in files that are being read.
        self._wanted: dict[Path, Spot] = {}

    def compose_body(self) -> Iterable[Widget]:
        """The files, and all that helps to edit them."""
        yield self.bench

    def on_mount(self) -> None:
        """Open what is wanted already."""
        self.session.wanted_spots.asked.subscribe(self, lambda _: self._open_wanted())
        # Others write while the terminal keeps the focus, too: from elsewhere.
        self.session.pictured.subscribe(self, lambda _: self._read_again())
        self._open_wanted()
        self._desk.look_for_drafts(self.session.root)
        self.bench.leave_text()

    def on_screen_resume(self) -> None:
        """Others may have written meanwhile."""
        self._read_again()

    def on_app_focus(self) -> None:
        """Others may have written meanwhile."""
        self._read_again()

    def on_unmount(self) -> None:
        """Keep what is not saved."""
        self._unsaved.stop()
        self.keep_unsaved()

    def keep_unsaved(self) -> None:
        """Keep what is typed now, and tell at the end that it is."""
        for page in self.bench.pages:
            if page.is_dirty and page.path not in self.session.unsaved:
                self._unsaved.keep_now(page)
                self.session.unsaved.append(page.path)

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are commands only outside the text; what needs a file waits for one."""
        if action in ("save", "find", "go_to_line", "diff", "revert", "external", "close") and not self.page:
            return None
        if action in ("undo", "redo"):
            return self.page is not None
        if action == "run" and not self.session.can_run and not self.session.is_settling:
            return None if self.session.pipeline else False
        if action == "leave_text":
            return isinstance(self.focused, TextArea)
        if action == "enter_text":
            return isinstance(self.focused, FileTabs) and self.page is not None
        return True

    @property
    def page(self) -> Page | None:
        """The file that is shown."""
        return self.bench.page

    def show(self, path: Path, line: int = 0, column: int = 1) -> None:
        """Open a file, or go to it, and there to a line and column, from 1; line 0 is where the cursor was."""
        page = self._page_of(path)
        if page is None:
            self._wanted[path] = Spot(path, line, column)
            self._desk.read(path)
            return
        self.bench.turn_to(page)
        if line:
            page.area.go_to(line, column)

    # What threads tell.

    async def on_file_read(self, event: FileRead) -> None:
        """Show a file, or bring one up to date that is shown."""
        page = self._page_of(event.path)
        if event.buffer is None:
            self._wanted.pop(event.path, None)
            if page is None:
                self._complain(event.error)
        elif page is not None:
            self._bring_up_to_date(page, event.buffer)
        elif event.path in self._wanted:
            await self._add(event.buffer, event.draft)

    def on_drafts_found(self, event: DraftsFound) -> None:
        """Tell what a crash or a hangup left."""
        told = [(draft.time.astimezone(), self._relative(Path(draft.path))) for draft in event.drafts]
        self.bench.tell_kept([f"{time:%Y-%m-%d %H:%M}  {name}" for time, name in told])

    def on_file_saved(self, event: FileSaved) -> None:
        """Take the file as saved; or ask what to do, if it is another by now."""
        page = self._page_of(event.path)
        if page is None:
            return
        page.is_saving = False
        if isinstance(event.error, ChangedOnDiskError):
            self._ask_about(page, event.error.current)
        elif event.error is not None:
            self._complain(event.error)
        else:
            page.buffer = Buffer(event.path, event.content)
            page.say("")
            self.bench.tell_files()
            self.bench.tell_run()
            self.session.saved(event.path)

    # What widgets tell.

    def on_page_changed(self, event: Page.Changed) -> None:
        """Mark the file as unsaved, and keep what is typed soon."""
        self._unsaved.typed(event.page)

    def on_workbench_wanted(self, event: Workbench.Wanted) -> None:
        """Go to a place, in whatever file."""
        self.show(event.path, event.line, event.column)

    def on_file_tabs_chosen(self, event: FileTabs.Chosen) -> None:
        """Turn to a file; letters stay commands."""
        if event.index < len(self.bench.pages):
            self.bench.turn_to(self.bench.pages[event.index], enter=not isinstance(self.focused, FileTabs))

    async def on_file_tabs_closed(self, event: FileTabs.Closed) -> None:
        """Close a file."""
        if event.index < len(self.bench.pages):
            await self._close(self.bench.pages[event.index])

    # What keys ask for.

    def action_save(self) -> None:
        """Save the file that is shown."""
        page = self.page
        if page is None or page.is_saving:
            return
        if not page.is_dirty:
            self.notify(f"{one_line(page.path.name)} is saved already.", timeout=2, markup=False)
            return
        self._save(page, page.buffer.base)

    def action_find(self) -> None:
        """Find and replace."""
        self.bench.find()

    def action_go_to_line(self) -> None:
        """Ask for a line."""
        from flowerpower_tui.tui.screens.ask import Ask

        page = self.page
        if page is None:
            return

        def go(answer: str | None) -> None:
            number, _, column = (answer or "").partition(":")
            if number.strip().isdecimal():
                page.area.go_to(int(number), int(column) if column.strip().isdecimal() else 1)
                self.bench.uncover_text()

        self.app.push_screen(Ask("Go to line", "12 or 12:5"), go)

    def action_open(self) -> None:
        """Choose a file of the project."""
        # Late, as all that is rarely seen.
        from flowerpower_tui.tui.screens.open_file import OpenFile

        question = OpenFile(self.session.root, self.session.listing)

        def show(index: int | None) -> None:
            if index is not None:
                self.show(question.paths[index])

        self.app.push_screen(question, show)

    def action_step(self, by: int) -> None:
        """Turn to a neighbour of the file that is shown."""
        if self.page is not None:
            self.bench.turn_to(self.bench.pages[(self.bench.pages.index(self.page) + by) % len(self.bench.pages)])

    def action_undo(self) -> None:
        """Take the last edit of the text back."""
        if self.page is not None:
            self.page.area.undo()

    def action_redo(self) -> None:
        """Make the edit again that was taken back last."""
        if self.page is not None:
            self.page.area.redo()

    def action_leave_text(self) -> None:
        """From the text to the files: there, letters are commands."""
        self.bench.leave_text()

    def action_enter_text(self) -> None:
        """Back to the text."""
        self.bench.enter_text()

    def action_run(self) -> None:
        """Run the chosen pipeline, which is that of the file if it has one; how it ends is told."""
        pipeline = self.session.pipeline
        if pipeline is None:
            return
        unsaved = [page.path.name for page in self.bench.pages if page.is_dirty]
        self.session.launches.ask()
        said = f"Running {one_line(pipeline)}"
        if unsaved:
            said = f"{said} without what is not saved: {', '.join(map(one_line, unsaved))}"
        self.notify(said, severity="warning" if unsaved else "information", timeout=3, markup=False)

    def action_diff(self) -> None:
        """Show what a save would change."""
        if self.page is not None:
            self.app.push_screen(DiffScreen(self._relative(self.page.path), self.page.buffer.text, self.page.area.text))

    def action_revert(self) -> None:
        """Back to what is saved."""
        if self.page is not None:
            self.page.take(self.page.buffer)
            self.page.say("")

    def action_external(self) -> None:
        """Open the file in the user's editor, and come back with what was saved there."""
        page = self.page
        if page is None:
            return
        if page.is_dirty:
            self.notify("Save it first: the other editor reads the file.", severity="warning", timeout=4)
            return
        line = page.area.cursor_location[0] + 1
        try:
            if self.session.mirror is None:
                edit(self.app, page.path, line)
            else:
                self._edit_copy(page, line)
        except FlowerPowerError as error:
            self._complain(error)
        self._desk.read(page.path)

    async def action_close(self) -> None:
        """Close the file; what is not saved is kept, and offered when it is opened again."""
        if self.page is not None:
            await self._close(self.page)

    # How it is done.

    async def _close(self, page: Page) -> None:
        if page.is_dirty:
            self._unsaved.keep_now(page)
            self.notify(f"{one_line(page.path.name)}: the unsaved text is kept for when it is opened again.",
                        timeout=4, markup=False)  # fmt: skip
        await self.bench.remove_page(page)
        self._desk.look_for_drafts(self.session.root)

    def _edit_copy(self, page: Page, line: int) -> None:
        """Have another editor at the text of a page, and save what comes out: the file itself is in a storage."""
        edited = Buffer(page.path, edit_copy(self.app, page.path, page.buffer.base or b"", line))
        try:
            page.area.change_to(edited.text)
        except UnicodeDecodeError as error:
            raise FlowerPowerError("What came back is not UTF-8: nothing was changed.") from error
        if page.is_dirty:
            self._save(page, page.buffer.base)

    def _open_wanted(self) -> None:
        for spot in self.session.wanted_spots.take():
            self.show(*spot)

    def _page_of(self, path: Path) -> Page | None:
        return next((page for page in self.bench.pages if page.path == path), None)

    async def _add(self, buffer: Buffer, draft: Draft | None) -> None:
        page = Page(buffer)
        await self.bench.add(page)
        _, line, column = self._wanted.pop(buffer.path)

        def ready() -> None:
            self.bench.turn_to(page)
            if draft is not None:
                page.area.change_to(draft.text)
                when = draft.time.astimezone().strftime("%H:%M")
                fits = "" if draft.is_based_on(buffer.base) else " The file has changed since."
                page.say(f"This is text of {when} that was not saved.{fits} esc u goes back to the file.")
            if line:
                page.area.go_to(line, column)

        self.call_after_refresh(ready)

    def _read_again(self) -> None:
        for page in self.bench.pages:
            self._desk.read(page.path)

    def _bring_up_to_date(self, page: Page, found: Buffer) -> None:
        if page.is_saving or found.base == page.buffer.base:
            return
        if not page.is_dirty or found.text == page.area.text:
            page.take(found)
            page.say("")
            self.bench.tell_files()
        else:
            page.say("Another program has changed this file meanwhile. Saving asks what to do: nothing is overwritten.")

    def _save(self, page: Page, expected: bytes | None) -> None:
        page.is_saving = True
        self._desk.save(page.path, page.content, expected)

    def _ask_about(self, page: Page, current: bytes | None) -> None:
        try:
            theirs = Buffer(page.path, current)
            text = None if current is None else theirs.text
        except UnicodeDecodeError:
            self._complain(FlowerPowerError(f"{page.path}: another program wrote something that is not UTF-8."))
            return
        mine = page.area.text
        merged = None if text is None else merge(page.buffer.text, mine, text)

        def decide(choice: Choice | None) -> None:
            match choice:
                case "mine":
                    self._save(page, current)
                case "theirs":
                    page.take(theirs)
                    page.say("")
                case "merged" if merged is not None:
                    page.take(theirs, merged)
                    page.say("Both changes are in it. Save it if it is right; undo brings back what you had typed.")

        self.app.push_screen(ConflictScreen(self._relative(page.path), mine, text, merged), decide)

    def _relative(self, path: Path) -> str:
        root = self.session.root
        return str(path.relative_to(root) if path.is_relative_to(root) else path)

    def _complain(self, error: FlowerPowerError | None) -> None:
        self.notify(sanitise(str(error)), severity="error", timeout=6, markup=False)
