"""What `--set` and its kin ask for, shaped like the pipeline's YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowerpower_tui.config.secrets import MASK, is_secret
from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.yamldoc.document import scalar


def assignments(option: str, texts: Iterable[str]) -> dict[str, Any]:
    """Read texts such as `run.retry.max_retries=0`; values are YAML.

    Raises:
        ConfigError: one has no key or no value, or its value is no YAML.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (equals and all(key.split("."))):
            shown = MASK if is_secret(text) else text
            raise ConfigError([Problem(f"{option} {shown}: this is not KEY=VALUE")])
        try:
            found[key] = scalar(value)
        except ConfigError:
            if not is_secret(key):
                raise
            raise ConfigError([Problem(f"{option} {key}: this is no YAML value", hint="Put it in quotes.")]) from None
    return found


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted paths into mappings in mappings.

    Raises:
        ConfigError: a path leads into a value that is set whole.
    """
    root: dict[str, Any] = {}
    # A mapping that is set whole comes before what is set within it.
    for path in sorted(values, key=lambda path: path.count(".")):
        *outer, last = path.split(".")
        place = root
        for key in outer:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise ConfigError([Problem(f"{path} is a part of what is set whole: {key}")])
        place[last] = values[path]
    return root
