"""A small project to try things on: made in the state directory when the tour needs one."""

from __future__ import annotations

from pathlib import Path

from flowerpower_tui.location import private_directory, state_directory
from flowerpower_tui.project.layout import ProjectLayout
from flowerpower_tui.project.scaffold import init_project, new_pipeline

PIPELINE = "first_steps"


def practice_project(state: Path | None = None) -> Path:
    """Return the project for practice, made if it is not there.

    Raises:
        FlowerPowerError: it cannot be made.
    """
    root = private_directory((state or state_directory()) / "practice")
    if not ProjectLayout.of(root).exists:
        init_project(root, "practice")
        new_pipeline(root, PIPELINE)
    return root
