"""The values that a graph gets from outside: all there, each of the type its node wants."""

from __future__ import annotations

import datetime as dt
import difflib
import enum
import types
import typing
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from hamilton import driver, htypes

from flowerpower_tui.config.secrets import MASK, is_secret
from flowerpower_tui.errors import GraphError
from flowerpower_tui.graph.model import Graph, Node


def bind_inputs(
    dag: driver.Driver, graph: Graph, final_vars: tuple[str, ...], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `inputs` for computing `final_vars`, YAML's scalars turned into what the nodes take where that is exact.

    Values of `run.config` that nodes take are turned in place, in the driver.

    Raises:
        GraphError: an input is missing, stands in `run.config` too, or is of another type; it names who needs it.
    """
    twice = sorted(set(inputs) & set(dag.config))
    if twice:
        raise GraphError(f"'{twice[0]}' stands in run.inputs and in run.config.", hint="Keep one of them.")
    bound = dict(inputs)
    unused = [name for name in inputs if name not in graph.by_name]
    needed = graph.ancestors(final_vars)
    for node in graph.nodes:
        if node.role != "input" or node.name not in needed:
            continue
        if node.name in bound:
            bound[node.name] = _fit(dag, node, bound[node.name], "run.inputs")
        elif node.name in dag.config:
            dag.config[node.name] = _fit(dag, node, dag.config[node.name], "run.config")
        elif takers := _takers(graph, node.name, needed, final_vars):
            raise _missing(node, takers, unused)
    return bound


def _takers(graph: Graph, name: str, needed: Collection[str], final_vars: Collection[str]) -> list[str]:
    """Who cannot do without the input."""
    takers = [child for child in graph.children[name] if child in needed and name not in graph.by_name[child].optional]
    return [*takers, "run.final_vars"] if name in final_vars else takers


def _missing(node: Node, takers: list[str], unused: list[str]) -> GraphError:
    who = ", ".join(takers[:3]) + (f" and {len(takers) - 3} more" if len(takers) > 3 else "")
    misspelt = difflib.get_close_matches(node.name, unused, 1)
    return GraphError(
        f"The input '{node.name}' ({node.type}) is missing; it is needed by {who}.",
        hint=f"Is it meant by '{misspelt[0]}', which nothing takes?"
        if misspelt
        else "Give it in run.inputs, or write a function of that name.",
    )


def _fit(dag: driver.Driver, node: Node, value: Any, section: str) -> Any:
    kind = dag.graph.nodes[node.name].type
    if value is None or _fits(dag, kind, value):
        return value
    fitted = coerce(kind, value)
    if fitted is None or not _fits(dag, kind, fitted):
        shown = MASK if is_secret(node.name) else f"{value!r:.80}"
        raise GraphError(
            f"The input '{node.name}' wants {node.type}, and got {shown} ({type(value).__name__}).",
            hint=f"Change it in {section}.",
        )
    return fitted


def _fits(dag: driver.Driver, kind: Any, value: Any) -> bool:
    if dag.adapter.does_method("do_validate_input", is_async=False):
        # An adapter that has its own idea of what fits is the only one that is asked, as Hamilton does it.
        method = "do_validate_input"
        return bool(dag.adapter.call_lifecycle_method_sync(method, node_type=kind, input_value=value))
    return bool(htypes.check_input_type(kind, value))


def coerce(kind: Any, value: Any) -> Any:
    """Return a YAML scalar or list as `kind` where no information is lost; None where it cannot be."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return next((fitted for inner in typing.get_args(kind) if (fitted := coerce(inner, value)) is not None), None)
    if typing.get_origin(kind) is typing.Annotated:
        return coerce(typing.get_args(kind)[0], value)
    target = typing.get_origin(kind) or kind
    try:
        return _converted(target, value)
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _converted(target: Any, value: Any) -> Any:
    match value:
        case bool():
            return None
        case str():
            return _from_text(target, value)
        case int() if target is float and int(float(value)) == value:
            return float(value)
        case float() if target is int and value.is_integer():
            return int(value)
        case int() | float() if target is str:
            return str(value)
        case dt.date() if target is dt.datetime and not isinstance(value, dt.datetime):
            return dt.datetime.combine(value, dt.time())
        case dt.date() if target is str:
            return value.isoformat()
        case list() if target is tuple or (target in (set, frozenset) and len(set(value)) == len(value)):
            return target(value)
    if isinstance(target, type) and issubclass(target, enum.Enum):
        return target(value)
    return None


def _from_text(target: Any, text: str) -> Any:
    if target is bool:
        return {"true": True, "false": False}[text.lower()]
    if target in (int, float) or target is Path:
        return target(text)
    if target in (dt.date, dt.datetime, dt.time):
        return target.fromisoformat(text)
    if isinstance(target, type) and issubclass(target, enum.Enum):
        return target[text] if text in target.__members__ else target(text)
    return None
