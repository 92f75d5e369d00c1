"""Below the text: where the cursor is, what is wrong or which node is there, and how much is wrong in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.problem_list import SEVERITIES, counted

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.assist.diagnostic import Diagnostic
    from flowerpower_tui.tui.widgets.page import Page


class StatusLine(Horizontal):
    """Tells of the place of the cursor."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $surface;
        & > #status { width: 1fr; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #counts { width: auto; padding: 0 1; color: $text-muted; }
    }
    """

    def compose(self) -> ComposeResult:
        """The place at the left, the counts at the right."""
        yield Static(id="status")
        yield Static(id="counts")

    def tell(self, page: Page | None, otherwise: Content, *, fix_key: str = "") -> None:
        """Tell of the cursor's place: what is wrong there, mended by `fix_key`; or else what `otherwise` says."""
        said, counts = Content(), ""
        if page is not None:
            line, column = page.cursor
            diagnostic = page.diagnostic
            what = otherwise if diagnostic is None else _told(diagnostic, fix_key)
            said = Content.assemble(f"{line}:{column}  ", what)
            counts = counted(page.diagnostics)
        # Its width is what is left: nothing has to be laid out anew for a cursor that moves.
        self.query_one("#status", Static).update(said, layout=False)
        self.query_one("#counts", Static).update(Content(counts), layout=self._counts != counts)
        self._counts = counts

    _counts = ""


def _told(diagnostic: Diagnostic, fix_key: str) -> Content:
    sign, colour = SEVERITIES[diagnostic.severity]
    said = Content(f"{sign} {diagnostic.message}").stylize(f"${colour}")
    if diagnostic.fix is not None and fix_key:
        mends = f"  {fix_key} writes {diagnostic.fix.text}" if diagnostic.fix.text else f"  {fix_key} takes it out"
        return Content.assemble(said, (one_line(mends), "$text-primary"))
    return Content.assemble(said, (f"  {diagnostic.hint}", "$text-muted"))
