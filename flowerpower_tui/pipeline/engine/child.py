"""A process of a run: it builds the run's graph for itself and runs the steps that it is asked for.

Functions never travel, only their names and values do; so decorated nodes run here as well as any.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from typing import Any

from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.engine.messages import (
    Answer,
    Failed,
    Finished,
    Logged,
    Message,
    Ready,
    Recipe,
    Request,
    Started,
    Wire,
    packed,
    unpacked,
)
from flowerpower_tui.pipeline.failure import describe
from flowerpower_tui.pipeline.summary import summarise


def main(arguments: list[str]) -> None:
    """Run as `child DESCRIPTOR`, until the other end is closed."""
    # The run ends us when it is interrupted; what users' code starts shall not inherit that it is ignored.
    signal.signal(signal.SIGINT, lambda *_: None)
    descriptor = int(arguments[0])
    os.set_inheritable(descriptor, False)
    wire = Wire(Connection(descriptor))
    received: queue.SimpleQueue[Message] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, received), daemon=True).start()
    recipe = received.get()
    assert isinstance(recipe, Recipe)
    worker = _Worker(wire, recipe)
    while True:
        request = received.get()
        assert isinstance(request, Request)
        worker.run(request)


def _listen(wire: Wire, received: queue.SimpleQueue[Message]) -> None:
    """Pass on what comes; end this process, whatever it is doing, when the run has let go of it."""
    try:
        while True:
            received.put(wire.receive())
    except EOFError:
        _flush()
        os._exit(0)


class _Worker:
    def __init__(self, wire: Wire, recipe: Recipe) -> None:
        self._wire = wire
        self._root = recipe.root
        sys.path[:] = recipe.search_path
        logging.basicConfig(level=recipe.root_level, handlers=[_Sender(wire)], format="%(message)s")
        logging.getLogger("hamilton").setLevel(logging.WARNING)  # what it tells at INFO is about its installation
        began = time.perf_counter()
        try:
            self._nodes = _nodes(recipe)
        except BaseException as error:  # noqa: BLE001 - users' modules are imported in there
            self._fail("", time.perf_counter() - began, error)
            raise SystemExit(1) from None
        self._send(Ready())

    def run(self, request: Request) -> None:
        """Do what is asked, and answer."""
        values = {name: unpacked(data) for name, data in request.values.items()}
        answer: dict[str, bytes] = {}
        for name in request.steps:
            if request.tells:
                self._send(Started(name))
            began = time.perf_counter()
            try:
                values[name] = value = self._value(name, values)
                if name in request.wanted:
                    answer[name] = _packed_value(name, value)
            except BaseException as error:  # noqa: BLE001 - the user's code may raise anything; it is raised over there
                self._fail(name, time.perf_counter() - began, error)
                return
            if request.tells:
                self._send(Finished(name, time.perf_counter() - began, summarise(value)))
        self._send(Answer(answer))

    def _value(self, name: str, values: Mapping[str, Any]) -> Any:
        node = self._nodes[name]
        return node.callable(**{source: values[source] for source in node.input_types if source in values})

    def _fail(self, node: str, duration: float, error: BaseException) -> None:
        try:
            data = packed(error)
            unpacked(data)  # many exceptions pickle, and do not come back
        except Exception:  # noqa: BLE001 - users write exceptions; the failure tells of this one
            data = b""
        self._send(Failed(node, duration, describe(error, self._root), data))

    def _send(self, message: Message) -> None:
        # What was printed before stands before it in the log.
        _flush()
        self._wire.send(message)


def _nodes(recipe: Recipe) -> Mapping[str, Any]:
    # Late: Hamilton and pandas take a second, and the descriptor is taken over before.
    from flowerpower_tui.config.effective import EffectiveConfig
    from flowerpower_tui.config.layers import Origin
    from flowerpower_tui.pipeline.build import assemble
    from flowerpower_tui.pipeline.logs import logging_at, own_loggers
    from flowerpower_tui.pipeline.modules import pin
    from flowerpower_tui.project.layout import ProjectLayout

    pin(recipe.sources)
    config = EffectiveConfig(recipe.project, recipe.pipeline, (), lambda _: Origin("default"))
    loggers = own_loggers(recipe.root, ProjectLayout.of(recipe.root, recipe.environ).pipelines_dir)
    logging_at(recipe.pipeline.run.log_level, loggers).__enter__()  # for as long as the process lives
    nodes: Mapping[str, Any] = assemble(recipe.root, recipe.name, config, recipe.environ).dag.graph.nodes
    return nodes


def _packed_value(node: str, value: Any) -> bytes:
    try:
        return packed(value)
    except Exception as error:  # whatever the value's own methods raise
        raise GraphError(
            f"The value of '{node}' ({type(value).__name__}) cannot leave its process: {error}",
            hint="Use run.executor.type: threadpool, or put a node behind it that gives plain data.",
        ) from error


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        # It may be closed, or its reader gone: the node's work counts all the same.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


class _Sender(QueueHandler):
    """Sends what is logged to the run, which logs it as its own."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(queue.SimpleQueue())
        self._wire = wire

    def enqueue(self, record: logging.LogRecord) -> None:
        """See `QueueHandler`."""
        self._wire.send(Logged(record))


if __name__ == "__main__":
    main(sys.argv[1:])
