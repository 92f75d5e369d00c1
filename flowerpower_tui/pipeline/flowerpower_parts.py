"""Small functions of FlowerPower that scripts import: namespaces, and checks of what comes from outside."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

from flowerpower_tui.config.known import executors
from flowerpower_tui.config.params import ParamsNamespace
from flowerpower_tui.errors import InvalidNameError, did_you_mean


def dict_to_namespace(value: Any) -> Any:
    """Return a mapping with its keys as attributes too, all the way down; anything else as it is."""
    return ParamsNamespace(value) if isinstance(value, Mapping) else value


def validate_file_path(
    path: str | os.PathLike[str],
    allowed_extensions: Collection[str] | None = None,
    allow_absolute: bool = True,
    allow_relative: bool = True,
) -> Path:
    """Return the path if it leads up nowhere, and is of a kind that is allowed.

    Raises:
        InvalidNameError: it has a `..`, or is of another kind.
    """
    place = Path(path)
    if ".." in place.parts or not str(path).strip() or "\0" in str(path):
        raise InvalidNameError(f"'{path}' is no path that is allowed here.", hint="A path has no '..' in it.")
    if not (allow_absolute if place.is_absolute() else allow_relative):
        kind = "an absolute" if place.is_absolute() else "a relative"
        raise InvalidNameError(f"'{path}' is {kind} path, which is not allowed here.")
    if allowed_extensions and place.suffix.lower() not in {extension.lower() for extension in allowed_extensions}:
        raise InvalidNameError(f"'{path}' does not end with {' or '.join(sorted(allowed_extensions))}.")
    return place


def validate_directory_fragment(path: str | None) -> str | None:
    """Return the name of a folder inside a project.

    Raises:
        InvalidNameError: it leads out of the project.
    """
    if path and (PurePath(path).is_absolute() or ".." in PurePath(path).parts):
        raise InvalidNameError(f"'{path}' is not inside the project.", hint="Name a folder relative to it.")
    return path


def validate_config_dict(
    config: dict[str, Any], allowed_keys: Collection[str] | None = None, max_depth: int = 10
) -> dict[str, Any]:
    """Return the mapping if it is not nested too deep and has no other keys than those allowed.

    Raises:
        InvalidNameError: a key is not allowed.
        ValueError: it is nested deeper than `max_depth`, or is no mapping.
    """
    if not isinstance(config, Mapping):
        raise InvalidNameError("This is no mapping.")
    for key in config if allowed_keys is not None else ():
        if key not in (allowed_keys or ()):
            raise InvalidNameError(f"The key '{key}' is not allowed.", hint=did_you_mean(str(key), allowed_keys or ()))
    if _depth(config) > max_depth:
        raise InvalidNameError(f"This is nested more than {max_depth} deep.")
    return config


def validate_executor_type(executor_type: str) -> str:
    """Return the name of an executor.

    Raises:
        InvalidNameError: there is no executor of that name.
    """
    known = executors()
    if executor_type not in known:
        hint = did_you_mean(executor_type, known) or f"There are {', '.join(known)}."
        raise InvalidNameError(f"There is no executor '{executor_type}'.", hint=hint)
    return executor_type


def validate_callback_function(callback: Any) -> bool:
    """Return whether something can be called when a run has ended: a function, or a tuple that begins with one."""
    return callable(callback[0] if isinstance(callback, tuple) and callback else callback)


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value.values()), default=0) if isinstance(value, Mapping) else 0
