"""What opens on a folder that is no project: it says so, and offers to make one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Center, Horizontal, Middle, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Label, Static

from flowerpower_tui.errors import FlowerPowerError, ProjectError
from flowerpower_tui.project.layout import ProjectLayout, find_root
from flowerpower_tui.project.scaffold import check_pipeline_name, init_project, new_pipeline
from flowerpower_tui.terminal import one_line, sanitise

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Welcome(Screen[None]):
    """Offers a new project in a folder, or another folder."""

    CSS_PATH = "welcome.tcss"

    BINDINGS: ClassVar = [
        Binding("escape,ctrl+q", "app.quit", "Quit", key_display="esc", tooltip="Leave fp-tui", priority=True),
    ]

    @dataclass
    class ProjectChosen(Message):
        """There is a project at `root` now."""

        root: Path

    def __init__(self, folder: Path, trouble: str = "") -> None:
        super().__init__()
        self._folder = folder
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        """A box in the middle."""
        with Middle(), Center(), Vertical(id="box"):
            yield Static(Content("There is no FlowerPower project here"), id="title")
            yield Static(Content(one_line(str(self._folder))), id="folder")
            yield Static(
                Content(
                    "A project is a folder with conf/ and pipelines/. Make one with a first pipeline that runs, "
                    "or open another folder."
                ),
                id="what",
            )
            yield Label("Folder")
            yield Input(one_line(str(self._folder)), id="path")
            yield Label("First pipeline")
            yield Input("my_pipeline", id="pipeline")
            yield Static(Content(self._trouble), id="trouble")
            with Horizontal(id="buttons"):
                yield Button("Make a project", id="make", variant="primary")
                yield Button("Open this folder", id="open")
                yield Button("Quit", id="quit")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Enter alone makes the project."""
        self.query_one("#make", Button).focus()

    def on_input_submitted(self) -> None:
        """Enter in a field makes the project."""
        self._make()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        match event.button.id:
            case "make":
                self._make()
            case "open":
                self._open()
            case _:
                self.app.exit(0)

    def _make(self) -> None:
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
        self.post_message(self.ProjectChosen(path))

    def _open(self) -> None:
        try:
            self.post_message(self.ProjectChosen(find_root(self._path())))
        except ProjectError as error:
            self._say(str(error))

    def _path(self) -> Path:
        text = self.query_one("#path", Input).value
        # What cannot be shown as it is cannot be typed either: untouched, it means the folder itself.
        return self._folder if text == one_line(str(self._folder)) else Path(text).expanduser().resolve()

    def _say(self, trouble: str) -> None:
        self.query_one("#trouble", Static).update(Content(sanitise(trouble)))
