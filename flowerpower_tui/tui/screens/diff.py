"""What a save would change: a unified diff over the screen; and what to do when a file changed under the editor."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from textual.app import ComposeResult

Choice = Literal["mine", "theirs", "merged"]

_COLOURS = {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}


def diff_content(old: str, new: str, before: str, after: str) -> Content:
    """Return the differences of two texts as coloured lines; `before` and `after` name them."""
    lines = [*unified_diff(old.splitlines(), new.splitlines(), before, after, lineterm="")]
    if not lines:
        return Content("There is no difference.")
    parts = [(one_line(line) + "\n", _COLOURS.get(line[:1], "")) for line in lines]
    return Content.assemble(*parts)


class DiffScreen(Modal[None]):
    """Shows what changed; any of esc, q, d closes it."""

    CSS_PATH = "diff.tcss"

    BINDINGS: ClassVar = [Binding("escape,q,d,enter", "dismiss", "Close", key_display="esc")]

    def __init__(self, title: str, old: str, new: str, names: tuple[str, str] = ("saved", "typed")) -> None:
        super().__init__()
        self._heading = title
        self._diff = diff_content(old, new, *names)

    def compose(self) -> ComposeResult:
        """A box with the lines."""
        with VerticalScroll(id="diff"):
            yield Static(Content(one_line(self._heading)), id="title")
            yield Static(self._diff, id="lines")


class ConflictScreen(Modal["Choice | None"]):
    """Asks what shall be saved when the file holds something else by now; nothing is lost whatever is chosen."""

    CSS_PATH = "diff.tcss"

    # The choices keep the focus, so that enter always answers; these reach the difference past them.
    BINDINGS: ClassVar = [
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
        Binding("pagedown,ctrl+d,J", "scroll_lines(1)", "Further down", priority=True),
        Binding("pageup,ctrl+u,K", "scroll_lines(-1)", "Further up", priority=True),
    ]

    def __init__(self, name: str, mine: str, theirs: str | None, merged: str | None) -> None:
        super().__init__()
        self._file = name
        self._mine = mine
        self._theirs = theirs
        self._merged = merged

    def compose(self) -> ComposeResult:
        """What happened, what can be done, and both texts against each other."""
        name = one_line(self._file)
        with Vertical(id="conflict"):
            if self._theirs is None:
                yield Static(Content(f"{name} was deleted by another program"), id="title")
            else:
                yield Static(Content(f"{name} was changed by another program"), id="title")
            yield OptionList(*self._options(), id="choices", compact=True)
            yield Static(Content("From theirs to mine; pgdn and pgup go through it:"), id="direction")
            with VerticalScroll(id="lines-box", can_focus=False):
                yield Static(diff_content(self._theirs or "", self._mine, "theirs", "mine"), id="lines")

    def on_mount(self) -> None:
        """The first choice is under the cursor."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        match event.option.id:
            case "merged":
                self.dismiss("merged")
            case "mine":
                self.dismiss("mine")
            case "theirs":
                self.dismiss("theirs")
            case _:
                self.dismiss(None)

    def action_scroll_lines(self, by: int) -> None:
        """See more of the difference."""
        box = self.query_one("#lines-box")
        box.scroll_relative(y=by * max(1, box.size.height - 1), animate=False)

    def _options(self) -> list[Option]:
        options = []
        if self._merged is not None:
            options.append(Option("Merge: the changes do not touch; look at it, then save", id="merged"))
        if self._theirs is not None:
            options.append(Option("Take theirs: it replaces what was typed; undo brings that back", id="theirs"))
        options.append(Option("Keep mine: it replaces what is in the file", id="mine"))
        options.append(Option("Go on editing: nothing is saved yet", id="nothing"))
        return options
