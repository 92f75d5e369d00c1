"""Hamilton's driver → `Graph`: only what the driver really has, in the order of the source."""

from __future__ import annotations

import inspect
import linecache
import re
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from hamilton import driver
from hamilton.node import DependencyType, Node, NodeType

from flowerpower_tui.graph.model import Graph, Role
from flowerpower_tui.graph.model import Node as GraphNode
from flowerpower_tui.pipeline.type_names import type_name

_ROLES: Mapping[NodeType, Role] = {NodeType.EXTERNAL: "input", NodeType.EXPAND: "expand", NodeType.COLLECT: "collect"}
_DEFINITION = re.compile(r"\s*(async\s+)?def\b")


def read_graph(dag: driver.Driver) -> Graph:
    """Return the graph that `dag` holds. Read it before it runs: running changes the roles' callables.

    Functions come in the order of their modules and lines, then the inputs in the order they are needed; keys of the
    configuration that no function takes are no nodes.
    """
    nodes = [node for node in dag.graph.get_nodes() if not _is_unused(node)]
    modules = {module.__name__: index for index, module in enumerate(dag.graph_modules)}
    nodes.sort(key=lambda node: _place_in_source(node, modules))
    edges = ((dependency.name, node.name) for node in nodes for dependency in node.dependencies)
    return Graph(nodes=tuple(_convert(node) for node in nodes), edges=tuple(dict.fromkeys(edges)))


def function_place(function: Callable[..., Any]) -> tuple[str, int]:
    """Return the file of a function and the line of its `def`; an empty string and 0 where there is none."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return "", 0
    # The code starts at its first decorator.
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    offset = next((index for index, line in enumerate(lines) if _DEFINITION.match(line)), 0)
    return code.co_filename, code.co_firstlineno + offset


def _is_unused(node: Node) -> bool:
    return node.node_role is NodeType.EXTERNAL and not node.depended_on_by


def _place_in_source(node: Node, modules: Mapping[str, int]) -> tuple[bool, int, int]:
    function = _function(node)
    if function is None:
        return node.node_role is NodeType.EXTERNAL, len(modules), 0
    module = modules.get(function.__module__, len(modules))
    return node.node_role is NodeType.EXTERNAL, module, function_place(function)[1]


def _function(node: Node) -> Callable[..., Any] | None:
    # The first is the function that makes the value; those after it are the subdags it stands in.
    return node.originating_functions[0] if node.originating_functions else None


def _convert(node: Node) -> GraphNode:
    function = _function(node)
    scope = inspect.unwrap(function).__globals__ if function is not None else {}
    if node.node_role is NodeType.EXTERNAL:
        return GraphNode(name=node.name, type=type_name(node.type, scope), role="input")
    file, line = function_place(function) if function is not None else ("", 0)
    return GraphNode(
        name=node.name,
        type=type_name(node.type, scope),
        role=_ROLES.get(node.node_role, "function"),
        module=function.__module__ if function is not None else "",
        file=file,
        line=line,
        tags=dict(_tags(node.tags)),
        doc=inspect.cleandoc(node.documentation or ""),
        optional=tuple(
            dependency.name
            for dependency in node.dependencies
            if node.input_types[dependency.name][1] is DependencyType.OPTIONAL
        ),
    )


def _tags(tags: Mapping[str, Any]) -> Iterable[tuple[str, str | list[str]]]:
    for name, value in tags.items():
        if name != "module":  # Hamilton's own, and a field of its own here
            yield name, list(map(str, value)) if isinstance(value, list | tuple) else str(value)


def find_function(modules: Iterable[ModuleType], name: str) -> Callable[..., Any] | None:
    """Return the function called `name` of the last module that has one: the one that counts."""
    found = [vars(module).get(name) for module in modules]
    return next((function for function in reversed(found) if inspect.isfunction(function)), None)
