"""How nodes are executed, by the executor's settings; and what no executor can compute."""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import metadata

from flowerpower_tui.config.known import EXECUTOR_PLUGINS, executors
from flowerpower_tui.config.models import ExecutorConfig
from flowerpower_tui.errors import ConfigError, GraphError, Problem, did_you_mean
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.engine.computation import Executor
from flowerpower_tui.pipeline.engine.executors import InTurn, Threads
from flowerpower_tui.pipeline.engine.messages import Recipe
from flowerpower_tui.pipeline.engine.processes import Processes

Factory = Callable[[ExecutorConfig, Callable[[], Recipe]], Executor]


EXECUTORS: dict[str, Factory] = {
    "synchronous": lambda _config, _recipe: InTurn(),
    "local": lambda _config, _recipe: InTurn(),
    "threadpool": lambda config, _recipe: Threads(config.max_workers),
    "processpool": lambda config, recipe: Processes(config.max_workers, recipe()),
}
"""What makes the executor of each type; a plugin of the entry-point group `flowerpower_tui.executors` is another."""

_NOT_YET = ("ray", "dask")


class ExecutionContextBuilder:
    """Makes what a pipeline's nodes are executed by.

    Raises:
        ConfigError: there is no executor of that type.
    """

    def __init__(self, config: ExecutorConfig) -> None:
        kind = config.type or "synchronous"
        if kind in _NOT_YET:
            hint = f"That will come with the extra flowerpower-tui[{kind}]; use threadpool or processpool."
            problem = Problem(f"Nodes cannot be executed on {kind.title()} yet (run.executor.type).", hint=hint)
            raise ConfigError([problem])
        self._make = EXECUTORS.get(kind) or _plugin(kind)
        self._config = config

    def executor(self, recipe: Callable[[], Recipe]) -> Executor:
        """Return the executor; `recipe` tells what other processes build the graph from, if there are any."""
        return self._make(self._config, recipe)


def _plugin(kind: str) -> Factory:
    """Return the factory that an installed plugin has for this type: called as those of `EXECUTORS` are.

    Raises:
        ConfigError: no plugin has it, or it cannot be loaded.
    """
    entry = next(iter(metadata.entry_points(group=EXECUTOR_PLUGINS, name=kind)), None)
    if entry is None:
        hint = did_you_mean(kind, executors()) or f"There are {', '.join(EXECUTORS)}."
        raise ConfigError([Problem(f"There is no executor '{kind}' (run.executor.type).", hint=hint)])
    try:
        factory: Factory = entry.load()
    except Exception as error:  # a plugin's own, whatever it is
        message = f"The executor '{kind}' cannot be loaded from {entry.value}: {type(error).__name__}: {error}"
        raise ConfigError([Problem(message, hint="Mend or remove the package that brings it.")]) from error
    return factory


def check_blocks(graph: Graph, final_vars: Collection[str]) -> None:
    """Refuse to compute `final_vars` where that has no meaning.

    Raises:
        GraphError: values of a block are asked for that nothing collects, or a block stands inside another.
    """
    needed = graph.subgraph(graph.ancestors(final_vars))
    for expander in (node.name for node in needed.nodes if node.role == "expand"):
        block, is_gathered = _block(needed, expander)
        asked = [name for name in block if name in final_vars]
        if asked or (block and not is_gathered):
            raise GraphError(
                f"'{(asked or block)[0]}' is computed for each item of '{expander}', and no Collect gathers it.",
                hint="Ask for a node behind a Collect in run.final_vars.",
            )
        if inner := [name for name in block if needed.by_name[name].role == "expand"]:
            raise GraphError(
                f"'{inner[0]}' would be expanded for each item of '{expander}': blocks cannot stand in one another.",
                hint="Expand to the smallest items at once, or gather before the next Parallelizable node.",
            )


def _block(graph: Graph, expander: str) -> tuple[list[str], bool]:
    """The nodes that are computed for each item of `expander`, and whether anything gathers them."""
    inside = {expander}
    is_gathered = False
    for name in graph.topological:
        if inside.isdisjoint(graph.parents[name]):
            continue
        if graph.by_name[name].role == "collect":
            is_gathered = True
        else:
            inside.add(name)
    return [name for name in graph.topological if name in inside and name != expander], is_gathered
