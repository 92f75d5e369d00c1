"""What stands while a project is fetched from a storage: why that fails, and whether its code may run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rich.text import Text
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Footer, Static
from typing_extensions import override

from flowerpower_tui.errors import NoProjectError, StorageError
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.background import Troubled, in_background

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from flowerpower_tui.project.mirror import Mirror

CANCELLED = 130
MISTAKEN = 2
"""Exit codes, if no project was opened: nobody waited for it; it could not be fetched."""

_MOST_LEFT_OFF = 5


@dataclass(frozen=True)
class Remote:
    """A project in a storage.

    Attributes:
        url: where it is.
        options: how the storage is reached; secrets.
        trusted: whether its code may run here, whatever was said before.
    """

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trusted: bool = False


@dataclass
class Fetched(Message):
    """The project is here."""

    mirror: Mirror


@dataclass
class ProjectFetched(Message):
    """The project is here, is wanted, and it is known whether its code may run."""

    mirror: Mirror


class Fetching(Screen[None]):
    """Fetches a project, and asks once whether its code may run.

    Args:
        remote: the project.
        goes_back: whether there is something to go back to, for who does not want to open it after all.
    """

    CSS_PATH = "fetching.tcss"

    BINDINGS: ClassVar = [
        Binding("escape,ctrl+q", "leave", "Leave", key_display="esc", tooltip="Open nothing", priority=True),
        Binding("r", "retry", "Try again", tooltip="Try to fetch it once more"),
        Binding("y", "trust", "Run its code", tooltip="Open it, and let its code run here"),
        Binding("l", "look", "Only look", tooltip="Open it, and let nothing of it run"),
    ]

    def __init__(self, remote: Remote, *, goes_back: bool = False) -> None:
        super().__init__()
        self._remote = remote
        self._goes_back = goes_back
        self._state: Literal["fetching", "failed", "asking"] = "fetching"
        self._mirror: Mirror | None = None
        self._reason = ""

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with VerticalScroll(id="box", can_focus=False):
            yield Static(id="title")
            yield Static(Content(one_line(self._remote.url)), id="url")
            yield Static(id="said")
            with Horizontal(id="buttons"):
                yield Button("Only look", id="look")
                yield Button("Run its code here", id="trust")
                yield Button("Try again", id="retry")
                yield Button("Leave", id="leave")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin."""
        self._fetch()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is not asked cannot be answered."""
        wanted = {"retry": "failed", "trust": "asking", "look": "asking"}
        return self._state == wanted.get(action, self._state)

    def on_fetched(self, event: Fetched) -> None:
        """Go on; before the first time, ask whether the project's code may run."""
        self._mirror = mirror = event.mirror
        if self._remote.trusted:
            mirror.trust()
        if mirror.is_trusted:
            self.post_message(ProjectFetched(mirror))
            return
        left_off = mirror.left_off
        more = f"\nand {len(left_off) - _MOST_LEFT_OFF:,} more" if len(left_off) > _MOST_LEFT_OFF else ""
        listed = "".join(f"\nNot fetched: {one_line(left)}" for left in left_off[:_MOST_LEFT_OFF])
        said = "The code of this project comes from there, and runs here with your rights: whoever can write there"
        said += " decides what it does. Even a look at a DAG runs it. Your answer is remembered, if it is yes."
        self._show("asking", "Shall code from this storage run on this machine?", said + listed + more)
        self.query_one("#look").focus()

    def on_troubled(self, event: Troubled) -> None:
        """Say why it could not be fetched."""
        self._reason = str(event.error)
        self._show("failed", "This project cannot be opened", sanitise(self._reason))
        self.query_one("#retry").focus()

    async def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        await self.run_action(event.button.id or "leave")

    def action_retry(self) -> None:
        """Fetch it once more."""
        self._fetch()

    def action_trust(self) -> None:
        """Let its code run, from now on."""
        if self._mirror is not None:
            self._mirror.trust()
            self.post_message(ProjectFetched(self._mirror))

    def action_look(self) -> None:
        """Open it, and let nothing of it run."""
        if self._mirror is not None:
            self.post_message(ProjectFetched(self._mirror))

    def action_leave(self) -> None:
        """Go back to the project that was open; where there was none, end."""
        if self._goes_back:
            self.dismiss()
        elif self._state == "failed":
            self.app.exit(return_code=MISTAKEN, message=Text(f"fp-tui: {sanitise(self._reason)}"))
        else:
            self.app.exit(return_code=CANCELLED)

    def _fetch(self) -> None:
        remote = self._remote

        def work() -> Message:
            # What talks to storages takes half a second to import.
            from flowerpower_tui.project.mirror import Mirror

            mirror = Mirror.open(remote.url, remote.options)
            try:
                mirror.sync()
            except StorageError:
                mirror.storage.forget()
                raise
            if not ProjectLayout.of(mirror.root).exists:
                raise NoProjectError(
                    f"There is no project at {mirror.url}.",
                    hint=f"Check the URL, or make a project there: fp-tui init {mirror.url}",
                )
            return Fetched(mirror)

        self._show("fetching", "Fetching this project…", "")
        in_background("fetch", work, self)

    def _show(self, state: Literal["fetching", "failed", "asking"], title: str, said: str) -> None:
        self._state = state
        self.set_class(state == "failed", "-failed")
        self.query_one("#title", Static).update(Content(title))
        self.query_one("#said", Static).update(Content(said))
        for button in self.query(Button):
            button.display = bool(self.check_action(button.id or "", ()))
        self.refresh_bindings()
