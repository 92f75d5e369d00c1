"""Running a pipeline once: build it, try it as often as its configuration allows, and tell the observer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.config.resolve import resolve_pipeline
from flowerpower_tui.errors import ConfigError, GraphError, Problem
from flowerpower_tui.pipeline.adapters import missing_adapters, told_to_the_end
from flowerpower_tui.pipeline.build import NO_OVERRIDES, Pipeline, assemble, recipe
from flowerpower_tui.pipeline.caching import caching
from flowerpower_tui.pipeline.engine.cache import Caching
from flowerpower_tui.pipeline.engine.computation import Computation, Executor
from flowerpower_tui.pipeline.engine.plan import Plan
from flowerpower_tui.pipeline.execution import ExecutionContextBuilder, check_blocks, on_a_loop
from flowerpower_tui.pipeline.hooks import RunHooks
from flowerpower_tui.pipeline.logs import logging_at, own_loggers
from flowerpower_tui.pipeline.modules import undisturbed
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.pipeline.observer import NullObserver, RunObserver
from flowerpower_tui.pipeline.places import absolute
from flowerpower_tui.pipeline.retry import RetryManager
from flowerpower_tui.pipeline.weigh import weigh
from flowerpower_tui.project.layout import ProjectLayout

logger = logging.getLogger(__name__)

_NOBODY = NullObserver()


class PipelineRunner:
    """Runs a pipeline in this process.

    Args:
        root: the project's folder.
        name: the pipeline's name.
        overrides: what the caller asks for, in the shape of the pipeline's YAML.
        observer: hears what happens.
        environ: the environment that the configuration is resolved with; None for that of this process.
        owns_process: whether this process exists for the run: then all its logging follows `run.log_level`.
    """

    def __init__(
        self,
        root: Path,
        name: str,
        overrides: Mapping[str, Any] = NO_OVERRIDES,
        observer: RunObserver = _NOBODY,
        *,
        environ: Mapping[str, str] | None = None,
        owns_process: bool = False,
    ) -> None:
        self.root = absolute(root)
        self.name = name
        self.overrides = overrides
        self.observer = observer
        self._environ = environ
        self._owns_process = owns_process

    def run(self) -> dict[str, Any]:
        """Run the pipeline and return the values of its final variables.

        Nodes that are coroutine functions are awaited, on an event loop of their own.

        Raises:
            FlowerPowerError: a mistake in input; nothing has run then, and it is not tried again.
            Exception: what a node raised in the last attempt, as it was raised.
        """
        with self._prepared() as run:
            if not run.plan.awaits:
                run.result = run.retry.run(run.attempt)
            elif not _a_loop_runs_here():
                run.result = asyncio.run(run.retry.run_async(run.attempt_async))
            else:
                raise GraphError(
                    f"'{self.name}' has asynchronous nodes, and an event loop runs in this thread already.",
                    hint="Await run_async instead.",
                )
        return run.result

    async def run_async(self) -> dict[str, Any]:
        """Run the pipeline on the running event loop and return the values of its final variables.

        Coroutines run side by side, as many as the executor has workers. What becomes of the other nodes is up to
        `run.executor.type`:

        - `synchronous`, `local`: they run in the loop's thread, and the loop waits for them.
        - `threadpool`: in threads, where no node and no adapter is asynchronous. Beside coroutines, in the loop's
          thread: they may need the loop that runs there.
        - `processpool`: in processes, those that `run` sends there, while the loop goes on; the rest as with
          `threadpool`. Refused where an adapter is awaited for single nodes, as those are all awaited then.
        - `ray`, `dask`, and a plugin's executor without `beside`: refused.

        When this is cancelled, so are coroutines, and processes end; a thread goes on to the end of its node, unheard.

        Raises:
            FlowerPowerError: a mistake in input, or the executor cannot work beside an event loop; nothing has run
                then, and it is not tried again.
            Exception: what a node raised in the last attempt, as it was raised.
        """
        with self._prepared() as run:
            if run.config.async_driver is False:
                raise ConfigError(
                    [Problem("This pipeline is not to be run asynchronously: run.async_driver is false.")]
                )
            run.result = await run.retry.run_async(run.attempt_async)
        return run.result

    @contextmanager
    def _prepared(self) -> Iterator[_Run]:
        """Make everything ready for the first attempt, and tell the end to hooks and callbacks."""
        config = resolve_pipeline(self.root, self.name, self.overrides, self._environ)
        settings = config.pipeline.run
        loggers = own_loggers(self.root, ProjectLayout.of(self.root, self._environ).pipelines_dir)
        with (
            logging_at(settings.log_level, loggers, owns_process=self._owns_process),
            _failure_told(settings.on_failure),
        ):
            ray = config.project.adapter.ray
            execution = ExecutionContextBuilder(settings.executor, settings.with_adapter, ray)
            with undisturbed():
                pipeline = assemble(self.root, self.name, config, self._environ)
                hooks = RunHooks.load(self.root / config.project.hooks_dir, self.name)
            check_blocks(pipeline.graph, pipeline.final_vars)
            if not settings.final_vars:
                logger.info("run.final_vars is empty: computing the leaves, %s", ", ".join(pipeline.final_vars))
            for missing in missing_adapters(config, self.name):
                logger.warning("%s The run goes on without it. %s", missing.message, missing.hint)
            inputs = dict(settings.inputs)
            hooks.before_run(settings)
            plan = pipeline.plan()
            kept = caching(settings.cache, self.root, pipeline.sources, pipeline.graph, plan)
            self.observer.graph_built(pipeline.graph, pipeline.final_vars, lambda: weigh(self.root, pipeline, inputs))
            retry = RetryManager(settings.retry, self.root, self.observer)
            try:
                with (
                    told_to_the_end(pipeline.dag.adapter.adapters),
                    execution.executor(lambda: recipe(self.root, self.name, pipeline, self._environ)) as executor,
                ):
                    run = _Run(pipeline, plan, executor, kept, retry, self.observer, self.root)
                    yield run
            except BaseException as error:
                hooks.after_run(None, error)
                raise
            hooks.after_run(run.result, None)
            _call_back(settings.on_success, run.result, None)


@dataclass
class _Run:
    pipeline: Pipeline
    plan: Plan
    executor: Executor
    caching: Caching | None
    retry: RetryManager
    observer: RunObserver
    root: Path
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> RunConfig:
        return self.pipeline.config.pipeline.run

    def attempt(self) -> Any:
        return self._computation().run(self.executor)

    async def attempt_async(self) -> Any:
        executor = on_a_loop(self.executor, self.config.executor.type)
        return await self._computation().run_async(executor)

    def _computation(self) -> Computation:
        return Computation(self.pipeline.dag, self.plan, NodeEvents(self.observer, self.root), self.caching)


def _a_loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextmanager
def _failure_told(callback: Any) -> Iterator[None]:
    """Call `on_failure` with whatever ends the run, before its first attempt too; but not with a Ctrl+C."""
    try:
        yield
    except Exception as error:
        _call_back(callback, None, error)
        raise


def _call_back(callback: Any, result: dict[str, Any] | None, error: Exception | None) -> None:
    """Call `on_success` or `on_failure`: a function, or a tuple of one with its further arguments."""
    if callback is None:
        return
    function, arguments, keywords = callback if isinstance(callback, tuple) else (callback, (), {})
    try:
        function(result, error, *(arguments or ()), **(keywords or {}))
    except Exception:  # the user's: it must not change how the run ended
        logger.exception("A callback of the pipeline failed.")
