"""The way in: what Textual reads of the environment when it is imported is settled here, before it is."""

from __future__ import annotations

import os

from flowerpower_tui.settings import Settings, read_settings

# What Rich calls them.
_COLOUR_SYSTEMS = {"truecolour": "truecolor", 256: "256", 16: "standard", "none": "standard"}


def open_interface(path: str | None) -> int:
    """Open the interface on the project at `path`, or around the working directory; return the exit code."""
    read = read_settings()
    os.environ.update(textual_variables(read.settings))
    from flowerpower_tui.tui.app import run

    return run(path, read)


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
