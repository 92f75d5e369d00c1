"""What is wrong with a configuration file, or worth knowing, as it is edited: each with its place, maybe a fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowerpower_tui.assist.against_graph import check_against_graph
from flowerpower_tui.assist.diagnostic import MODELS, Diagnostic, Fix, Kind, Severity, Span
from flowerpower_tui.assist.mending import syntax_fix
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.assist.words import Lines
from flowerpower_tui.config.layers import (
    PIPELINE_DEFAULTS,
    PIPELINE_SHIMS,
    PROJECT_DEFAULTS,
    PROJECT_SHIMS,
    KeyPath,
    Layer,
    from_yaml,
    overlays,
    shims,
)
from flowerpower_tui.config.models import ProjectConfig
from flowerpower_tui.config.resolve import name_after_file, name_for_mlflow
from flowerpower_tui.config.secrets import any_secret, masked, names_secret, without_quotes
from flowerpower_tui.config.section import Section
from flowerpower_tui.config.stack import Stack
from flowerpower_tui.config.validate import Setting, check
from flowerpower_tui.errors import Location, Problem
from flowerpower_tui.terminal import one_line
from flowerpower_tui.yamldoc.collector import undisturbed
from flowerpower_tui.yamldoc.document import Document
from flowerpower_tui.yamldoc.dump import inline
from flowerpower_tui.yamldoc.salvage import salvage

_DEFAULTS = {"project": PROJECT_DEFAULTS, "pipeline": PIPELINE_DEFAULTS}
_SHIMS = {"project": PROJECT_SHIMS, "pipeline": PIPELINE_SHIMS}
_PREFIXES = {"project": "FP_PROJECT__", "pipeline": "FP_PIPELINE__"}

# How the file is called where a place needs a file.
_HERE = "."
# Of what is longer, only the begin is shown.
_LONGEST_VALUE = 60

_SEVERITIES: Mapping[str, Severity] = {
    "unknown-node": "error",
    "unknown-setting": "error",
    "missing-input": "error",
    "overridden": "hint",
    "moved-key": "hint",
    "unused-param": "hint",
}
"""Where it is another than what it is to a run: an error, or else a warning."""


@undisturbed()
def diagnose(text: str, kind: Kind, around: Surroundings | None = None) -> list[Diagnostic]:
    """Return what is to be said of `text`, in its order. Pure: nothing is read but what is given.

    Of a text that is no YAML the broken lines are told, and the rest is looked at as if they were empty.
    """
    around = around or Surroundings()
    salvaged = salvage(text, _HERE)
    errors = [without_quotes(problem, text) for problem in salvaged.problems]
    warnings: list[Problem] = []
    if salvaged.document is not None:
        is_whole = not salvaged.problems
        found = _problems(salvaged.document, kind, around)
        errors += found[0]
        warnings += [
            problem for problem in found[1] if is_whole or problem.code not in ("missing-input", "unused-param")
        ]
    return _placed(errors, warnings, Lines(text))


def _problems(document: Document, kind: Kind, around: Surroundings) -> tuple[list[Problem], list[Problem]]:
    """Return what would make a run fail, and what else is to be said."""
    environment, model = around.environment, MODELS[kind]
    yaml = from_yaml(document, environment)
    stronger = [shims(_SHIMS[kind], environment), overlays(_PREFIXES[kind], environment)]
    stack: Stack[Any] = Stack(model)
    for layer in (shims(_DEFAULTS[kind], environment), yaml, *stronger):
        stack.lay(layer)
    project: Stack[Any] = Stack(ProjectConfig)
    if kind == "pipeline":
        if folded := _folded(stack):
            stronger.append(folded)
        stack.fold(("run", "pipeline_adapter_cfg"), stack)
        stack.fold(("run", "project_adapter_cfg"), project)
        name_for_mlflow(stack)
        if around.pipeline:
            name_after_file(stack, around.pipeline)
    notices = [*stack.notices, *project.notices, *document.misread]
    notices += _overridden(document, check(yaml, model).settings, stronger, model)
    if kind == "pipeline" and around.graph is not None:
        run = {key: stack.get("run", key) for key in ("final_vars", "inputs", "config")}
        run["loaded"] = stack.get("io", "inputs")
        notices += check_against_graph(document, yaml.values, run, around.graph, around.sources)
    return [*stack.problems, *project.problems], notices


def _folded(stack: Stack[Any]) -> Layer | None:
    """Return `run.pipeline_adapter_cfg` as the layer over `adapter` that it is."""
    settings = stack.get("run", "pipeline_adapter_cfg")
    origin = stack.origin(("run", "pipeline_adapter_cfg"))
    origin = replace(origin, variable=origin.variable or "run.pipeline_adapter_cfg")
    return Layer("yaml", {"adapter": settings}, lambda _: origin, lambda _: origin) if settings else None


def _overridden(
    document: Document, written: Iterable[Setting], stronger: Iterable[Layer], model: type[Section]
) -> Iterator[Problem]:
    """Yield each value of the file that a stronger layer replaces."""
    by_path = {setting.path: setting for setting in written}
    winners: dict[KeyPath, tuple[KeyPath, str, Any]] = {}
    for layer in stronger:
        for setting in check(layer, model).settings:
            ours = by_path.get(setting.path)
            if ours is None:
                continue
            for inner, value in _both(ours.value, setting.value):
                origin = layer.origin((*setting.written, *inner))
                winners[(*ours.path, *inner)] = ((*ours.written, *inner), origin.variable, value)
    for path, (place, variable, value) in winners.items():
        secret = any_secret((*path, variable))
        shown = _shown(masked(value, secret=secret))
        yield Problem(f"{variable} overrides this: {shown}", document.location(place), code="overridden")


def _both(ours: Any, theirs: Any) -> Iterator[tuple[KeyPath, Any]]:
    """Yield what both say, mapping into mapping: the path and their value."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in ours.keys() & theirs.keys():
            for path, value in _both(ours[key], theirs[key]):
                yield (key, *path), value
    else:
        yield (), theirs


