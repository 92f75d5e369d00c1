"""Which project is open: the first one, another in its place, one that is fetched from a storage before.

What is needed only once something is opened is imported late: the first frame does without it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flowerpower_tui.errors import ProjectError
from flowerpower_tui.project.layout import find_root
from flowerpower_tui.project.mirrors import url_of
from flowerpower_tui.terminal import one_line
from flowerpower_tui.tui.leaving import keep_unsaved
from flowerpower_tui.tui.places import PLACES
from flowerpower_tui.tui.recent import recent, remember

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowerpower_tui.project.mirror import Mirror
    from flowerpower_tui.tui.app import FlowerPowerApp
    from flowerpower_tui.tui.notices import Ending
    from flowerpower_tui.tui.screens.fetching import Remote
    from flowerpower_tui.tui.session import Session

# The first screen stands by then; and what the first pipeline needs is imported once, not twice.
_WARM_UP_SECONDS = 0.2


class OpenProject:
    """Has at most one project open in an application, with a place of its own for each kind that there is.

    Args:
        app: shows the places.
        wanted: what is to be opened first: the project around a folder, or one in a storage.

    Attributes:
        session: the open project; None while there is none.
        first: the root of the project on this machine that is opened first; None if there is none.
    """

    def __init__(self, app: FlowerPowerApp, wanted: Path | Remote) -> None:
        self._app = app
        self._wanted = wanted
        self.session: Session | None = None
        self.first = _project_around(wanted) if isinstance(wanted, Path) else None

    async def begin(self) -> None:
        """Open what is wanted; where there is no project, offer to choose one or to make one."""
        if not isinstance(self._wanted, Path):
            self.fetch(self._wanted)
        elif self.first is not None:
            await self._open_or_fetch(self.first)
        else:
            from flowerpower_tui.tui.screens.welcome import Welcome

            await self._app.push_screen(Welcome(self._wanted, recent()))

    def choose(self) -> None:
        """Let another project be chosen; the present one stays open until then."""
        from flowerpower_tui.tui.screens.welcome import Projects

        if self.session is not None:
            self._app.push_screen(Projects(self.session.root, recent()))

    async def change_to(self, root: Path) -> None:
        """Open the project at `root`, if it is not open already."""
        if self.session is None or root != self.session.root:
            await self._open_or_fetch(root)

    def fetch(self, remote: Remote) -> None:
        """Fetch a project from a storage, to open it then."""
        from dataclasses import replace

        from flowerpower_tui.tui.screens.fetching import Fetching

        if not isinstance(self._wanted, Path) and self._wanted.url == remote.url:
            # The options are nowhere else: they are secrets.
            remote = replace(remote, options=self._wanted.options)
        goes_back = len(self._app.screen_stack) > 1 or self.session is not None
        self._app.push_screen(Fetching(remote, goes_back=goes_back))

    async def open(self, root: Path, mirror: Mirror | None = None) -> None:
        """Open the project at `root`, in its first place; let go of the one that was open."""
        if self.session is not None:
            await self._let_go(self.session)
        from flowerpower_tui.tui.session import Session

        app = self._app
        remember(root)
        self.session = session = Session(app, root, app.link, app.settings, mirror)
        session.ended.subscribe(app, self._announce)
        for kind in PLACES:
            app.add_mode(kind.name, partial(kind.make, session))
        await app.switch_mode(PLACES[0].name)
        session.open()
        app.set_timer(_WARM_UP_SECONDS, session.backstage.warm_up)
        if app.offers_tour:
            app.guide.offer()

    def close(self) -> None:
        """Let go of the project: its runs go on."""
        if self.session is not None:
            self.session.close()

    async def _open_or_fetch(self, root: Path) -> None:
        """Open the project at `root`; if that is a mirror, then the project that it is a mirror of."""
        if not (url := url_of(root)):
            await self.open(root)
            return
        from flowerpower_tui.tui.screens.fetching import Remote

        self.fetch(Remote(url))

    async def _let_go(self, session: Session) -> None:
        """Close a project: what runs in it goes on, and what is typed is kept."""
        app = self._app
        keep_unsaved(app)
        await app.switch_mode("between")
        for kind in PLACES:
            # Not waited for: its screens go when this is through.
            app.remove_mode(kind.name)
        session.close()
        for path in session.unsaved:
            app.notify(f"{one_line(path.name)}: the unsaved text is kept for when it is opened again.", markup=False)

    def _announce(self, endings: Sequence[Ending]) -> None:
        from flowerpower_tui.tui.notices import announce

        # In the editor nobody sees how a run goes.
        shown = self.session.run if self.session and self._app.current_mode != "edit" else None
        announce(self._app, endings, self._app.settings.notices, in_view=shown.id if shown else "")


def _project_around(folder: Path) -> Path | None:
    with suppress(ProjectError):
        return find_root(folder)
    return None
