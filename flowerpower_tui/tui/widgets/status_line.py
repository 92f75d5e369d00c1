"""Below the text: where the cursor is, what is wrong or which node is there, and how much is wrong in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.widgets.inspector import in_a_line
from flowerpower_tui.tui.widgets.problem_list import SEVERITIES, counted, mending

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from flowerpower_tui.assist.diagnostic import Diagnostic
    from flowerpower_tui.graph.model import Node
    from flowerpower_tui.runs.view import NodeRun
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

    def tell(
        self, page: Page | None, root: Path, node: Node | None, run: NodeRun | None, fix_key: str, more_key: str
    ) -> None:
        """Tell of the cursor's place: what is wrong there, or else which node, or which file it is in.

        Args:
            page: whose cursor it is.
            root: the project's folder.
            node: which one it is in.
            run: what that did.
            fix_key: mends what is wrong.
            more_key: tells all of it, where there is no room for that.
        """
        said, counts = Content(), ""
        if page is not None:
            line, column = page.cursor
            counts = counted(page.diagnostics)
            place = f"{line}:{column}  "
            room = self.size.width - len(place) - len(counts) - 4
            diagnostic = page.diagnostic
            if diagnostic is not None:
                what = _told(diagnostic, fix_key, more_key, room)
            elif node is not None and run is not None:
                what = in_a_line(node, run)
            else:
                path = page.path.relative_to(root) if page.path.is_relative_to(root) else page.path
                what = Content(one_line(str(path)))
            said = Content.assemble(place, what)
        # Its width is what is left: nothing has to be laid out anew for a cursor that moves.
        self.query_one("#status", Static).update(said, layout=False)
        self.query_one("#counts", Static).update(Content(counts), layout=self._counts != counts)
        self._counts = counts

    _counts = ""


def _told(diagnostic: Diagnostic, fix_key: str, more_key: str, room: int) -> Content:
    sign, colour = SEVERITIES[diagnostic.severity]
    said = Content(f"{sign} {diagnostic.message}").stylize(f"${colour}")
    if diagnostic.fix is not None and fix_key:
        behind = mending(diagnostic, fix_key)
    else:
        behind = Content(diagnostic.hint).stylize("$text-muted")
    whole = Content.assemble(said, "  ", behind)
    if whole.cell_length <= room or not more_key:
        return whole
    more = Content(f"  {more_key} tells more").stylize("$text-muted")
    return Content.assemble(said.truncate(max(1, room - more.cell_length), ellipsis=True), more)
