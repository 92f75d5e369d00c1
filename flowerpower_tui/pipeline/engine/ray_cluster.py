"""Nodes on Ray: on a cluster of this machine's own that is started for the run, or on one that is there."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from queue import SimpleQueue
from typing import Any

from flowerpower_tui.config.models import ExecutorConfig, RayConfig
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.pipeline.engine.cluster import Done, Errand, Lost, Posted, could_not_run, died
from flowerpower_tui.pipeline.engine.errand import run_errand
from flowerpower_tui.pipeline.engine.messages import Request, Started, packed
from flowerpower_tui.python import variables

TITLE = "Ray"
PATIENCE = 4.0
"""Seconds that a cluster has to answer."""
REMOTE_OPTIONS = "ray_remote."
"""The begin of tags that say what a node needs, as Hamilton has them: `ray_remote.num_gpus`."""

_lock = threading.Lock()
_users = 0
"""How many runs of this process use the Ray that was started for one of them: there is one in a process."""


def connect(config: ExecutorConfig, settings: RayConfig) -> RayCluster:
    """Connect to a cluster, or start one on this machine; or use what this process is connected to.

    Args:
        config: without an address, the one of `ray_init_config` or of RAY_ADDRESS counts, or a new one is started.
            `num_cpus` are the processors of a new one; given for one that is there, how many nodes run at once.
        settings: further arguments for `ray.init`, and whether a Ray that others have started is shut down, too.

    Raises:
        ConfigError: nobody answers at the address, or refuses us.
    """
    global _users  # noqa: PLW0603 - see there
    import ray

    options = dict(settings.ray_init_config)
    address = config.address or options.pop("address", None) or os.environ.get("RAY_ADDRESS")
    options.pop("address", None)
    with _lock:
        is_ours = bool(_users) or not ray.is_initialized()
        if not ray.is_initialized():
            if address in (None, "local"):
                given = {"num_cpus": config.num_cpus, "include_dashboard": False, **options, "address": "local"}
            else:
                _check(str(address))
                given = {**options, "address": address}
            _init(given)
        _users += is_ours
    end = _leave if is_ours else ray.shutdown if settings.shutdown_ray_on_completion else _stay
    try:
        available = int(ray.cluster_resources().get("CPU", 0))
        return RayCluster(config.given().get("num_cpus") or max(available, 1), end)
    except BaseException:
        end()
        raise


class RayCluster:
    """A cluster that this process is connected to; see `Cluster`.

    Messages of an errand come as the items of a stream. Ray's own client, which `ray://` asks for, has no streams:
    there a node is told as begun when it is sent, and all else when the errand is through.
    """

    title = TITLE

    def __init__(self, workers: int, end: Callable[[], None]) -> None:
        import ray

        self.workers = workers
        self._end = end
        self._ray = ray
        self._streams = not ray.util.client.ray.is_connected()
        self._remote = ray.remote(max_retries=0)(_stream if self._streams else _run)
        self._open: dict[str, Any] = {}
        self._is_closed = False

    def bring(self, data: bytes) -> Any:
        """See `Cluster`."""
        return self._ray.put(data)

    def send(self, run: str, recipe: Any, errand: Errand) -> None:
        """See `Cluster`."""
        options = dict(_options(errand))
        if self._streams:
            options["num_returns"] = "streaming"
        elif errand.tells:
            errand.inbox.put(Posted(packed((0, [Started(errand.steps[0].name)]))))
        remote = self._remote.options(name=errand.key, **options)
        sent = remote.remote(run, recipe, errand.request({}), tuple(errand.values), *errand.values.values())
        self._open[errand.key] = sent
        threading.Thread(target=self._follow, args=(errand, sent), name=f"ray-{errand.key}", daemon=True).start()

    def close(self) -> None:
        """See `Cluster`."""
        self._is_closed = True
        for sent in list(self._open.values()):
            with suppress(Exception):
                self._ray.cancel(sent, force=True)
        deadline = time.monotonic() + PATIENCE
        # Nobody may wait for Ray any more when it is shut down.
        while self._open and time.monotonic() < deadline:
            time.sleep(0.01)
        self._end()

    def _follow(self, errand: Errand, sent: Any) -> None:
        """Put what comes of an errand into its inbox, until that is all."""
        try:
            for ref in sent if self._streams else (sent,):
                errand.inbox.put(self._ray.get(ref))
        except Exception as error:  # noqa: BLE001 - whatever Ray raises, or what has become of the errand
            if not self._is_closed:
                errand.inbox.put(Lost(partial(_told, error)))
        finally:
            del self._open[errand.key]


def _told(error: BaseException, node: str) -> BaseException:
    from ray import exceptions

    if isinstance(error, exceptions.OutOfMemoryError):
        return died(TITLE, "Ray ended it, as its machine ran out of memory", node)
    if isinstance(error, exceptions.WorkerCrashedError):
        return died(TITLE, "it was killed (SIGKILL, by the system when memory runs out) or crashed (SIGSEGV)", node)
    if isinstance(error, exceptions.NodeDiedError):
        return died(TITLE, "its machine is gone", node)
    return could_not_run(TITLE, getattr(error, "cause", None) or error, node)


def _options(errand: Errand) -> Mapping[str, Any]:
    """What the nodes' tags ask of Ray for them, as `num_gpus`."""
    asked: dict[str, Any] = {}
    for step in errand.steps:
        for tag, value in step.node.tags.items():
            if tag.startswith(REMOTE_OPTIONS):
                name = tag.removeprefix(REMOTE_OPTIONS)
                try:
                    asked[name] = json.loads(value)
                except (TypeError, ValueError):
                    asked[name] = value
    return asked


