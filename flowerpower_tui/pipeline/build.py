"""From a project, a pipeline's name and overrides to something that can run: configuration, modules, DAG."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from hamilton import driver
from hamilton.function_modifiers.base import resolve_nodes
from hamilton.graph_utils import find_functions
from hamilton.lifecycle import base as lifecycle

from flowerpower_tui.config.models import RetryConfig, WithAdapterConfig
from flowerpower_tui.config.resolve import EffectiveConfig, resolve_pipeline
from flowerpower_tui.errors import ConfigError, GraphError, Location, did_you_mean
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline import compat, inputs
from flowerpower_tui.pipeline.adapters import adapters_of
from flowerpower_tui.pipeline.data import broken_plugins, check_data, data_nodes, leaves, loaded, settled, with_savers
from flowerpower_tui.pipeline.engine.messages import Recipe, can_be_sent
from flowerpower_tui.pipeline.engine.plan import Plan, make_plan
from flowerpower_tui.pipeline.hamilton_graph import function_place, read_graph
from flowerpower_tui.pipeline.modules import import_pipeline, open_project, sources, undisturbed
from flowerpower_tui.project.layout import ProjectLayout

logger = logging.getLogger(__name__)

NO_OVERRIDES: Mapping[str, Any] = MappingProxyType({})

_MESSAGE_LIMIT = 600


@dataclass(frozen=True)
class Pipeline:
    """A pipeline that is ready to run.

    Attributes:
        config: what it runs with.
        dag: Hamilton's driver.
        graph: what the driver holds.
        final_vars: the nodes that a run computes.
        sources: what the project's modules were compiled from, by file.
    """

    config: EffectiveConfig
    dag: driver.Driver
    graph: Graph
    final_vars: tuple[str, ...]
    sources: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def plan(self) -> Plan:
        """Return what a run has to do.

        Raises:
            ConfigError: something cannot be loaded or saved.
            GraphError: an input is missing or does not fit.
        """
        given = inputs.bind_inputs(self.dag, self.graph, self.final_vars, self.config.pipeline.run.inputs)
        # A value that is given takes the place of what would be loaded.
        overrides = {name: given.pop(name) for name in loaded(self.graph) & given.keys()}
        plan = make_plan(self.dag.graph, self.graph.topological, self.final_vars, given, overrides)
        check_data(self.config, {name: step.call for name, step in plan.steps.items()})
        return plan


def build_graph(root: Path, name: str, overrides: Mapping[str, Any] = NO_OVERRIDES) -> tuple[Graph, tuple[str, ...]]:
    """Return the graph of a pipeline and the nodes that a run would compute.

    Raises:
        FlowerPowerError: as `build`.
    """
    pipeline = build(root, name, overrides)
    return pipeline.graph, pipeline.final_vars


def build(
    root: Path,
    name: str,
    overrides: Mapping[str, Any] = NO_OVERRIDES,
    environ: Mapping[str, str] | None = None,
) -> Pipeline:
    """Resolve the configuration of a pipeline, import its modules afresh and build its DAG.

    Args:
        root: the project's folder.
        name: the pipeline's name.
        overrides: what the caller asks for, in the shape of the pipeline's YAML.
        environ: the environment; None for that of this process.

    Raises:
        ConfigError: a file, variable or override cannot be used.
        PipelineNotFoundError: there is no such pipeline.
        ModuleError: a module cannot be imported.
        GraphError: the functions make no graph, or it has no such node as is asked for.
    """
    return assemble(root, name, resolve_pipeline(root, name, overrides, environ), environ)


def assemble(root: Path, name: str, config: EffectiveConfig, environ: Mapping[str, str] | None = None) -> Pipeline:
    """Import the modules of a pipeline afresh and build its DAG; the rest of `build`.

    Raises:
        ConfigError: two adapters cannot be used together.
        ModuleError: a module cannot be imported.
        GraphError: the functions make no graph, or it has no such node as is asked for.
    """
    with undisturbed():
        dag, graph = wire(root, name, config, environ)
        texts = sources()
    final_vars = choose_final_vars(graph, config.pipeline.run.final_vars)
    return Pipeline(config, dag, graph, with_savers(graph, final_vars, config), texts)


def wire(
    root: Path, name: str, config: EffectiveConfig, environ: Mapping[str, str] | None = None
) -> tuple[driver.Driver, Graph]:
    """Import the modules of a pipeline afresh and return their DAG, whatever shall be computed of it.

    Raises:
        ConfigError: two adapters cannot be used together, or no loader or saver takes what is to be loaded or saved.
        ModuleError: a module cannot be imported.
        GraphError: the functions make no graph.
    """
    run = config.pipeline.run
    # Hamilton asks `sys.modules` for the module of a function, so no other project may be opened meanwhile.
    with undisturbed(), compat.answering_with(root, name, config):
        layout = ProjectLayout.of(root, environ)
        # Adapters' classes may be the project's own.
        open_project(root, layout.pipelines_dir)
        adapters = adapters_of(config, name)
        for problem in broken_plugins(config.pipeline.io, [layout.find(name).module]):
            logger.warning("%s; %s", problem.message, problem.hint)
        modules = import_pipeline(root, name, run.additional_modules, layout.pipelines_dir)
        dag = _build_dag(modules, run.config, list(adapters.values()), data_nodes(root, name, config))
        graph = read_graph(dag)
    _check(graph, modules[-1])
    return dag, graph


def choose_final_vars(graph: Graph, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes to compute: those that are wanted, each once; the leaves if none are.

    Raises:
        GraphError: there is no such node.
    """
    for name in wanted:
        if name not in graph.by_name:
            nearest = did_you_mean(name, graph.by_name)
            raise GraphError(f"There is no node '{name}' to compute (run.final_vars).", hint=nearest)
    return tuple(dict.fromkeys(wanted)) or leaves(graph)


