"""What would fail in a run of a pipeline, found without running it: by what a run does before its first node."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from flowerpower_tui.config.resolve import EffectiveConfig, resolve_what_fits
from flowerpower_tui.errors import ConfigError, FlowerPowerError, Location, Problem, did_you_mean
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.imports import Import, imports_of, install_name, is_missing, local_files
from flowerpower_tui.pipeline.installation import check_hamilton
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.yamldoc.document import Document

if TYPE_CHECKING:
    from hamilton.driver import Driver

Result = TypeVar("Result")
Function: TypeAlias = tuple[str, str]
"""A file, and the name of a function in it."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_KEY = re.compile(r"\b(?:run|io)(?:\.[A-Za-z_]\w*)+")
_DECIDING = re.compile(r"\b(run\.(inputs|final_vars|config)|io)\b.* must ")
# Answered for where it is not installed.
_OURS = frozenset({"flowerpower"})


@dataclass
class Findings:
    """What was found wrong with a pipeline.

    Attributes:
        problems: a run would fail for each of them.
        notices: worth knowing, and no reason for a run to fail.
    """

    problems: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)

    def of(self, work: Callable[[], Result]) -> Result | None:
        """Return what `work` gives; None if it raises a mistake, which is taken as problems."""
        try:
            return work()
        except ConfigError as error:
            self.problems += error.problems
            self.notices += error.notices
        except FlowerPowerError as error:
            self.problems += error.problems
        return None


def check_pipeline(root: Path, name: str, overrides: Mapping[str, Any] = _NOTHING) -> Findings:
    """Return what would fail in a run of the pipeline `name`, all that can be found in one pass.

    Its modules are imported, in this process.

    Args:
        root: the project's folder.
        name: the pipeline's name.
        overrides: what the caller would ask for, in the shape of the pipeline's YAML.
    """
    found = Findings()
    config: EffectiveConfig | None = None
    if resolved := found.of(lambda: resolve_what_fits(root, name, overrides)):
        config, problems = resolved
        found.problems += problems
        found.notices += config.notices
    sources = found.of(lambda: Sources.read(ProjectLayout.of(root), name, config))
    checked = None
    if config is not None and _is_readable(root, name):
        checked = found.of(partial(_check_graph, root, name, config, found))
    if sources is not None:
        _check_sources(sources, checked or frozenset(), found)
    found.problems = _in_order(found.problems, config, root, name)
    found.notices = _in_order(found.notices, config, root, name)
    return found


def _is_readable(root: Path, name: str) -> bool:
    """Whether the files can be read: of one that cannot, everything would be missing."""
    layout = ProjectLayout.of(root)
    try:
        for file in (layout.project_file(), layout.find(name).config):
            if file is not None:
                Document.read(file)
    except ConfigError:
        return False
    return True


def _check_graph(root: Path, name: str, config: EffectiveConfig, found: Findings) -> frozenset[Function]:
    """Check what a run checks, in its order; return the functions that it would call."""
    check_hamilton()
    from flowerpower_tui.pipeline.adapters import missing_adapters
    from flowerpower_tui.pipeline.build import Pipeline, choose_final_vars, wire
    from flowerpower_tui.pipeline.caching import caching
    from flowerpower_tui.pipeline.data import broken_plugins, check_data, unused, with_savers
    from flowerpower_tui.pipeline.execution import ExecutionContextBuilder, check_blocks
    from flowerpower_tui.pipeline.hooks import RunHooks

    run = config.pipeline.run
    found.of(lambda: ExecutionContextBuilder(run.executor, run.with_adapter))
    found.notices += broken_plugins(config.pipeline.io, [ProjectLayout.of(root).find(name).module])
    dag, graph = wire(root, name, config)
    found.of(lambda: RunHooks.load(root / config.project.hooks_dir, name))
    if run.final_vars:
        chosen = [found.of(partial(choose_final_vars, graph, [wanted])) for wanted in run.final_vars]
        final_vars = tuple(name for names in chosen for name in names or ())
    else:
        final_vars = choose_final_vars(graph, ())
    final_vars = with_savers(graph, final_vars, config)
    found.of(lambda: check_blocks(graph, final_vars))
    needed = graph.ancestors(final_vars) - run.inputs.keys()
    found.of(
        lambda: check_data(config, {name: node.callable for name, node in dag.graph.nodes.items() if name in needed})
    )
    for unknown in unused(config.pipeline.io, graph):
        hint = did_you_mean(unknown, graph.by_name)
        found.notices.append(Problem(f"no node takes '{unknown}' (io.inputs.{unknown})", hint=hint))
    for given in config.pipeline.io.inputs.keys() & run.inputs.keys():
        found.notices.append(Problem(f"io.inputs.{given} is not loaded: run.inputs.{given} gives the value"))
    # Where one of these could not be used, what is missing would be told twice.
    if not any(_DECIDING.search(problem.message) for problem in found.problems):
        _check_inputs(dag, graph, final_vars, run.inputs, found)
    if not found.problems:
        # What only a whole plan shows.
        plan = found.of(Pipeline(config, dag, graph, final_vars).plan)
        found.of(lambda: caching(run.cache, root, {}, graph, plan) if plan is not None else None)
    found.notices += missing_adapters(config, name)
    return _functions(graph, graph.ancestors(final_vars))


