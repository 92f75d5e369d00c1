"""A project's pipelines from Python: list them, read their configuration, run them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.errors import NoProjectError
from flowerpower_tui.pipeline.creator import PipelineCreator
from flowerpower_tui.pipeline.executor import PipelineExecutor
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.pipeline.registry import PipelineRegistry
from flowerpower_tui.pipeline.summaries import Summary
from flowerpower_tui.pipeline.transfer import PipelineIOManager
from flowerpower_tui.project.scaffold import init_project

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.visualizer import PipelineVisualizer

_NOBODY = NullObserver()


class PipelineManager:
    """The pipelines of one project.

    Args:
        base_dir: the project's folder, or its URL; the working directory without one.
        storage_options: how the storage of a URL is reached, for fsspec; laid over `FP_TUI_STORAGE_OPTIONS`.
        fs: an open file system of fsspec that `base_dir` is a path in; or a folder of one (`DirFileSystem`).
        cfg_dir: where the YAML lies, if not where the environment says (`conf`).
        pipelines_dir: where the modules lie, if not where the environment says (`pipelines`).
        log_level: for every run that does not name one itself.

    Raises:
        NoProjectError: there is no project in that folder; nothing is made there.
        StorageError: the storage does not answer.
    """

    def __init__(
        self,
        base_dir: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
        log_level: str | None = None,
    ) -> None:
        self._home = ProjectHome.of(base_dir, cfg_dir, pipelines_dir, storage_options, fs)
        self._home.check()
        self._log_level = log_level

    @classmethod
    def load_existing(
        cls,
        base_dir: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
        log_level: str | None = None,
    ) -> Self | None:
        """Return the manager of the project at `base_dir`, None if there is no project."""
        try:
            return cls(base_dir, storage_options, fs, log_level=log_level)
        except NoProjectError:
            return None

    @classmethod
    def new_project(
        cls,
        name: str | None = None,
        base_dir: str | os.PathLike[str] | None = None,
        storage_options: Mapping[str, Any] | None = None,
        fs: Any = None,
        hooks_dir: str = "hooks",
        log_level: str | None = None,
        overwrite: bool = False,
    ) -> Self:
        """Make a project and return its manager.

        Args:
            name: what it is called; its folder's name without one.
            base_dir: its folder or URL; the working directory without one, or the folder `name` in it.
            storage_options: how the storage of a URL is reached, for fsspec.
            fs: an open file system of fsspec that `base_dir` is a path in.
            hooks_dir: where its hooks lie, relative to the project.
            log_level: for every run that does not name one itself.
            overwrite: first delete the project that is there: configuration, pipelines, hooks and README.

        Raises:
            AlreadyThereError: there is a project already; a FileExistsError.
            ProjectError: it cannot be made.
        """
        if base_dir is None and fs is None and name:
            base_dir = Path(name)
        with ProjectHome.of(base_dir, None, None, storage_options, fs).changing() as home:
            init_project(home.root, name or "", hooks_dir=hooks_dir, overwrite=overwrite)
        return cls(base_dir, storage_options, fs, log_level=log_level)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    def root(self) -> Path:
        """The project's folder; of a project in a storage, the folder that mirrors it."""
        return self._home.root

    @property
    def project_cfg(self) -> ProjectConfig:
        """The project's configuration, as it is on disk now."""
        return self.registry.project_cfg

    @property
    def pipelines(self) -> list[str]:
        """The names of the pipelines, in order."""
        return self.registry.list_pipelines()

    @property
    def summary(self) -> Summary:
        """What the project consists of; see `PipelineRegistry.get_summary`."""
        return self.registry.get_summary()

    @cached_property
    def registry(self) -> PipelineRegistry:
        """Lists and describes the pipelines."""
        return PipelineRegistry(self._home)

    @cached_property
    def creator(self) -> PipelineCreator:
        """Makes and deletes pipelines."""
        return PipelineCreator(self._home)

    @cached_property
    def io(self) -> PipelineIOManager:
        """Imports pipelines from other projects and exports them to others."""
        return PipelineIOManager(self._home)

    @cached_property
    def visualizer(self) -> PipelineVisualizer:
        """Shows the pipelines' graphs."""
        # Late: whoever runs pipelines does not wait for what draws them.
        from flowerpower_tui.pipeline.visualizer import PipelineVisualizer

        return PipelineVisualizer(self._home)

    @cached_property
    def executor(self) -> PipelineExecutor:
        """Runs the pipelines."""
        return PipelineExecutor(self._home, self._log_level)

    def list_pipelines(self) -> list[str]:
        """Return the names of the pipelines, in order."""
        return self.registry.list_pipelines()

    def load_pipeline(self, name: str, reload: bool = False) -> PipelineConfig:
        """Return the configuration of the pipeline `name`, as it is on disk now.

        Raises:
            ConfigError: a file or a variable cannot be used.
            PipelineNotFoundError: there is no such pipeline.
        """
        return self.registry.load_config(name, reload)

    def run(
        self,
        name: str,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        *,
        observer: RunObserver = _NOBODY,
        **overrides: Any,
    ) -> dict[str, Any]:
        """Run the pipeline `name` here and now, and return the values of its final variables.

        Args:
            name: the pipeline.
            run_config: overrides as one object, of which those count that somebody set; or as a mapping.
            observer: hears what happens.
            overrides: stronger than `run_config`. `inputs` and `config` are laid over the configuration's by their
                keys; `executor_cfg`, `retry` and `with_adapter_cfg`, mappings or objects, by their fields;
                `additional_modules` are added; everything else replaces what is there, and None clears it.

        Raises:
            TypeError: there is no such keyword argument.
            FlowerPowerError: a mistake in input; nothing has run then.
            Exception: what a node raised in the last attempt, as it was raised.
        """
        return self.executor.run(name, run_config, observer=observer, **overrides)

    async def run_async(
        self,
        name: str,
        run_config: RunConfig | Mapping[str, Any] | None = None,
        *,
        observer: RunObserver = _NOBODY,
        **overrides: Any,
    ) -> dict[str, Any]:
        """Run the pipeline `name` on the running event loop; arguments, result and errors are those of `run`.

        Under `threadpool` and `processpool` the loop goes on meanwhile; see `PipelineRunner.run_async` for what each
        executor does here. Ray and Dask are refused.
        """
        return await self.executor.run_async(name, run_config, observer=observer, **overrides)
