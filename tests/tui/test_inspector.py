"""What is told of a node."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static
from typing_extensions import override

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.pipeline.failure import Failure, Frame
from flowerpower_tui.runs.staleness import NEVER_RUN
from flowerpower_tui.runs.view import NodeRun
from flowerpower_tui.tui.widgets.inspector import Inspector

BEGAN = datetime(2026, 5, 1, tzinfo=UTC)


class Host(App[None]):
    @override
    def compose(self) -> ComposeResult:
        yield Inspector()


async def test_what_a_node_failed_by_stands_first_with_its_line() -> None:
    node = Node("total", "int", module="pipelines.job", file="/p/job.py", line=3)
    failure = Failure("KeyError", "'region'\nmore", (Frame("/p/job.py", 7, "total"),))
    app = Host()
    async with app.run_test(size=(100, 30)):
        app.query_one(Inspector).show(Graph((node,), ()), node, NodeRun("failed", BEGAN, 1.0, failure=failure))
        told = str(app.query_one("#node-text", Static).render()).splitlines()
        assert told[1].split() == ["failed", "KeyError:", "'region'", "more", "job.py:7"]


@pytest.mark.parametrize(
    ("run", "why", "is_said"),
    [
        (NodeRun("waiting"), NEVER_RUN, True),
        (NodeRun("running", BEGAN), NEVER_RUN, False),
        (NodeRun("failed", BEGAN, 1.0), NEVER_RUN, False),
        (NodeRun("failed", BEGAN, 1.0), "its code changed", True),
    ],
)
async def test_of_a_node_that_began_it_is_not_said_that_it_has_never_run(run: NodeRun, why: str, is_said: bool) -> None:
    node = Node("total", "int")
    app = Host()
    async with app.run_test():
        app.query_one(Inspector).show(Graph((node,), ()), node, run, why=why)
        assert (why in str(app.query_one("#node-text", Static).render())) == is_said
