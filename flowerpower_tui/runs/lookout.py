"""A pipeline as it is now, look after look: its last good graph, what an edit changed in it, and what is stale."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from flowerpower_tui.errors import Problem
from flowerpower_tui.graph.diff import Diff
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.ingredients import Ingredients
from flowerpower_tui.runs.inspect import Inspection, cached_graph
from flowerpower_tui.runs.request import RunRequest
from flowerpower_tui.runs.staleness import Made, changed, stale
from flowerpower_tui.runs.successes import Successes

_BEHAVIOUR = "cache.behavior"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Picture(msgspec.Struct, frozen=True):
    """A pipeline, as far as it is known.

    Attributes:
        graph: the last good graph; None if there never was one.
        final_vars: what a run would compute.
        problems: why there is no graph now, each with its place; the graph is an older one then.
        diff: what is different from the graph before.
        changed: the functions that the edit changed, and why; not what comes behind them.
        stale: the functions that a run needs whose last values are not what they would be now, and why.
        since_run: what is different from the graph of the last run.
    """

    graph: Graph | None = None
    final_vars: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    diff: Diff = Diff()
    changed: Mapping[str, str] = {}
    stale: Mapping[str, str] = {}
    since_run: Diff = Diff()

    @property
    def is_broken(self) -> bool:
        """Whether the graph is only what it was before something broke."""
        return bool(self.problems)


class Lookout:
    """Compares each look at a pipeline with the one before, and with the runs that there were.

    Args:
        root: the project's folder.
        pipeline: the pipeline's name.
        successes: what its runs tell.
        overrides: shaped like the pipeline's YAML: what it is looked at with, and run.
    """

    def __init__(
        self, root: Path, pipeline: str, successes: Successes, overrides: Mapping[str, Any] = _NOTHING
    ) -> None:
        self._root = root
        self._pipeline = pipeline
        self._successes = successes
        self._overrides = overrides
        self._made: Made | None = None
        self.picture = Picture()

    @property
    def made(self) -> Made | None:
        """The last good graph, with what its values are made of."""
        return self._made

    def recall(self) -> bool:
        """Take the graph that is known from before; return whether a look would find the same.

        Where it would not, what a look has found meanwhile is better, and stays.
        """
        known = None if self._overrides else cached_graph(self._root, self._pipeline)
        if known is None or not (known.is_fresh or self._made is None):
            return False
        self.take(Inspection(known.graph, known.final_vars, ingredients=known.ingredients, files=known.files))
        return known.is_fresh

    def take(self, inspection: Inspection) -> Picture:
        """Take in what a look has found."""
        if inspection.graph is None:
            self.picture = msgspec.structs.replace(self.picture, problems=inspection.problems, diff=Diff(), changed={})
            return self.picture
        before, self._made = self._made, Made(inspection.graph, inspection.ingredients)
        self.picture = Picture(
            inspection.graph,
            inspection.final_vars,
            diff=before.graph.diff(inspection.graph) if before else Diff(),
            changed=changed(before, self._made) if before else {},
        )
        return self.judge()

    def judge(self) -> Picture:
        """Look at the runs again: one has ended, or gone on."""
        stale, since_run = self._since_run()
        self.picture = msgspec.structs.replace(self.picture, stale=stale, since_run=since_run)
        return self.picture

    def matters_to(self, run: Made) -> bool:
        """Whether a run that was made of this computes something else than it would now."""
        if self._made is None:
            return False
        wanted = self._made.graph.ancestors(self.picture.final_vars)
        return not wanted.isdisjoint(changed(run, self._made)) or not wanted <= run.graph.by_name.keys()

    def request(self, *, cache: bool | Mapping[str, Any]) -> RunRequest:
        """Return a request that runs only what is stale, and what that needs.

        Where the pipeline keeps no results of its own accord, those of such runs are kept: a result counts as long as
        the code and the values that it was made of are the same. What looks at files, networks, clocks or chance runs
        every time, since that is seen in neither.

        Args:
            cache: `run.cache` as it is configured; what it says holds.
        """
        if cache is not False or self._made is None:
            return self.whole()
        graph, ingredients = self._made.graph, self._made.ingredients
        again = [
            name
            for name, code in ingredients.nodes.items()
            if code.looks_outside and _BEHAVIOUR not in graph.by_name[name].tags
        ]
        run = {**self._overrides.get("run", {}), "cache": {"recompute": again}}
        return RunRequest(str(self._root), self._pipeline, {**self._overrides, "run": run})

    def whole(self) -> RunRequest:
        """Return a request that runs everything."""
        return RunRequest(str(self._root), self._pipeline, self._overrides)

    def _since_run(self) -> tuple[dict[str, str], Diff]:
        if self._made is None or self._made.ingredients == Ingredients():
            return {}, Diff()
        successes, last = self._successes.of(self._made.graph)
        found = stale(self._made, self.picture.final_vars, successes, last)
        return found, last.diff(self._made.graph) if last else Diff()
