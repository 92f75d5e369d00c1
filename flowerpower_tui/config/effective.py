"""What holds for a pipeline after all layers: each value, where it comes from, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from flowerpower_tui.config.layers import KeyPath, Origin
from flowerpower_tui.config.models import PipelineConfig, ProjectConfig
from flowerpower_tui.config.secrets import any_secret, masked
from flowerpower_tui.config.section import Section, fields
from flowerpower_tui.errors import Problem


@dataclass(frozen=True)
class Entry:
    """A value of the effective configuration.

    Attributes:
        path: the keys that lead to it; the first is `project` or `pipeline`.
        value: as plain data that can be shown and stored: a secret is masked, an object is named.
        origin: where it comes from.
    """

    path: KeyPath
    value: Any
    origin: Origin

    @property
    def key(self) -> str:
        """The path with dots: `pipeline.run.retry.max_retries`."""
        return ".".join(map(str, self.path))


@dataclass(frozen=True)
class EffectiveConfig:
    """What holds for a pipeline.

    Attributes:
        project: the project's configuration.
        pipeline: the pipeline's configuration.
        notices: what is worth knowing: unknown keys, keys that have moved, variables that are not set.
    """

    project: ProjectConfig
    pipeline: PipelineConfig
    notices: tuple[Problem, ...]
    _origin: Callable[[KeyPath], Origin] = field(repr=False)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every value, in the order of the models; secrets are masked."""
        return tuple(
            Entry(path, masked(_plain(value), secret=any_secret((*path, *origin.variables))), origin)
            for path, value in (*_values(self.project, ("project",)), *_values(self.pipeline, ("pipeline",)))
            for origin in (self._origin(path),)
        )

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Where each value comes from, by its dotted path: `pipeline.run.retry.max_retries`, `project.name`."""
        return {entry.key: entry.origin for entry in self.entries}

    def masked(self) -> dict[str, Any]:
        """Return every value as plain data that can be shown and stored: secrets are masked, objects are named."""
        document: dict[str, Any] = {}
        for entry in self.entries:
            place = document
            *outer, last = map(str, entry.path)
            for key in outer:
                place = place.setdefault(key, {})
            place[last] = entry.value
        return document


def _values(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the values in `value` that are no mappings, or empty ones, each with its path."""
    if isinstance(value, Section):
        for key in fields(type(value)):
            yield from _values(getattr(value, key), (*path, key))
    elif isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _values(item, (*path, key))
    else:
        yield path, value


def _plain(value: Any) -> Any:
    """Return `value` as data that JSON can carry, an object by its name."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    # Its own repr may be anything: long, slow, telling a secret.
    return getattr(value, "__qualname__", None) or f"<{type(value).__qualname__}>"
