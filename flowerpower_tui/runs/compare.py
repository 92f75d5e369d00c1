"""Two runs side by side: what they were given, how long their nodes took, what came of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.pipeline.summary import ValueSummary
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.journal import milestones
from flowerpower_tui.runs.store import RunState as StoredState
from flowerpower_tui.runs.store import RunStore
from flowerpower_tui.runs.view import NodeRun, NodeState, RunState, RunView

# A node that took this part more, or less, is worth being looked at; if it took any time worth mentioning.
_NOTABLE = 0.2
_LEAST_SECONDS = 0.05
_HEAD_LINES = 6
_WIDEST_HEAD = 100


class Difference(msgspec.Struct, frozen=True):
    """A value that is not the same in both runs.

    Attributes:
        path: dotted, such as `pipeline.run.retry.max_retries`, or `versions.python`.
        left: in the one run; None also where it is not set.
        right: in the other.
    """

    path: str
    left: Any
    right: Any


class Side(msgspec.Struct, frozen=True):
    """A run, or a node in it.

    Attributes:
        state: how it stands, or ended.
        duration: seconds, once it ended.
    """

    state: RunState | NodeState
    duration: float | None = None


class NodeComparison(msgspec.Struct, frozen=True):
    """A node in both runs.

    Attributes:
        node: its name.
        left: in the one run; `waiting` if it did not begin there.
        right: in the other.
        left_result: what its value looked like in the one run.
        right_result: in the other.
    """

    node: str
    left: Side
    right: Side
    left_result: ValueSummary | None = None
    right_result: ValueSummary | None = None

    @property
    def same_result(self) -> bool:
        """Whether the values look the same."""
        return self.left_result == self.right_result

    @property
    def same_end(self) -> bool:
        """Whether it came to the same: the same state, and values that look the same."""
        return self.left.state == self.right.state and self.same_result

    @property
    def same_time(self) -> bool:
        """Whether it took about as long, or so little that it does not matter."""
        left, right = self.left.duration, self.right.duration
        if left is None or right is None or max(left, right) < _LEAST_SECONDS:
            return True
        return abs(right - left) < _NOTABLE * left

    @property
    def result_changes(self) -> tuple[Difference, ...]:
        """What is not the same about the values: `type`, `shape`, `nulls`, `columns.price`, and `head` if it is."""
        left, right = _aspects(self.left_result), _aspects(self.right_result)
        return tuple(
            Difference(aspect, left.get(aspect), right.get(aspect))
            for aspect in dict.fromkeys((*left, *right))
            if left.get(aspect) != right.get(aspect)
        )


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        left: the id of the one run.
        right: the id of the other.
        left_run: how the one ended.
        right_run: how the other ended.
        given: what differs in pipeline, configuration, overrides and versions.
        nodes: every node of either, in the order in which the runs began them.
    """

    left: str
    right: str
    left_run: Side
    right_run: Side
    given: tuple[Difference, ...]
    nodes: tuple[NodeComparison, ...]

    @property
    def changed_first(self) -> list[NodeComparison]:
        """The nodes that came to something else, then those that only took another time, then the others."""
        return sorted(self.nodes, key=lambda node: (node.same_end, node.same_time))


def previous(
    run: RunDirectory, store: RunStore, states: Collection[StoredState] = ("succeeded", "failed")
) -> RunDirectory | None:
    """Return the run of the same pipeline before this one that ended in one of these states; None if there is none.

    Raises:
        RunStoreError: there is no telling what this run is.
    """
    request = run.record().request
    ended = store.runs(request.project, request.pipeline, states=states)
    return next((info.directory for info in ended if info.id < run.id), None)


def compare(left: RunDirectory, right: RunDirectory) -> Comparison:
    """Compare two runs, of the same pipeline or not, over or not.

    Raises:
        RunStoreError: one of them cannot be read.
    """
    one, other = _view(left), _view(right)
    before, after = _given(left), _given(right)
    paths = dict.fromkeys((*before, *after))
    return Comparison(
        left=left.id,
        right=right.id,
        left_run=Side(one.state, one.duration),
        right_run=Side(other.state, other.duration),
        given=tuple(
            Difference(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
        ),
        nodes=tuple(
            _compare_nodes(name, one.node(name), other.node(name)) for name in dict.fromkeys((*one.nodes, *other.nodes))
        ),
    )


def spoken(change: Difference) -> Iterator[str]:
    """Say in short lines what is not the same about a value; of its first rows, which went and which came."""
    if change.path != "head":
        yield f"{change.path} {_value(change.left)} → {_value(change.right)}"
        return
    left, right = str(change.left).splitlines(), str(change.right).splitlines()
    for sign, lines, others in (("-", left, right), ("+", right, left)):
        for line in [line for line in lines if line not in others][:_HEAD_LINES]:
            yield f"{sign} {line if len(line) <= _WIDEST_HEAD else line[: _WIDEST_HEAD - 1] + '…'}"


def _value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " × ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _aspects(result: ValueSummary | None) -> dict[str, Any]:
    if result is None:
        return {}
    columns = {f"columns.{column.name}": column.dtype for column in result.columns}
    return {"type": result.type, "shape": result.shape, "nulls": result.nulls, **columns, "head": result.preview}


def _compare_nodes(name: str, left: NodeRun, right: NodeRun) -> NodeComparison:
    return NodeComparison(
        name, Side(left.state, left.duration), Side(right.state, right.duration), left.summary, right.summary
    )


def _view(run: RunDirectory) -> RunView:
    # Asked before reading: what a supervisor wrote before it died is read in any case.
    alive = run.is_locked
    try:
        view = RunView.of(milestones(run.path))
    except OSError as error:
        raise RunStoreError(f"The journal of run {run.id} cannot be read: {error.strerror}.") from error
    if not alive:
        view.mark_lost()
    return view


def _given(run: RunDirectory) -> dict[str, Any]:
    record = run.record()
    given = {
        "pipeline": {"name": record.request.pipeline},
        "project": {"path": record.request.project},
        "versions": record.versions,
    }
    values = record.config.values if record.config else {"overrides": record.request.overrides}
    return dict(_flat(given)) | dict(_flat(values))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, value
