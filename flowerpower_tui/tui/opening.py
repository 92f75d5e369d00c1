"""The way in: what Textual reads of the environment when it is imported is settled here, before it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flowerpower_tui.errors import ProjectError
from flowerpower_tui.location import at_home
from flowerpower_tui.project.address import is_url, parse
from flowerpower_tui.settings import Settings, read_settings

_NOTHING: Mapping[str, Any] = MappingProxyType({})
# What Rich calls them.
_COLOUR_SYSTEMS = {"truecolour": "truecolor", 256: "256", 16: "standard", "none": "standard"}


def open_interface(place: str | None, options: Mapping[str, Any] = _NOTHING, *, trusted: bool = False) -> int:
    """Open the interface on the project at a path or URL, or around the working directory; return the exit code.

    Args:
        place: of the project.
        options: how the storage of a URL is reached, for fsspec.
        trusted: whether code from there may run here without asking.

    Raises:
        ProjectError: projects are not opened by this URL, there is no such folder, or no terminal to show it in.
    """
    read = read_settings()
    os.environ.update(textual_variables(read.settings))
    from flowerpower_tui.tui.app import run

    if not is_url(place):
        return run(at_home((place or ".").removeprefix("file://")).resolve(), read)
    from flowerpower_tui.tui.screens.fetching import Remote

    return run(Remote(str(parse(place or "")), options, trusted), read)


def require_terminal() -> None:
    """See to it that there is a terminal in which the interface can be shown.

    Raises:
        ProjectError: there is none.
    """
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise ProjectError(
            "The interface needs a terminal that can move its cursor, and TERM says that this one cannot.",
            hint="If it can, set TERM, as in: TERM=xterm-256color fp-tui. The commands work in any: fp-tui --help.",
        )
    # Served to a browser, it has a driver that is named there, and no terminal.
    is_served = "TEXTUAL_DRIVER" in os.environ
    if not is_served and not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise ProjectError("The interface needs a terminal.", hint="In a script, use the commands: fp-tui --help.")


def textual_variables(settings: Settings) -> dict[str, str]:
    """Return the variables by which Textual is told what the settings want."""
    wanted = {"TEXTUAL_FPS": str(settings.frame_rate)}
    if settings.colours != "auto":
        wanted["TEXTUAL_COLOR_SYSTEM"] = _COLOUR_SYSTEMS[settings.colours]
    if settings.colours == "none":
        wanted["NO_COLOR"] = "1"
    if settings.reduced_motion:
        wanted["TEXTUAL_ANIMATIONS"] = "none"
    return wanted
