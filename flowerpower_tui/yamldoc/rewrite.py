"""Setting several values in a YAML file at once: what is not touched stays, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowerpower_tui.yamldoc.document import Document


def rewrite(text: str, values: Mapping[tuple[str, ...], Any], file: str = "") -> str:
    """Return the YAML `text` with each of `values` at its path; mappings on the way are made where they are missing.

    Raises:
        ConfigError: the text is not YAML.
        EditError: a path leads into a value that is no mapping, or a value is none of YAML's.
    """
    document = Document.parse(text, file)
    for path, value in values.items():
        document = document.set(path, value)
    return document.text
