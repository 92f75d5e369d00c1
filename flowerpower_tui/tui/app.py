"""The application: it wires project, places and what all of them share together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.color import Color
from textual.events import Event, InputEvent, Key, Paste, Resize
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from typing_extensions import override

from flowerpower_tui.errors import FlowerPowerError, ProjectError
from flowerpower_tui.settings import Read, Settings, read_settings
from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.cells import Cells
from flowerpower_tui.tui.charset import Colourless, PlainLetters, charset
from flowerpower_tui.tui.driver import TerminalDriver
from flowerpower_tui.tui.guide import Guide
from flowerpower_tui.tui.hints import Hints, name_of
from flowerpower_tui.tui.key_order import KeyDone, KeyOrder, TakesEarlyKeys
from flowerpower_tui.tui.leaving import WayOut, farewell
from flowerpower_tui.tui.link import Link
from flowerpower_tui.tui.open_project import OpenProject
from flowerpower_tui.tui.opening import require_terminal
from flowerpower_tui.tui.places import PLACES, import_places
from flowerpower_tui.tui.preferences import Preferences
from flowerpower_tui.tui.screens.first_frame import FirstFrame
from flowerpower_tui.tui.tidying import Tidying

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import RenderableType
    from textual.actions import ActionParseResult
    from textual.command import Provider
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.filter import LineFilter

    from flowerpower_tui.tui.screens.fetching import ProjectFetched, Remote
    from flowerpower_tui.tui.screens.welcome import ProjectChosen, RemoteChosen
    from flowerpower_tui.tui.session import Session

# The first frame is on its way to the terminal long before, if it takes any.
_PATIENCE = 0.5
# The first screen stands by then.
_WATCH_SECONDS = 0.2
# And by then nothing more is to be done for it.
_IDLE_SECONDS = 1.0


def _everything() -> type[Provider]:
    # The palette's own import does not weigh on every start.
    from flowerpower_tui.tui.palette import Everything

    return Everything


class FlowerPowerApp(App[int]):
    """`fp-tui`: opens a project, or offers to make one.

    Attributes:
        preferences: what the user's own files say.
        link: what lies between the interface and its user's eyes.
        charset: which letters the terminal is sent.
        hints: which keys need no hint any more.
        guide: shows around.
        offers_tour: whether who comes here for the first time is offered to be shown around.
        way_out: how it ends.
    """

    TITLE = "fp-tui"
    ENABLE_COMMAND_PALETTE = True
    CSS = """
    Footer { background: $panel; }
    Toast { max-width: 72; }
    .-pointed { outline: round $warning; }
    """

    BINDINGS: ClassVar = [
        Binding("ctrl+q", "quit", "Quit", show=False, tooltip="Leave; runs go on", id="app.quit", priority=True),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            show=False,
            tooltip="Back to the shell; fg returns",
            id="app.suspend",
        ),
        Binding("f6", "tour_on", "Next step", show=False, tooltip="Go on with the tour", id="tour.next"),
        Binding("f7", "tour_end", "End tour", show=False, tooltip="End the tour", id="tour.end"),
        Binding("f8", "meter", "Link", show=False, tooltip="Show how much is sent to the terminal", id="link.meter"),
    ]

    COMMANDS: ClassVar = {_everything}

    # An empty screen, for the moment in which one project is left and the next not there yet.
    MODES: ClassVar = {"between": Screen}

    shows_meter = reactive(False)
    """Whether the title bar shows how much is sent to the terminal."""

    def __init__(self, folder: Path | Remote, read: Read | None = None) -> None:
        super().__init__(watch_css=False)
        self.preferences = Preferences(self, read or read_settings(), self._take_settings)
        self.link = Link.of(self.settings)
        wanted = self.settings.meter
        self.set_reactive(FlowerPowerApp.shows_meter, wanted == "always" or (wanted == "auto" and self.link.is_remote))
        self.charset = charset(self.settings.charset)
        self.hints = Hints.read(fade=self.settings.hints == "fade")
        self.guide = Guide(self)
        self.way_out = WayOut(self)
        self._project = OpenProject(self, folder)
        self.offers_tour = False
        self._colourless = Colourless()
        self._plain_letters = PlainLetters(self.charset == "ascii")
        self._tidying = Tidying(self.call_later)
        self._key_order = KeyOrder(self, super().on_event)
        self._has_drawn = asyncio.Event()
        self._cells = Cells()

    @property
    def session(self) -> Session | None:
        """The open project; None while there is none."""
        return self._project.session

    @property
    def settings(self) -> Settings:
        """What the user wants."""
        return self.preferences.settings

    @property
    def has_crashed(self) -> bool:
        """Whether an error ended the interface that nobody caught."""
        return self._exception is not None

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this terminal; ours where it is a real one."""
        chosen = super().get_driver_class()
        return TerminalDriver if issubclass(TerminalDriver, chosen) else chosen

    @override
    def copy_to_clipboard(self, text: str) -> None:
        """Copy text to where the terminal is, through tmux or screen if need be."""
        from flowerpower_tui.tui.clipboard import hand_over

        self._clipboard = text
        if self._driver is not None:
            hand_over(text, self._driver)

    @override
    def get_default_screen(self) -> Screen[Any]:
        """What is seen first."""
        return FirstFrame(self._project.first)

    def on_load(self) -> None:
        """Be ready for signals before the terminal is changed; have the user's colours before anything is drawn."""
        if not self.is_headless:
            self.way_out.answer_signals()
        self.preferences.dress()
        self.stylesheet.set_variables(self.get_css_variables())

    async def on_mount(self) -> None:
        """Take what the user's files say; where nobody looks, open the project at once."""
        self._tidying.start()
        self.preferences.take()
        self.link.on_frame_due(partial(self.call_later, self._catch_up))
        # After ctrl+z and fg the screen is empty, and Textual takes it for what it was.
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        if self.is_headless:
            await self._project.begin()

    async def on_ready(self) -> None:
        """Open the project behind the first frame; do then what a signal asked for meanwhile.

        Keys that come before it is open wait for this to end.
        """
        if not self.is_headless:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_drawn.wait(), _PATIENCE)
            await self._project.begin()
        self.set_timer(_WATCH_SECONDS, self.preferences.watch)
        self.set_timer(_IDLE_SECONDS, Thread(target=import_places, name="import-places", daemon=True).start)
        self.way_out.open()

    def on_unmount(self) -> None:
        """Let go of the project: its runs go on."""
        self._tidying.stop()
        self.hints.write()
        self.preferences.close()
        self._project.close()

    def watch_theme(self) -> None:
        """Know what the screen's own background is."""
        self._colourless.ground = Color.parse(self.theme_variables["background"]).brightness

    def watch_app_focus(self, has_focus: bool) -> None:
        """Nobody looks at a terminal without the focus: it changes less often."""
        self.link.focus(has_focus)

    async def on_event(self, event: Event) -> None:
        """Take note that somebody types."""
        if isinstance(event, InputEvent):
            self._tidying.touch()
        elif isinstance(event, Resize) and self._size is not None:
            # What the terminal makes of its lines then is its own affair; and where it has been larger or smaller for a
            # moment only, Textual, which sees the size that it knows, would leave it at that.
            self.action_redraw()
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    def on_key_done(self, event: KeyDone) -> None:
        """Handle the key behind it, once the focus is where it led."""
        self.call_later(self._key_order.done, event.number)

    def on_key(self, event: Key) -> None:
        """Hand a key to the question that it came too early for."""
        screen = self.screen
        if isinstance(screen, TakesEarlyKeys):
            screen.take_early(event)

    async def on_project_chosen(self, event: ProjectChosen) -> None:
        """Open what was made or found, if it is not open already."""
        if isinstance(self.screen, ModalScreen):
            self.pop_screen()
        await self._project.change_to(event.root)

    def on_remote_chosen(self, event: RemoteChosen) -> None:
        """Fetch a project."""
        if isinstance(self.screen, ModalScreen):
            self.pop_screen()
        self._project.fetch(event.remote)

    async def on_project_fetched(self, event: ProjectFetched) -> None:
        """Open a project that lies in a storage."""
        await self._project.open(event.mirror.root, event.mirror)

    def action_redraw(self) -> None:
        """Send the whole screen, whatever the terminal shows."""
        self._cells.forget()
        self.call_later(self._catch_up)

    def action_meter(self) -> None:
        """Show how much goes to the terminal, or show it no more."""
        self.shows_meter = not self.shows_meter

    @override
    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers beside what Textual has."""
        yield from super().get_system_commands(screen)
        yield SystemCommand("Take the tour", "See in a minute what there is", partial(self.run_action, "tour"))
        yield SystemCommand("Link meter", "Show how much is sent to the terminal, or hide it", self.action_meter)

    async def action_go(self, place: str) -> None:
        """Go to a place."""
        await self.switch_mode(place)
        self.guide.follow()

    def action_projects(self) -> None:
        """Choose another project; the present one stays open until then."""
        self._project.choose()

    async def action_tour(self) -> None:
        """Show around: in the open project, or in one that is made for it."""
        from flowerpower_tui.tui.practice import practice_project

        if isinstance(self.screen, ModalScreen):
            self.pop_screen()
        try:
            await (self._project.open(practice_project()) if self.session is None else self.action_go(PLACES[0].name))
        except FlowerPowerError as error:
            self.notify(sanitise(str(error)), title="Tour", severity="warning", markup=False)
            return
        self.guide.begin()

    def action_tour_on(self) -> None:
        """Go to the next step."""
        self.guide.go_on()

    def action_tour_end(self) -> None:
        """Leave the tour, or do not begin it."""
        self.guide.end()

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The tour's keys are there with the tour."""
        return self.guide.is_there if action in ("tour_on", "tour_end") else True

    @override
    def action_command_palette(self) -> None:
        """Find anything by some letters of its name."""
        from flowerpower_tui.tui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_jump(self) -> None:
        """Go to something that is in sight, by its letters."""
        from flowerpower_tui.tui.screens.jump import Jump

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Jump(self.screen))

    def action_settings(self, key: str = "") -> None:
        """Show the user's settings, that with this key above all."""
        from flowerpower_tui.tui.screens.settings import OwnSettings

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(OwnSettings(self.preferences, self.session.edit if self.session else None, key))

    def action_choose_theme(self) -> None:
        """Choose a theme with the screen as its preview."""
        from flowerpower_tui.tui.screens.theme_pick import ThemePick

        self.push_screen(ThemePick())

    @override
    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line passes on its way out: Textual's filters, and what the terminal cannot show."""
        ours: list[LineFilter] = [self._colourless] if self.no_color else []
        return [*super().get_line_filters(), *ours, *([self._plain_letters] if self.charset == "ascii" else [])]

    @override
    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key, a click or the palette asks for, and remember that it was."""
        self.way_out.saw(str(action))
        if default_namespace is not None and (known := name_of(action, default_namespace)):
            self.hints.used(known)
            self.guide.saw(known)
        return await super().run_action(action, default_namespace, namespaces)

    @override
    def _handle_exception(self, error: Exception) -> None:
        """End: nobody knows in what state the interface is. What is not saved is kept, what happened written down."""
        if self._exception is None:
            self.way_out.crashed(error)
        super()._handle_exception(error)

    @override
    def _fatal_error(self) -> None:
        """Leave. Textual's own words, a traceback with the values of variables, are not for a terminal."""
        self._close_messages_no_wait()

    @override
    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Send what differs from what the terminal shows, and nothing while it takes none: nothing waits for it."""
        picture: object = renderable
        is_seen = self._running and not self._batch_count and not self.is_headless
        if not is_seen or not isinstance(picture, CompositorUpdate):
            super()._display(screen, renderable)
            return
        self._has_drawn.set()
        if self.link.takes_frame():
            update = self._cells.differences(picture, self.size, self.console)
            cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
            if update is None or update.text or cursor != self._previous_cursor_position:
                super()._display(screen, cast("RenderableType | None", update or picture))

    def _catch_up(self) -> None:
        """Show all of the screen again, for the frames that were left out."""
        self.screen.refresh()

    def _take_settings(self, settings: Settings) -> None:
        """Do as settings say that were saved."""
        if self.session is not None:
            self.session.reload.settings = settings


def run(folder: Path | Remote, read: Read | None = None) -> int:
    """Open the interface on a project, or on the one around a folder; return the exit code.

    Raises:
        ProjectError: there is no such folder, or no terminal to show it in.
    """
    if isinstance(folder, Path) and not folder.is_dir():
        raise ProjectError(f"There is no folder {folder}.", hint="Give a project's folder, or nothing for this one.")
    require_terminal()
    app = FlowerPowerApp(folder, read)
    app.offers_tour = True
    app.run()
    return farewell(app)
