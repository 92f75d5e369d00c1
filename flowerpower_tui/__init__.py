"""flowerpower-tui: run FlowerPower pipelines, and watch them, from a terminal.

The public names are imported when they are first used, so that `import flowerpower_tui` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowerpower_tui.config.builder import RunConfigBuilder
    from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
    from flowerpower_tui.errors import FlowerPowerError
    from flowerpower_tui.pipeline.compat import Config
    from flowerpower_tui.pipeline.manager import PipelineManager
    from flowerpower_tui.pipeline.project import FlowerPowerProject
    from flowerpower_tui.pipeline.runner import PipelineRunner

__version__ = "0.1.0"

_HOMES = {
    "Config": "pipeline.compat",
    "FlowerPowerError": "errors",
    "FlowerPowerProject": "pipeline.project",
    "PipelineConfig": "config.models",
    "PipelineManager": "pipeline.manager",
    "PipelineRunner": "pipeline.runner",
    "ProjectConfig": "config.models",
    "RunConfig": "config.models",
    "RunConfigBuilder": "config.builder",
}

__all__ = [
    "Config",
    "FlowerPowerError",
    "FlowerPowerProject",
    "PipelineConfig",
    "PipelineManager",
    "PipelineRunner",
    "ProjectConfig",
    "RunConfig",
    "RunConfigBuilder",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
