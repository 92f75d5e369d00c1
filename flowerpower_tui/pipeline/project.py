"""A project from Python: open it, make one, run its pipelines."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.config.overrides import overrides_of
from flowerpower_tui.errors import FlowerPowerError, ProjectError, RunFailedError
from flowerpower_tui.pipeline.manager import PipelineManager

logger = logging.getLogger(__name__)


class FlowerPowerProject:
    """A project: a name, and the manager of its pipelines.

    Attributes:
        pipeline_manager: lists, reads and runs the pipelines.
    """

    def __init__(self, pipeline_manager: PipelineManager) -> None:
        self.pipeline_manager = pipeline_manager

    @classmethod
    def load(
        cls,
        base_dir: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
        log_level: str | None = None,
    ) -> Self | None:
        """Open the project at `base_dir`, the working directory without one.

        Returns:
            The project; None where there is none, and an error in the log says so, as FlowerPower has it. To have it
            raised, use `create_project` or make a `PipelineManager`.
        """
        try:
            return cls(PipelineManager(base_dir, storage_options, fs, log_level=log_level))
        except ProjectError as error:
            logger.error("%s", error)
            return None

    @classmethod
    def new(
        cls,
        name: str | None = None,
        base_dir: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
        hooks_dir: str = "hooks",
        log_level: str | None = None,
        overwrite: bool = False,
    ) -> Self:
        """Make a project and open it; see `PipelineManager.new_project`."""
        manager = PipelineManager.new_project(name, base_dir, storage_options, fs, hooks_dir, log_level, overwrite)
        return cls(manager)

    @property
    def name(self) -> str:
        """What the project is called: in its configuration, or else its folder."""
        return self.pipeline_manager.project_cfg.name or self.pipeline_manager.root.name

    def run(
        self, name: str, run_config: RunConfig | Mapping[str, Any] | None = None, **overrides: Any
    ) -> dict[str, Any]:
        """Run the pipeline `name`; arguments and result are those of `PipelineManager.run`.

        Raises:
            TypeError: there is no such keyword argument.
            RunFailedError: it failed, whatever the reason; a RuntimeError, whose `__cause__` is what
                `PipelineManager.run` raises.
        """
        with _failing_as_one(name, overrides):
            return self.pipeline_manager.run(name, run_config, **overrides)

    async def run_async(
        self, name: str, run_config: RunConfig | Mapping[str, Any] | None = None, **overrides: Any
    ) -> dict[str, Any]:
        """Run the pipeline `name` on the running event loop; arguments, result and errors are those of `run`.

        Under `threadpool` and `processpool` the loop goes on meanwhile; see `PipelineManager.run_async`.
        """
        with _failing_as_one(name, overrides):
            return await self.pipeline_manager.run_async(name, run_config, **overrides)


def create_project(
    name: str | None = None,
    base_dir: str | os.PathLike[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
    fs: Any = None,
    hooks_dir: str = "hooks",
) -> FlowerPowerProject:
    """Open the project at `base_dir`, as FlowerPower's function of this name does: it makes none.

    Raises:
        NoProjectError: there is none; a FileNotFoundError.
    """
    del name, hooks_dir
    return FlowerPowerProject(PipelineManager(base_dir, storage_options, fs))


def initialize_project(
    name: str | None = None,
    base_dir: str | os.PathLike[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
    fs: Any = None,
    hooks_dir: str = "hooks",
    log_level: str | None = None,
) -> FlowerPowerProject:
    """Make a project and open it; see `PipelineManager.new_project`."""
    return FlowerPowerProject.new(name, base_dir, storage_options, fs, hooks_dir, log_level)


@contextmanager
def _failing_as_one(pipeline: str, overrides: Mapping[str, Any]) -> Iterator[None]:
    """Raise whatever a run raises as one kind of error, as FlowerPower's users catch it."""
    # A wrong argument is the caller's own, and told as Python tells it.
    overrides_of(**{key: value for key, value in overrides.items() if key != "observer"})
    try:
        yield
    except FlowerPowerError as error:
        raise RunFailedError(
            f"Pipeline run failed for '{pipeline}': {error.message}", location=error.location, hint=error.hint
        ) from error
    except Exception as error:
        raise RunFailedError(f"Pipeline run failed for '{pipeline}': {type(error).__name__}: {error}") from error
