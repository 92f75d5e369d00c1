from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

from flowerpower_tui.graph.model import Graph, Node

SHIPPED = json.loads((Path(__file__).parent / "graphs.json").read_text("utf-8"))

# A machine that proves takes its time; someone at work wants to know soon.
settings.register_profile("ci", deadline=None, max_examples=1000)
settings.register_profile("here", deadline=None, max_examples=150)
settings.register_profile("graph", settings.get_profile("ci" if os.environ.get("CI") == "true" else "here"))
# For what takes long, or hangs on little.
settings.register_profile("graph-few", deadline=None, max_examples=settings.get_profile("graph").max_examples // 4)


@pytest.fixture(params=SHIPPED)
def shipped(request: pytest.FixtureRequest) -> Graph:
    """A graph as people have them, or one of the random ones that hurt."""
    return _graph(request.param)


@pytest.fixture
def hello() -> Graph:
    """Hamilton's hello world."""
    return _graph("c_hello")


def _graph(name: str) -> Graph:
    found = SHIPPED[name]
    return Graph(tuple(map(Node, found["nodes"])), tuple((source, target) for source, target in found["edges"]))