def _shown(value: Any) -> str:
    text = inline(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _placed(errors: Iterable[Problem], warnings: Iterable[Problem], lines: Lines) -> list[Diagnostic]:
    """Return problems as diagnostics of this file, each once, in its order; of one place the worst is told."""
    found: dict[tuple[Any, ...], Diagnostic] = {}
    told: set[Span] = set()
    ranked: list[tuple[Severity, Problem]] = [("error", problem) for problem in errors]
    ranked += [("warning", problem) for problem in warnings]
    for severity, problem in ranked:
        if problem.location is None or problem.location.file != _HERE:
            continue
        diagnostic = _diagnostic(problem, problem.location, severity, lines)
        # What looks like something else is no news where the value is wrong anyway.
        if problem.code != "misread" or diagnostic.span not in told:
            found.setdefault((diagnostic.span, diagnostic.message), diagnostic)
            told.add(diagnostic.span)
    return sorted(found.values(), key=lambda diagnostic: diagnostic.span)


def _diagnostic(problem: Problem, place: Location, default: Severity, lines: Lines) -> Diagnostic:
    span = lines.span(place.line, place.column)
    written = lines.written(span)
    message, hint, instead = problem.message, problem.hint, problem.instead
    if problem.code == "misread" and names_secret(lines.key_before(span)):
        message = "this is something else to a reader of YAML 1.2"
    if problem.code == "needs-quotes":
        instead = inline(written) if written[:1] not in "'\"[{" else ""
    # Of a key that is folded from elsewhere, the place is that of its value.
    is_there = lines.is_key(span) or problem.code not in ("unknown-key", "retired-key")
    # An anchor, a tag, or a text of several lines is more than the word.
    fix = Fix(span, instead) if instead and is_there and written and written[0] not in "&!*|>" else None
    if problem.code == "syntax":
        fix = syntax_fix(problem, lines.lines)
    severity = _SEVERITIES.get(problem.code, default)
    return Diagnostic(severity, one_line(message), span, problem.code or "configuration", one_line(hint), fix)
