"""Small real projects, and an observer that remembers what it hears."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from flowerpower_tui.pipeline import modules


class MakeProject(Protocol):
    """Writes a project: `modules` are files below the root, `conf` is YAML by pipeline."""

    def __call__(self, files: dict[str, str], conf: dict[str, str] | None = None, name: str = "project") -> Path: ...


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    def make(files: dict[str, str], conf: dict[str, str] | None = None, name: str = "project") -> Path:
        root = tmp_path / name
        written = {"conf/project.yml": f"name: {name}\n"}
        written |= {f"conf/pipelines/{pipeline}.yml": text for pipeline, text in (conf or {}).items()}
        for path, text in (written | files).items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        (root / "pipelines").mkdir(exist_ok=True)
        return root

    return make


@pytest.fixture(autouse=True)
def _leave_no_project_open() -> Iterator[None]:
    yield
    modules.close()


class Recorder:
    """Remembers every call: `calls` as tuples of the method's name and its arguments, `told` without the details."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        def record(*arguments: Any) -> None:
            self.calls.append((name, *arguments))

        return record

    @property
    def told(self) -> list[str]:
        return [" ".join(str(part) for part in call[:2] if isinstance(part, str | int)) for call in self.calls]

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == name]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()
