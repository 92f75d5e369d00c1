"""FlowerPower's settings as its users import them; each is read from the environment when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowerpower_tui.config.models import ExecutorConfig

_YES = ("1", "true", "yes", "on")


def _is_yes(text: str) -> bool:
    return text.lower() in _YES


_SETTINGS: dict[str, tuple[str, Callable[[str], Any], Callable[[], Any]]] = {
    "CACHE_DIR": ("FP_CACHE_DIR", str, lambda: str(Path.home() / ".flowerpower" / "cache")),
    "CONFIG_DIR": ("FP_CONFIG_DIR", str, lambda: "conf"),
    "PIPELINES_DIR": ("FP_PIPELINES_DIR", str, lambda: "pipelines"),
    "HOOKS_DIR": ("FP_HOOKS_DIR", str, lambda: "hooks"),
    "LOG_LEVEL": ("FP_LOG_LEVEL", str, lambda: "CRITICAL"),
    "EXECUTOR": ("FP_EXECUTOR", str, lambda: "threadpool"),
    "EXECUTOR_MAX_WORKERS": ("FP_EXECUTOR_MAX_WORKERS", int, lambda: ExecutorConfig().max_workers),
    "EXECUTOR_NUM_CPUS": ("FP_EXECUTOR_NUM_CPUS", int, lambda: ExecutorConfig().num_cpus),
    "MAX_RETRIES": ("FP_MAX_RETRIES", int, lambda: 1),
    "RETRY_DELAY": ("FP_RETRY_DELAY", float, lambda: 1.0),
    "JITTER_FACTOR": ("FP_JITTER_FACTOR", float, lambda: 0.1),
    "HAMILTON_API_URL": ("HAMILTON_API_URL", str, lambda: "http://localhost:8241"),
    "HAMILTON_UI_URL": ("HAMILTON_UI_URL", str, lambda: "http://localhost:8242"),
    "HAMILTON_MAX_LIST_LENGTH_CAPTURE": ("HAMILTON_MAX_LIST_LENGTH_CAPTURE", int, lambda: 50),
    "HAMILTON_MAX_DICT_LENGTH_CAPTURE": ("HAMILTON_MAX_DICT_LENGTH_CAPTURE", int, lambda: 10),
    "HAMILTON_CAPTURE_DATA_STATISTICS": ("HAMILTON_CAPTURE_DATA_STATISTICS", _is_yes, lambda: True),
    "HAMILTON_TELEMETRY_ENABLED": ("HAMILTON_TELEMETRY_ENABLED", _is_yes, lambda: False),
    "HAMILTON_AUTOLOAD_EXTENSIONS": ("HAMILTON_AUTOLOAD_EXTENSIONS", int, lambda: 0),
}


def __getattr__(name: str) -> Any:
    if name not in _SETTINGS:
        raise AttributeError(f"there is no setting '{name}'")
    variable, read, default = _SETTINGS[name]
    text = os.environ.get(variable)
    if not text:
        return default()
    try:
        return read(text)
    except ValueError:
        return default()
