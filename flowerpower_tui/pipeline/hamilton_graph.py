"""Hamilton's driver → `Graph`: only what the driver really has, in the order of the source."""

from __future__ import annotations

import inspect
import linecache
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from hamilton import driver
from hamilton.node import DependencyType, Node, NodeType

from flowerpower_tui.graph.model import Graph, Role
from flowerpower_tui.graph.model import Node as GraphNode
from flowerpower_tui.pipeline.type_names import type_name

_ROLES: Mapping[NodeType, Role] = {NodeType.EXPAND: "expand", NodeType.COLLECT: "collect"}
_DATA: Mapping[str, Role] = {"hamilton.data_loader": "load", "hamilton.data_saver": "save"}
_DEFINITION = re.compile(r"\s*(async\s+)?def\b")


def read_graph(dag: driver.Driver) -> Graph:
    """Return the graph that `dag` holds. Read it before it runs: running changes the roles' callables.

    Functions come in the order of their modules and lines, then the inputs in the order they are needed; keys of the
    configuration that no function takes are no nodes.
    """
    modules = {module.__name__: index for index, module in enumerate(dag.graph_modules)}

    def in_source(entry: tuple[Node, GraphNode]) -> tuple[int, int]:
        return modules.get(entry[1].module, len(modules)), entry[1].line

    functions = [(node, _convert(node)) for node in dag.graph.get_nodes() if node.node_role is not NodeType.EXTERNAL]
    functions.sort(key=in_source)
    taken = [(source, node) for node, _ in functions for source in node.dependencies]
    outside = {source.name: source for source, _ in taken if source.node_role is NodeType.EXTERNAL}
    inputs = map(_convert_input, outside.values())
    edges = ((source.name, node.name) for source, node in taken)
    return Graph(nodes=(*(node for _, node in functions), *inputs), edges=tuple(dict.fromkeys(edges)))


def function_place(function: Callable[..., Any]) -> tuple[str, int]:
    """Return the file of a function and the line of its `def`; an empty string and 0 where there is none."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return "", 0
    # The code starts at its first decorator.
    lines = islice(linecache.getlines(code.co_filename), code.co_firstlineno - 1, None)
    offset = next((index for index, line in enumerate(lines) if _DEFINITION.match(line)), 0)
    return code.co_filename, code.co_firstlineno + offset


def _convert(node: Node) -> GraphNode:
    function = _function(node)
    file, line = function_place(function) if function is not None else ("", 0)
    return GraphNode(
        name=node.name,
        type=type_name(node.type, _scope(function)),
        role=_role(node),
        module=function.__module__ if function is not None else "",
        file=file,
        line=line,
        tags=dict(_tags(node.tags)),
        doc=inspect.cleandoc(node.documentation or ""),
        optional=tuple(name for name, (_, kind) in node.input_types.items() if kind is DependencyType.OPTIONAL),
    )


def _role(node: Node) -> Role:
    of_data: Role = next((role for tag, role in _DATA.items() if node.tags.get(tag)), "function")
    return _ROLES.get(node.node_role, of_data)


def _convert_input(node: Node) -> GraphNode:
    return GraphNode(name=node.name, type=type_name(node.type, _scope(_function(node))), role="input")


def _function(node: Node) -> Callable[..., Any] | None:
    # The first is the function that makes the value; those after it are the subdags it stands in.
    return node.originating_functions[0] if node.originating_functions else None


def _scope(function: Callable[..., Any] | None) -> Mapping[str, Any]:
    return getattr(inspect.unwrap(function), "__globals__", {}) if function is not None else {}


def _tags(tags: Mapping[str, Any]) -> Iterable[tuple[str, str | list[str]]]:
    for name, value in tags.items():
        if name != "module":  # Hamilton's own, and a field of its own here
            yield name, list(map(str, value)) if isinstance(value, list | tuple) else str(value)
