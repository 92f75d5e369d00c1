"""Whether anything is told to anybody about what runs here: no. Hamilton once asked, and this answers."""

from __future__ import annotations

import os

VARIABLE = "HAMILTON_TELEMETRY_ENABLED"


def initialize_telemetry() -> bool:
    """Switch telemetry off for this process and those it starts, unless somebody has decided; say whether it is on.

    The Hamilton that this package needs sends none. This is for processes that share the environment with an older one.
    """
    return os.environ.setdefault(VARIABLE, "false").strip().lower() in ("1", "true", "yes", "on")
