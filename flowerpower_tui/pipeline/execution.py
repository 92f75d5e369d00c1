"""How nodes are executed, by the executor's settings; and what no executor can compute."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import metadata
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import cast

from flowerpower_tui.config.known import EXECUTOR_PLUGINS, EXECUTORS, executors_hint
from flowerpower_tui.config.models import ExecutorConfig, RayConfig, WithAdapterConfig
from flowerpower_tui.errors import ConfigError, GraphError, Problem
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.engine.cluster import Cluster, OnCluster
from flowerpower_tui.pipeline.engine.computation import Executor, OnLoop
from flowerpower_tui.pipeline.engine.messages import Recipe

Factory = Callable[[ExecutorConfig, Callable[[], Recipe]], Executor]
# Those that are clusters, and the library that each needs. What they are made by connects to one.
_CLUSTERS = {"ray": "ray", "dask": "distributed"}


class ExecutionContextBuilder:
    """Makes what a pipeline's nodes are executed by.

    Args:
        config: the executor's settings.
        adapters: `ray` and `dask` among them ask for a cluster too, and for every node.
        ray: how Ray is started and left.

    Raises:
        ConfigError: there is no executor of that type, its library is not installed, or two clusters are asked for.
    """

    def __init__(
        self, config: ExecutorConfig, adapters: WithAdapterConfig | None = None, ray: RayConfig | None = None
    ) -> None:
        asked = [kind for kind in _CLUSTERS if adapters is not None and getattr(adapters, kind)]
        kind = asked[0] if asked else config.type or "synchronous"
        if len({*asked, config.type} & _CLUSTERS.keys()) > 1:
            hint = "Leave one of run.executor.type, run.with_adapter.ray and run.with_adapter.dask out."
            raise ConfigError([Problem("The nodes cannot be executed on Ray and on Dask at once.", hint=hint)])
        if asked and adapters is not None and adapters.future:
            hint = "Leave one of them out."
            message = f"run.with_adapter.{kind} and run.with_adapter.future both want to send the nodes elsewhere."
            raise ConfigError([Problem(message, hint=hint)])
        if kind in _CLUSTERS:
            _need(kind, "run.with_adapter" if asked else "run.executor.type")
            connect: Callable[[ExecutorConfig, RayConfig], Cluster] = resolve_name(EXECUTORS[kind])
            self._make: Factory = lambda config, recipe: OnCluster(
                lambda: connect(config, ray or RayConfig()), recipe(), all_nodes=bool(asked)
            )
        else:
            self._make = resolve_name(EXECUTORS[kind]) if kind in EXECUTORS else _plugin(kind)
        self._config = config

    @contextmanager
    def executor(self, recipe: Callable[[], Recipe]) -> Iterator[Executor]:
        """Make the executor for a run; what it has started by the end of the run is ended then.

        Args:
            recipe: tells what other processes build the graph from, if there are any.
        """
        executor = self._make(self._config, recipe)
        # Not every executor has something to end.
        with executor if isinstance(executor, AbstractContextManager) else nullcontext():
            yield executor


def _need(kind: str, key: str) -> None:
    """Make sure that a cluster's library is there.

    Raises:
        ConfigError: it is not.
    """
    if find_spec(_CLUSTERS[kind]) is None:
        message = f"{kind.title()} is not installed in this environment ({key})."
        raise ConfigError([Problem(message, hint=f"pip install 'flowerpower-tui[{kind}]'")])


def _plugin(kind: str) -> Factory:
    """Return the factory that an installed plugin has for this type: called as ours are.

    Raises:
        ConfigError: no plugin has it, or it cannot be loaded.
    """
    entry = next(iter(metadata.entry_points(group=EXECUTOR_PLUGINS, name=kind)), None)
    if entry is None:
        message = f"There is no executor '{kind}' (run.executor.type)."
        raise ConfigError([Problem(message, hint=executors_hint(kind, is_used_here=True))])
    try:
        factory: Factory = entry.load()
    except Exception as error:  # a plugin's own, whatever it is
        message = f"The executor '{kind}' cannot be loaded from {entry.value}: {type(error).__name__}: {error}"
        raise ConfigError([Problem(message, hint="Mend or remove the package that brings it.")]) from error
    return factory


def on_a_loop(executor: Executor, kind: str | None) -> OnLoop:
    """Return an executor that can work beside an event loop: one of its own kind has to say how, as `OnLoop` does.

    Args:
        executor: the executor.
        kind: its type, as it is configured.

    Raises:
        ConfigError: it cannot, as clusters cannot.
    """
    if _definer(executor, "beside") is _definer(executor, "work"):
        return cast("OnLoop", executor)
    where = "on Ray or Dask" if isinstance(executor, OnCluster) else f"by '{kind}' (run.executor.type)"
    hint = "Use run.executor.type: threadpool; where no node is asynchronous, call run instead of run_async."
    raise ConfigError([Problem(f"Asynchronous nodes, and what run_async runs, cannot be executed {where}.", hint=hint)])


def _definer(executor: Executor, method: str) -> type | None:
    """Return the class that an executor has a method from."""
    return next((kind for kind in type(executor).__mro__ if method in vars(kind)), None)


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
