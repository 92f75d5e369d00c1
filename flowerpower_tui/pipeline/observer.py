"""What a run tells whoever watches it. The runner calls this; `runs.worker` turns the calls into events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from flowerpower_tui.graph.model import Graph
    from flowerpower_tui.pipeline.failure import Failure
    from flowerpower_tui.pipeline.ingredients import Ingredients
    from flowerpower_tui.pipeline.summary import ValueSummary


class RunObserver(Protocol):
    """Hears what happens in a run. Calls may come from several threads; durations are in seconds."""

    def graph_built(self, graph: Graph, final_vars: tuple[str, ...], weigh: Callable[[], Ingredients]) -> None:
        """The graph stands, before the first attempt; `final_vars` is what will be computed.

        `weigh` says what the values are made of, and takes a few milliseconds; call it before this returns, or not.
        """

    def attempt_started(self, attempt: int, attempts: int) -> None:
        """Attempt `attempt` of at most `attempts` begins, counted from 1."""

    def attempt_failed(self, attempt: int, failure: Failure, retry_in: float | None) -> None:
        """An attempt failed; the next begins in `retry_in` seconds, None if there is none."""

    def node_started(self, node: str, task: str) -> None:
        """A node begins. `task` names the instance inside a Parallelizable block, as `item[3]`; empty elsewhere."""

    def node_finished(self, node: str, task: str, duration: float, summary: ValueSummary, reused: bool = False) -> None:
        """A node gave its value; or that was `reused` from an earlier run, or given by an adapter."""

    def node_failed(self, node: str, task: str, duration: float, failure: Failure) -> None:
        """A node raised, also if an adapter goes on. One that Ctrl+C ended is told neither as failed nor finished."""

    def node_skipped(self, node: str, why: str) -> None:
        """A node that `final_vars` need will not run in this attempt; or began, and was stopped before its end."""

    def progress(self, node: str, done: int, total: int) -> None:
        """`done` of `total` items of the Parallelizable node are through its block."""


class NullObserver:
    """Watches nothing: what a plain `PipelineManager.run` uses."""

    def graph_built(self, graph: Graph, final_vars: tuple[str, ...], weigh: Callable[[], Ingredients]) -> None:
        """Ignore it."""

    def attempt_started(self, attempt: int, attempts: int) -> None:
        """Ignore it."""

    def attempt_failed(self, attempt: int, failure: Failure, retry_in: float | None) -> None:
        """Ignore it."""

    def node_started(self, node: str, task: str) -> None:
        """Ignore it."""

    def node_finished(self, node: str, task: str, duration: float, summary: ValueSummary, reused: bool = False) -> None:
        """Ignore it."""

    def node_failed(self, node: str, task: str, duration: float, failure: Failure) -> None:
        """Ignore it."""

    def node_skipped(self, node: str, why: str) -> None:
        """Ignore it."""

    def progress(self, node: str, done: int, total: int) -> None:
        """Ignore it."""
