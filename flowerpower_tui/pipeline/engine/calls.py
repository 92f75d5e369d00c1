"""Calling one node as Hamilton would, with every hook and method of its adapters, and telling what it does."""

from __future__ import annotations

import copy
import functools
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from types import CoroutineType
from typing import Any, Protocol, TypeVar

from hamilton.execution.executors import new_callable
from hamilton.lifecycle.base import LifecycleAdapterSet
from hamilton.lifecycle.default import GracefulErrorAdapter
from hamilton.node import Node

from flowerpower_tui.errors import GraphError
from flowerpower_tui.pipeline.engine.plan import Step
from flowerpower_tui.pipeline.node_events import NodeEvents

Result = TypeVar("Result")
Whole = Callable[[Step, Any], Awaitable[Any]]

_HOOKS = ("pre_node_execute", "post_node_execute")
_METHODS = ("do_node_execute", "do_remote_execute")


class Caller(Protocol):
    """Calls nodes.

    `instance` names the item of a block and is empty elsewhere; `task` is Hamilton's name for the unit of work.
    """

    def call(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """Return a node's value, or raise what it raises."""

    async def call_async(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """The same, and await what is to be awaited."""


def takes_part(adapters: LifecycleAdapterSet) -> bool:
    """Whether any of the adapters has a part in the execution of single nodes."""
    hooks = adapters.sync_hooks.keys() | adapters.async_hooks.keys()
    methods = adapters.sync_methods.keys() | adapters.async_methods.keys()
    return not (hooks.isdisjoint(_HOOKS) and methods.isdisjoint(_METHODS))


def awaits_hooks(adapters: LifecycleAdapterSet) -> bool:
    """Whether any of the adapters is to be awaited for single nodes."""
    return not (adapters.async_hooks.keys().isdisjoint(_HOOKS) and adapters.async_methods.keys().isdisjoint(_METHODS))


class PlainCaller:
    """Calls nodes in which no adapter has a part."""

    def __init__(self, events: NodeEvents) -> None:
        self._events = events

    def call(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        del task
        events, name = self._events, step.name
        events.start(name, instance)
        began = time.perf_counter()
        try:
            value = step.call(**arguments)
            if step.expands:
                value = list(value)
            elif type(value) is CoroutineType:
                raise _unawaited(step, value)
        except BaseException as error:
            events.fail(name, instance, time.perf_counter() - began, error)
            raise
        events.finish(name, instance, time.perf_counter() - began, value)
        return value

    async def call_async(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        del task
        events, name = self._events, step.name
        events.start(name, instance)
        began = time.perf_counter()
        try:
            value = await _awaited(step, step.call(**arguments))
        except BaseException as error:
            events.fail(name, instance, time.perf_counter() - began, error)
            raise
        events.finish(name, instance, time.perf_counter() - began, value)
        return value


class AdaptedCaller:
    """Calls nodes at whose execution adapters look, or which they execute in Hamilton's place.

    Hamilton's order: `do_remote_execute` around all, then `pre_node_execute`, the node's function or
    `do_node_execute`, and `post_node_execute` even if that raised. Hooks are told of every exception as a failure.

    Attributes:
        pending: what `do_remote_execute` has promised.
    """

    def __init__(self, adapters: LifecycleAdapterSet, run_id: str, events: NodeEvents) -> None:
        self.pending: list[Future[Any]] = []
        self._adapters = adapters
        self._run_id = run_id
        self._events = events
        self._is_remote = adapters.does_method("do_remote_execute", is_async=False)
        self._graceful = next((one for one in adapters.adapters if isinstance(one, GracefulErrorAdapter)), None)
        self._without_value: set[tuple[str, str]] = set()

    def call(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        if not self._is_remote:
            return self._call_here(step, instance, task, **arguments)
        lifecycle = functools.partial(copy_context().run, self._call_here, step, instance, task)
        value = self._adapters.call_lifecycle_method_sync(
            "do_remote_execute", node=step.node, execute_lifecycle_for_node=lifecycle, **arguments
        )
        if isinstance(value, Future):
            self.pending.append(value)
        return value

    async def call_async(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None) -> Any:
        """See `Caller`."""
        return await self._told(step, arguments, instance, task, _awaited)

    def _call_here(self, step: Step, instance: str, task: str | None, /, **arguments: Any) -> Any:
        return at_once(self._told(step, arguments, instance, task, _as_it_is))

    async def _told(self, step: Step, arguments: dict[str, Any], instance: str, task: str | None, whole: Whole) -> Any:
        watch = _Watch(self._events, step.name, instance)
        try:
            value = await self._hooked(step, arguments, task, whole, watch)
        except BaseException as error:
            watch.fail(error)
            raise
        if watch.raised is not None:
            # An adapter went on in spite of it.
            self._without_value.add((step.name, instance))
            watch.tolerate(watch.raised)
        elif watch.has_begun:
            watch.finish(value)
        elif missing := self._missing(step, instance):
            self._without_value.add((step.name, instance))
            if not instance:
                self._events.skip(step.name, f"it needs '{missing}', which gave no value")
        else:
            watch.reuse(value)
        return value

    async def _hooked(
        self, step: Step, arguments: dict[str, Any], task: str | None, whole: Whole, watch: _Watch
    ) -> Any:
        facts = {"run_id": self._run_id, "node_": step.node, "kwargs": arguments, "task_id": task}
        await self._hook("pre_node_execute", whole, facts)
        value = raised = None
        try:
            value = await self._value(step, facts, whole, watch)
        except BaseException as error:
            raised = error
            raise
        finally:
            watch.stop()
            outcome = {"success": raised is None, "error": raised, "result": value}
            await self._hook("post_node_execute", whole, facts | outcome)
        return value

    async def _value(self, step: Step, facts: dict[str, Any], whole: Whole, watch: _Watch) -> Any:
        if whole is _awaited and self._adapters.does_method("do_node_execute", is_async=True):
            facts = facts | {"node_": _watched(step, watch)}
            return await self._adapters.call_lifecycle_method_async("do_node_execute", **facts)
        if not self._adapters.does_method("do_node_execute", is_async=False):
            watch.start()
            return await whole(step, step.call(**facts["kwargs"]))
        facts = facts | {"node_": _watched(step, watch)}
        value = self._adapters.call_lifecycle_method_sync("do_node_execute", **facts)
        try:
            return await whole(step, value)
        except Exception as error:
            # It was asked before the coroutine ran, so it could not catch this.
            if self._graceful is None or not isinstance(error, self._graceful.error_to_catch):
                raise
            sentinel = self._graceful.sentinel_value
            return [sentinel] if step.expands else sentinel

    async def _hook(self, hook: str, whole: Whole, facts: dict[str, Any]) -> None:
        self._adapters.call_all_lifecycle_hooks_sync(hook, **facts)
        if whole is _awaited:
            await self._adapters.call_all_lifecycle_hooks_async(hook, **facts)

    def _missing(self, step: Step, instance: str) -> str:
        """What the step takes that gave no value."""
        lost = self._without_value
        return next((name for name in step.takes if (name, instance) in lost or (name, "") in lost), "")


class _Watch:
    """What a node does while adapters have their part in it."""

    def __init__(self, events: NodeEvents, node: str, instance: str) -> None:
        self.has_begun = False
        self.raised: BaseException | None = None
        self._events = events
        self._of = (node, instance)
        self._began = self._ended = time.perf_counter()

    def start(self) -> None:
        self.raised = None
        self._began = time.perf_counter()
        if not self.has_begun:
            self.has_begun = True
            self._events.start(*self._of)

    def stop(self) -> None:
        self._ended = time.perf_counter()

    def fail(self, error: BaseException) -> None:
        self._begin_late()
        self._events.fail(*self._of, self._ended - self._began, error)

    def tolerate(self, error: BaseException) -> None:
        self._events.tolerate(*self._of, self._ended - self._began, error)

    def finish(self, value: Any) -> None:
        self._events.finish(*self._of, self._ended - self._began, value)

    def reuse(self, value: Any) -> None:
        self._begin_late()
        self._events.reuse(*self._of, self._ended - self._began, value)

    def _begin_late(self) -> None:
        if not self.has_begun:
            self.has_begun = True
            self._events.start(*self._of)


def _watched(step: Step, watch: _Watch) -> Node:
    """The node, with a callable that tells when it really runs and what it raises; adapters may keep that back."""
    call = step.call

    @functools.wraps(call)
    def function(**arguments: Any) -> Any:
        watch.start()
        try:
            return call(**arguments)
        except Exception as error:
            watch.raised = error
            raise

    @functools.wraps(call)
    async def coroutine(**arguments: Any) -> Any:
        watch.start()
        try:
            return await _awaited(step, call(**arguments))
        except Exception as error:
            watch.raised = error
            raise

    @functools.wraps(call)
    def items(**arguments: Any) -> Any:
        watch.start()
        try:
            yield from call(**arguments)
        except Exception as error:
            watch.raised = error
            raise

    node = copy.copy(step.node)
    # Hamilton hands Parallelizable nodes over in this form.
    expanding = functools.partial(new_callable, _callable=items)
    node._callable = coroutine if step.awaits else expanding if step.expands else function  # noqa: SLF001 - it has no setter
    return node


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine returns that awaits nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: Result = stop.value
        return result
    except RuntimeError as error:
        if isinstance(error.__cause__, StopIteration) and error.args == ("coroutine raised StopIteration",):
            raise error.__cause__ from None  # a node's own; it cannot leave a coroutine as it is
        raise
    raise AssertionError("it awaited something")


async def _as_it_is(step: Step, value: Any) -> Any:
    if type(value) is CoroutineType:
        raise _unawaited(step, value)
    return list(value) if step.expands else value


async def _awaited(step: Step, value: Any) -> Any:
    if inspect.isawaitable(value):
        value = await value
    if not step.expands:
        return value
    return [item async for item in value] if hasattr(value, "__aiter__") else list(value)


def _unawaited(step: Step, value: CoroutineType[Any, Any, Any]) -> GraphError:
    value.close()
    return GraphError(
        f"'{step.name}' gives a coroutine that nobody awaits: a decorator hides that it is asynchronous.",
        hint="Let the decorator return an async def that awaits it.",
    )
