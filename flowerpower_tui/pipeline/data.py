"""The `io` section of a pipeline as its graph has it: nodes that load and save, and which of them a run computes.

Nothing of the room `io` is imported for a pipeline that has no such section.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowerpower_tui.config.effective import EffectiveConfig
from flowerpower_tui.config.models import IOConfig
from flowerpower_tui.errors import Location, Problem
from flowerpower_tui.graph.model import Graph

if TYPE_CHECKING:
    from flowerpower_tui.io.nodes import DataNodes

_TAG = "flowerpower.io"
_OUTPUTS = "outputs."
# What a module that takes loaders or savers from Hamilton's registry has in it.
_DECORATORS = re.compile(rb"\b(load_from|save_to)\b")


def is_used(config: IOConfig) -> bool:
    """Return whether anything is loaded or saved."""
    return bool(config.inputs or config.outputs)


def broken_plugins(config: IOConfig, modules: Iterable[Path | None]) -> tuple[Problem, ...]:
    """Load what plugins register, if `config` or a decorator in one of the modules may need it.

    Returns:
        A problem for each plugin that cannot be loaded.
    """
    if not is_used(config) and not any(file and _DECORATORS.search(file.read_bytes()) for file in modules):
        return ()
    from flowerpower_tui.io.registry import load_plugins

    return load_plugins()


def data_nodes(root: Path, name: str, config: EffectiveConfig) -> DataNodes | None:
    """Return what Hamilton's builder makes the nodes of; None if nothing is loaded or saved."""
    if not is_used(config.pipeline.io):
        return None
    from flowerpower_tui.io.nodes import DataNodes
    from flowerpower_tui.io.occasion import Occasion

    occasion = Occasion.now(root, name, config.project.name or root.name)
    return DataNodes(config.pipeline.io, occasion, locator(config), config.pipeline.run.final_vars)


def check_data(config: EffectiveConfig, calls: Mapping[str, Any]) -> None:
    """Look before a run whether what it loads and saves can be: libraries, files of this machine.

    Args:
        config: the pipeline's.
        calls: what the nodes call that run, by their names.

    Raises:
        ConfigError: something cannot be; with every problem.
    """
    if is_used(config.pipeline.io):
        from flowerpower_tui.io.nodes import check

        check(calls, locator(config))


def locator(config: EffectiveConfig) -> Callable[[tuple[Hashable, ...]], Location | None]:
    """Return a function that tells where a key of the pipeline's YAML stands."""

    def locate(key: tuple[Hashable, ...]) -> Location | None:
        # A list is one value to the configuration.
        path = ("pipeline", *(part for part in key if not isinstance(part, int)))
        return next((entry.origin.location for entry in config.entries if entry.path[: len(path)] == path), None)

    return locate


def is_saver(graph: Graph, name: str) -> bool:
    """Return whether a node saves what `io.outputs` names."""
    return str(graph.by_name[name].tags.get(_TAG, "")).startswith(_OUTPUTS)


def unused(config: IOConfig, graph: Graph) -> tuple[str, ...]:
    """Return the names in `io.inputs` that no node takes."""
    return tuple(name for name in config.inputs if name not in graph.by_name)


def loaded(graph: Graph) -> frozenset[str]:
    """Return the nodes that `io.inputs` loads."""
    return frozenset(node.name for node in graph.nodes if node.role == "load" and _TAG in node.tags)


def leaves(graph: Graph) -> tuple[str, ...]:
    """Return the graph's leaves as they are without what saves them."""
    kept = {node.name for node in graph.nodes if not is_saver(graph, node.name)}
    return graph.leaves if len(kept) == len(graph.nodes) else graph.subgraph(kept).leaves


def with_savers(graph: Graph, final_vars: tuple[str, ...], config: EffectiveConfig) -> tuple[str, ...]:
    """Return the nodes that a run computes with those that save.

    All of them; only those that save what is computed anyway, if the caller chose the nodes.
    """
    if not is_used(config.pipeline.io):
        return final_vars
    is_chosen = config.origins["pipeline.run.final_vars"].layer == "override"
    computed: Collection[str] = graph.ancestors(final_vars) if is_chosen else graph.by_name
    savers = (
        node.name
        for node in graph.nodes
        if is_saver(graph, node.name) and all(source in computed for source in graph.parents[node.name])
    )
    return tuple(dict.fromkeys((*final_vars, *savers)))


def settled(config: IOConfig, nodes: Mapping[str, Any]) -> IOConfig:
    """Return the section with what stands for its templates in the run of `nodes`: other processes have no other."""
    if not is_used(config):
        return config
    from flowerpower_tui.io.nodes import Transfer

    calls = (node.callable for node in nodes.values())
    occasion = next((call.occasion for call in calls if isinstance(call, Transfer)), None)
    return config if occasion is None else occasion.settle(config)
