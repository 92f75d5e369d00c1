"""`from flowerpower.cfg import Config` where FlowerPower is not installed: the names that users' modules import, by us.

While a run imports a project's modules, their `Config.load(…)` answers with that run's own configuration, so what the
caller overrides reaches them too.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from flowerpower_tui.config.models import PipelineAdapterConfig, PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.config.params import ParamsNamespace, expand
from flowerpower_tui.config.resolve import EffectiveConfig, resolve_pipeline, resolve_project

_NAMES: Mapping[str, Mapping[str, str]] = {
    "flowerpower": {
        "Config": "pipeline.compat",
        "FlowerPowerProject": "pipeline.project",
        "PipelineManager": "pipeline.manager",
        "PipelineConfig": "config.models",
        "ProjectConfig": "config.models",
    },
    "flowerpower.flowerpower": {"FlowerPowerProject": "pipeline.project"},
    "flowerpower.cfg": {
        "Config": "pipeline.compat",
        "PipelineConfig": "config.models",
        "ProjectConfig": "config.models",
    },
    "flowerpower.cfg.pipeline": {"PipelineConfig": "config.models", "RunConfig": "config.models"},
    "flowerpower.cfg.pipeline.run": {
        "RunConfig": "config.models",
        "ExecutorConfig": "config.models",
        "RetryConfig": "config.models",
        "WithAdapterConfig": "config.models",
    },
    "flowerpower.cfg.pipeline.adapter": {},
    "flowerpower.cfg.project": {"ProjectConfig": "config.models"},
    "flowerpower.cfg.project.adapter": {},
    "flowerpower.pipeline": {"PipelineManager": "pipeline.manager"},
    "flowerpower.pipeline.manager": {"PipelineManager": "pipeline.manager"},
}
"""Modules of FlowerPower, and for each of their names the module of this package that has it."""


@dataclass(frozen=True)
class PipelineView:
    """A pipeline's configuration as a pipeline's module sees it."""

    name: str | None
    params: dict[str, Any]
    run: RunConfig
    adapter: PipelineAdapterConfig

    @cached_property
    def h_params(self) -> ParamsNamespace:
        """`params` for Hamilton's `parameterize`."""
        from hamilton.function_modifiers import source, value

        return expand(self.params, source=source, value=value)


@dataclass(frozen=True)
class Config:
    """A project's configuration and one pipeline's.

    Attributes:
        pipeline: the pipeline's.
        project: the project's.
        base_dir: the project's folder.
    """

    pipeline: PipelineView
    project: ProjectConfig
    base_dir: str

    @classmethod
    def load(
        cls,
        base_dir: str | os.PathLike[str] = ".",
        name: str | None = None,
        pipeline_name: str | None = None,
        fs: Any = None,
        storage_options: Mapping[str, Any] | None = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
    ) -> Config:
        """Return the configuration of the project at `base_dir`. Nothing is written.

        Args:
            base_dir: the project's folder.
            name: what the project is called if its file does not say.
            pipeline_name: the pipeline; without one the pipeline's part has the defaults.
            fs: accepted as FlowerPower does; the project's files are read from disk.
            storage_options: likewise.
            cfg_dir: where the YAML lies, if not in `conf`.
            pipelines_dir: where the modules lie, if not in `pipelines`.

        Raises:
            ConfigError: a file, variable or override cannot be used.
            PipelineNotFoundError: there is no such pipeline.
        """
        del fs, storage_options
        root = Path(base_dir)
        if pipeline_name is None:
            return cls._of(PipelineConfig(), resolve_project(root), name, root)
        if (effective := _of_this_run(root, pipeline_name)) is None:
            folders = {"FP_CONFIG_DIR": cfg_dir, "FP_PIPELINES_DIR": pipelines_dir}
            environ = {**os.environ, **{key: folder for key, folder in folders.items() if folder is not None}}
            effective = resolve_pipeline(root, pipeline_name, environ=environ)
        return cls._of(effective.pipeline, effective.project, name, root)

    @classmethod
    def _of(cls, pipeline: PipelineConfig, project: ProjectConfig, name: str | None, root: Path) -> Config:
        view = PipelineView(pipeline.name, pipeline.params, pipeline.run, pipeline.adapter)
        if project.name is None and name is not None:
            project = ProjectConfig(name=name, hooks_dir=project.hooks_dir, adapter=project.adapter)
        return cls(view, project, str(root))


@dataclass(frozen=True)
class _Run:
    root: Path
    pipeline: str
    config: EffectiveConfig


_run: ContextVar[_Run | None] = ContextVar("flowerpower_tui_run", default=None)


@contextmanager
def answering_with(root: Path, pipeline: str, config: EffectiveConfig) -> Iterator[None]:
    """Let `Config.load` of this project and pipeline answer with `config`, and `flowerpower` be importable."""
    install()
    token = _run.set(_Run(root.resolve(), pipeline, config))
    try:
        yield
    finally:
        _run.reset(token)


def _of_this_run(root: Path, pipeline: str) -> EffectiveConfig | None:
    run = _run.get()
    if run is None or run.root != root.resolve():
        return None
    return run.config if run.pipeline.replace("-", "_") == pipeline.replace("-", "_") else None


class _FlowerPowerFinder(MetaPathFinder, Loader):
    """Finds FlowerPower's modules here. It stands last: an installed FlowerPower answers for itself."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer for the modules in `_NAMES`."""
        del target
        if fullname not in _NAMES or (path is not None and list(path)):
            return None
        return ModuleSpec(fullname, self, origin=__name__, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let the module look its names up when they are asked for: some of them are expensive to import."""
        names = _NAMES[module.__name__]

        def look_up(name: str) -> Any:
            if name not in names:
                raise AttributeError(f"module '{module.__name__}' has no attribute '{name}' here")
            return getattr(importlib.import_module(f"flowerpower_tui.{names[name]}"), name)

        vars(module).update(
            __getattr__=look_up, __all__=list(names), __doc__="FlowerPower's names, by flowerpower-tui."
        )


_finder = _FlowerPowerFinder()


def install() -> None:
    """Make `flowerpower` importable where it is not installed."""
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)
