"""A graph for other tools: JSON, Mermaid, Graphviz' DOT."""

from __future__ import annotations

import json
import re

import msgspec

from flowerpower_tui.graph.model import Graph

_SHAPES = {
    "function": ("[", "]"),
    "input": ("([", "])"),
    "expand": ("[/", "\\]"),
    "collect": ("[\\", "/]"),
    "load": ("[(", ")]"),
    "save": ("[(", ")]"),
}
_STYLES = {"input": "style=dashed", "expand": "style=rounded", "collect": "style=rounded"}
_STYLES |= dict.fromkeys(("load", "save"), "shape=cylinder")


def to_json(graph: Graph) -> str:
    """`{"nodes": [{"name", "type", "module", "line", "tags", …}], "edges": [[from, to], …]}`, indented.

    Every node has every field, so that a reader need not know our defaults.
    """
    nodes = [{field: getattr(node, field) for field in node.__struct_fields__} for node in graph.nodes]
    plain = msgspec.to_builtins({"nodes": nodes, "edges": graph.edges})
    return json.dumps(plain, indent=2, ensure_ascii=False)


def from_json(text: str | bytes) -> Graph:
    """Read what `to_json` wrote.

    Raises:
        ValueError: that is no graph.
    """
    return msgspec.json.decode(text, type=Graph)


def to_mermaid(graph: Graph) -> str:
    """A Mermaid flowchart, top down; inputs are stadiums, what is loaded and saved are cylinders."""
    ids = {node.name: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    for node in graph.nodes:
        left, right = _SHAPES[node.role]
        lines.append(f'    {ids[node.name]}{left}"{_entities(node.name)}"{right}')
    lines += (f"    {ids[source]} --> {ids[target]}" for source, target in dict.fromkeys(graph.edges))
    return "\n".join(lines)


def to_dot(graph: Graph) -> str:
    """A Graphviz digraph, top down; inputs are dashed, what is loaded and saved are cylinders."""
    lines = ["digraph {", "    rankdir=TB;", "    node [shape=box];"]
    for node in graph.nodes:
        style = f" [{_STYLES[node.role]}]" if node.role in _STYLES else ""
        lines.append(f"    {_quoted(node.name)}{style};")
    lines += (f"    {_quoted(source)} -> {_quoted(target)};" for source, target in dict.fromkeys(graph.edges))
    return "\n".join([*lines, "}"])


def _entities(name: str) -> str:
    """The name in Mermaid's own entities: whatever could end a label or be read as markup becomes `#code;`."""
    return re.sub(r"[^\w.,:()/+-]", lambda match: f"#{ord(match.group())};", name)


def _quoted(name: str) -> str:
    """The name as a quoted DOT identifier; a backslash is doubled, since DOT reads escapes in labels."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
