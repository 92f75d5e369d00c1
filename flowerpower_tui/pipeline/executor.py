"""Running a project's pipelines from Python, in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.config.overrides import overrides_of
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.pipeline.installation import check_hamilton
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.project.layout import validate_name

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.runner import PipelineRunner

_NOBODY = NullObserver()


class PipelineExecutor:
    """Runs the pipelines of a project.

    Args:
        home: the project.
        log_level: for every run that does not name one itself.
    """

    def __init__(self, home: ProjectHome, log_level: str | None = None) -> None:
        self._home = home
        self._log_level = log_level

    def run(
        self,
        name: str,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        *,
        observer: RunObserver = _NOBODY,
        **overrides: Any,
    ) -> dict[str, Any]:
        """Run a pipeline; see `PipelineManager.run`."""
        return self._runner(self._home.fresh_code(), name, run_config, observer, overrides).run()

    async def run_async(
        self,
        name: str,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        *,
        observer: RunObserver = _NOBODY,
        **overrides: Any,
    ) -> dict[str, Any]:
        """Run a pipeline on the running event loop; see `PipelineManager.run_async`."""
        home = await asyncio.to_thread(self._home.fresh_code) if self._home.mirror else self._home
        return await self._runner(home, name, run_config, observer, overrides).run_async()

    def _runner(
        self,
        home: ProjectHome,
        name: str,
        run_config: RunConfig | Mapping[str, Any] | None,
        observer: RunObserver,
        overrides: Mapping[str, Any],
    ) -> PipelineRunner:
        asked = overrides_of(run_config, **overrides)
        if self._log_level is not None:
            asked["run"].setdefault("log_level", self._log_level)
        check_hamilton()
        # Late: Hamilton and pandas take a second, and a mistake in the arguments is told without them.
        from flowerpower_tui.pipeline.runner import PipelineRunner

        return PipelineRunner(home.root, validate_name(name), asked, observer, environ=home.environ)
