"""The open files: which there are, which one is shown, and whether keys are text or commands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.widgets.file_tabs import FileTabs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flowerpower_tui.tui.widgets.page import Page

_EMPTY = """No file is open.

o       open one of the project's files by some letters of its name
1       go to the project: there, e opens the file under the cursor
"""


def nothing_open() -> Static:
    """Return what stands where the files will."""
    return Static(Content(_EMPTY), id="empty")


def names_apart(paths: Sequence[Path]) -> list[str]:
    """Return the files' names; those that several have, with as many folders before them as tell them apart."""
    lengths = [1] * len(paths)
    while True:
        names = ["/".join(path.parts[-length:]) for path, length in zip(paths, lengths, strict=True)]
        count = Counter(names)
        longer = [
            length + (count[name] > 1 and length < len(path.parts))
            for path, length, name in zip(paths, lengths, names, strict=True)
        ]
        if longer == lengths:
            return names
        lengths = longer


class OpenFiles(Vertical):
    """Several files, one of them shown, in the switcher `#pages`; a subclass says what goes with it (`turned`).

    Attributes:
        pages: the open files, in the order of their tabs.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pages: list[Page] = []
        self._page: Page | None = None

    @property
    def page(self) -> Page | None:
        """The file that is shown."""
        return self._page

    def turned(self) -> None:
        """Another file is shown now, or none any more."""

    def tell_kept(self, kept: Sequence[str]) -> None:
        """Say, where no file is open, of which files unsaved text is kept; a line for each."""
        offer = ("\nUnsaved text is kept, and comes back with the file:\n\n", *(f"{line}\n" for line in kept))
        self.query_one("#empty", Static).update(Content(_EMPTY + sanitise("".join(offer)) if kept else _EMPTY))

    async def add(self, page: Page) -> None:
        """Take a file among the open ones; when this returns, its text can have the focus."""
        page.id = f"page-{id(page)}"
        self.pages.append(page)
        await self.query_one("#pages", ContentSwitcher).mount(page)

    def turn_to(self, page: Page, *, enter: bool = True) -> None:
        """Show an open file."""
        self._page = page
        self.query_one("#pages", ContentSwitcher).current = page.id
        if enter:
            self.enter_text()
        self.tell_files()
        self.turned()
        self.screen.refresh_bindings()

    async def remove_page(self, page: Page) -> None:
        """Let go of an open file; if it is shown, a neighbour takes its place, and letters are commands then."""
        index = self.pages.index(page)
        self.pages.remove(page)
        was_shown = page is self._page
        if was_shown and self.pages:
            self.turn_to(self.pages[min(index, len(self.pages) - 1)], enter=False)
        elif was_shown:
            self._page = None
            self.query_one("#pages", ContentSwitcher).current = "empty"
            self.turned()
        if was_shown:
            self.leave_text()
        await page.remove()
        self.tell_files()
        self.screen.refresh_bindings()

    def enter_text(self) -> None:
        """Let keys be text."""
        if self.page is not None:
            self.page.area.focus()

    def leave_text(self) -> None:
        """Let letters be commands."""
        self.query_one(FileTabs).focus()

    def tell_files(self) -> None:
        """Show which files are open, and which are not saved."""
        shown = self.page
        names = names_apart([page.path for page in self.pages])
        files = [(name, page.is_dirty) for name, page in zip(names, self.pages, strict=True)]
        self.query_one(FileTabs).show(files, self.pages.index(shown) if shown in self.pages else -1)
