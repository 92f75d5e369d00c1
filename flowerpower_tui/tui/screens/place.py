"""The base of every place: the title above, the keys below, and what works everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.as_command import commands_of
from flowerpower_tui.tui.clipboard import copy
from flowerpower_tui.tui.places import PLACES
from flowerpower_tui.tui.widgets.key_hints import KeyHints
from flowerpower_tui.tui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult

    from flowerpower_tui.runs.store import RunInfo
    from flowerpower_tui.tui.session import Session
    from flowerpower_tui.tui.widgets.dag_panel import DagPanel

EVERYWHERE: tuple[Binding, ...] = (
    *(
        Binding(
            kind.key,
            f"app.go('{kind.name}')",
            kind.title,
            show=False,
            tooltip=f"Go to: {kind.title}",
            id=f"go.{kind.name}",
        )
        for kind in PLACES
    ),
    Binding("tab", "app.focus_next", "Pane", tooltip="Go to the next pane", id="pane.next"),
    Binding("shift+tab", "app.focus_previous", "Pane back", show=False, tooltip="Go back a pane", id="pane.back"),
    Binding("z", "zoom", "Zoom", tooltip="Give the pane the whole screen, or give it back", id="pane.zoom"),
    Binding("f5", "reread", "Reread", show=False, tooltip="Read the project again", id="project.reread"),
    Binding(
        "apostrophe", "app.jump", "Jump", show=False, key_display="'", tooltip="Jump to what is in sight", id="app.jump"
    ),
    Binding("P", "app.projects", "Projects", show=False, tooltip="Open another project; runs go on", id="app.projects"),
    Binding("U", "app.settings", "Settings", show=False, tooltip="Your settings: see and change", id="app.settings"),
    Binding(
        "Y",
        "copy_as_command",
        "Copy command",
        show=False,
        tooltip="Copy the fp-tui command that shows or does this",
        id="app.copy-command",
    ),
    Binding(
        "question_mark", "help", "Help", key_display="?", tooltip="Show these keys; type to search them", id="app.help"
    ),
    Binding("q", "app.quit", "Quit", tooltip="Leave; runs go on", id="app.leave"),
)
"""The keys of every place. A place lists them behind its own, which so stand first in the footer."""


class Place(Screen[None]):
    """A screen over the session; a subclass fills its body, and has `EVERYWHERE` among its bindings.

    Attributes:
        PLACE: its name in `places.PLACES`.
        session: what is open.
    """

    PLACE: ClassVar[str]

    def __init__(self, session: Session) -> None:
        super().__init__()
        # It is made in the present theme: Textual need not style everything anew for it, which would take longer
        # than all the rest.
        self._css_update_count = self.app._css_update_count  # noqa: SLF001
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (132, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]
        self.session = session

    def compose(self) -> ComposeResult:
        """Title, body, keys."""
        yield TitleBar(self.session.root, self.PLACE)
        yield from self.compose_body()
        yield KeyHints()

    def compose_body(self) -> Iterable[Widget]:
        """What stands between the title and the keys."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Tell of live runs, from the first moment on."""
        self.session.runs_listed.subscribe(self, self._tell_live)
        if self.session.runs is not None:
            self._tell_live(self.session.runs)

    def on_dag_panel_run_wanted(self, event: DagPanel.RunWanted) -> None:
        """Run only what some nodes need; a DAG is shown in more than one place."""
        if not self.session.can_run:
            self.notify("A run of this pipeline goes on.", timeout=3)
            return
        self.session.launches.ask({"run": {"final_vars": list(event.final_vars)}})
        self.notify(f"Running up to {', '.join(map(one_line, event.final_vars))}", timeout=3, markup=False)

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None and not self.maximize(self.focused):
            # What scrolls is not zoomed by itself.
            above = (one for one in self.focused.ancestors if isinstance(one, Widget) and one.allow_maximize)
            self.maximized = next(above, None)

    def action_reread(self) -> None:
        """Read the project's files again, look at the chosen pipeline anew, and draw the screen anew."""
        self.session.reread()
        self.call_later(self.run_action, "app.redraw")

    def action_copy_as_command(self) -> None:
        """Copy the command line that shows or does what this place is about."""
        command = next(commands_of(self))
        copy(self.app, command)
        self.notify(one_line(command), title="Copied", timeout=4, markup=False)

    def action_help(self) -> None:
        """List the keys that work here."""
        # Rarely needed, so it does not weigh on every start.
        from flowerpower_tui.tui.screens.help import Help

        self.app.push_screen(Help(self.active_bindings.values(), self.app))

    def _tell_live(self, runs: Sequence[RunInfo]) -> None:
        self.query_one(TitleBar).show_live([run for run in runs if not run.is_over])
