"""Hamilton's adapters of a run: which of them cannot be used together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hamilton.lifecycle import base

from flowerpower_tui.errors import ConfigError, Problem

_DOES = {
    "do_node_execute": "execute the nodes",
    "do_remote_execute": "send the nodes elsewhere",
    "do_build_result": "build the result",
    "do_validate_input": "check the inputs",
    "do_check_edge_types_match": "check the types of the edges",
}


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
