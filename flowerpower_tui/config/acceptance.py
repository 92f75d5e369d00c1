"""Whether what is about to be written into a configuration file would be read there as it is meant.

A file may hold keys that we do not know; who writes one now is told that there is no such key.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowerpower_tui.config.layers import KeyPath, Layer, Origin
from flowerpower_tui.config.models import RunConfig
from flowerpower_tui.config.section import Section, fields, is_section
from flowerpower_tui.config.validate import MOVED, check
from flowerpower_tui.errors import ConfigError, Problem, did_you_mean

_NOWHERE = Origin("yaml")
_REFUSED = frozenset({"unknown-key", "retired-key", "moved-key"})


def setting_of(model: type[Section], path: KeyPath) -> KeyPath:
    """Return the part of `path` that names a key of a file of `model`; what follows is inside that key's value.

    Raises:
        ConfigError: there is no such key; tells the nearest.
    """
    section = model
    for depth, key in enumerate(path):
        known = fields(section)
        info = known.get(key) if isinstance(key, str) else None
        if info is None:
            raise ConfigError([_unknown(model, section, path[: depth + 1])])
        if not is_section(info):
            return path[: depth + 1]
        section = info.type
    return path


def refusals(model: type[Section], path: KeyPath, value: Any, *, has_variables: bool = True) -> list[Problem]:
    """Return what is wrong with `value` for the key at `path` of a file of `model`, as `setting_of` gives it.

    Args:
        model: what the file may hold.
        path: leads to the key.
        value: what is to stand there.
        has_variables: whether text with a `$` in it may become anything, and is not looked at.
    """
    values = _without_variables(value) if has_variables else value
    if values is _VARIABLE:
        return []
    for key in reversed(path):
        values = {key: values}
    checked = check(Layer("yaml", values, lambda _: _NOWHERE, lambda _: _NOWHERE), model)
    return [*checked.problems, *(_refused(notice) for notice in checked.notices if notice.code in _REFUSED)]


def _refused(notice: Problem) -> Problem:
    """Say of a key, which a file may have, that it does nothing."""
    message = notice.message.replace("unknown key", "there is no key").removesuffix(" is ignored")
    return replace(notice, message=message)


def _unknown(model: type[Section], section: type[Section], path: KeyPath) -> Problem:
    *outer, key = map(str, path)
    dotted = ".".join(map(str, path))
    if section is RunConfig and key in MOVED:
        place = ".".join([*outer, "retry", key])
        return Problem(f"{dotted} has moved to {place}", hint=f"Set {place}.", code="moved-key", instead=place)
    elsewhere = [place for place in _settings(model, ()) if place.rpartition(".")[2] == key]
    if elsewhere:
        hint = f"Did you mean '{elsewhere[0]}'?"
    else:
        near = did_you_mean(key, fields(section))
        hint = near or f"There are {', '.join(fields(section))}."
    return Problem(f"there is no key {dotted}", hint=hint, code="unknown-key")


def _settings(model: type[Section], path: tuple[str, ...]) -> Iterator[str]:
    """Yield every key with its sections, dotted."""
    for key, info in fields(model).items():
        yield ".".join((*path, key))
        if is_section(info):
            yield from _settings(info.type, (*path, key))


_VARIABLE = object()


def _without_variables(value: Any) -> Any:
    """Return `value` without the texts in it that may become anything."""
    if isinstance(value, str):
        return _VARIABLE if "$" in value else value
    if isinstance(value, Mapping):
        kept: dict[Hashable, Any] = {key: _without_variables(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not _VARIABLE}
    if isinstance(value, list):
        return [item for item in map(_without_variables, value) if item is not _VARIABLE]
    return value
