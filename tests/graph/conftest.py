from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowerpower_tui.graph.model import Graph, Node

SHIPPED = json.loads((Path(__file__).parent / "graphs.json").read_text("utf-8"))


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
