"""Where projects are chosen: those that were opened before, a new one, or any folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.suggester import SuggestionReady
from textual.widgets import Button, Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from flowerpower_tui.errors import FlowerPowerError, ProjectError
from flowerpower_tui.location import at_home
from flowerpower_tui.project.address import is_url, parse
from flowerpower_tui.project.layout import ProjectLayout, find_root
from flowerpower_tui.project.mirrors import url_of
from flowerpower_tui.project.scaffold import check_pipeline_name, init_project, new_pipeline
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.tui.background import in_background
from flowerpower_tui.tui.folders import completed
from flowerpower_tui.tui.recent import home_relative
from flowerpower_tui.tui.screens.modal import Modal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.tui.recent import Opened
    from flowerpower_tui.tui.screens.fetching import Remote

_HEIGHTS = [(0, "-low"), (20, "-high")]


class ProjectChooser(VerticalScroll, can_focus=False):
    """The recent projects, and below them a form for a new one or another folder."""

    class Left(Message):
        """Someone wants none of them."""

    def __init__(self, folder: Path, recent: Sequence[Opened], title: str, leave: str) -> None:
        super().__init__(id="box")
        self._folder = folder
        self._recent = recent
        self._title = title
        self._leave = leave

    def compose(self) -> ComposeResult:
        """What is quickest comes first."""
        yield Static(Content(self._title), id="title")
        url = url_of(self._folder)
        place = url or str(self._folder)
        yield Static(Content(one_line(url or home_relative(self._folder))), id="folder")
        if self._recent:
            yield Label("Recent projects", id="recent-title")
            yield OptionList(*map(_option, self._recent), id="recent", compact=True)
        yield Static(
            Content(
                "A project is a folder with conf/ and pipelines/. Make one with a first pipeline that runs, "
                "or open another folder."
            ),
            id="what",
        )
        yield Label("Folder")
        yield Input(one_line(place), id="path")
        yield Label("First pipeline")
        yield Input("my_pipeline", id="pipeline")
        yield Static(id="trouble")
        with Horizontal(id="buttons"):
            yield Button("Make a project", id="make", variant="primary")
            yield Button("Open this folder", id="open")
            yield Button(self._leave, id="leave")

    def on_mount(self) -> None:
        """Enter alone opens the project that was open last; where there was none, it makes one where none is."""
        if self._recent:
            names = self.query_one("#recent", OptionList)
            names.highlighted = 0
            names.focus(scroll_visible=False)
        elif ProjectLayout.of(self._folder).exists:
            self.query_one("#path", Input).focus(scroll_visible=False)
        else:
            self.query_one("#make", Button).focus()

    def on_key(self, event: Key) -> None:
        """A letter that is typed on a button is the beginning of a folder's name, unless a hint offers it."""
        if event.key in self.screen.active_bindings:
            return
        if event.is_printable and event.character and isinstance(self.screen.focused, Button):
            event.stop()
            self._begin_path(event.character)

    def on_paste(self, event: Paste) -> None:
        """So is what is pasted there."""
        if isinstance(self.screen.focused, Button):
            event.stop()
            self._begin_path(one_line(event.text))

    def _begin_path(self, text: str) -> None:
        path = self.query_one("#path", Input)
        # The next letter would replace what is selected.
        path.select_on_focus = False
        path.value = text
        path.cursor_position = len(text)
        path.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a project that was open before, if it is still one."""
        self._open(Path(self._recent[event.option_index].root))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer the rest of a folder's name; the right arrow takes it."""
        typed = event.value
        if event.input.id == "path" and typed and not is_url(typed):
            in_background("folders", lambda: SuggestionReady(typed, completed(typed)), event.input)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter opens the project that is named; where there is none, perhaps by a slip, it only offers one."""
        if event.input.id == "pipeline" or is_url(self._typed):
            self._make()
        elif ProjectLayout.of(path := self._path()).exists:
            self._open(path)
        else:
            self._say(f"There is no project in {path}. Enter makes one there.")
            self.query_one("#make", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        match event.button.id:
            case "make":
                self._make()
            case "open" if is_url(self._typed):
                self._fetch(self._typed)
            case "open":
                self._open(self._path())
            case _:
                self.post_message(self.Left())

    def _make(self) -> None:
        if is_url(self._typed):
            # Where there is none, it is said how one is made there.
            self._fetch(self._typed)
            return
        path = self._path()
        name = self.query_one("#pipeline", Input).value.strip()
        try:
            # Before anything is made, so that nothing is made by halves.
            check_pipeline_name(name)
            if not ProjectLayout.of(path).exists:
                init_project(path, path.name)
                new_pipeline(path, name)
        except FlowerPowerError as error:
            self._say(str(error))
            return
        except OSError as error:
            self._say(f"{path}: {error.strerror}")
            return
        self.post_message(ProjectChosen(path))

    def _open(self, path: Path) -> None:
        try:
            self.post_message(ProjectChosen(find_root(path)))
        except ProjectError as error:
            self._say(str(error))

    def _fetch(self, url: str) -> None:
        from flowerpower_tui.tui.screens.fetching import Remote

        try:
            self.post_message(RemoteChosen(Remote(str(parse(url)))))
        except ProjectError as error:
            self._say(str(error))

    @property
    def _typed(self) -> str:
        return self.query_one("#path", Input).value.strip()

    def _path(self) -> Path:
        text = self.query_one("#path", Input).value
        # What cannot be shown as it is cannot be typed either: untouched, it means the folder itself.
        return self._folder if text == one_line(str(self._folder)) else at_home(text).resolve()

    def _say(self, trouble: str) -> None:
        said = self.query_one("#trouble", Static)
        said.update(Content(sanitise(trouble)))
        self.call_after_refresh(self.scroll_end, animate=False)


@dataclass
class ProjectChosen(Message):
    """There is a project at `root`, and it is wanted."""

    root: Path


@dataclass
class RemoteChosen(Message):
    """The project at a URL is wanted."""

    remote: Remote


class Welcome(Screen[None]):
    """What opens on a folder that is no project."""

    CSS_PATH = "welcome.tcss"
    VERTICAL_BREAKPOINTS = _HEIGHTS

    BINDINGS: ClassVar = [
        Binding("escape,ctrl+q", "app.quit", "Quit", key_display="esc", tooltip="Leave fp-tui", priority=True),
        Binding("T", "app.tour", "Tour", tooltip="See in a minute what there is", id="app.tour"),
    ]

    def __init__(self, folder: Path, recent: Sequence[Opened] = ()) -> None:
        super().__init__()
        self._chooser = ProjectChooser(folder, recent, "There is no FlowerPower project here", "Quit")

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield self._chooser
        yield Footer(show_command_palette=False)

    def on_project_chooser_left(self) -> None:
        """Nothing is open: it ends."""
        self.app.exit(0)


class Projects(Modal[None]):
    """Lies over the open project, to choose another one."""

    CSS_PATH = "welcome.tcss"
    VERTICAL_BREAKPOINTS = _HEIGHTS

    BINDINGS: ClassVar = [
        Binding("escape", "dismiss", "Back", key_display="esc", priority=True),
        Binding("T", "app.tour", "Tour", tooltip="See in a minute what there is", id="app.tour"),
    ]

    def __init__(self, root: Path, recent: Sequence[Opened]) -> None:
        super().__init__()
        others = [opened for opened in recent if opened.root != str(root)]
        self._chooser = ProjectChooser(root, others, "Open another project; what runs here goes on", "Back")

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        yield self._chooser
        yield Footer(show_command_palette=False)

    def on_project_chooser_left(self) -> None:
        """Go back to the project that is open."""
        self.dismiss()


def _option(opened: Opened) -> Option:
    path = Path(opened.root)
    label = Content.assemble((f"{one_line(path.name)}  ", "bold"), (one_line(home_relative(path)), "$text-muted"))
    return Option(label)
