"""Hamilton's adapters that need no service: the progress bar, and futures."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any


def progressbar(pipeline: str, options: Mapping[str, Any]) -> Any:
    """Return a progress bar; None off a terminal: where output is captured, the run's account tells how far it is."""
    del options
    if not sys.stderr.isatty():
        return None
    from hamilton.plugins.h_rich import RichProgressBar

    return RichProgressBar(pipeline)


def future(pipeline: str, options: Mapping[str, Any]) -> Any:
    """Return what sends nodes to threads; options: `max_workers`."""
    del pipeline
    from hamilton.plugins.h_threadpool import FutureAdapter

    return FutureAdapter(max_workers=options.get("max_workers"))
