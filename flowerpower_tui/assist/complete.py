"""What could be written at a cursor: keys of the section, values, nodes of the DAG, names of variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from flowerpower_tui.assist.diagnostic import MODELS, Kind, Span
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.assist.words import Lines
from flowerpower_tui.config.keys import Key, KeyPath, key_at, keys_at
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.yamldoc.dump import inline
from flowerpower_tui.yamldoc.sketch import Spot, find_spot

_INPUTS: KeyPath = ("run", "inputs")
_OUTPUTS = ("io", "outputs")
_NAMED_AFTER_NODES = (_INPUTS, ("io", "inputs"), _OUTPUTS)
_FINAL_VARS: KeyPath = ("run", "final_vars")
_CACHE: KeyPath = ("run", "cache")
_MODULES: KeyPath = ("run", "additional_modules")

# A variable that is being written, up to the cursor; and what is left of its name behind it.
_VARIABLE = re.compile(r"(?<!\$)(?:\$\$)*\$\{(?P<name>\w*)$")
_REST_OF_NAME = re.compile(r"\w*")


@dataclass(frozen=True)
class Completion:
    """Something that could be written.

    Attributes:
        text: what is inserted.
        label: what it is called.
        detail: its type and default, on one line; may be empty.
        doc: what it means; may be empty.
    """

    text: str
    label: str
    detail: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Completions:
    """What could be written at a cursor.

    Attributes:
        span: what it replaces; empty at the cursor, if there is nothing yet.
        items: the likeliest first.
    """

    span: Span
    items: tuple[Completion, ...] = ()


def complete(text: str, line: int, column: int, kind: Kind, around: Surroundings | None = None) -> Completions:
    """Return what could be written at a place of `text`, both counted from 1. The text may be broken anywhere.

    Names of variables are told, their values never.
    """
    lines = Lines(text).lines
    line = min(max(line, 1), len(lines))
    column = min(max(column, 1), len(lines[line - 1]) + 1)
    spot = find_spot(lines, line, column)
    if spot is None:
        return Completions(Span(line, column, line, column))
    written = lines[line - 1]
    before, behind = written[spot.start - 1 : column - 1], written[column - 1 :]
    around = around or Surroundings()
    if spot.role != "key" and (variable := _VARIABLE.search(before)):
        return _variables(variable["name"], line, column, behind, around)
    items = _matching(before.strip("'\""), _candidates(spot, kind, around))
    if spot.needs_space:
        items = [replace(item, text=f" {item.text}") for item in items]
    return Completions(Span(line, spot.start, line, spot.end), tuple(items))


def _variables(begun: str, line: int, column: int, behind: str, around: Surroundings) -> Completions:
    rest = _REST_OF_NAME.match(behind)
    end = rest.end() if rest else 0
    close = "" if behind[end : end + 1] in ("}", ":", "-", "?") and behind[end:] else "}"
    places = {name: around.environment.place(name) for name in sorted(around.environment) if name.isidentifier()}
    items = (
        Completion(f"{name}{close}", name, f"from {one_line(place.file)}" if place else "from the environment")
        for name, place in places.items()
    )
    return Completions(Span(line, column - len(begun), line, column + end), tuple(_matching(begun, items)))


def _matching(begun: str, items: Iterable[Completion]) -> list[Completion]:
    """Return the items that have `begun` in their names, first those that begin so."""
    wanted = begun.casefold()
    found = [item for item in items if wanted in item.label.casefold()]
    return sorted(found, key=lambda item: not item.label.casefold().startswith(wanted))


def _candidates(spot: Spot, kind: Kind, around: Surroundings) -> Iterator[Completion]:
    model = MODELS[kind]
    graph = around.graph if kind == "pipeline" else None
    key = key_at(model, spot.path)
    if spot.role == "item":
        yield from _items(spot, key, graph, around)
    elif spot.role == "value":
        yield from _values(spot, key, graph, around)
    elif key is not None and key.is_list and not spot.in_brackets and not spot.has_colon:
        # Below a key that takes a list, without a dash yet.
        yield from (replace(item, text=f"- {item.text}") for item in _items(spot, key, graph, around))
    else:
        for known in keys_at(model, spot.path).values():
            if known.name not in spot.taken and not known.only_from_python:
                yield Completion(_as_key(known.name, known, spot), known.name, _about(known), known.meaning)
        if spot.path in _NAMED_AFTER_NODES and graph is not None:
            for node in graph.nodes:
                is_meant = (node.role == "input") == (spot.path != _OUTPUTS) and node.role != "save"
                if is_meant and node.name not in spot.taken:
                    key_text = _as_key(node.name, None, spot)
                    yield Completion(key_text, node.name, one_line(node.type), _takers(node, graph))


def _as_key(name: str, key: Key | None, spot: Spot) -> str:
    if spot.has_colon:
        return name
    # What is in a section stands on the lines below.
    return f"{name}:" if key is not None and key.is_section and not spot.in_brackets else f"{name}: "


def _about(key: Key) -> str:
    return one_line(f"{key.kind}, default {key.default}" if key.default else key.kind)


def _values(spot: Spot, key: Key | None, graph: Graph | None, around: Surroundings) -> Iterator[Completion]:
    if spot.path[:-1] == _INPUTS and graph is not None:
        node = graph.by_name.get(str(spot.path[-1]))
        if node is not None and node.type == "bool":
            yield from (Completion(value, value) for value in ("true", "false"))
    if key is None or key.is_section:
        return
    for value in key.values:
        yield Completion(value, value, "default" if value == key.default else "", "")
    if key.is_list:
        for item in _items(spot, key, graph, around):
            yield replace(item, text=f"[{item.text}]")
    elif not key.values and key.default not in ("", "null", "{}") and " " not in key.default:
        yield Completion(key.default, key.default, "default")


def _items(spot: Spot, key: Key | None, graph: Graph | None, around: Surroundings) -> Iterator[Completion]:
    if key is None:
        return
    if key.path == _FINAL_VARS or (key.path[:-1] == _CACHE and key.is_list):
        for node in graph.nodes if graph is not None else ():
            if node.name not in spot.taken and (node.role != "input" or key.path == _FINAL_VARS):
                yield Completion(inline(node.name), node.name, one_line(node.type), sanitise(node.doc))
    names = around.modules if key.path == _MODULES else key.items
    for name in names:
        if name not in spot.taken:
            yield Completion(inline(name), name)


def _takers(node: Node, graph: Graph) -> str:
    if node.role != "input":
        return sanitise(node.doc)
    needed = [name for name in graph.children[node.name] if node.name not in graph.by_name[name].optional]
    if needed:
        return f"Needed by {', '.join(needed)}."
    return f"Taken by {', '.join(graph.children[node.name])}, which can do without."