def recipe(root: Path, name: str, pipeline: Pipeline, environ: Mapping[str, str] | None = None) -> Recipe:
    """Return what another process builds the same graph from."""
    run = copy(pipeline.config.pipeline.run)
    run.additional_modules = [
        entry.__name__ if isinstance(entry, ModuleType) else entry for entry in run.additional_modules
    ]
    run.adapter, run.with_adapter, run.on_success, run.on_failure = {}, WithAdapterConfig(), None, None
    run.retry = RetryConfig()
    # Modules may look at them; what cannot be sent is told where a node takes it.
    run.inputs = {name: value for name, value in run.inputs.items() if can_be_sent(value)}
    config = copy(pipeline.config.pipeline)
    config.run = run
    config.io = settled(config.io, pipeline.dag.graph.nodes)
    return Recipe(
        root,
        name,
        pipeline.config.project,
        config,
        pipeline.sources,
        None if environ is None else dict(environ),
        tuple(sys.path),
        logging.getLogger().getEffectiveLevel(),
    )


def _build_dag(
    modules: Sequence[ModuleType], config: Mapping[str, Any], adapters: Sequence[Any], data: Any = None
) -> driver.Driver:
    builder = driver.Builder().with_modules(*modules).with_config(dict(config)).with_adapters(*adapters)
    if data is not None:
        builder = builder.with_materializers(data)
    if len(modules) > 1:
        # The later module wins: the pipeline's own over additional ones. Within one module, twice is a mistake.
        builder = builder.allow_module_overrides()
    with _quiet_hamilton():
        try:
            return builder.build()
        except ConfigError:
            raise
        except lifecycle.ValidationException as error:
            raise GraphError(f"An adapter rejects the graph: {_in_short(str(error))}") from error
        except Exception as error:  # users' decorators and types are judged in there
            message = _in_short(str(error))
            place = _culprit(modules, config, message)
            raise GraphError(f"The functions make no graph: {message}", location=place) from error


def _in_short(message: str) -> str:
    """What Hamilton says, in a line: without its advice, and with types as they are written."""
    message = " ".join(message.split()).removeprefix("Error: ")
    message = re.sub(r"<class '(?:builtins\.)?([\w.]+)'>", r"\1", message)
    message = re.split(r"\.? (?:Hamilton does not consider|Please fix this by|In case you want to override)", message)[
        0
    ]
    return message if len(message) <= _MESSAGE_LIMIT else message[:_MESSAGE_LIMIT] + "…"


def _culprit(modules: Iterable[ModuleType], config: Mapping[str, Any], message: str) -> Location | None:
    """The function that cannot become nodes; or the first that the message names."""
    places: dict[str, Location] = {}
    for name, function in (found for module in modules for found in find_functions(module)):
        places[name] = Location(*function_place(function))
        try:
            resolve_nodes(function, dict(config))
        except Exception:  # noqa: BLE001 - the same that failed above
            return places[name]
    return next((places[word] for word in re.findall(r"\w+", message) if word in places), None)


def _check(graph: Graph, module: ModuleType) -> None:
    if not any(node.role != "input" for node in graph.nodes):
        raise GraphError(
            f"The module '{module.__name__}' has no functions to make nodes of.",
            location=Location(module.__file__ or ""),
            hint="A node is a function whose name has no leading underscore and whose types are annotated.",
        )
    try:
        _ = graph.topological
    except ValueError as error:
        names = str(error).partition(": ")[2]
        node = graph.by_name[names.partition(" → ")[0]]
        raise GraphError(f"The graph has a cycle: {names}.", location=Location(node.file, node.line)) from None


_is_told: ContextVar[bool] = ContextVar("what_hamilton_says_is_told", default=False)


@contextmanager
def _quiet_hamilton() -> Iterator[None]:
    """Keep Hamilton from logging that it cannot build: who builds tells it. Other drivers log as they did."""
    for name in ("hamilton.driver", "hamilton.function_modifiers.base"):
        logging.getLogger(name).addFilter(_is_news)
    token = _is_told.set(True)
    try:
        yield
    finally:
        _is_told.reset(token)


def _is_news(record: logging.LogRecord) -> bool:
    return record.levelno < logging.ERROR or not _is_told.get()
