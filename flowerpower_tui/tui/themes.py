"""Themes: those that the package ships, and the user's own in `themes/` of the configuration folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import yaml
from textual.color import Color, ColorParseError
from textual.theme import Theme

from flowerpower_tui.errors import Problem, did_you_mean

DEFAULT_THEME = "petal"

_COLOURS = ("primary", "secondary", "accent", "success", "warning", "error", "foreground", "background", "surface")


class ThemeFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What a theme's file holds: the colours of roles. Only `name` and `primary` must be there."""

    name: str
    primary: str
    secondary: str | None = None
    accent: str | None = None
    success: str | None = None
    warning: str | None = None
    error: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    dark: bool = True
    ansi: bool = False
    text_alpha: float = 0.95
    variables: dict[str, str] = {}


def shipped_themes() -> list[Theme]:
    """Return the themes in `flowerpower_tui/themes`, by name."""
    folder = resources.files("flowerpower_tui") / "themes"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return [Theme(**yaml.safe_load(file.read_text("utf-8"))) for file in files]


def user_themes(folder: Path) -> tuple[list[Theme], list[Problem]]:
    """Return the themes in a folder, which need not be there, and what is wrong with those that cannot be used."""
    themes: list[Theme] = []
    problems: list[Problem] = []
    for path in sorted((*folder.glob("*.yml"), *folder.glob("*.yaml"))):
        try:
            themes.append(_read(path))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
            problems.append(Problem(f"The theme {path.name} cannot be used: {_first_line(error)}"))
    return themes, problems


def _read(path: Path) -> Theme:
    values = yaml.safe_load(path.read_text("utf-8"))
    if isinstance(values, dict):
        values.setdefault("name", path.stem)
        unknown = [str(key) for key in values if key not in ThemeFile.__struct_fields__]
        if unknown:
            near = did_you_mean(unknown[0], ThemeFile.__struct_fields__)
            raise ValueError(f"there is no '{unknown[0]}'. {near or ''}".strip())
    read = msgspec.convert(values, ThemeFile)
    if not read.ansi:
        for role, colour in _colours(read):
            try:
                Color.parse(colour)
            except ColorParseError:
                raise ValueError(f"{role}: '{colour}' is no colour") from None
    return Theme(**msgspec.structs.asdict(read))


def _colours(theme: ThemeFile) -> Iterator[tuple[str, str]]:
    values: dict[str, Any] = msgspec.structs.asdict(theme)
    roles: Iterable[str] = (*_COLOURS, "panel")
    for role in roles:
        if values[role] is not None:
            yield role, values[role]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
