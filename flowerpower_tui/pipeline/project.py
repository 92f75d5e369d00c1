"""A project from Python: open it, run its pipelines."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Self

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.errors import ProjectError
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
            raised, make a `PipelineManager`.
        """
        try:
            return cls(PipelineManager(base_dir, storage_options, fs, log_level=log_level))
        except ProjectError as error:
            logger.error("%s", error)
            return None

    @property
    def name(self) -> str:
        """What the project is called: in its configuration, or else its folder."""
        return self.pipeline_manager.project_cfg.name or self.pipeline_manager.root.name

    def run(
        self, name: str, run_config: RunConfig | Mapping[str, Any] | None = None, **overrides: Any
    ) -> dict[str, Any]:
        """Run the pipeline `name`; see `PipelineManager.run`."""
        return self.pipeline_manager.run(name, run_config, **overrides)
