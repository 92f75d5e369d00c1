from __future__ import annotations

import pytest

from flowerpower_tui.graph.export import from_json, to_json
from flowerpower_tui.graph.model import Graph, Node


def graph(*edges: str, alone: str = "") -> Graph:
    pairs = tuple((edge[0], edge[1]) for edge in edges)
    names = dict.fromkeys([*(name for pair in pairs for name in pair), *alone])
    return Graph(tuple(map(Node, names)), pairs)


def test_every_edge_runs_forwards_in_topological_order(shipped: Graph) -> None:
    place = {name: index for index, name in enumerate(shipped.topological)}

    assert place.keys() == shipped.by_name.keys()
    assert all(place[source] < place[target] for source, target in shipped.edges)


def test_topological_order_is_the_graphs_own_where_there_is_a_choice() -> None:
    assert Graph(tuple(map(Node, "cab")), (("a", "b"),)).topological == ("c", "a", "b")


def test_an_edge_that_stands_twice_is_no_cycle() -> None:
    assert graph("ab", "ab").topological == ("a", "b")


def test_a_cycle_is_named() -> None:
    with pytest.raises(ValueError, match="b → c → d → b"):
        _ = graph("ab", "bc", "cd", "db", "de").topological


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Graph((Node("a"), Node("a")))


def test_an_edge_to_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="not there: z"):
        Graph((Node("a"),), (("a", "z"),))


def test_ancestors_are_what_a_node_needs() -> None:
    assert graph("ab", "bd", "cd", "de", alone="x").ancestors(["d"]) == {"a", "b", "c", "d"}


def test_descendants_are_who_needs_a_node() -> None:
    assert graph("ab", "bd", "cd", "de", alone="x").descendants(["b"]) == {"b", "d", "e"}


def test_leaves_are_the_values_nobody_takes() -> None:
    assert graph("ab", "bd", "cd", alone="x").leaves == ("d", "x")


def test_a_subgraph_keeps_the_edges_between_its_nodes() -> None:
    part = graph("ab", "bd", "cd", "de").subgraph(["d", "b", "e"])

    assert part == graph("bd", "de")


def test_json_gives_the_graph_back() -> None:
    node = Node("a", type="pd.DataFrame", module="m", file="m.py", line=3, tags={"owner": "x", "of": ["y"]}, doc="é ✓")
    full = Graph((node, Node("b", role="input", optional=("a",))), (("a", "b"),))

    assert from_json(to_json(full)) == full
