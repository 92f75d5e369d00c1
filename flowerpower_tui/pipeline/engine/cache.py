"""Results that are kept from run to run, and used again while code and data are the same.

A node's result is found by the fingerprints of its code and of the values that it takes. So an edit makes stale what it
touches, and what comes behind that only if its values change. Values are pickled: read only what you wrote yourself.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Literal, cast, get_args

import msgspec

from flowerpower_tui.pipeline.engine.calls import Caller
from flowerpower_tui.pipeline.engine.fingerprint import CannotTellError, Fingerprinter
from flowerpower_tui.pipeline.engine.plan import Plan, Step
from flowerpower_tui.pipeline.node_events import NodeEvents
from flowerpower_tui.pipeline.summary import ValueSummary, summarise

logger = logging.getLogger(__name__)

Behaviour = Literal["default", "recompute", "disable", "ignore"]
"""`recompute`: it always runs, and what takes its value if that has changed; `disable`: both always run; `ignore`: it
always runs, and what takes its value does not mind it."""

_UNSEEN = "unseen"
_BY_TAG = "cache.behavior"
_OUTSIDE_WORLD = ("hamilton.data_loader", "hamilton.data_saver")


class Entry(msgspec.Struct, frozen=True):
    """What is known of a kept result without reading it."""

    node: str
    version: str
    summary: ValueSummary
    started: float
    duration: float


class ResultStore:
    """Kept results, each in a file of its own that appears whole or not at all.

    Args:
        folder: where they lie; made, for this user only, when the first is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Entry | None:
        """Return what is known of the result of this key; None if there is none."""
        try:
            with self._path(key).open("rb") as file:
                return msgspec.json.decode(file.readline(), type=Entry)
        except (OSError, msgspec.MsgspecError):
            return None

    def load(self, key: str) -> Any:
        """Return the result of this key.

        Raises:
            OSError: it cannot be read any more; it is gone then, and will be computed the next time.
        """
        path = self._path(key)
        try:
            with path.open("rb") as file:
                file.readline()
                return pickle.load(file)  # noqa: S301 - see the module: what this user wrote
        except Exception as error:  # unpickling runs whatever the value's classes say
            with suppress(OSError):
                path.unlink()
            raise OSError(f"A kept result cannot be read, and was thrown away ({path}): {error!r}") from error

    def keep(self, key: str, entry: Entry, data: bytes) -> None:
        """Keep a result; if the disk does not take it, say so and go on."""
        path = self._path(key)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, new = tempfile.mkstemp(prefix=".", dir=path.parent)  # with mode 0600
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
                    file.write(msgspec.json.encode(entry) + b"\n")
                    file.write(data)
                os.replace(new, path)  # noqa: PTH105
            except BaseException:
                os.unlink(new)  # noqa: PTH108
                raise
        except OSError as error:
            logger.warning("The result of '%s' cannot be kept: %s", entry.node, error)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]


class Versioned:
    """A value in a run that uses kept results: it is read when it is needed, and so is its fingerprint.

    Attributes:
        version: the fingerprint; None if there is no telling.
    """

    def __init__(self, version: str | None, value: Any = None, load: Callable[[], Any] | None = None) -> None:
        self.version = version
        self._value = value
        self._load = load

    @property
    def value(self) -> Any:
        """The value.

        Raises:
            OSError: see `ResultStore.load`.
        """
        if self._load is not None:
            self._value = self._load()
            self._load = None
        return self._value


