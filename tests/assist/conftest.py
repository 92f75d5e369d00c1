"""A small pipeline that configuration files in these tests are about, and a text with the cursor marked in it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from flowerpower_tui.assist.surroundings import Surroundings
from flowerpower_tui.config.environment import Environment
from flowerpower_tui.errors import Location
from flowerpower_tui.graph.model import Graph, Node


class Cursor(NamedTuple):
    """A text, and a place in it."""

    text: str
    line: int
    column: int

    @classmethod
    def in_(cls, marked: str) -> Cursor:
        """Take the place of `|` in a text, and the text without it."""
        before, _, behind = marked.partition("|")
        return cls(before + behind, before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.fixture
def cursor() -> type[Cursor]:
    return Cursor


@pytest.fixture
def graph() -> Graph:
    """orders_file → orders → report ← rate; `report` can do without `title`."""
    return Graph(
        (
            Node("orders", "pd.DataFrame", module="etl", line=3, doc="Every order."),
            Node("report", "str", module="etl", line=9, optional=("title",)),
            Node("orders_file", "str", role="input"),
            Node("rate", "float", role="input"),
            Node("title", "str", role="input"),
        ),
        (("orders_file", "orders"), ("orders", "report"), ("rate", "report"), ("title", "report")),
    )


@pytest.fixture
def around(graph: Graph) -> Surroundings:
    variables = {"HOME": "/home/ann", "DATA": "/data", "DB_PASSWORD": "hunter2"}
    environment = Environment(variables, {"DATA": Location(".env", 2, 1)})
    return Surroundings(environment, "etl", graph, ("def report(orders, threshold): ...",), ("customers", "etl"))
