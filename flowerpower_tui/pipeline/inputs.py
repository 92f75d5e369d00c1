"""The values that a graph gets from outside: all there, each of the type its node wants."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hamilton import driver, htypes
from hamilton.node import Node

from flowerpower_tui.errors import GraphError, did_you_mean
from flowerpower_tui.graph.model import Graph


def bind_inputs(
    dag: driver.Driver, graph: Graph, final_vars: tuple[str, ...], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `inputs` for computing `final_vars`, YAML's scalars turned into what the nodes take where that is exact.

    Raises:
        GraphError: an input is missing, stands in `run.config` too, or is of another type; it names who needs it.
    """
    twice = sorted(set(inputs) & set(dag.config))
    if twice:
        raise GraphError(f"'{twice[0]}' stands in run.inputs and in run.config.", hint="Keep one of them.")
    bound = dict(inputs)
    needed = graph.ancestors(final_vars)
    for node in graph.nodes:
        if node.role != "input" or node.name not in needed or node.name in dag.config:
            continue
        if node.name in bound:
            bound[node.name] = _fit(dag, dag.graph.nodes[node.name], node.type, bound[node.name])
            continue
        takers = [child for child in graph.children[node.name] if child in needed]
        if strict := [child for child in takers if node.name not in graph.by_name[child].optional]:
            raise _missing(node.name, node.type, strict, inputs)
        if node.name in final_vars:
            raise _missing(node.name, node.type, ["run.final_vars"], inputs)
    return bound


def _missing(name: str, kind: str, takers: list[str], given: Mapping[str, Any]) -> GraphError:
    who = ", ".join(takers[:3]) + (f" and {len(takers) - 3} more" if len(takers) > 3 else "")
    # Only among those that were meant for something else: a misspelt name.
    hint = did_you_mean(name, given)
    return GraphError(
        f"The input '{name}' ({kind}) is missing; it is needed by {who}.",
        hint=f"{hint} " * bool(hint) + "Give it in run.inputs, or write a function of that name.",
    )


def _fit(dag: driver.Driver, node: Node, kind: str, value: Any) -> Any:
    if value is None or dag.adapter.does_method("do_validate_input", is_async=False):
        return value
    if htypes.check_input_type(node.type, value):
        return value
    fitted = coerce(node.type, value)
    if fitted is None or not htypes.check_input_type(node.type, fitted):
        raise GraphError(
            f"The input '{node.name}' wants {kind}, and got {value!r:.80} ({type(value).__name__}).",
            hint="Change it in run.inputs.",
        )
    return fitted


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