def _init(options: Mapping[str, Any]) -> None:
    """Call `ray.init`, and leave this process otherwise as it was.

    Raises:
        ConfigError: it says why.
    """
    import ray

    with _environment({"RAY_USAGE_STATS_ENABLED": "0", **variables()}), _own_handlers(), _quiet():
        try:
            ray.init(**{"logging_level": logging.WARNING, **options})
        except BaseException as error:
            with suppress(Exception):
                ray.shutdown()
            if not isinstance(error, Exception):
                raise
            raise ConfigError([_problem(str(options["address"]), error)]) from error


def _problem(address: str, error: Exception) -> Problem:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # The client's server sends a traceback, with what it is about behind it.
    said = lines[-1 if lines[0].endswith(":") else 0]
    where = "on this machine" if address == "local" else f"at {address} (run.executor.address)"
    if "token" in said.lower() or "unauthenticated" in said.lower():
        hint = "Set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH to the cluster's."
        return Problem(f"Ray {where} wants another token than it was given, or any.", hint=hint)
    if "client server failed" in said:
        # gRPC in Ray's proxy kills the server that is forked for us, now and then.
        hint = "Try again. If it stays so, start the cluster with GRPC_ENABLE_FORK_SUPPORT=0 in its environment."
        return Problem(f"Ray {where} could not start what serves us: {said}", hint=hint)
    if address.startswith("ray://"):
        # The client does not tell a refusal from silence.
        hint = f"{_REACHING} Is its token another than RAY_AUTH_TOKEN?"
        return Problem(f"There is no Ray cluster {where}: {said}", hint=hint)
    if address == "local":
        return Problem(f"Ray cannot be started {where}: {said}")
    return Problem(f"There is no Ray cluster {where}: {said}", hint=_REACHING)


_REACHING = "An address is HOST:6379 on a machine of the cluster, and ray://HOST:10001 elsewhere."


def _check(address: str) -> None:
    """Make sure that a server answers: Ray itself would try that for minutes, and then end this process.

    Raises:
        ConfigError: none does.
    """
    import grpc
    import ray
    from ray.exceptions import RayError

    host, colon, port = address.rpartition("://")[2].partition("?")[0].rpartition(":")
    if not colon or not port.isdigit():
        return  # `auto`, or what a plugin of Ray's knows
    try:
        socket.create_connection((host.strip("[]"), int(port)), PATIENCE / 2).close()
        if os.environ.get("RAY_USE_TLS", "0") not in ("1", "true"):
            with grpc.insecure_channel(f"{host}:{port}") as channel:
                grpc.channel_ready_future(channel).result(PATIENCE / 2)
        if "://" not in address:
            # Shows the token, once; `ray.init` would for twenty seconds.
            ray._raylet.GcsClient(address=address)  # noqa: SLF001
    except (OSError, grpc.FutureTimeoutError) as error:
        said = getattr(error, "strerror", None) or "what answers is no Ray cluster"
        problem = Problem(f"There is no Ray cluster at {address} (run.executor.address): {said}.", hint=_REACHING)
        raise ConfigError([problem]) from error
    except RayError as error:
        raise ConfigError([_problem(address, error)]) from error


@contextmanager
def _environment(defaults: Mapping[str, str]) -> Iterator[None]:
    """Have what Ray reads and writes in the environment no longer than it takes to connect."""
    before = dict(os.environ)
    os.environ.update(dict(defaults) | before)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update({name: value for name, value in before.items() if os.environ.get(name) != value})


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Ray from telling, each time, that a new cluster has a token."""
    log = logging.getLogger("ray._private.authentication")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


@contextmanager
def _own_handlers() -> Iterator[None]:
    """Keep Ray's handler of SIGTERM out: a run that is ended ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _leave() -> None:
    global _users  # noqa: PLW0603 - see there
    import ray

    with _lock:
        _users -= 1
        if not _users:
            ray.shutdown()


def _stay() -> None:
    """Leave Ray to who started it."""


def _run(run: str, recipe: bytes, request: Request, names: tuple[str, ...], *values: bytes) -> Done:
    """Run an errand; on a Ray worker."""
    return Done(run_errand(run, recipe, request.of(names, values), lambda _: None))


def _stream(
    run: str, recipe: bytes, request: Request, names: tuple[str, ...], *values: bytes
) -> Iterator[Posted | Done]:
    """Run an errand; on a Ray worker, in a thread, so that each message can leave at once."""
    told: SimpleQueue[bytes | None] = SimpleQueue()
    with ThreadPoolExecutor(1, "errand") as thread:
        result = thread.submit(run_errand, run, recipe, request.of(names, values), told.put)
        result.add_done_callback(lambda _: told.put(None))
        while (data := told.get()) is not None:
            yield Posted(data)
        yield Done(result.result())
