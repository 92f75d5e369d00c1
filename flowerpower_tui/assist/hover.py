"""What a key, a node or a variable under the cursor is: its type, default and meaning, and the value that holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowerpower_tui.assist.diagnostic import MODELS, Kind, Span
from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.assist.words import Lines
from flowerpower_tui.config.effective import EffectiveConfig, Entry
from flowerpower_tui.config.keys import KeyPath, key_at
from flowerpower_tui.config.layers import Origin
from flowerpower_tui.graph.model import Node
from flowerpower_tui.terminal import one_line, sanitise
from flowerpower_tui.yamldoc.dump import inline
from flowerpower_tui.yamldoc.sketch import Spot, find_spot

_VARIABLE = re.compile(r"\$\{\s*(?P<braced>\w+)[^}]*\}?|\$(?P<bare>[A-Za-z_]\w*)")
_INDENT = re.compile(r"\s*(?:-\s+)*")
_NAMES_NODES = (("run", "final_vars"), ("run", "cache"))


@dataclass(frozen=True)
class Help:
    """What is known of what stands at a place. All of it is safe to show; secrets are masked.

    Attributes:
        span: the word that it is about.
        title: what it is called: `run.retry.max_retries`, a node, `$NAME`.
        kind: what its value is.
        default: what it is when nobody says anything.
        meaning: what it means; may have several lines.
        value: the value that holds, as YAML on one line; empty if that is not known.
        origin: where that comes from.
    """

    span: Span
    title: str
    kind: str = ""
    default: str = ""
    meaning: str = ""
    value: str = ""
    origin: Origin | None = None


def hover(
    text: str,
    line: int,
    column: int,
    kind: Kind,
    effective: EffectiveConfig | None = None,
    around: Surroundings | None = None,
) -> Help | None:
    """Return what is known of what stands at a place of `text`, both counted from 1; None if that is nothing."""
    around = around or Surroundings()
    lines = Lines(text).lines
    spot = find_spot(lines, line, column)
    if spot is None or not spot.word:
        return None
    span = Span(line, spot.start, line, spot.end)
    if spot.role != "key":
        for variable in _VARIABLE.finditer(spot.word):
            if variable.start() <= column - spot.start < variable.end():
                name = variable["braced"] or variable["bare"]
                place = Span(line, spot.start + variable.start(), line, spot.start + variable.end())
                return Help(place, f"${name}", meaning=_variable(name, around))
    node = _node(spot, around) if kind == "pipeline" else None
    if spot.role == "item":
        return Help(span, node.name, one_line(node.type), meaning=_about(node)) if node is not None else None
    path = (*spot.path, _name(spot.word)) if spot.role == "key" else spot.path
    key = key_at(MODELS[kind], path)
    entry = _entry(path, kind, effective)
    if key is None and node is None and entry is None:
        return None
    return Help(
        span,
        one_line(".".join(map(str, path))),
        key.kind if key is not None else one_line(node.type) if node is not None else "",
        key.default if key is not None else "",
        key.meaning if key is not None else _about(node) if node is not None else "",
        one_line(inline(entry.value)) if entry is not None else "",
        entry.origin if entry is not None else None,
    )


def path_at(text: str, line: int) -> KeyPath:
    """Return the keys that lead to what the line `line` of `text`, from 1, begins with; none if that is no key."""
    lines = Lines(text).lines
    written = lines[line - 1] if 1 <= line <= len(lines) else ""
    begin = _INDENT.match(written)
    spot = find_spot(lines, line, begin.end() + 1) if begin else None
    if spot is None or not spot.word:
        return ()
    return (*spot.path, _name(spot.word)) if spot.role == "key" else spot.path


def _name(word: str) -> str:
    return word.strip("'\"")


def _node(spot: Spot, around: Surroundings) -> Node | None:
    """Return the node that is named here: one to compute, an input, or one that a param is for."""
    if around.graph is None:
        return None
    if spot.role == "item":
        is_node = spot.path[:2] in _NAMES_NODES
        return around.graph.by_name.get(_name(spot.word)) if is_node else None
    path = (*spot.path, _name(spot.word)) if spot.role == "key" else spot.path
    if path[:-1] in (("run", "inputs"), ("io", "inputs"), ("io", "outputs"), ("params",)):
        return around.graph.by_name.get(str(path[-1]))
    return None


def _about(node: Node) -> str:
    if node.role == "input":
        return "An input of the graph."
    where = f"{node.module}:{node.line}" if node.module and node.line else ""
    return sanitise("\n".join(filter(None, (node.doc, where))))


def _variable(name: str, around: Surroundings) -> str:
    if name not in around.environment:
        return "This variable is not set."
    place = around.environment.place(name)
    return f"Set in {one_line(str(place))}." if place else "Set in the environment."


def _entry(path: KeyPath, kind: Kind, effective: EffectiveConfig | None) -> Entry | None:
    if effective is None:
        return None
    return next((entry for entry in effective.entries if entry.path == (kind, *path)), None)
