"""The names that values of the configuration are chosen from: log levels, executors, exceptions."""

from __future__ import annotations

import builtins
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from flowerpower_tui.errors import did_you_mean

LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL")

CACHE_SETTINGS = {
    "path": "the folder of the results, relative to the project's; otherwise one in the state directory",
    "recompute": "nodes that always run",
    "disable": "nodes that always run, and so does what takes their values",
    "ignore": "nodes that always run, while what takes their values does not mind",
    "default": "nodes whose results are kept",
}
"""The keys of `run.cache` and their meanings: a path, and lists of nodes, or true for all others."""

EXECUTORS = {
    "synchronous": "flowerpower_tui.pipeline.engine.executors:in_turn",
    "local": "flowerpower_tui.pipeline.engine.executors:in_turn",
    "threadpool": "flowerpower_tui.pipeline.engine.executors:in_threads",
    "processpool": "flowerpower_tui.pipeline.engine.processes:in_processes",
    "ray": "flowerpower_tui.pipeline.engine.ray_cluster:connect",
    "dask": "flowerpower_tui.pipeline.engine.dask_cluster:connect",
}
"""The executors that come with us, and what makes each: a name as in an entry point, imported when it is needed."""
EXECUTOR_PLUGINS = "flowerpower_tui.executors"

# Where FlowerPower looks for the name of an exception that stands without its module. Written down: these modules are
# large, and two of them may not be installed.
_MODULES: dict[str, str] = {
    "requests.exceptions": """ChunkedEncodingError ConnectTimeout ConnectionError ContentDecodingError HTTPError
        InvalidHeader InvalidJSONError InvalidProxyURL InvalidSchema InvalidURL JSONDecodeError MissingSchema
        ProxyError ReadTimeout RequestException RetryError SSLError StreamConsumedError Timeout TooManyRedirects
        URLRequired UnrewindableBodyError""",
    "urllib.error": "ContentTooShortError HTTPError URLError",
    "urllib3.exceptions": """BodyNotHttplibCompatible ClosedPoolError ConnectTimeoutError ConnectionError DecodeError
        EmptyPoolError FullPoolError HTTPError HeaderParsingError HostChangedError IncompleteRead InvalidChunkLength
        InvalidHeader LocationParseError LocationValueError MaxRetryError NameResolutionError NewConnectionError
        PoolError ProtocolError ProxyError ProxySchemeUnknown ProxySchemeUnsupported ReadTimeoutError RequestError
        ResponseError ResponseNotChunked SSLError TimeoutError TimeoutStateError URLSchemeUnknown
        UnrewindableBodyError""",
    "http.client": """BadStatusLine CannotSendHeader CannotSendRequest HTTPException ImproperConnectionState
        IncompleteRead InvalidURL LineTooLong NotConnected RemoteDisconnected ResponseNotReady UnimplementedFileMode
        UnknownProtocol UnknownTransferEncoding""",
    "socket": "error gaierror herror timeout",
    "os": "error",
    "io": "BlockingIOError UnsupportedOperation",
}


@dataclass(frozen=True)
class Elsewhere:
    """The interpreter that a project's code runs in, where that is not this one.

    Attributes:
        executors: those that packages bring there.
        installer: the command line that installs a package there, without its name.
    """

    executors: tuple[str, ...]
    installer: str


# Asked of it only where a name is not known here; at most one, and none where the code runs here.
_asked: list[Callable[[], Elsewhere | None]] = []


def ask_elsewhere(ask: Callable[[], Elsewhere | None]) -> None:
    """Have the executors of another interpreter count from now on, as `ask` tells them when they are wanted."""
    _asked[:] = [ask]


def executors() -> tuple[str, ...]:
    """Return the types of executors that there are, those of plugins too: of what the project's code runs in."""
    there = _elsewhere()
    return _with_ours(*installed_executors(), *(there.executors if there else ()))


@cache
def installed_executors() -> tuple[str, ...]:
    """Return the executors that plugins of this interpreter bring."""
    # Late: it takes longer to import than all of this package's configuration.
    from importlib import metadata

    return tuple(metadata.entry_points(group=EXECUTOR_PLUGINS).names)


def executors_hint(unknown: str, *, is_used_here: bool = False) -> str:
    """Return what to do about an executor that is not known where the project's code runs, which the hint names.

    Args:
        unknown: the name.
        is_used_here: whether the code runs in this process, whichever interpreter was asked to be considered.
    """
    there = None if is_used_here else _elsewhere()
    names = _with_ours(*installed_executors()) if is_used_here else executors()
    if near := did_you_mean(unknown, names):
        return near
    installer = there.installer if there else f"{shlex.quote(sys.executable)} -m pip install"
    return f"One of {', '.join(names)}; or a package's, once that is installed: {installer} PACKAGE"


def _with_ours(*plugins: str) -> tuple[str, ...]:
    return (*EXECUTORS, *sorted(set(plugins) - set(EXECUTORS)))


def _elsewhere() -> Elsewhere | None:
    return _asked[0]() if _asked else None


@cache
def exceptions() -> frozenset[str]:
    """Return the exceptions that are known by their name alone."""
    built_in = (name for name, value in vars(builtins).items() if _is_exception(value))
    return frozenset((*built_in, *(name for names in _MODULES.values() for name in names.split())))


def is_exception_name(name: str) -> bool:
    """Return whether `name` can be an exception's.

    A bare name is of Python or of the modules above. A dotted path into any other module is looked up where the
    pipeline runs.
    """
    module, dot, last = name.rpartition(".")
    if not dot:
        return name in exceptions()
    if module not in _MODULES and module != "builtins":
        return all(part.isidentifier() for part in name.split("."))
    # Another release of the module may know more than is written down.
    return last in _names_in(module) or _is_exception(_looked_up(module, last))


def alike(name: str) -> frozenset[str]:
    """Return the exceptions that an unknown one is compared with: of its module if it has one, else all of them."""
    module, dot, _ = name.rpartition(".")
    return frozenset(f"{module}.{known}" for known in _names_in(module)) if dot else exceptions()


def _names_in(module: str) -> frozenset[str]:
    if module == "builtins":
        return frozenset(name for name, value in vars(builtins).items() if _is_exception(value))
    return frozenset(_MODULES.get(module, "").split())


def _looked_up(module: str, name: str) -> object:
    with suppress(ImportError):
        return getattr(import_module(module), name, None)
    return None


def _is_exception(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)
