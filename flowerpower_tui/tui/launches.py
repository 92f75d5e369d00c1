"""Runs that were asked for and have not begun yet.

Some are asked for before it is known what there is to run, by who types at once: they begin as soon as it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flowerpower_tui.runs.request import RunRequest

if TYPE_CHECKING:
    from textual.app import App

    from flowerpower_tui.tui.session import Session

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Launches:
    """Starts runs for a session, of each pipeline one at a time."""

    def __init__(self, app: App[int], session: Session) -> None:
        self._app = app
        self._session = session
        self._starting: set[str] = set()
        # What was asked for early: of which pipeline, if one was chosen; how.
        self._early: tuple[str | None, Mapping[str, Any]] | None = None

    def is_starting(self, pipeline: str | None) -> bool:
        """Whether a run of a pipeline is on its way."""
        return pipeline in self._starting

    # What is asked for.

    def ask(self, overrides: Mapping[str, Any] = _NOTHING) -> None:
        """Start the chosen pipeline, once however often it is asked for; as soon as it is known whether it runs."""
        session = self._session
        if session.is_settling:
            self._early = (session.pipeline, overrides)
        elif session.pipeline is not None and not self.is_starting(session.pipeline):
            self.start(RunRequest(str(session.root), session.pipeline, overrides))

    def start(self, request: RunRequest) -> None:
        """Start a run of any pipeline."""
        self._starting.add(request.pipeline)
        self._session.complain("")
        self._session.backstage.launch(request)

    def start_stale(self, pipeline: str) -> None:
        """Start a run of what is stale in a pipeline, and of what that needs."""
        if not self.is_starting(pipeline):
            self._starting.add(pipeline)
            self._session.reload.scout.run_stale(pipeline)

    # What is told.

    def more_is_known(self) -> None:
        """Start what was asked for too early, if it is known by now whether it can be."""
        session = self._session
        if self._early is None or session.is_settling:
            return
        (pipeline, overrides), self._early = self._early, None
        if pipeline not in (None, session.pipeline):
            return
        if session.can_run:
            self.ask(overrides)
        elif session.can_cancel:
            self._app.notify("A run of this pipeline goes on.", timeout=3)

    def begun(self, pipeline: str) -> None:
        """A run of this pipeline has begun."""
        self._starting.discard(pipeline)

    def failed(self) -> None:
        """Something could not be done, and it is not known what: so none is taken to be on its way."""
        self._starting.clear()
