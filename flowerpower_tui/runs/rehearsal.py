"""What a process in waiting does once for practice: whoever goes on from it finds done what is done only once."""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.places import absolute, is_edited_file, is_own_file
from flowerpower_tui.project.layout import ProjectLayout

_NAME = "rehearsal"
_MODULE = "def one() -> int:\n    return 1\n\n\ndef two(one: int) -> int:\n    return one\n"


def rehearse() -> None:
    """Build a small pipeline that is nobody's, and look at what it is made of.

    Patterns are compiled by then, and types known: of the configuration, of Hamilton. Of the pipeline nothing stays.
    """
    from flowerpower_tui.pipeline import modules
    from flowerpower_tui.pipeline.build import build
    from flowerpower_tui.pipeline.weigh import weigh

    # Whatever is amiss here is told where it matters; and no variable of the user's is meant for this.
    with suppress(Exception), tempfile.TemporaryDirectory() as folder:
        root = absolute(Path(folder))
        (root / "pipelines").mkdir()
        (root / "pipelines" / f"{_NAME}.py").write_text(_MODULE)
        (root / "conf" / "pipelines").mkdir(parents=True)
        (root / "conf" / "project.yml").write_text(f"name: {_NAME}\n")
        (root / "conf" / "pipelines" / f"{_NAME}.yml").write_text("run: {executor: {type: synchronous}}\n")
        try:
            pipeline = build(root, _NAME, environ={})
            pipeline.plan()
            weigh(root, pipeline)
        finally:
            modules.close()


def look_around(root: Path) -> None:
    """Learn of all that is imported that it is no code of the project, which every look and every run asks."""
    from flowerpower_tui.pipeline import modules

    with suppress(FlowerPowerError, OSError):
        modules.open_project(root, ProjectLayout.of(root).pipelines_dir)
        modules.close()
    here = absolute(root)
    for module in sys.modules.copy().values():
        if isinstance(file := getattr(module, "__file__", None), str) and not is_own_file(file, here):
            is_edited_file(file)
