"""The configuration a pipeline runs with, of all layers, and where each of its values comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from flowerpower_tui.config.layers import (
    PIPELINE_SHIMS,
    PROJECT_SHIMS,
    Origin,
    from_caller,
    from_yaml,
    overlays,
    shims,
)
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.config.stack import DEFAULT, Stack
from flowerpower_tui.config.validate import fields
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.project.layout import PipelineEntry, ProjectLayout
from flowerpower_tui.yamldoc.document import Document

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class EffectiveConfig:
    """What holds for a pipeline.

    Attributes:
        project: the project's configuration.
        pipeline: the pipeline's configuration.
        origins: where each value comes from, by its dotted path: `pipeline.run.retry.max_retries`, `project.name`.
        notices: what is worth knowing: unknown keys, keys that have moved, variables that are not set.
    """

    project: ProjectConfig
    pipeline: PipelineConfig
    origins: Mapping[str, Origin]
    notices: tuple[Problem, ...]

    def masked(self) -> dict[str, Any]:
        """Return every value as plain data that can be shown and stored: secrets are masked, objects are named."""
        values = {"project": _plain(self.project), "pipeline": _plain(self.pipeline)}
        return {key: self._without_secrets(value, key) for key, value in masked(values).items()}

    def _without_secrets(self, value: Any, path: str) -> Any:
        """Mask what came from a variable with a secret's name, under whatever key it stands."""
        if isinstance(value, dict) and value:
            return {key: self._without_secrets(item, f"{path}.{key}") for key, item in value.items()}
        origin = self.origins.get(path, DEFAULT)
        return MASK if value and any(map(is_secret, origin.variable.split(", "))) else value


def resolve_pipeline(
    root: Path,
    name: str,
    overrides: Mapping[str, Any] = _NOTHING,
    environ: Mapping[str, str] | None = None,
) -> EffectiveConfig:
    """Return the configuration of the pipeline `name` of the project at `root`.

    Args:
        root: the project's folder.
        name: what the pipeline is run by.
        overrides: what the caller asks for, in the shape of the pipeline's YAML. Mappings are laid over what the YAML
            has, `inputs` and `config` by their first keys, everything else replaces; None takes the default back.
        environ: the environment; None for that of this process.

    Raises:
        ConfigError: a file, variable or override cannot be used; carries every problem.
        PipelineNotFoundError: there is neither a YAML file nor a module of that name.
        ProjectError: no pipeline can have that name, or a variable names a folder outside the project.
    """
    environ = os.environ if environ is None else environ
    layout = ProjectLayout.of(root, environ)
    entry = layout.find(name)
    project = Stack(ProjectConfig, "project")
    pipeline = Stack(PipelineConfig, "pipeline")
    _fill(project, PROJECT_SHIMS, layout.project_file(), "FP_PROJECT__", environ)
    _fill(pipeline, PIPELINE_SHIMS, entry.config, "FP_PIPELINE__", environ)
    pipeline.lay(from_caller(overrides))
    pipeline.fold(("run", "pipeline_adapter_cfg"), pipeline)
    pipeline.fold(("run", "project_adapter_cfg"), project)
    _name(pipeline, entry)
    if problems := [*project.problems, *pipeline.problems]:
        raise ConfigError(problems)
    return EffectiveConfig(
        project.build(),
        pipeline.build(),
        MappingProxyType({**project.dotted_origins(), **pipeline.dotted_origins()}),
        (*project.notices, *pipeline.notices),
    )


def resolve_project(root: Path, environ: Mapping[str, str] | None = None) -> ProjectConfig:
    """Return the configuration of the project at `root`.

    Raises:
        ConfigError: the file or a variable cannot be used; carries every problem.
        ProjectError: a variable names a folder outside the project.
    """
    environ = os.environ if environ is None else environ
    project = Stack(ProjectConfig, "project")
    _fill(project, PROJECT_SHIMS, ProjectLayout.of(root, environ).project_file(), "FP_PROJECT__", environ)
    if project.problems:
        raise ConfigError(project.problems)
    return project.build()


def _fill(
    stack: Stack[Any],
    table: Mapping[str, tuple[str, ...]],
    file: Path | None,
    prefix: str,
    environ: Mapping[str, str],
) -> None:
    """Lay the variables, the file and the overlays of one model, the weakest first."""
    stack.lay(shims(table, environ))
    if file is not None:
        try:
            stack.lay(from_yaml(Document.read(file), environ))
        except ConfigError as error:
            stack.problems += error.problems
    stack.lay(overlays(prefix, environ))


def _name(pipeline: Stack[PipelineConfig], entry: PipelineEntry) -> None:
    """Call the pipeline by its file's name, which is what it is run by."""
    written = pipeline.get("name")
    if written is not None and written.replace("-", "_") != entry.name.replace("-", "_"):
        message = f"this pipeline is run as '{entry.name}', after its file; its name '{written}' is not used"
        pipeline.notices.append(Problem(message, pipeline.origin(("name",)).location))
    pipeline.set("name", entry.name)


def _plain(value: Any) -> Any:
    """Return `value` as data that JSON can carry, an object by its name."""
    if isinstance(value, msgspec.Struct):
        return {key: _plain(getattr(value, key)) for key in fields(type(value))}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    # Its own repr may be anything: long, slow, telling a secret.
    return getattr(value, "__qualname__", None) or f"<{type(value).__qualname__}>"
