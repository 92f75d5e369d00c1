"""Nodes on Dask: on a cluster of this machine's own that is started for the run, or on one that is there."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from flowerpower_tui.config.models import ExecutorConfig, RayConfig
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.pipeline.engine.cluster import Done, Errand, Lost, Posted, could_not_run, died
from flowerpower_tui.pipeline.engine.errand import run_errand
from flowerpower_tui.pipeline.engine.messages import Request
from flowerpower_tui.python import module_command

logger = logging.getLogger(__name__)

TITLE = "Dask"
LOCAL = "flowerpower_tui.pipeline.engine.dask_local"
PATIENCE = 4.0
"""Seconds that a scheduler has to answer."""


def connect(config: ExecutorConfig, _settings: RayConfig) -> DaskCluster:
    """Connect to a scheduler, or start a cluster on this machine.

    Args:
        config: without an address, the one that Dask's own configuration names counts, or a new one is started.
            `num_cpus` are the worker processes of a new one; given for one that is there, how many nodes run at once.

    Raises:
        ConfigError: nobody answers at the address.
    """
    import dask

    address = config.address or dask.config.get("scheduler-address", None)
    if address is None:
        local = _Local(config.num_cpus)
        try:
            return DaskCluster(local.address, config.num_cpus, local.end)
        except BaseException:
            local.end()
            raise
    return DaskCluster(address, config.given().get("num_cpus"), _stay)


class DaskCluster:
    """A cluster that a scheduler leads; see `Cluster`."""

    title = TITLE

    def __init__(self, address: str, at_most: int | None, end: Callable[[], None]) -> None:
        self._end = end
        self._client = _client(address)
        self._errands: dict[str, tuple[Errand, Any]] = {}
        try:
            threads = sum(self._client.nthreads().values())
            if not threads:
                logger.warning("The Dask cluster at %s has no workers yet; nodes wait for them.", address)
            self.workers = at_most or max(threads, 1)
            self._client.subscribe_topic(self._client.id, self._post)
            self._client.subscribe_topic("all", self._look)
        except BaseException:
            self._client.close(timeout=1)
            raise

    def bring(self, data: bytes) -> Any:
        """See `Cluster`."""
        try:
            return self._client.scatter(data, hash=False, timeout=PATIENCE)
        except TimeoutError:  # no worker is there yet
            return data

    def send(self, run: str, recipe: Any, errand: Errand) -> None:
        """See `Cluster`."""
        names = tuple(errand.values)
        future = self._client.submit(
            _run,
            self._client.id,
            errand.key,
            run,
            recipe,
            errand.request({}),
            names,
            *errand.values.values(),
            key=errand.key,
            pure=False,
        )
        self._errands[errand.key] = errand, future
        future.add_done_callback(lambda future: self._settle(errand, future))

    def close(self) -> None:
        """See `Cluster`."""
        if left := [future for _, future in self._errands.values()]:
            if self._end is _stay:
                logger.warning("What runs on Dask workers now goes on there to its end: Dask cannot stop a function.")
            with suppress(Exception):
                self._client.cancel(left, force=True)
        with suppress(Exception):
            self._client.close(timeout=1)
        self._end()

    def _post(self, event: tuple[float, Any]) -> None:
        message = event[1]
        if isinstance(message, list | tuple) and len(message) == 2 and message[0] in self._errands:
            self._errands[message[0]][0].inbox.put(Posted(message[1]))

    def _look(self, event: tuple[float, Any]) -> None:
        """See whether a worker died that ran an errand of ours."""
        message = event[1]
        if not isinstance(message, dict) or message.get("action") != "remove-worker" or message.get("expected"):
            return
        for key in message.get("processing-tasks", ()):
            if key in self._errands:
                self._lose(key, message["worker"])

    def _lose(self, key: str, worker: str) -> None:
        errand, _ = self._errands.pop(key)  # with the future goes what Dask would do about it
        how = f"{worker} is gone; Dask does not say why, its own log may (memory, a signal)"
        errand.inbox.put(Lost(partial(died, TITLE, how)))

    def _settle(self, errand: Errand, future: Any) -> None:
        if self._errands.pop(errand.key, None) is None:
            return
        if future.status == "finished":
            try:
                errand.inbox.put(Done(future.result()))
                return
            except Exception as error:  # noqa: BLE001 - whatever comes of fetching it
                raised: BaseException = error
        else:
            raised = future.exception() if future.status == "error" else ConnectionError("it was cancelled")
        errand.inbox.put(Lost(partial(could_not_run, TITLE, raised)))


def _stay() -> None:
    """Leave the cluster to who started it."""


def _client(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        problem = Problem(
            f"No Dask scheduler answers at {address} (run.executor.address): {said}",
            hint="Is it running, and can it be reached from here? Dask prints its address as tcp://HOST:8786.",
        )
        raise ConfigError([problem]) from error


class _Local:
    """A cluster on this machine, in processes of its own; it ends when we let go of it, or end ourselves."""

    def __init__(self, workers: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="flowerpower-dask-", ignore_cleanup_errors=True)
        reading, writing = os.pipe()
        command = module_command(LOCAL, str(writing), str(workers), self._folder.name)
        # A session of its own: who interrupts the run does not interrupt its processes one by one.
        self._popen = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(writing,), start_new_session=True)
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                self.address = told.read()
            if not self.address:
                raise ConfigError([Problem("Dask cannot be started on this machine; what it says is above.")])
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """End it, whatever it does."""
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        try:
            self._popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
        self._folder.cleanup()


def _run(
    topic: str, key: str, run: str, recipe: bytes, request: Request, names: tuple[str, ...], *values: bytes
) -> bytes:
    """Run an errand; on a Dask worker."""
    from distributed import get_worker

    worker = get_worker()
    # Dask runs again elsewhere what ran on a worker that died; a node runs once.
    if _was_begun(worker, key):
        raise RuntimeError("the worker that ran it first died")
    try:
        return run_errand(run, recipe, request.of(names, values), lambda data: worker.log_event(topic, (key, data)))
    finally:
        worker.loop.add_callback(worker.scheduler.event_clear, name=key)


def _was_begun(worker: Any, key: str) -> bool:
    """Whether it was begun before; it is from now on."""
    from distributed.utils import sync

    async def look() -> bool:
        if await worker.scheduler.event_is_set(name=key):
            return True
        await worker.scheduler.event_set(name=key)
        return False

    return bool(sync(worker.loop, look))
