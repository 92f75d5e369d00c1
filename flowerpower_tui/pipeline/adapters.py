"""Hamilton's adapters of a run: those that its configuration asks for, and which cannot be used together."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from hamilton.lifecycle import base

from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.errors import ConfigError, Problem

WITHOUT_EFFECT = ("hamilton_tracker", "mlflow")
"""Flags of `run.with_adapter` that are read and do nothing yet: a run goes on without, and says so."""

_DOES = {
    "do_node_execute": "execute the nodes",
    "do_remote_execute": "send the nodes elsewhere",
    "do_build_result": "build the result",
    "do_validate_input": "check the inputs",
    "do_check_edge_types_match": "check the types of the edges",
}


def adapters_of(run: RunConfig, title: str = "") -> dict[str, Any]:
    """Return a run's adapters by name: the objects it was given, and what the flags of `run.with_adapter` ask for.

    `future` sends nodes to threads, as Hamilton's FutureAdapter does. `progressbar` draws on a terminal only: where
    output is captured, the run's own account tells how far it is.

    Raises:
        ConfigError: two of them cannot be used together.
    """
    found: dict[str, Any] = {}
    if run.with_adapter.future:
        from hamilton.plugins.h_threadpool import FutureAdapter

        found["future"] = FutureAdapter(max_workers=run.executor.max_workers)
    if run.with_adapter.progressbar and sys.stderr.isatty():
        from hamilton.plugins.h_rich import RichProgressBar

        found["progressbar"] = RichProgressBar(title)
    found |= run.adapter
    check_adapters(found)
    return found


def check_adapters(adapters: Mapping[str, Any]) -> None:
    """Make sure that no two adapters want to do what only one can do.

    Args:
        adapters: by their names in the configuration.

    Raises:
        ConfigError: it names both, and what they want to do.
    """
    owners: dict[tuple[str, str], tuple[str, Any]] = {}
    problems = []
    for name, adapter in adapters.items():
        for kind, method in _methods(adapter):
            first, other = owners.setdefault((kind, method), (name, adapter))
            if other is not adapter:
                does = _DOES.get(method, f"do `{method}`")
                problems.append(
                    Problem(
                        f"The adapters '{first}' ({_kind(other)}) and '{name}' ({_kind(adapter)}) both want to {does}.",
                        hint="Hamilton lets only one: leave the other out of run.adapter.",
                    )
                )
    if problems:
        raise ConfigError(problems)


def _methods(adapter: Any) -> Iterator[tuple[str, str]]:
    """What an adapter does in Hamilton's place, synchronously or not."""
    for mark in (base.SYNC_METHOD, base.ASYNC_METHOD):
        found = (vars(kind).get(mark) for kind in type(adapter).__mro__)
        yield from ((mark, method) for method in dict.fromkeys(found) if isinstance(method, str))


def _kind(adapter: Any) -> str:
    return type(adapter).__name__
