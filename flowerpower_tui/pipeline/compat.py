"""`from flowerpower.cfg import Config` as users' modules use it: a project's configuration, loaded and saved.

While a run imports a project's modules, their `Config.load(…)` answers with that run's own configuration, so what the
caller overrides reaches them too.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from flowerpower_tui.config.effective import EffectiveConfig
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig, RunConfig
from flowerpower_tui.config.params import ParamsNamespace, expand
from flowerpower_tui.config.resolve import resolve_pipeline, resolve_project
from flowerpower_tui.errors import OutputError
from flowerpower_tui.pipeline.flowerpower_names import install
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.project.address import is_url
from flowerpower_tui.project.inside import inside
from flowerpower_tui.project.saving import save
from flowerpower_tui.yamldoc.document import Document

__all__ = ["Config", "PipelineView", "answering_with", "install"]


class PipelineView(PipelineConfig, kw_only=True):
    """A pipeline's configuration as a pipeline's module sees it."""

    @classmethod
    def of(cls, config: PipelineConfig) -> PipelineView:
        """Return the view of a configuration; its sections are shared."""
        view = cls(name=config.name, params=config.params, run=config.run, io=config.io, adapter=config.adapter)
        view.__dict__.update(config.__dict__)
        return view

    @property
    def h_params(self) -> ParamsNamespace:
        """`params` for Hamilton's `parameterize`."""
        from hamilton.function_modifiers import source, value

        return expand(self.params, source=source, value=value)


@dataclass
class Config:
    """A project's configuration and one pipeline's.

    Attributes:
        pipeline: the pipeline's.
        project: the project's.
        base_dir: the project's folder.
        storage_options: as they were given.
    """

    pipeline: PipelineView = field(default_factory=PipelineView)
    project: ProjectConfig = field(default_factory=ProjectConfig)
    base_dir: str = "."
    storage_options: Mapping[str, Any] = field(default_factory=dict)
    _home: ProjectHome = field(init=False, repr=False, compare=False)
    _loaded: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._home = ProjectHome.of(self.base_dir, storage_options=self.storage_options)
        self._loaded = {"project": _plain(ProjectConfig()), "pipeline": _plain(PipelineConfig())}

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
            base_dir: the project's folder or URL.
            name: what the project is called if its file does not say.
            pipeline_name: the pipeline; without one the pipeline's part has the defaults.
            fs: an open file system of fsspec that `base_dir` is a path in; or a folder of one (`DirFileSystem`).
            storage_options: how the storage of a URL is reached, for fsspec.
            cfg_dir: where the YAML lies, if not in `conf`.
            pipelines_dir: where the modules lie, if not in `pipelines`.

        Raises:
            ConfigError: a file, variable or override cannot be used.
            PipelineNotFoundError: there is no such pipeline.
            StorageError: the storage does not answer.
        """
        home = ProjectHome.of(base_dir, cfg_dir, pipelines_dir, storage_options, fs).fresh()
        if pipeline_name is None:
            pipeline, project = PipelineConfig(), resolve_project(home.root, home.environ)
        else:
            effective = _of_this_run(home.root, pipeline_name) or resolve_pipeline(
                home.root, pipeline_name, environ=home.environ
            )
            pipeline, project = effective.pipeline, effective.project
        if project.name is None and name is not None:
            project = copy.copy(project)
            project.name = name
        place = os.fspath(base_dir) if is_url(base_dir) else str(Path(base_dir))
        config = cls(PipelineView.of(pipeline), project, place, dict(storage_options or {}))
        config._home, config._loaded = home, config._values()
        return config

    @property
    def base_dir_path(self) -> Path:
        """The project's folder."""
        return Path(self.base_dir)

    @property
    def fs(self) -> Any:
        """The project's folder as a file system of fsspec."""
        import fsspec

        if self._home.mirror:
            storage = self._home.mirror.storage
            return fsspec.filesystem("dir", path=storage.base, fs=storage.fs)
        return fsspec.filesystem("dir", path=str(self._home.root), target_protocol="file")

    def save(
        self,
        project: bool = False,
        pipeline: bool = True,
        fs: Any = None,
        storage_options: Mapping[str, Any] | None = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
    ) -> None:
        """Write what was changed since it was loaded into the YAML files; everything else in them stays as it is.

        So `${VAR}` stays `${VAR}`, and what came from the environment is not written.

        Args:
            project: write `project.yml`.
            pipeline: write the pipeline's file.
            fs: accepted as FlowerPower does; it is written to where it was loaded from.
            storage_options: likewise.
            cfg_dir: where the YAML lies, if not where it was loaded from.
            pipelines_dir: accepted as FlowerPower does.

        Raises:
            ConfigError: a file that is there is no YAML.
            ConflictError: someone else has changed a file in the project's storage meanwhile.
            OutputError: a file cannot be written.
        """
        del fs, storage_options, pipelines_dir
        folders = {**self._home.folders, "FP_CONFIG_DIR": cfg_dir} if cfg_dir else self._home.folders
        with replace(self._home, folders=folders).changing() as home:
            self._write(home, project=project, pipeline=pipeline)
        self._loaded = self._values()

    def _write(self, home: ProjectHome, *, project: bool, pipeline: bool) -> None:
        changed = dict(_changes(self._loaded, self._values(), ()))
        if project:
            path = home.layout.project_file() or home.layout.config_folder / "project.yml"
            _save(inside(home.root, path), {path[1:]: value for path, value in changed.items() if path[0] == "project"})
        if pipeline and self.pipeline.name:
            path = home.layout.pipeline_file(self.pipeline.name) or next(
                home.layout.pipeline_file_candidates(self.pipeline.name.replace(".", "/"))
            )
            _save(
                inside(home.root, path), {path[1:]: value for path, value in changed.items() if path[0] == "pipeline"}
            )

    def _values(self) -> dict[str, Any]:
        return {"project": _plain(self.project), "pipeline": _plain(self.pipeline)}


def _plain(section: msgspec.Struct) -> dict[str, Any]:
    """Return a section as mappings that stay as they are when it changes; what only Python can give is left out."""
    values = {key: getattr(section, key) for key in section.__struct_fields__}
    return {
        key: _plain(value) if isinstance(value, msgspec.Struct) else _copied(value)
        for key, value in values.items()
        if not (isinstance(section, RunConfig) and key in ("adapter", "on_success", "on_failure"))
    }


def _copied(value: Any) -> Any:
    # The caller's own objects, tables and the like, are not copied: they may be large, or not to be copied.
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return list(map(_copied, value)) if isinstance(value, list) else value


def _changes(
    before: Mapping[str, Any], now: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each value that is not what it was, with its path; a mapping that lost a key is a value."""
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and set(old) <= set(value):
            yield from _changes(old, value, (*path, key))
        elif key not in before or _differs(value, old):
            yield (*path, key), value


def _differs(value: Any, old: Any) -> bool:
    if isinstance(value, list) and isinstance(old, list):
        return len(value) != len(old) or any(map(_differs, value, old))
    # Of objects that are not YAML's own, `!=` may answer with anything.
    plain = isinstance(value, bool | int | float | str | dict) or value is None
    return value is not old and (type(value) is not type(old) or not plain or bool(value != old))


def _save(path: Path, values: Mapping[tuple[str, ...], Any]) -> None:
    if not values and path.exists():
        return
    before = Document.read(path) if path.exists() else None
    after = before or Document.parse("", str(path))
    for where, value in values.items():
        after = after.set(where, value)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
    save(path, after.data, before.data if before else None)


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
