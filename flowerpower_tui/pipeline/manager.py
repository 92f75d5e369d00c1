"""A project's pipelines from Python: list them, read their configuration, run them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.config.overrides import overrides_of
from flowerpower_tui.config.resolve import resolve_pipeline, resolve_project
from flowerpower_tui.errors import ProjectError
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.project.layout import ProjectLayout

_NOBODY = NullObserver()


class PipelineManager:
    """The pipelines of one project.

    Args:
        base_dir: the project's folder; the working directory without one.
        storage_options: for projects that are not on this machine's disks; there are none of them yet.
        fs: likewise.
        cfg_dir: where the YAML lies, if not where the environment says (`conf`).
        pipelines_dir: where the modules lie, if not where the environment says (`pipelines`).
        log_level: for every run that does not name one itself.

    Raises:
        ProjectError: there is no project in that folder.
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
        del storage_options, fs
        self.root = _local_folder(base_dir)
        folders = {"FP_CONFIG_DIR": cfg_dir, "FP_PIPELINES_DIR": pipelines_dir}
        self._folders = {variable: folder for variable, folder in folders.items() if folder is not None}
        self._log_level = log_level
        layout = self._layout
        if not layout.exists:
            folders_of_a_project = f"{layout.config_dir}/ and {layout.pipelines_dir}/"
            raise ProjectError(
                f"There is no project at '{self.root}': it would have {folders_of_a_project}.",
                hint="Check the path, or make a project there: fp-tui init PATH",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    @property
    def project_cfg(self) -> ProjectConfig:
        """The project's configuration, as it is on disk now."""
        return resolve_project(self.root, self._environ)

    @property
    def pipelines(self) -> list[str]:
        """The names of the pipelines, in order."""
        return self.list_pipelines()

    def list_pipelines(self) -> list[str]:
        """Return the names of the pipelines, in order."""
        return [entry.name for entry in self._layout.pipelines()]

    def load_pipeline(self, name: str) -> PipelineConfig:
        """Return the configuration of the pipeline `name`, as it is on disk now.

        Raises:
            ConfigError: a file or a variable cannot be used.
            PipelineNotFoundError: there is no such pipeline.
        """
        return resolve_pipeline(self.root, name, environ=self._environ).pipeline

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
            run_config: overrides as one object, of which that counts which was set; or as a mapping.
            observer: hears what happens.
            overrides: stronger than `run_config`. `inputs` and `config` are laid over the configuration's by their
                keys; `executor_cfg`, `retry` and `with_adapter_cfg`, mappings or objects, by their fields;
                `additional_modules` are added; everything else replaces what is there, and None clears it.

        Raises:
            TypeError: there is no such keyword argument.
            FlowerPowerError: a mistake in input; nothing has run then.
            Exception: what a node raised in the last attempt, as it was raised.
        """
        # Late: Hamilton and pandas take a second, and listing pipelines needs neither.
        from flowerpower_tui.pipeline.runner import PipelineRunner

        asked = overrides_of(run_config, **overrides)
        if self._log_level is not None:
            asked["run"].setdefault("log_level", self._log_level)
        return PipelineRunner(self.root, name, asked, observer, environ=self._environ).run()

    @property
    def _environ(self) -> Mapping[str, str]:
        return {**os.environ, **self._folders}

    @property
    def _layout(self) -> ProjectLayout:
        return ProjectLayout.of(self.root, self._environ)


def _local_folder(base_dir: str | os.PathLike[str] | None) -> Path:
    text = os.fspath(base_dir or ".").removeprefix("file://")
    protocol, separator, _ = text.partition("://")
    if separator:
        raise ProjectError(
            f"Projects on '{protocol}' cannot be opened yet.", hint="Copy the project to a local folder."
        )
    return Path(text).expanduser().absolute()
