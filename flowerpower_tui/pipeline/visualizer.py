"""Showing a pipeline's graph from Python: in the terminal, in a notebook, in a file."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from flowerpower_tui.errors import OutputError
from flowerpower_tui.graph.export import to_dot
from flowerpower_tui.graph.forms import FORMS, SUFFIXES
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.graph.picture import PAGE, check_form, picture, text
from flowerpower_tui.graph.svg import to_svg
from flowerpower_tui.graph.view import fit
from flowerpower_tui.pipeline.home import ProjectHome


@dataclass(frozen=True)
class DagView:
    """A graph to look at: text where it is printed, a picture in a notebook.

    Attributes:
        graph: the graph.
    """

    graph: Graph

    @property
    def source(self) -> str:
        """The graph in Graphviz' language."""
        return to_dot(self.graph)

    def __str__(self) -> str:
        return fit(self.graph, PAGE, marks=False).text

    def _repr_svg_(self) -> str:
        return to_svg(self.graph)


class PipelineVisualizer:
    """Draws the graphs of a project's pipelines.

    Args:
        home: the project.
    """

    def __init__(self, home: ProjectHome) -> None:
        self._home = home

    def save_dag(
        self,
        name: str,
        base_dir: str | os.PathLike[str] = ".",
        format: str = "png",  # noqa: A002 - FlowerPower's name for it
        reload: bool = False,
        output_path: str | os.PathLike[str] | None = None,
        additional_modules: Sequence[str | ModuleType] | None = None,
    ) -> str:
        """Write a pipeline's graph into a file and return its path.

        Args:
            name: the pipeline.
            base_dir: the folder that gets `graphs/<name>.<format>` if there is no `output_path`.
            format: `text`, `svg`, `dot`, `mermaid`, `json`; `png` and `pdf` where Graphviz is installed.
            reload: accepted as FlowerPower does; modules are always imported afresh.
            output_path: the file.
            additional_modules: modules whose functions join in, beside those of the configuration.

        Raises:
            OutputError: there is no such format, it cannot be made here, or the file cannot be written.
            FlowerPowerError: the pipeline has no graph.
        """
        del reload
        form = check_form(format)
        path = Path(output_path or Path(base_dir) / "graphs" / f"{name}.{SUFFIXES.get(form, form)}")
        content = picture(self._graph(name, additional_modules), form)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
        return str(path)

    def show_dag(
        self,
        name: str,
        format: str = "text",  # noqa: A002
        reload: bool = False,
        raw: bool = False,
        additional_modules: Sequence[str | ModuleType] | None = None,
    ) -> DagView | None:
        """Show a pipeline's graph: what is text is printed, a picture is opened with what the system opens it with.

        Args:
            name: the pipeline.
            format: as for `save_dag`.
            reload: accepted as FlowerPower does; modules are always imported afresh.
            raw: show nothing, and return the graph as an object that notebooks show and `str` draws.
            additional_modules: modules whose functions join in, beside those of the configuration.

        Raises:
            OutputError: there is no such format, or it cannot be made here.
            FlowerPowerError: the pipeline has no graph.
        """
        del reload
        form = check_form(format)
        graph = self._graph(name, additional_modules)
        if raw:
            return DagView(graph)
        if form in FORMS and form != "svg":
            print(text(graph, form))
            return None
        content = picture(graph, form)
        # The viewer reads it when it likes, so it stays.
        with tempfile.NamedTemporaryFile(prefix=f"{name}-", suffix=f".{form}", delete=False) as file:
            file.write(content)
        if not webbrowser.open(Path(file.name).as_uri()):
            print(file.name)
        return None

    def _graph(self, name: str, additional_modules: Sequence[str | ModuleType] | None) -> Graph:
        # Late: Hamilton and pandas take a second.
        from flowerpower_tui.pipeline.build import build

        home = self._home.fresh_code()
        overrides: Mapping[str, Any] = {}
        if additional_modules:
            from flowerpower_tui.config.resolve import resolve_pipeline

            present = resolve_pipeline(home.root, name, environ=home.environ).pipeline.run
            overrides = {"run": {"additional_modules": [*present.additional_modules, *additional_modules]}}
        return build(home.root, name, overrides, environ=home.environ).graph
