"""What the last value of each node of a pipeline was made of, as the runs in the store tell it."""

from __future__ import annotations

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.journal import milestones
from flowerpower_tui.runs.staleness import Made
from flowerpower_tui.runs.store import RunInfo, RunStore
from flowerpower_tui.runs.view import RunView

DEPTH = 30
"""How many runs are looked at, the newest first; what has not run in these counts as never run."""


class Successes:
    """Remembers what runs that are over tell, so asking again is cheap.

    Args:
        store: the runs.
        project: path of the project's root.
        pipeline: the pipeline's name.
    """

    def __init__(self, store: RunStore, project: str, pipeline: str) -> None:
        self._store = store
        self._project = project
        self._pipeline = pipeline
        self._over: dict[str, tuple[Made, frozenset[str]] | None] = {}

    def of(self, graph: Graph) -> tuple[dict[str, Made], Graph | None]:
        """Return for each function of a graph what its last value was made of; and the graph of the last run."""
        missing = {node.name for node in graph.nodes if node.role != "input"}
        found: dict[str, Made] = {}
        last: Graph | None = None
        infos = self._store.runs(self._project, self._pipeline, DEPTH)
        # Nobody will ask for those before them.
        self._over = {info.id: self._over[info.id] for info in infos if info.id in self._over}
        for info in infos:
            if told := self._told(info):
                made, succeeded = told
                last = last or made.graph
                found |= dict.fromkeys(missing & succeeded, made)
                missing -= succeeded
            if not missing:
                break
        return found, last

    def _told(self, info: RunInfo) -> tuple[Made, frozenset[str]] | None:
        if info.id in self._over:
            return self._over[info.id]
        told = _read(info.directory)
        if info.is_over:
            self._over[info.id] = told
        return told


def _read(run: RunDirectory) -> tuple[Made, frozenset[str]] | None:
    """What a run was made of and which of its nodes gave a value; None if there is no telling."""
    try:
        graph, ingredients = run.graph(), run.ingredients()
        if graph is None or ingredients is None:
            return None
        view = RunView.of(milestones(run.path))
    except (RunStoreError, OSError):
        return None
    return Made(graph, ingredients), frozenset(name for name, node in view.nodes.items() if node.state == "succeeded")
