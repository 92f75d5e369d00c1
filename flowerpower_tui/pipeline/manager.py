"""A project's pipelines from Python: list them, read their configuration, run them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Self

import msgspec

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.config.resolve import resolve_pipeline, resolve_project
from flowerpower_tui.errors import ProjectError, did_you_mean
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.project.layout import ProjectLayout

_KEYS: Mapping[str, tuple[str, ...]] = {
    **{field.name: (field.name,) for field in msgspec.structs.fields(RunConfig)},
    "executor_cfg": ("executor",),
    "with_adapter_cfg": ("with_adapter",),
    **{key: ("retry", key) for key in ("max_retries", "retry_delay", "jitter_factor", "retry_exceptions")},
}
"""The keyword arguments of `run`, and the key below `run` that each of them overrides."""

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
            run_config: overrides as one object, of which those count that differ from the defaults; or as a mapping.
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

        settings: dict[str, Any] = {} if self._log_level is None else {"log_level": self._log_level}
        for key, value in chain(_given(run_config).items(), overrides.items()):
            _set(settings, key, value)
        if added := settings.get("additional_modules"):
            present = self.load_pipeline(name).run.additional_modules
            settings["additional_modules"] = [*present, *(module for module in added if module not in present)]
        return PipelineRunner(self.root, name, {"run": settings}, observer, environ=self._environ).run()

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


def _given(run_config: RunConfig | Mapping[str, Any] | None) -> Mapping[str, Any]:
    if not isinstance(run_config, RunConfig):
        return run_config or {}
    return _differences(run_config, RunConfig())


def _differences(config: msgspec.Struct, default: msgspec.Struct) -> dict[str, Any]:
    """The fields in which `config` is not `default`, section by section."""
    found: dict[str, Any] = {}
    for key, value in msgspec.structs.asdict(config).items():
        usual = getattr(default, key)
        if isinstance(value, msgspec.Struct):
            found |= {key: inner} if (inner := _differences(value, usual)) else {}
        elif value != usual:
            found[key] = value
    return found


def _set(settings: dict[str, Any], key: str, value: Any) -> None:
    if key not in _KEYS:
        hint = did_you_mean(key, _KEYS)
        raise TypeError(f"run() got an unexpected keyword argument '{key}'. {hint}".rstrip())
    if key in ("executor", "executor_cfg") and isinstance(value, str):
        value = {"type": value}
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.asdict(value)
    *sections, last = _KEYS[key]
    for section in sections:
        settings = settings.setdefault(section, {})
    settings[last] = {**settings[last], **value} if isinstance(value, Mapping) and last in settings else value
