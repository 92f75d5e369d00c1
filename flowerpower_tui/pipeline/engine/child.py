"""A process of a run: it builds the run's graph for itself and runs the steps that it is asked for."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from pathlib import Path

from flowerpower_tui.pipeline.engine.bench import Bench, failed
from flowerpower_tui.pipeline.engine.messages import Logged, Message, Ready, Recipe, Request, Wire


def main(arguments: list[str]) -> None:
    """Run as `child DESCRIPTOR`, until the other end is closed."""
    # The run ends us when it is interrupted; what users' code starts shall not inherit that it is ignored.
    signal.signal(signal.SIGINT, lambda *_: None)
    descriptor = int(arguments[0])
    os.set_inheritable(descriptor, False)
    wire = Wire(Connection(descriptor))
    received: queue.SimpleQueue[Message | Exception] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(wire, received), daemon=True).start()
    recipe = received.get()
    if isinstance(recipe, Exception):
        wire.send(failed("", 0.0, recipe, Path()))
        raise SystemExit(1)
    assert isinstance(recipe, Recipe)
    worker = _Worker(wire, recipe)
    while True:
        request = received.get()
        assert isinstance(request, Request)
        worker.run(request)


def _listen(wire: Wire, received: queue.SimpleQueue[Message | Exception]) -> None:
    """Pass on what comes; end this process, whatever it is doing, when the run has let go of it."""
    while True:
        try:
            received.put(wire.receive())
        except (EOFError, OSError):
            _flush()
            os._exit(0)
        except Exception as error:  # noqa: BLE001 - it holds users' objects, whose modules may not be here
            received.put(error)


class _Worker:
    def __init__(self, wire: Wire, recipe: Recipe) -> None:
        self._wire = wire
        sys.path[:] = recipe.search_path
        logging.basicConfig(level=recipe.root_level, handlers=[_Sender(wire)], format="%(message)s")
        began = time.perf_counter()
        try:
            self._bench = Bench(recipe)
        except BaseException as error:  # noqa: BLE001 - users' modules are imported in there
            self._send(failed("", time.perf_counter() - began, error, recipe.root))
            raise SystemExit(1) from None
        self._send(Ready())

    def run(self, request: Request) -> None:
        """Do what is asked, and answer."""
        self._bench.run(request, self._send)

    def _send(self, message: Message) -> None:
        # What was printed before stands before it in the log.
        _flush()
        self._wire.send(message)


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
