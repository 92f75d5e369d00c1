"""A project on disk whose configuration a test writes."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes the pipeline's YAML (and the project's), and returns the project's folder."""

    def write(pipeline: str, *, project: str = "", name: str = "etl") -> Path:
        for folder in ("conf/pipelines", "pipelines"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / f"conf/pipelines/{name}.yml").write_text(dedent(pipeline), encoding="utf-8")
        (tmp_path / "conf/project.yml").write_text(dedent(project), encoding="utf-8")
        return tmp_path

    return write
