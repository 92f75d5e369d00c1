"""Running a pipeline once: build it, try it as often as its configuration allows, and tell the observer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.build import NO_OVERRIDES, Pipeline, build
from flowerpower_tui.pipeline.execution import ExecutionContextBuilder, check_blocks
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.pipeline.places import absolute
from flowerpower_tui.pipeline.retry import RetryManager

logger = logging.getLogger(__name__)

_NOBODY = NullObserver()


class PipelineRunner:
    """Runs a pipeline in this process and thread.

    Args:
        root: the project's folder.
        name: the pipeline's name.
        overrides: what the caller asks for, in the shape of the pipeline's YAML.
        observer: hears what happens.
        environ: the environment that the configuration is resolved with; None for that of this process.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        overrides: Mapping[str, Any] = NO_OVERRIDES,
        observer: RunObserver = _NOBODY,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.root = absolute(root)
        self.name = name
        self.overrides = overrides
        self.observer = observer
        self._environ = environ

    def run(self) -> dict[str, Any]:
        """Run the pipeline and return the values of its final variables.

        Raises:
            FlowerPowerError: a mistake in input; nothing has run then, and it is not tried again.
            Exception: what a node raised in the last attempt, as it was raised.
        """
        events = NodeEvents(self.observer, self.root)
        pipeline = build(self.root, self.name, self.overrides, [events], self._environ)
        config = pipeline.config.pipeline.run
        execution = ExecutionContextBuilder(config.executor)
        check_blocks(pipeline.graph, pipeline.final_vars)
        inputs = pipeline.inputs()
        if not config.final_vars:
            logger.info("run.final_vars is empty: computing the leaves, %s", ", ".join(pipeline.final_vars))
        self.observer.graph_built(pipeline.graph, pipeline.final_vars)
        retry = RetryManager(config.retry, self.root, self.observer)
        try:
            with execution.executing(pipeline.dag, len(pipeline.graph.nodes)):
                result = retry.run(lambda: self._attempt(pipeline, inputs, events))
        except Exception as error:
            _call_back(config.on_failure, None, error)
            raise
        _call_back(config.on_success, result, None)
        return result

    def _attempt(self, pipeline: Pipeline, inputs: dict[str, Any], events: NodeEvents) -> dict[str, Any]:
        events.begin()
        try:
            result: dict[str, Any] = pipeline.dag.execute(list(pipeline.final_vars), inputs=inputs)
        except FlowerPowerError:
            raise
        except Exception:
            self._tell_skipped(pipeline.graph, pipeline.final_vars, events)
            raise
        return result

    def _tell_skipped(self, graph: Graph, final_vars: tuple[str, ...], events: NodeEvents) -> None:
        needed = graph.ancestors(final_vars)
        behind = {name: failed for failed in events.failed for name in graph.descendants([failed])}
        for name in graph.topological:
            if name in needed and name not in events.started and graph.by_name[name].role != "input":
                failed = behind.get(name)
                why = f"it needs '{failed}', which failed" if failed else "the attempt ended before its turn"
                self.observer.node_skipped(name, why)


def _call_back(callback: Any, result: dict[str, Any] | None, error: Exception | None) -> None:
    """Call `on_success` or `on_failure`: a function, or a tuple of one with its further arguments."""
    if callback is None:
        return
    function, arguments, keywords = callback if isinstance(callback, tuple) else (callback, (), {})
    try:
        function(result, error, *(arguments or ()), **(keywords or {}))
    except Exception:  # the user's: it must not change how the run ended
        logger.exception("A callback of the pipeline failed.")
