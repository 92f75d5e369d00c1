"""Where one is in another graph than before."""

from __future__ import annotations

from itertools import pairwise

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.tui.widgets.dag_sheet import heir_of


def chain(*names: str) -> Graph:
    return Graph(tuple(map(Node, names)), tuple(pairwise(names)))


def test_a_node_that_is_still_there_keeps_its_place() -> None:
    assert heir_of("clean", chain("load", "clean", "total"), chain("load", "clean")) == "clean"


def test_a_node_that_was_renamed_is_followed() -> None:
    assert heir_of("clean", chain("load", "clean", "total"), chain("load", "cleaned", "total")) == "cleaned"


def test_beside_a_node_that_is_gone_what_it_took_comes_first() -> None:
    before = chain("load", "clean", "total")

    assert heir_of("clean", before, chain("load", "total")) == "load"
    assert heir_of("clean", before, chain("total")) == "total"


def test_a_node_of_which_nothing_is_left_has_no_other_name() -> None:
    assert heir_of("clean", chain("load", "clean"), chain("weather")) == "clean"