def _check_inputs(
    dag: Driver, graph: Graph, final_vars: tuple[str, ...], given: Mapping[str, Any], found: Findings
) -> None:
    """Bind the inputs one by one, so that each that is missing or does not fit is told."""
    from flowerpower_tui.pipeline.inputs import bind_inputs

    outside = {node.name for node in graph.nodes if node.role == "input"}
    unused = {name: value for name, value in given.items() if name not in graph.by_name}
    for name in outside:
        rest = graph.subgraph(set(graph.by_name) - outside | {name})
        own = {name: given[name]} if name in given else {}
        wanted = tuple(var for var in final_vars if var in rest.by_name)
        found.of(partial(bind_inputs, dag, rest, wanted, {**unused, **own}))
    for name in unused:
        hint = did_you_mean(name, outside - set(given))
        found.notices.append(Problem(f"no node takes the input '{name}' (run.inputs.{name})", hint=hint))


@dataclass(frozen=True)
class Sources:
    """The source of every module of the project that a pipeline is made of.

    Attributes:
        modules: the text of each file.
        broken: the files that are no Python.
        layout: where the project's files lie.
    """

    modules: Mapping[Path, bytes]
    broken: Mapping[Path, SyntaxError]
    layout: ProjectLayout

    @classmethod
    def read(cls, layout: ProjectLayout, name: str, config: EffectiveConfig | None) -> Sources:
        """Read the pipeline's module, the additional ones, and what they import.

        Raises:
            PipelineNotFoundError: there is no such pipeline.
            InvalidNameError: no pipeline can have that name.
        """
        module = layout.find(name).module
        waiting = [] if module is None else [module]
        for added in config.pipeline.run.additional_modules if config is not None else ():
            if isinstance(added, str):
                wanted = Import(added.replace("-", "_"), (), 0, 0)
                waiting += local_files(wanted, (layout.modules_folder, layout.root))
        modules: dict[Path, bytes] = {}
        broken: dict[Path, SyntaxError] = {}
        while waiting:
            path = waiting.pop(0)
            if path in modules or path in broken:
                continue
            try:
                modules[path] = path.read_bytes()
                for needed in imports_of(modules[path], _package(path, layout.root)):
                    waiting += local_files(needed, (layout.root, layout.modules_folder))
            except SyntaxError as error:
                broken[path] = error
                modules.pop(path)
            except (OSError, ValueError):
                modules.pop(path, None)  # the import tells it
        return cls(modules, broken, layout)


def _check_sources(sources: Sources, running: Collection[Function], found: Findings) -> None:
    told = {(problem.location.file, problem.location.line) for problem in found.problems if problem.location}
    for path, error in sources.broken.items():
        place = Location(str(path), error.lineno or 0, error.offset or 0)
        if (place.file, place.line) not in told:
            found.problems.append(Problem(f"{type(error).__name__}: {error.msg}", place))
    folders = (sources.layout.root, sources.layout.modules_folder)
    for path, text in sources.modules.items():
        for wanted in imports_of(text, _package(path, sources.layout.root)):
            if (str(path), wanted.line) in told or not is_missing(wanted, folders, _OURS):
                continue
            problem = Problem(
                f"there is no module '{wanted.module}' in this environment",
                Location(str(path), wanted.line, wanted.column),
                f"pip install {install_name(wanted.module)}",
            )
            fails = not wanted.function or (str(path), wanted.function) in running
            (found.problems if fails else found.notices).append(problem)
        found.notices += _defined_twice(path, text)


def _functions(graph: Graph, needed: Iterable[str]) -> frozenset[Function]:
    """The functions that make the nodes `needed`."""
    functions: set[Function] = set()
    lines: dict[str, list[str]] = {}
    for node in map(graph.by_name.__getitem__, needed):
        if not (node.file and node.line):
            continue
        if node.file not in lines:
            lines[node.file] = Path(node.file).read_text(encoding="utf-8-sig", errors="replace").splitlines()
        if node.line <= len(lines[node.file]) and (
            match := re.match(r"\s*(?:async\s+)?def\s+(\w+)", lines[node.file][node.line - 1])
        ):
            functions.add((node.file, match[1]))
    return frozenset(functions)


def _defined_twice(path: Path, text: bytes) -> Iterator[Problem]:
    """Yield a notice for each function that takes the place of one before it: a node that is gone without a word."""
    first: dict[str, int] = {}
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or statement.name.startswith("_"):
            continue
        if statement.name in first:
            yield Problem(
                f"'{statement.name}' takes the place of the one on line {first[statement.name]}",
                Location(str(path), statement.lineno, statement.col_offset + 1),
                f"Of two that config.when chooses from, call one {statement.name}__other.",
            )
        first[statement.name] = statement.lineno


def _package(path: Path, root: Path) -> str:
    return ".".join(path.parent.relative_to(root).parts)


def _in_order(problems: Iterable[Problem], config: EffectiveConfig | None, root: Path, name: str) -> list[Problem]:
    """Each problem once and with a place, by place."""
    placed = dict.fromkeys(_placed(problem, config, root, name) for problem in problems)
    return sorted(placed, key=lambda problem: _rank(problem.location))


def _rank(place: Location | None) -> tuple[str, int, int]:
    return (place.file, place.line, place.column) if place else ("", 0, 0)


def _placed(problem: Problem, config: EffectiveConfig | None, root: Path, name: str) -> Problem:
    """A problem without a place of its own, at the key that it names; at the pipeline's file if it names none."""
    if problem.location is not None:
        return problem
    match = _KEY.search(f"{problem.message} {problem.hint}")
    if match and config is not None:
        key = f"pipeline.{match.group()}"
        origins = config.origins
        for known, origin in origins.items():
            if (known == key or known.startswith(f"{key}.")) and origin.location is not None:
                return replace(problem, location=origin.location)
    try:
        entry = ProjectLayout.of(root).find(name)
    except FlowerPowerError:
        return problem
    file = entry.config or entry.module
    return replace(problem, location=Location(str(file))) if file is not None else problem
