"""Doing a run again: what it asked for, with changes where they are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from flowerpower_tui.config.secrets import MASK
from flowerpower_tui.errors import RunStoreError
from flowerpower_tui.runs.directory import RunDirectory
from flowerpower_tui.runs.request import RunRequest

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def request_again(run: RunDirectory, changes: Mapping[str, Any] = _NOTHING) -> RunRequest:
    """Return a request for what a run asked for, on the project as it is now.

    Args:
        run: the run.
        changes: overrides that join those of the run, or take their place.

    Raises:
        RunStoreError: there is no telling what was asked; or an override was a secret, which is not kept.
    """
    request = run.record().request
    overrides = _joined(request.overrides, changes)
    if secrets := list(_secrets(overrides)):
        raise RunStoreError(
            f"Run {run.id} was given secrets, which are not kept: {', '.join(secrets)}.",
            hint=f"Give them again: fp-tui rerun {run.id} {' '.join(f'--set {secret}=…' for secret in secrets)}",
        )
    return RunRequest(request.project, request.pipeline, overrides, request.url)


def _joined(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(under)
    for key, value in over.items():
        below = joined.get(key)
        joined[key] = _joined(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return joined


def _secrets(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        if any(True for item in value for _ in _secrets(item, path)):
            yield path
    elif isinstance(value, str) and MASK in value:
        yield path
