"""The run that data is loaded and saved for: where its project is, and what stands for the templates in paths."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from flowerpower_tui.config.datasets import expanded
from flowerpower_tui.config.models import IOConfig

# What everyone whom a run starts has in the environment.
_RUN_VARIABLE = "FP_TUI_RUN"


class Occasion:
    """A run, as far as paths know of it. It is no part of what is loaded or saved: pickled, all are the same.

    Args:
        root: the project's folder, which relative paths are relative to.
        words: what stands for the templates in paths.
    """

    def __init__(self, root: Path, words: Mapping[str, str]) -> None:
        self.root = root
        self._words = words

    @classmethod
    def now(cls, root: Path, pipeline: str, project: str) -> Occasion:
        """Return the occasion of a run of a pipeline that begins now."""
        moment = datetime.now(UTC)
        safe = re.sub(r"[^\w.-]", "_", pipeline)
        # A run from Python has none, and gets one that looks the same.
        run = os.environ.get(_RUN_VARIABLE) or f"{moment:%Y%m%d-%H%M%S}-{safe}-{token_hex(2)}"
        words = {"run_id": run, "pipeline": safe, "project": re.sub(r"[^\w.-]", "_", project)}
        return cls(root, {**words, "date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H%M%S}"})

    def path(self, written: str) -> str:
        """Return a path with what stands for its templates."""
        return expanded(written, self._words)

    def settle(self, config: IOConfig) -> IOConfig:
        """Return an `io` section with what stands for its templates."""
        return IOConfig(inputs=self._settled_all(config.inputs), outputs=self._settled_all(config.outputs))

    def _settled_all(self, written: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._settled(value) for name, value in written.items()}

    def _settled(self, written: Any) -> Any:
        match written:
            case str():
                return self.path(written)
            case {"path": str(path)}:
                return {**written, "path": self.path(path)}
            case list() | tuple():
                return [self._settled(one) for one in written]
        return written

    def __reduce__(self) -> tuple[Any, ...]:
        return Occasion, (Path(), {})
