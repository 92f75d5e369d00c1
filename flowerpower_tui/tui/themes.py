"""Themes: those that the package ships, and the user's own in `themes/` of the configuration folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from flowerpower_tui.errors import Problem, RunStoreError, did_you_mean
from flowerpower_tui.location import state_directory

DEFAULT_THEME = "petal"

SHIPPED = Path(__file__).parents[1] / "themes"
"""The folder of the package's own themes."""

_KEPT = "themes.json"

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


class _Kept(msgspec.Struct):
    """What YAML made of some files, which were as `stamps` say."""

    stamps: list[tuple[str, int, int]]
    themes: list[ThemeFile]


def shipped_themes(folder: Path = SHIPPED, state: Path | None = None) -> list[Theme]:
    """Return the themes in `flowerpower_tui/themes`, by name.

    The first paint needs them, and YAML would be a tenth of it: what was read is kept in `<state>/themes.json`.
    """
    files = sorted(folder.glob("*.yaml"))
    stamps = [(str(path), status.st_mtime_ns, status.st_size) for path in files for status in [path.stat()]]
    kept = _kept(state)
    if kept is None or kept.stamps != stamps:
        kept = _Kept(stamps, [_read(path) for path in files])
        _keep(kept, state)
    return [Theme(**msgspec.structs.asdict(theme)) for theme in kept.themes]


def user_themes(folder: Path) -> tuple[list[Theme], list[Problem]]:
    """Return the themes in a folder, which need not be there, and what is wrong with those that cannot be used."""
    themes: list[Theme] = []
    problems: list[Problem] = []
    for path in sorted((*folder.glob("*.yml"), *folder.glob("*.yaml"))):
        try:
            themes.append(Theme(**msgspec.structs.asdict(_read(path))))
        except (OSError, ValueError) as error:
            problems.append(Problem(f"The theme {path.name} cannot be used: {_first_line(error)}"))
    return themes, problems


def _kept(state: Path | None) -> _Kept | None:
    with suppress(OSError, RunStoreError, msgspec.MsgspecError):
        return msgspec.json.decode(((state or state_directory()) / _KEPT).read_bytes(), type=_Kept)
    return None


def _keep(kept: _Kept, state: Path | None) -> None:
    """Where that cannot be written, it is read anew each time."""
    with suppress(OSError, RunStoreError):
        path = (state or state_directory()) / _KEPT
        new = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            new.write_bytes(msgspec.json.encode(kept))
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def _read(path: Path) -> ThemeFile:
    """Read a theme's file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no theme.
    """
    # Late: hardly any start reads YAML.
    import yaml

    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(_first_line(error)) from None
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
    return read


def _colours(theme: ThemeFile) -> Iterator[tuple[str, str]]:
    values: dict[str, Any] = msgspec.structs.asdict(theme)
    roles: Iterable[str] = (*_COLOURS, "panel")
    for role in roles:
        if values[role] is not None:
            yield role, values[role]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
