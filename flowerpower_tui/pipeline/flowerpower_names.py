"""`flowerpower` where it is not installed: the modules and names that projects and scripts import, answered by us."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

VERSION = "0.37.0"
"""Of FlowerPower, whose names these are."""

_PARTS = "pipeline.flowerpower_parts"
_MODELS = "config.models"


def _from(home: str, names: str) -> dict[str, str]:
    return {name: f"{home}:{name}" for name in names.split()}


_PROJECT = _from("pipeline.project", "FlowerPowerProject create_project initialize_project") | {
    # What it is there, too.
    "FlowerPower": "pipeline.project:create_project"
}
_CONFIGS = {
    "Config": "pipeline.compat:Config",
    "PipelineConfig": "pipeline.compat:PipelineView",
    "ProjectConfig": f"{_MODELS}:ProjectConfig",
}
_RUN = _from(_MODELS, "RunConfig ExecutorConfig RetryConfig WithAdapterConfig CallbackSpec")
_MANAGER = _from("pipeline.manager", "PipelineManager")

NAMES: Mapping[str, Mapping[str, str]] = {
    "flowerpower": {
        **_CONFIGS,
        **_MANAGER,
        **{name: home for name, home in _PROJECT.items() if name != "initialize_project"},
        "__version__": "pipeline.flowerpower_names:VERSION",
    },
    "flowerpower.flowerpower": {**_PROJECT, **_MANAGER, **_from(_MODELS, "ProjectConfig RunConfig")},
    "flowerpower.cfg": _CONFIGS,
    "flowerpower.cfg.pipeline": {
        **_from(_MODELS, "RunConfig ExecutorConfig WithAdapterConfig"),
        "PipelineConfig": "pipeline.compat:PipelineView",
        "AdapterConfig": f"{_MODELS}:PipelineAdapterConfig",
    },
    "flowerpower.cfg.pipeline.run": _RUN,
    "flowerpower.cfg.pipeline.adapter": {
        "AdapterConfig": f"{_MODELS}:PipelineAdapterConfig",
        "HamiltonTracerConfig": f"{_MODELS}:PipelineTrackerConfig",
        "MLFlowConfig": f"{_MODELS}:PipelineMLFlowConfig",
    },
    "flowerpower.cfg.project": {
        **_from(_MODELS, "ProjectConfig"),
        "AdapterConfig": f"{_MODELS}:ProjectAdapterConfig",
    },
    "flowerpower.cfg.project.adapter": {
        "AdapterConfig": f"{_MODELS}:ProjectAdapterConfig",
        "HamiltonTrackerConfig": f"{_MODELS}:ProjectTrackerConfig",
        "MLFlowConfig": f"{_MODELS}:ProjectMLFlowConfig",
        "RayConfig": f"{_MODELS}:RayConfig",
    },
    "flowerpower.cfg.exceptions": {
        "ConfigError": "errors:ConfigError",
        "ConfigLoadError": "errors:ConfigError",
        "ConfigValidationError": "errors:ConfigError",
        "ConfigSaveError": "errors:OutputError",
        "ConfigSecurityError": "errors:InvalidNameError",
    },
    "flowerpower.pipeline": _MANAGER,
    "flowerpower.pipeline.manager": _MANAGER,
    "flowerpower.pipeline.registry": _from("pipeline.registry", "PipelineRegistry HookType"),
    "flowerpower.pipeline.creator": _from("pipeline.creator", "PipelineCreator"),
    "flowerpower.pipeline.executor": _from("pipeline.executor", "PipelineExecutor"),
    "flowerpower.pipeline.io": _from("pipeline.transfer", "PipelineIOManager"),
    "flowerpower.pipeline.visualizer": _from("pipeline.visualizer", "PipelineVisualizer"),
    "flowerpower.utils": {},
    "flowerpower.utils.config": {**_RUN, "RunConfigBuilder": "config.builder:RunConfigBuilder"},
    "flowerpower.utils.misc": {
        "DictNamespace": "config.params:ParamsNamespace",
        "dict_to_namespace": f"{_PARTS}:dict_to_namespace",
    },
    "flowerpower.utils.security": {
        "SecurityError": "errors:InvalidNameError",
        "validate_pipeline_name": "project.layout:validate_name",
        **_from(_PARTS, "validate_file_path validate_directory_fragment validate_config_dict"),
        **_from(_PARTS, "validate_executor_type validate_callback_function"),
    },
    "flowerpower.settings": _from(
        "pipeline.flowerpower_settings",
        "CACHE_DIR CONFIG_DIR EXECUTOR EXECUTOR_MAX_WORKERS EXECUTOR_NUM_CPUS HAMILTON_API_URL "
        "HAMILTON_AUTOLOAD_EXTENSIONS HAMILTON_CAPTURE_DATA_STATISTICS HAMILTON_MAX_DICT_LENGTH_CAPTURE "
        "HAMILTON_MAX_LIST_LENGTH_CAPTURE HAMILTON_TELEMETRY_ENABLED HAMILTON_UI_URL HOOKS_DIR JITTER_FACTOR "
        "LOG_LEVEL MAX_RETRIES PIPELINES_DIR RETRY_DELAY",
    ),
}
"""Modules of FlowerPower, and for each of their names the module of this package that has it, and its name there."""


class _FlowerPowerFinder(MetaPathFinder, Loader):
    """Finds FlowerPower's modules here. It stands last: an installed FlowerPower answers for itself."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the modules in `NAMES`."""
        del target
        if fullname not in NAMES or (path is not None and list(path)):
            return None
        return ModuleSpec(fullname, self, origin=__name__, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let the module look its names up when they are asked for: some of them are expensive to import."""
        names = NAMES[module.__name__]

        def look_up(name: str) -> Any:
            if name not in names:
                raise AttributeError(f"module '{module.__name__}' has no attribute '{name}' here")
            home, _, attribute = names[name].partition(":")
            return getattr(importlib.import_module(f"flowerpower_tui.{home}"), attribute)

        vars(module).update(
            __getattr__=look_up, __all__=list(names), __doc__="FlowerPower's names, by flowerpower-tui."
        )


_finder = _FlowerPowerFinder()


def install() -> None:
    """Make `flowerpower` importable where it is not installed."""
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)
