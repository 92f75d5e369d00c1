"""How much a run logs. The host's logging, its handlers and its root level, is never touched by importing or running.

A run's `log_level` holds for the loggers of the project's modules and of this package while it runs; in a process that
exists for the run, for all others and for loguru too.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "flowerpower_tui"
LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
"""Names that `log_level` may have, loguru's among them, and their numbers."""

_lock = threading.Lock()
_asked: dict[str, list[int]] = {}
_before: dict[str, int] = {}


def ensure_logging_initialized(level: str | None = None) -> None:
    """Make this package's messages visible in a program that has no logging of its own.

    Where the program, or an earlier call, has set up a handler that hears this package, none is added.

    Args:
        level: the least level of this package's messages; None leaves it as it is.

    Raises:
        ValueError: there is no such level.
    """
    logger = logging.getLogger(PACKAGE)
    if level is not None:
        if level.upper() not in LEVELS:
            raise ValueError(f"there is no log level '{level}': it is one of {', '.join(LEVELS)}")
        logger.setLevel(LEVELS[level.upper()])
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


@contextmanager
def logging_at(level: str | None, loggers: Collection[str], *, owns_process: bool = False) -> Iterator[None]:
    """Log from `level` on, for as long as the context lasts; None leaves everything as it is.

    Where runs overlap in one process, the most talkative one counts for what they share.

    Args:
        level: one of `LEVELS`, in any case.
        loggers: whose level it is; those below them follow.
        owns_process: whether this process exists for the run: then the root logger and loguru follow, for good.
    """
    if level is None:
        yield
        return
    number = LEVELS[level.upper()]
    if owns_process:
        logging.getLogger().setLevel(number)
        _set_loguru(level.upper())
    with _lock:
        for name in loggers:
            logger = logging.getLogger(name)
            _before.setdefault(name, logger.level)
            _asked.setdefault(name, []).append(number)
            logger.setLevel(min(_asked[name]))
    try:
        yield
    finally:
        with _lock:
            for name in loggers:
                _asked[name].remove(number)
                logging.getLogger(name).setLevel(min(_asked[name]) if _asked[name] else _before.pop(name))
                if not _asked[name]:
                    del _asked[name]


def own_loggers(root: Path, pipelines_dir: str) -> list[str]:
    """Return the loggers of a project's modules as they name them by `__name__`, and this package's."""
    folders = (root, root / pipelines_dir)
    names = {path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.py")}
    packages = {path.parent.name for folder in folders if folder.is_dir() for path in folder.glob("*/__init__.py")}
    return sorted({PACKAGE, pipelines_dir.partition("/")[0], *names, *packages} - {"", "__init__"})


def _set_loguru(level: str) -> None:
    # It reads this when it is imported, and writes from DEBUG on without it.
    os.environ["LOGURU_LEVEL"] = level
    if (loguru := sys.modules.get("loguru")) is not None:
        loguru.logger.remove()
        loguru.logger.add(sys.stderr, level=level)
