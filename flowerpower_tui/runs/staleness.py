"""What an edit changed, and whose values are no longer what the code would give; each with the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.ingredients import Code, Ingredients, Part

NEW = "new"
NEVER_RUN = "never run"
DOWNSTREAM = "downstream of"
NO_TELLING = "there is no telling whether its code changed"
MOST_NAMED = 2
"""Causes that are named; of more, their number."""


class Made(msgspec.Struct, frozen=True):
    """A graph, and what its values are made of.

    Attributes:
        graph: the graph.
        ingredients: as they were when it was built.
    """

    graph: Graph
    ingredients: Ingredients


def changed(before: Made, now: Made) -> dict[str, str]:
    """Return the functions that are not what they were, in the graph's order, and why; not what comes behind them.

    What gives the same here gives the same there, if it takes the same values.
    """
    found: dict[str, str] = {}
    comparison = _Comparison(before, now)
    for node in now.graph.nodes:
        if node.role != "input" and (why := comparison.why(node.name)):
            found[node.name] = why
    return found


def stale(now: Made, final_vars: Iterable[str], successes: Mapping[str, Made], known: Graph | None) -> dict[str, str]:
    """Return the functions that `final_vars` need and whose values are not what they would be now, and why.

    Args:
        now: the graph as it is.
        final_vars: what a run computes.
        successes: for each node that ever gave a value, what its last value was made of.
        known: the graph of the last run; what is not in it is new.

    Returns:
        In topological order, so that a cause stands before what it causes.
    """
    wanted = now.graph.ancestors(name for name in final_vars if name in now.graph.by_name)
    since: dict[int, dict[str, str]] = {}
    found: dict[str, str] = {}
    for name in now.graph.topological:
        if name not in wanted or now.graph.by_name[name].role == "input":
            continue
        last = successes.get(name)
        if last is None:
            found[name] = NEVER_RUN if known is None or name in known.by_name else NEW
            continue
        changes = since.get(id(last))
        if changes is None:
            changes = since[id(last)] = changed(last, now)
        if why := changes.get(name) or _behind(now.graph, name, changes):
            found[name] = why
    return found


class Causes(NamedTuple):
    """Why nodes are stale, in short.

    Attributes:
        nodes: by each reason, the nodes that are stale for it.
        downstream: how many more are stale because of these.
    """

    nodes: Mapping[str, Sequence[str]]
    downstream: int


def causes(stale: Mapping[str, str]) -> Causes:
    """Return the reasons for which nodes are stale, those first that stand first."""
    found: dict[str, list[str]] = {}
    for name, why in stale.items():
        if not why.startswith(DOWNSTREAM):
            found.setdefault(why, []).append(name)
    return Causes(found, len(stale) - sum(map(len, found.values())))


def _behind(graph: Graph, name: str, changes: Mapping[str, str]) -> str:
    """Why a node is stale that has not changed itself; empty if it is not."""
    if changes.keys().isdisjoint(above := graph.ancestors([name])):
        return ""
    return f"{DOWNSTREAM} {_listed([cause for cause in changes if cause in above])}"


class _Comparison:
    """Two states of a graph, side by side."""

    def __init__(self, before: Made, now: Made) -> None:
        self._before, self._now = before, now
        old, new = before.ingredients, now.ingredients
        self._same_files = old.files == new.files
        self._settings = sorted(
            name for name in old.settings.keys() | new.settings if old.settings.get(name) != new.settings.get(name)
        )

    def why(self, name: str) -> str:
        """Why a function is not what it was; empty if it is."""
        before, now = self._before, self._now
        if name not in before.graph.by_name or before.graph.by_name[name].role == "input":
            return NEW
        if before.ingredients.hooks != now.ingredients.hooks:
            return "a hook before_run changed"
        ours, theirs = now.ingredients.nodes.get(name, Code()), before.ingredients.nodes.get(name, Code())
        if not (ours.print and theirs.print):
            return NO_TELLING
        if reason := self._inputs(name):
            return reason
        if ours.print != theirs.print:
            return self._code(name, theirs, ours)
        if now.graph.by_name[name].role != before.graph.by_name[name].role:
            return "type changed"
        return ""

    def _inputs(self, name: str) -> str:
        old, new = set(self._before.graph.parents[name]), set(self._now.graph.parents[name])
        if new - old:
            return f"takes {_listed(sorted(new - old))}"
        if old - new:
            return f"no longer takes {_listed(sorted(old - new))}"
        inputs = [parent for parent in sorted(new) if self._now.graph.by_name[parent].role == "input"]
        if came := [parent for parent in inputs if self._before.graph.by_name[parent].role != "input"]:
            return f"{_listed(came)} is an input now"
        others = [parent for parent in inputs if self._is_given_otherwise(parent)]
        return f"input {_listed(others)} changed" if others else ""

    def _is_given_otherwise(self, name: str) -> bool:
        ours, theirs = self._now.ingredients.nodes.get(name), self._before.ingredients.nodes.get(name)
        return ours != theirs or (ours is not None and not ours.print)

    def _code(self, name: str, before: Code, now: Code) -> str:
        if self._same_files and self._settings:
            # The same text means something else: it was given something else.
            return f"{_listed([*map(_setting, self._settings)])} changed"
        old = {(part.kind, part.module, part.name): part for part in before.parts}
        parts = [part for part in now.parts if old.get((part.kind, part.module, part.name), part).print != part.print]
        module = self._now.graph.by_name[name].module
        return f"{_listed([*_words(parts, module)]) or 'code'} changed"


def _words(parts: Iterable[Part], home: str) -> Iterator[str]:
    for part in parts:
        name = part.name if part.module in ("", home) else f"{part.module.rpartition('.')[2]}.{part.name}"
        if part.kind == "code":
            yield "code"
        elif part.kind == "statements":
            yield f"what {part.module.rpartition('.')[2]} does on import"
        else:
            yield f"{part.kind} {name}"


def _setting(path: str) -> str:
    """A setting in words: `parameter threshold`, `input path`, `configuration mode`."""
    section, _, name = path.partition(".")
    if section == "params":
        return f"parameter {name}"
    section, _, name = name.partition(".")
    return f"{'input' if section == 'inputs' else 'configuration'} {name}"


def _listed(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return " and ".join(names)
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
