"""The configuration a pipeline runs with, of all layers, and where each of its values comes from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowerpower_tui.config.effective import EffectiveConfig
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.config.layers import (
    PIPELINE_DEFAULTS,
    PIPELINE_SHIMS,
    PROJECT_DEFAULTS,
    PROJECT_SHIMS,
    KeyPath,
    Origin,
    from_caller,
    from_yaml,
    overlays,
    shims,
)
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.secrets import without_quotes
from flowerpower_tui.config.stack import DEFAULT, Stack
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.yamldoc.document import MAX_SIZE, Document

__all__ = ["EffectiveConfig", "environment_of", "resolve_pipeline", "resolve_project"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NOT_TYPED: Mapping[Path, str] = MappingProxyType({})

# A setting of the Hamilton UI that names something, and what MLflow calls by that name then.
_MLFLOW_NAMES = (("project_id", "experiment_name", "flowerpower_project_{}"), ("dag_name", "run_name", "{}"))


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
            has, `inputs` and `config` by their first keys; `additional_modules` are added; everything else replaces.
            None clears: null where that has a meaning, else nothing or the default.
        environ: the environment; None for that of this process.

    Raises:
        ConfigError: a file, variable or override cannot be used; carries every problem, and the notices.
        PipelineNotFoundError: there is neither a YAML file nor a module of that name.
        ProjectError: no pipeline can have that name, or a variable names a folder outside the project.
    """
    config, problems = resolve_what_fits(root, name, overrides, environ)
    if problems:
        raise ConfigError(problems, config.notices)
    return config


def resolve_what_fits(
    root: Path,
    name: str,
    overrides: Mapping[str, Any] = _NOTHING,
    environ: Mapping[str, str] | None = None,
    typed: Mapping[Path, str] = _NOT_TYPED,
) -> tuple[EffectiveConfig, tuple[Problem, ...]]:
    """Return the configuration as `resolve_pipeline` does, without what cannot be used; and why it cannot.

    `typed` are texts that are being written, in place of what those files hold.

    Raises:
        PipelineNotFoundError: there is neither a YAML file nor a module of that name.
        ProjectError: no pipeline can have that name, or a variable names a folder outside the project.
    """
    layout = ProjectLayout.of(root, environ)
    entry = layout.find(name)
    project, environment = _project(layout, environ, typed)
    pipeline = Stack(PipelineConfig)
    pipeline.lay(shims(PIPELINE_DEFAULTS, environment))
    _lay_file(pipeline, entry.config, environment, typed)
    pipeline.lay(shims(PIPELINE_SHIMS, environment, "FP_PIPELINE__"))
    pipeline.lay(overlays("FP_PIPELINE__", environment))
    pipeline.lay(from_caller(overrides))
    pipeline.fold(("run", "pipeline_adapter_cfg"), pipeline)
    pipeline.fold(("run", "project_adapter_cfg"), project)
    name_for_mlflow(pipeline)
    name_after_file(pipeline, entry.name)

    def origin(path: KeyPath) -> Origin:
        stack: Stack[Any] = project if path[0] == "project" else pipeline
        return stack.origin(path[1:])

    notices = (*project.notices, *pipeline.notices)
    return EffectiveConfig(project.build(), pipeline.build(), notices, origin), (*project.problems, *pipeline.problems)


def resolve_project(root: Path, environ: Mapping[str, str] | None = None) -> ProjectConfig:
    """Return the configuration of the project at `root`.

    Raises:
        ConfigError: the file or a variable cannot be used; carries every problem, and the notices.
        ProjectError: a variable names a folder outside the project.
    """
    project, _ = _project(ProjectLayout.of(root, environ), environ)
    if project.problems:
        raise ConfigError(project.problems, project.notices)
    return project.build()


def environment_of(root: Path, environ: Mapping[str, str] | None = None) -> Environment:
    """Return the variables that the project at `root` is resolved with: those of its `.env` too, if it wants that.

    Raises:
        ConfigError: `.env` cannot be used; carries every problem.
        ProjectError: a variable names a folder outside the project.
    """
    project, environment = _project(ProjectLayout.of(root, environ), environ)
    if project.problems:
        raise ConfigError(project.problems, project.notices)
    return environment


def _project(
    layout: ProjectLayout, environ: Mapping[str, str] | None, typed: Mapping[Path, str] = _NOT_TYPED
) -> tuple[Stack[ProjectConfig], Environment]:
    """Return the layers of the project, and the variables, after `.env` if the project wants that."""
    environment = Environment(os.environ if environ is None else environ)
    project = _project_stack(layout, environment, typed)
    wanted = project.get("dotenv")
    if not wanted:
        return project, environment
    file = layout.root / (".env" if wanted is True else wanted)
    if not file.exists():
        message = f"there is no file {file.name}, which dotenv asks for"
        project.notices.append(Problem(message, project.origin(("dotenv",)).location))
        return project, environment
    try:
        environment = environment.above(file)
    except ConfigError as error:
        project.problems += error.problems
        return project, environment
    return _project_stack(layout, environment, typed), environment


def _project_stack(layout: ProjectLayout, environment: Environment, typed: Mapping[Path, str]) -> Stack[ProjectConfig]:
    project = Stack(ProjectConfig)
    project.lay(shims(PROJECT_DEFAULTS, environment))
    _lay_file(project, layout.project_file(), environment, typed)
    project.lay(shims(PROJECT_SHIMS, environment))
    project.lay(overlays("FP_PROJECT__", environment))
    return project


def _lay_file(stack: Stack[Any], file: Path | None, environment: Environment, typed: Mapping[Path, str]) -> None:
    if file is None:
        return
    try:
        document = Document.parse(typed[file], str(file)) if file in typed else Document.read(file)
    except ConfigError as error:
        text = typed[file] if file in typed else _text_of(file)
        stack.problems += [without_quotes(problem, text) for problem in error.problems]
    else:
        stack.lay(from_yaml(document, environment))


def _text_of(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(MAX_SIZE)
    except OSError:
        return ""


def name_for_mlflow(pipeline: Stack[PipelineConfig]) -> None:
    """Let MLflow's experiment and run be named after the Hamilton UI's project and DAG, as FlowerPower does."""
    for given, named, form in _MLFLOW_NAMES:
        source, target = ("adapter", "hamilton_tracker", given), ("adapter", "mlflow", named)
        value, written = pipeline.get(*source), pipeline.get(*target)
        if value is None:
            continue
        name = form.format(value)
        if written not in (None, name):
            message = f"{'.'.join(target)} is not used: {'.'.join(source)} makes it '{name}'"
            pipeline.notices.append(Problem(message, pipeline.origin(target).location, code="overridden"))
        pipeline.put(target, name, pipeline.origin(source))


def name_after_file(pipeline: Stack[PipelineConfig], name: str) -> None:
    """Call the pipeline `name`, as its file, which is what it is run by."""
    written = pipeline.get("name")
    if written is not None and written.replace("-", "_") != name.replace("-", "_"):
        message = f"this pipeline is run as '{name}', after its file; its name '{written}' is not used"
        pipeline.notices.append(Problem(message, pipeline.origin(("name",)).location, code="name", instead=name))
    pipeline.put(("name",), name, pipeline.origin(("name",)) if written == name else DEFAULT)
