"""Setting values in a YAML file: its comments, its order and what is not touched stay."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from flowerpower_tui.errors import ConfigError, Location, Problem

# Nothing is folded.
_WIDTH = 1_000_000


def rewrite(text: str, values: Mapping[tuple[str, ...], Any], file: str = "") -> str:
    """Return the YAML `text` with each of `values` at its path; mappings on the way are made where they are missing.

    Raises:
        ConfigError: the text is not YAML, or a path leads into a value that is no mapping.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2) if "\n  - " in text or "\n    - " in text else yaml.indent(2)
    try:
        document = yaml.load(text)
    except YAMLError as error:
        raise ConfigError([Problem(f"is no YAML: {error}", Location(file))]) from error
    root = yaml.map() if document is None else document
    for path, value in values.items():
        *outer, last = path
        place = root
        for key in outer:
            if place.get(key) is None:
                place[key] = yaml.map()
            place = place[key]
            if not isinstance(place, dict):
                raise ConfigError([Problem(f"{key} is no mapping that {last} could stand in", Location(file))])
        place[last] = value
    written = StringIO()
    yaml.dump(root, written)
    return written.getvalue()
