"""What a project consists of, as data and as text: its configuration, its pipelines' configuration and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from flowerpower_tui.config.resolve import resolve_pipeline, resolve_project
from flowerpower_tui.config.secrets import masked
from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.home import ProjectHome
from flowerpower_tui.project.files import read_text
from flowerpower_tui.terminal import sanitise

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Summary = dict[str, Any]
Form = Literal["text", "html", "svg"]

# Columns of a summary that is not made for a terminal.
_PAGE = 100


def summary_of(
    home: ProjectHome, name: str | None = None, *, cfg: bool = True, code: bool = True, project: bool = True
) -> Summary:
    """Return what a project consists of. Secrets are masked; what cannot be read is told in its place.

    Args:
        home: the project.
        name: only this pipeline.
        cfg: with the pipelines' configuration.
        code: with their modules' source.
        project: with the project's own configuration.

    Returns:
        `{"project": {…}, "pipelines": {name: {"cfg": {…}, "module": "…"}}}`; a part that has problems has a list
        `problems` instead.

    Raises:
        PipelineNotFoundError: there is no pipeline `name`.
        InvalidNameError: no pipeline can have that name.
    """
    names = [entry.name for entry in home.layout.pipelines()] if name is None else [home.layout.find(name).name]
    summary: Summary = {"pipelines": {known: _pipeline(home, known, cfg=cfg, code=code) for known in names}}
    if project:
        summary["project"] = _project(home)
    return summary


def rendered(summary: Mapping[str, Any], form: Form) -> str:
    """Return a summary as a text without colours, or as a document with them."""
    from rich.console import Console

    console = Console(record=True, width=_PAGE, file=StringIO(), force_terminal=False)
    show(summary, console)
    if form == "html":
        return console.export_html()
    return console.export_svg(title="Summary") if form == "svg" else console.export_text()


def show(summary: Mapping[str, Any], console: Console) -> None:
    """Print a summary."""
    from rich.rule import Rule

    for title, part in _parts(summary):
        console.print(Rule(sanitise(title), align="left"))
        console.print(part)


def _project(home: ProjectHome) -> Summary:
    try:
        config = resolve_project(home.root, home.environ)
    except FlowerPowerError as error:
        return {"problems": list(map(str, error.problems))}
    plain: Summary = masked(msgspec.to_builtins(config, enc_hook=repr))
    return plain


def _pipeline(home: ProjectHome, name: str, *, cfg: bool, code: bool) -> Summary:
    summary: Summary = {}
    if cfg:
        try:
            summary["cfg"] = resolve_pipeline(home.root, name, environ=home.environ).masked()["pipeline"]
        except FlowerPowerError as error:
            summary["problems"] = list(map(str, error.problems))
    if code:
        module = home.layout.find(name).module
        summary["module"] = "" if module is None else read_text(module).text
    return summary


def _parts(summary: Mapping[str, Any]) -> Iterator[tuple[str, RenderableType]]:
    if "project" in summary:
        yield "Project", _settings(summary["project"])
    for name, pipeline in summary["pipelines"].items():
        if "cfg" in pipeline:
            yield f"Pipeline {name}: configuration", _settings(pipeline["cfg"])
        if "problems" in pipeline:
            yield f"Pipeline {name}: problems", _problems(pipeline)
        if "module" in pipeline:
            yield f"Pipeline {name}: module", _source(pipeline["module"], "python")


def _settings(values: Mapping[str, Any]) -> RenderableType:
    if "problems" in values:
        return _problems(values)
    import yaml

    return _source(yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True), "yaml")


def _problems(part: Mapping[str, Any]) -> RenderableType:
    from rich.text import Text

    return Text(sanitise("\n".join(part["problems"])))


def _source(text: str, language: str) -> RenderableType:
    from rich.syntax import Syntax

    return Syntax(sanitise(text).rstrip(), language, theme="ansi_light", background_color="default", word_wrap=True)
