"""Where nodes run that run in another process: the run's graph, built once more, and its steps by name.

Functions never travel, only their names and values do; so decorated nodes run there as well as any.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Finished,
    Message,
    Recipe,
    Request,
    Started,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.summary import summarise

Tell = Callable[[Message], None]


class Bench:
    """A graph in the process that its steps run in.

    Args:
        recipe: what it is built from.

    Raises:
        FlowerPowerError: the project's modules cannot be imported, or make no graph, in this process.
    """

    def __init__(self, recipe: Recipe) -> None:
        # Late: Hamilton and pandas take a second, and who starts us waits for a sign before.
        from flowerpower_tui.config.effective import EffectiveConfig
        from flowerpower_tui.config.layers import Origin
        from flowerpower_tui.pipeline.build import assemble
        from flowerpower_tui.pipeline.logs import logging_at, own_loggers
        from flowerpower_tui.pipeline.modules import loaded, pin, undisturbed
        from flowerpower_tui.project.layout import ProjectLayout

        self._root = recipe.root
        self._undisturbed = undisturbed
        self._held = ExitStack()
        loggers = own_loggers(recipe.root, ProjectLayout.of(recipe.root, recipe.environ).pipelines_dir)
        logging.getLogger("hamilton").setLevel(logging.WARNING)  # what it tells at INFO is about its installation
        self._held.enter_context(logging_at(recipe.pipeline.run.log_level, loggers))
        config = EffectiveConfig(recipe.project, recipe.pipeline, (), lambda _: Origin("default"))
        with undisturbed():
            pin(recipe.sources)
            self._nodes: Mapping[str, Any] = assemble(recipe.root, recipe.name, config, recipe.environ).dag.graph.nodes
            self._modules = loaded()

    def close(self) -> None:
        """Let go of what is held as long as the graph is of use."""
        self._held.close()

    def run(self, request: Request, tell: Tell) -> None:
        """Do what is asked, and tell it; the last that is told is the answer, or the failure."""
        values: dict[str, Any] | None = None
        answer: dict[str, bytes] = {}
        for name in request.steps:
            if request.tells:
                tell(Started(name))
            began = time.perf_counter()
            try:
                values = self._taken(name, request) if values is None else values
                values[name] = value = self._value(name, values)
                if name in request.wanted:
                    answer[name] = self._packed(name, value)
            except BaseException as error:  # noqa: BLE001 - the user's code may raise anything; it is raised over there
                with self._in_place():
                    tell(failed(name, time.perf_counter() - began, error, self._root))
                return
            if request.tells:
                tell(Finished(name, time.perf_counter() - began, summarise(value)))
        tell(Answer(answer))

    def _taken(self, name: str, request: Request) -> dict[str, Any]:
        try:
            with self._in_place():
                return {source: unpacked(data) for source, data in request.values.items()}
        except Exception as error:  # whatever the values' own methods raise
            raise GraphError(
                f"'{name}' cannot run in another process: what it takes cannot be read there: {error}",
                hint="Use run.executor.type: threadpool, or let it take plain data.",
            ) from error

    def _value(self, name: str, values: Mapping[str, Any]) -> Any:
        node = self._nodes[name]
        value = node.callable(**{source: values[source] for source in node.input_types if source in values})
        return list(value) if node.node_role.name == "EXPAND" else value

    def _packed(self, name: str, value: Any) -> bytes:
        try:
            with self._in_place():
                return packed(value)
        except Exception as error:  # whatever the value's own methods raise
            raise GraphError(
                f"The value of '{name}' ({type(value).__name__}) cannot leave its process: {error}",
                hint="Use run.executor.type: threadpool, or put a node behind it that gives plain data.",
            ) from error

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """Have the classes of values found in this graph's modules, though another graph was built since."""
        with self._undisturbed():
            sys.modules.update(self._modules)
            yield


def failed(node: str, duration: float, error: BaseException, root: Path) -> Failed:
    """Return how a failure is told."""
    try:
        data = packed(error)
        unpacked(data)  # many exceptions pickle, and do not come back
    except Exception:  # noqa: BLE001 - users write exceptions; the failure tells of this one
        data = b""
    return Failed(node, duration, describe(error, root), data)
