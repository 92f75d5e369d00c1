"""A pipeline's configuration against its real DAG: the nodes, inputs and params that it names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from flowerpower_tui.config.known import CACHE_SETTINGS
from flowerpower_tui.errors import Problem, did_you_mean, nearest
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.yamldoc.document import Document

# Who has more unknown names has not mistyped them, and looking for what is alike takes time.
_MOST_SUGGESTIONS = 20


def check_against_graph(
    document: Document, values: Mapping[Any, Any], run: Mapping[str, Any], graph: Graph, sources: Iterable[str]
) -> Iterator[Problem]:
    """Yield what in a pipeline's YAML names something that its graph does not have, and the inputs that it lacks.

    Args:
        document: the file.
        values: what it says, variables put in.
        run: `final_vars`, `inputs` and `config` as they hold, after all layers; and `loaded`, what `io` gives inputs.
        graph: the pipeline's.
        sources: the texts of its modules; none if they are not at hand.
    """
    written = values.get("run")
    section: Mapping[Any, Any] = written if isinstance(written, Mapping) else {}
    yield from _unknown_nodes(document, section.get("final_vars"), ("run", "final_vars"), graph)
    yield from _cache(document, section.get("cache"), graph)
    yield from _unused_inputs(document, section.get("inputs"), ("run", "inputs"), graph)
    data = values.get("io")
    if isinstance(data, Mapping):
        yield from _unused_inputs(document, data.get("inputs"), ("io", "inputs"), graph)
        yield from _unknown_outputs(document, data.get("outputs"), graph)
    yield from _missing_inputs(document, run, graph)
    yield from _unused_params(document, values.get("params"), graph, sources)


def _unknown_nodes(document: Document, names: Any, path: tuple[str, ...], graph: Graph) -> Iterator[Problem]:
    unknown = [
        (index, name)
        for index, name in enumerate(names if isinstance(names, list) else ())
        if isinstance(name, str) and name not in graph.by_name
    ]
    known = tuple(graph.by_name) if len(unknown) <= _MOST_SUGGESTIONS else ()
    for index, name in unknown:
        near = _nearest_node(name, known)
        hint = f"Did you mean '{near}'?" if near else ""
        instead = near if near not in names else ""
        yield Problem(f"there is no node '{name}'", document.location((*path, index)), hint, "unknown-node", instead)


@lru_cache(maxsize=256)
def _nearest_node(name: str, nodes: tuple[str, ...]) -> str:
    # While someone types elsewhere, the same is asked again and again.
    return nearest(name, nodes)


def _cache(document: Document, settings: Any, graph: Graph) -> Iterator[Problem]:
    for key, nodes in settings.items() if isinstance(settings, Mapping) else ():
        path = ("run", "cache", key)
        if key not in CACHE_SETTINGS:
            hint = did_you_mean(str(key), CACHE_SETTINGS) or f"There are {', '.join(CACHE_SETTINGS)}."
            near = nearest(str(key), CACHE_SETTINGS)
            instead = near if near not in settings else ""
            message = f"there is no setting '{key}' of the cache"
            yield Problem(message, document.key_location(path), hint, "unknown-setting", instead)
        elif key != "path":
            yield from _unknown_nodes(document, nodes, path, graph)


def _unknown_outputs(document: Document, outputs: Any, graph: Graph) -> Iterator[Problem]:
    for name in outputs if isinstance(outputs, Mapping) else ():
        if name not in graph.by_name:
            near = _nearest_node(str(name), tuple(graph.by_name))
            hint = f"Did you mean '{near}'?" if near else ""
            place = document.key_location(("io", "outputs", name))
            yield Problem(f"there is no node '{name}'", place, hint, "unknown-node", near)


def _unused_inputs(document: Document, inputs: Any, path: tuple[str, ...], graph: Graph) -> Iterator[Problem]:
    given: Mapping[Any, Any] = inputs if isinstance(inputs, Mapping) else {}
    unknown = [name for name in given if name not in graph.by_name]
    outside = {node.name for node in graph.nodes if node.role == "input"}
    free = outside - given.keys() if len(unknown) <= _MOST_SUGGESTIONS else ()
    for name in unknown:
        yield Problem(
            f"no node takes the input '{name}'",
            document.key_location((*path, name)),
            did_you_mean(str(name), free),
            "unused-input",
            nearest(str(name), free),
        )


def _missing_inputs(document: Document, run: Mapping[str, Any], graph: Graph) -> Iterator[Problem]:
    wanted = [name for name in run.get("final_vars") or () if name in graph.by_name] or graph.leaves
    needed = graph.ancestors(wanted)
    given = {name for key in ("inputs", "config", "loaded") for name in run.get(key) or ()}
    for node in graph.nodes:
        if node.role != "input" or node.name not in needed or node.name in given:
            continue
        if takers := _takers(graph, node, needed):
            who = ", ".join(takers[:3]) + (f" and {len(takers) - 3} more" if len(takers) > 3 else "")
            yield Problem(
                f"the input '{node.name}' ({node.type}) is missing; it is needed by {who}",
                document.key_location(("run", "inputs")),
                "Give it in run.inputs, or write a function of that name.",
                "missing-input",
            )


def _takers(graph: Graph, node: Node, needed: Collection[str]) -> list[str]:
    """Who cannot do without the input."""
    children = graph.children[node.name]
    return [child for child in children if child in needed and node.name not in graph.by_name[child].optional]


def _unused_params(document: Document, params: Any, graph: Graph, sources: Iterable[str]) -> Iterator[Problem]:
    """Yield the params that nobody can mean: no node has their name, and no module mentions it."""
    if not isinstance(params, Mapping) or not any(sources):
        return
    mentioned = {word for source in sources for word in re.findall(r"\w+", source)}
    unknown = [name for name in params if name not in graph.by_name and name not in mentioned]
    nodes = {node.name for node in graph.nodes if node.role != "input"}
    free = nodes - params.keys() if len(unknown) <= _MOST_SUGGESTIONS else ()
    for name in unknown:
        yield Problem(
            f"no node has the name of the param '{name}', and no module mentions it",
            document.key_location(("params", name)),
            did_you_mean(str(name), free),
            "unused-param",
            nearest(str(name), free),
        )
