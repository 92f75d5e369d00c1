"""What the tree's lines say in the columns that they have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from typing_extensions import override

from flowerpower_tui.project.tree import read_project
from flowerpower_tui.runs.store import RunInfo
from flowerpower_tui.tui.widgets.project_tree import ProjectTree


class Host(App[None]):
    @override
    def compose(self) -> ComposeResult:
        yield ProjectTree()


@pytest.mark.parametrize(
    ("columns", "said"),
    [(30, "└ ✓ hello_world  375 ms"), (24, "└ ✓ hello_world  375 ms"), (23, "└ ✓ hello_world")],
)
async def test_a_duration_is_said_in_full_or_not_at_all(example: Callable[..., Path], columns: int, said: str) -> None:
    root = example("hello-world")
    started = datetime(2026, 5, 1, tzinfo=UTC)
    run = RunInfo(
        id="one", project=str(root), pipeline="hello_world", state="succeeded", started=started, duration=0.375, path=""
    )
    app = Host()
    async with app.run_test(size=(columns, 24)) as pilot:
        tree = app.query_one(ProjectTree)
        tree.show(read_project(root))
        tree.show_runs([run])
        await pilot.pause()
        lines = ["".join(segment.text for segment in tree.render_line(y)).strip() for y in range(3)]
        assert said in lines