class Caching:
    """The use of kept results in the runs of one plan.

    Args:
        store: where they are.
        prints: tells code and values apart.
        plan: what is run; its functions are looked at, not those of steps that something was put in place of.
        behaviours: what is to be done about some nodes, stronger than their tags.
    """

    def __init__(
        self, store: ResultStore, prints: Fingerprinter, plan: Plan, behaviours: Mapping[str, Behaviour]
    ) -> None:
        self.store = store
        self._prints = prints
        self._behaviours = {name: behaviours.get(name) or _behaviour(step) for name, step in plan.steps.items()}
        self._code = {name: self._code_of(step) for name, step in plan.steps.items() if self._is_kept(name)}

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values from outside as a run that uses kept results takes them."""
        return {name: Versioned(self._version(value), value) for name, value in values.items()}

    def items(self, value: Versioned) -> Sequence[Versioned]:
        """Return the items of a Parallelizable's value."""
        return [Versioned(self._version(item), item) for item in value.value]

    def key(self, step: Step, arguments: Mapping[str, Any]) -> str | None:
        """Return what a step's result is kept under; None if it is not."""
        code = self._code.get(step.name)
        versions = {name: _version_of(value) for name, value in arguments.items()}
        if code is None or None in versions.values():
            return None
        text = "\n".join((step.name, code, *(f"{name} {version}" for name, version in sorted(versions.items()))))
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    def may_reuse(self, step: Step) -> bool:
        """Whether a kept result counts."""
        return self._behaviours[step.name] == "default"

    def keep(self, step: Step, key: str | None, value: Any, started: float, duration: float) -> Versioned:
        """Keep a step's result, if there is a way to find it again, and return it as others take it."""
        if self._behaviours[step.name] == "ignore":
            return Versioned(_UNSEEN, value)
        if self._behaviours[step.name] == "disable":
            return Versioned(None, value)
        try:
            version, data = self._prints.of_value(value)
        except CannotTellError as error:
            logger.info("The result of '%s' is not kept: %s", step.name, error)
            return Versioned(None, value)
        if key is not None:
            self.store.keep(key, Entry(step.name, version, summarise(value), started, duration), data)
        return Versioned(version, value)

    def _is_kept(self, name: str) -> bool:
        return self._behaviours[name] in ("default", "recompute")

    def _code_of(self, step: Step) -> str | None:
        try:
            return self._prints.of_code(step.call)
        except CannotTellError as error:
            logger.info("The results of '%s' are not kept, since what it uses may change unseen: %s", step.name, error)
            return None

    def _version(self, value: Any) -> str | None:
        try:
            return self._prints.of_value(value)[0]
        except CannotTellError:
            return None


class CachingCaller:
    """Calls only those nodes whose results are not kept; all values that it takes and gives are `Versioned`."""

    def __init__(self, caller: Caller, caching: Caching, events: NodeEvents) -> None:
        self._caller = caller
        self._caching = caching
        self._events = events

    def call(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        key = self._caching.key(step, arguments)
        if (found := self._find(step, key, instance)) is not None:
            return found
        started, began = time.time(), time.perf_counter()
        value = self._caller.call(step, _plain_all(arguments), instance, task)
        return self._caching.keep(step, key, value, started, time.perf_counter() - began)

    async def call_async(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        key = self._caching.key(step, arguments)
        if (found := self._find(step, key, instance)) is not None:
            return found
        started, began = time.time(), time.perf_counter()
        value = await self._caller.call_async(step, _plain_all(arguments), instance, task)
        return self._caching.keep(step, key, value, started, time.perf_counter() - began)

    def _find(self, step: Step, key: str | None, instance: str) -> Versioned | None:
        if key is None or not self._caching.may_reuse(step):
            return None
        began = time.perf_counter()
        entry = self._caching.store.find(key)
        if entry is None:
            return None
        self._events.start(step.name, instance)
        self._events.reuse_as(step.name, instance, time.perf_counter() - began, entry.summary)
        return Versioned(entry.version, load=partial(self._caching.store.load, key))


def plain(value: Any) -> Any:
    """Return what a run without kept results would have: the value, or the list of values that were gathered."""
    if isinstance(value, Versioned):
        return value.value
    return [plain(item) for item in value] if type(value) is list else value


def _plain_all(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in arguments.items()}


def _version_of(value: Versioned | list[Versioned]) -> str | None:
    """The version of a value, or of a list that was gathered."""
    if isinstance(value, Versioned):
        return value.version
    versions = [item.version for item in value]
    if None in versions:
        return None
    return hashlib.blake2b("\n".join(map(str, versions)).encode(), digest_size=20).hexdigest()


def _behaviour(step: Step) -> Behaviour:
    tags = step.node.tags
    if (asked := tags.get(_BY_TAG)) in get_args(Behaviour):
        return cast(Behaviour, asked)
    # What they read may have changed, and what they write may be gone.
    return "recompute" if any(tag in tags for tag in _OUTSIDE_WORLD) else "default"
