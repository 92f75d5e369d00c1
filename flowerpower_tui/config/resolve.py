"""The configuration a pipeline runs with, of all layers, and where each of its values comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec

from flowerpower_tui.config.layers import (
    PIPELINE_SHIMS,
    PROJECT_SHIMS,
    KeyPath,
    Layer,
    Origin,
    from_caller,
    from_yaml,
    overlays,
    shims,
)
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.secrets import MASK, is_secret, masked
from flowerpower_tui.config.validate import check, fields, is_section
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.project.layout import PipelineEntry, ProjectLayout
from flowerpower_tui.yamldoc.document import Document

_Model = TypeVar("_Model", bound=msgspec.Struct)
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_DEFAULT = Origin("default")

# Their values are whole for the graph: a stronger layer replaces a value, and does not reach into it.
_WHOLE_BELOW = frozenset({("run", "inputs"), ("run", "config")})


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
        origin = self.origins.get(path, _DEFAULT)
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
    project = _Stack(ProjectConfig, "project")
    pipeline = _Stack(PipelineConfig, "pipeline")
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
    project = _Stack(ProjectConfig, "project")
    _fill(project, PROJECT_SHIMS, ProjectLayout.of(root, environ).project_file(), "FP_PROJECT__", environ)
    if project.problems:
        raise ConfigError(project.problems)
    return project.build()


class _Stack(Generic[_Model]):
    """Layers laid one on the other, the weakest first."""

    def __init__(self, model: type[_Model], prefix: str) -> None:
        self.problems: list[Problem] = []
        self.notices: list[Problem] = []
        self._model = model
        self._prefix = prefix
        self._values: dict[KeyPath, Any] = {}
        self._origins: dict[KeyPath, Origin] = {}

    def lay(self, layer: Layer) -> None:
        """Lay `layer` over what is there; what does not fit is remembered as a problem."""
        checked = check(layer, self._model)
        self.problems += sorted([*layer.problems, *checked.problems], key=_place)
        self.notices += sorted([*layer.notices, *checked.notices], key=_place)
        for setting in checked.settings:
            path, below, above = setting.path, self._values.get(setting.path), setting.value
            if isinstance(below, dict) and isinstance(above, dict) and not setting.clears:
                above = _laid_over(below, above, deep=path not in _WHOLE_BELOW)
            self._values[path] = above
            for inner in _leaves(setting.value):
                self._origins[*path, *inner] = layer.origin((*setting.written, *inner))

    def fold(self, path: KeyPath, target: _Stack[Any]) -> None:
        """Lay the settings of adapters that stand at `path` over the `adapter` of `target`, as FlowerPower does."""
        settings = self._values.get(path)
        if not settings:
            return

        def origin(inner: KeyPath) -> Origin:
            return self.origin((*path, *inner[1:]))

        target.lay(Layer("yaml", {"adapter": settings}, origin, origin))

    def set(self, key: str, value: Any) -> None:
        """Set `key` to what it is for us, whatever the layers say."""
        self._values[(key,)] = value
        self._origins.pop((key,), None)

    def origin(self, path: KeyPath) -> Origin:
        """Return where the value at `path` comes from; for a mapping, its first value."""
        return next((origin for known, origin in self._origins.items() if known[: len(path)] == path), _DEFAULT)

    def get(self, *path: str) -> Any:
        """Return what the layers say at `path`, None if nothing."""
        return self._values.get(path)

    def build(self) -> _Model:
        """Return the model with the layers' values, and defaults where they have none."""
        model: _Model = self._section(self._model, ())
        return model

    def dotted_origins(self) -> dict[str, Origin]:
        """Return the origin of every value, by its dotted path."""
        origins: dict[str, Origin] = {}
        for path in _model_leaves(self._model, ()):
            for inner in _leaves(self._values.get(path)):
                whole = (*path, *inner)
                origins[".".join((self._prefix, *map(str, whole)))] = self._origins.get(whole, _DEFAULT)
        return origins

    def _section(self, model: type[msgspec.Struct], path: tuple[str, ...]) -> Any:
        values: dict[str, Any] = {}
        for key, info in fields(model).items():
            here = (*path, key)
            if is_section(info):
                values[key] = self._section(info.type, here)
            elif here in self._values:
                values[key] = self._values[here]
        return model(**values)


def _fill(
    stack: _Stack[Any],
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


def _name(pipeline: _Stack[PipelineConfig], entry: PipelineEntry) -> None:
    """Call the pipeline by its file's name, which is what it is run by."""
    written = pipeline.get("name")
    if written is not None and written.replace("-", "_") != entry.name.replace("-", "_"):
        message = f"this pipeline is run as '{entry.name}', after its file; its name '{written}' is not used"
        pipeline.notices.append(Problem(message, pipeline.origin(("name",)).location))
    pipeline.set("name", entry.name)


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.location.line, problem.location.column) if problem.location else (0, 0)


def _laid_over(below: Mapping[Any, Any], above: Mapping[Any, Any], *, deep: bool) -> dict[Any, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if deep and isinstance(old, Mapping) and isinstance(value, Mapping):
            result[key] = _laid_over(old, value, deep=True)
        else:
            result[key] = value
    return result


def _leaves(value: Any) -> Iterator[KeyPath]:
    """Yield the paths of the values in `value` that are no mappings, or empty ones."""
    if not isinstance(value, Mapping) or not value:
        yield ()
        return
    for key, item in value.items():
        for inner in _leaves(item):
            yield (key, *inner)


def _model_leaves(model: type[msgspec.Struct], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for key, info in fields(model).items():
        if is_section(info):
            yield from _model_leaves(info.type, (*path, key))
        else:
            yield (*path, key)


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
    return getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or repr(value)
