"""The themes that the package ships, read from their YAML files."""

from __future__ import annotations

from importlib import resources

import yaml
from textual.theme import Theme

DEFAULT_THEME = "petal"


def shipped_themes() -> list[Theme]:
    """Return the themes in `flowerpower_tui/themes`, by name."""
    folder = resources.files("flowerpower_tui") / "themes"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return [Theme(**yaml.safe_load(file.read_text("utf-8"))) for file in files]
