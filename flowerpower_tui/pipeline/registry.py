"""What a project has, from Python: its pipelines, their files, configuration and code, and their hooks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.resolve import resolve_pipeline, resolve_project
from flowerpower_tui.pipeline.creator import PipelineCreator
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.pipeline.summaries import Summary, rendered, show, summary_of
from flowerpower_tui.project import hooks
from flowerpower_tui.project.hooks import HookType
from flowerpower_tui.project.inside import inside

if TYPE_CHECKING:
    from flowerpower_tui.pipeline.build import Pipeline

__all__ = ["HookType", "PipelineRegistry"]


class PipelineRegistry(PipelineCreator):
    """Knows the pipelines of a project, and makes and deletes them. All it says is as it is on disk now.

    Args:
        home: the project.
    """

    @classmethod
    def from_filesystem(
        cls,
        base_dir: str | os.PathLike[str],
        fs: Any = None,
        storage_options: Mapping[str, Any] | None = None,
        cfg_dir: str | None = None,
        pipelines_dir: str | None = None,
    ) -> PipelineRegistry:
        """Return the registry of the project at `base_dir`.

        Raises:
            NoProjectError: there is no project.
        """
        home = ProjectHome.of(base_dir, cfg_dir, pipelines_dir, storage_options, fs)
        home.check()
        return cls(home)

    @property
    def project_cfg(self) -> ProjectConfig:
        """The project's configuration."""
        home = self._home.fresh()
        return resolve_project(home.root, home.environ)

    @property
    def pipelines(self) -> list[str]:
        """The names of the pipelines, in order."""
        return self.list_pipelines()

    def list_pipelines(self) -> list[str]:
        """Return the names of the pipelines, in order."""
        return [entry.name for entry in self._home.fresh().layout.pipelines()]

    def list_pipeline_info(self) -> list[dict[str, Any]]:
        """Return a mapping for each pipeline: `name`, and `path`, `mod_time` and `size` of its module.

        A pipeline without a module has those of its YAML.
        """
        found = []
        for entry in self._home.fresh().layout.pipelines():
            path = entry.module or entry.config
            if path is None:
                continue
            status = path.stat()
            found.append(
                {
                    "name": entry.name,
                    "path": path.relative_to(self._home.root).as_posix(),
                    "mod_time": f"{datetime.fromtimestamp(status.st_mtime):%Y-%m-%d %H:%M:%S}",
                    "size": f"{status.st_size / 1024:.1f} KB",
                }
            )
        return found

    def show_pipelines(self) -> None:
        """Print what `list_pipeline_info` says, as a table."""
        from rich.console import Console
        from rich.table import Table

        table = Table("name", "path", "mod_time", "size", box=None)
        for info in self.list_pipeline_info():
            table.add_row(*info.values())
        Console().print(table)

    @property
    def summary(self) -> Summary:
        """What the project consists of; see `get_summary`."""
        return self.get_summary()

    def get_summary(
        self, name: str | None = None, cfg: bool = True, code: bool = True, project: bool = True
    ) -> Summary:
        """Return what the project consists of. Secrets are masked; what cannot be read is told in its place.

        Args:
            name: only this pipeline.
            cfg: with the pipelines' configuration.
            code: with their modules' source.
            project: with the project's own configuration.

        Returns:
            `{"project": {…}, "pipelines": {name: {"cfg": {…}, "module": "…"}}}`.

        Raises:
            PipelineNotFoundError: there is no pipeline `name`.
        """
        return summary_of(self._home.fresh(), name, cfg=cfg, code=code, project=project)

    def show_summary(
        self,
        name: str | None = None,
        cfg: bool = True,
        code: bool = True,
        project: bool = True,
        to_html: bool = False,
        to_svg: bool = False,
    ) -> str | None:
        """Print what `get_summary` says; with `to_html` or `to_svg`, return it as a document instead."""
        summary = self.get_summary(name, cfg, code, project)
        if to_html or to_svg:
            return rendered(summary, "html" if to_html else "svg")
        from rich.console import Console

        show(summary, Console())
        return None

    def load_config(self, name: str, reload: bool = False) -> PipelineConfig:
        """Return the configuration of the pipeline `name`.

        Raises:
            ConfigError: a file or a variable cannot be used.
            PipelineNotFoundError: there is no such pipeline.
        """
        del reload
        from flowerpower_tui.pipeline.compat import PipelineView

        home = self._home.fresh()
        return PipelineView.of(resolve_pipeline(home.root, name, environ=home.environ).pipeline)

    def load_module(self, name: str, reload: bool = False) -> ModuleType:
        """Import the module of the pipeline `name` afresh, and return it.

        Raises:
            ModuleError: it cannot be imported.
            ConfigError: its configuration cannot be used.
            PipelineNotFoundError: there is no such pipeline.
        """
        del reload
        from flowerpower_tui.pipeline import compat
        from flowerpower_tui.pipeline.modules import import_pipeline

        home = self._home.fresh_code()
        config = resolve_pipeline(home.root, name, environ=home.environ)
        with compat.answering_with(home.root, name, config):
            return import_pipeline(home.root, name, pipelines_dir=home.layout.pipelines_dir)[-1]

    def get_pipeline(self, name: str, project_context: Any = None, reload: bool = False) -> Pipeline:
        """Return the pipeline `name`, built and ready to run.

        Raises:
            FlowerPowerError: it cannot be built.
        """
        del project_context, reload
        from flowerpower_tui.pipeline.build import build

        home = self._home.fresh_code()
        return build(home.root, name, environ=home.environ)

    def clear_cache(self, name: str | None = None) -> None:
        """Do nothing: everything is read afresh when it is asked for."""

    def add_hook(
        self,
        name: str,
        type: HookType | str,  # noqa: A002 - FlowerPower's name for it
        to: str | None = None,
        function_name: str | None = None,
    ) -> None:
        """Add a function to the hooks of the pipeline `name`, in `hooks/<name>/hook.py`.

        Args:
            name: the pipeline.
            type: what it is called for.
            to: another file in the pipeline's folder of hooks.
            function_name: what it is called, if not as its type.

        Raises:
            PipelineNotFoundError: there is no such pipeline.
            AlreadyThereError: the file has such a function.
            ValueError: there is no such type.
            ProjectError: the file cannot be written.
        """
        with self._home.changing() as home:
            folder = inside(home.root, home.root / resolve_project(home.root, home.environ).hooks_dir)
            pipeline = home.layout.find(name).name
            hooks.add_hook(folder, pipeline, HookType(type), file=to or "hook.py", function=function_name or "")
