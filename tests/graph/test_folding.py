"""Folding and focus: smaller graphs that are true, and say what they leave out."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.graph.decode import read
from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.focus import between, focus
from flowerpower_tui.graph.fold import STANDARD, fold
from flowerpower_tui.graph.groups import SOURCE_TAG
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node

FEW = settings.get_profile("graph-few")
KINDS = ("quality", "twins", "chains", "subdag", "module", "tag:team")


@st.composite
def graphs(draw_from: st.DrawFn) -> Graph:
    """A DAG whose nodes have modules, tags, namespaces and checks."""
    count = draw_from(st.integers(1, 20))
    nodes = []
    for index in range(count):
        space = draw_from(st.sampled_from(["", "", "sub.", "other."]))
        tags = {"team": draw_from(st.sampled_from(["ads", "ops"]))} if draw_from(st.booleans()) else {}
        nodes.append(Node(f"{space}n{index:02}", module=draw_from(st.sampled_from(["", "m", "k"])), tags=tags))
    index = st.integers(0, count - 1)
    pairs = draw_from(st.lists(st.tuples(index, index), max_size=2 * count))
    edges = tuple((nodes[min(pair)].name, nodes[max(pair)].name) for pair in pairs if pair[0] != pair[1])
    return Graph(tuple(nodes), edges)


@FEW
@given(graph=graphs(), by=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True))
def test_a_folded_graph_is_the_graph_seen_from_farther_away(graph: Graph, by: list[str]) -> None:
    folded = fold(graph, by)

    assert len(folded.graph.topological) == len(folded.graph.nodes)
    assert folded.shown_as.keys() == graph.by_name.keys()
    assert set(folded.shown_as.values()) == folded.graph.by_name.keys()
    seen = {(folded.shown_as[a], folded.shown_as[b]) for a, b in graph.edges}
    assert set(folded.graph.edges) == {edge for edge in seen if edge[0] != edge[1]}


@FEW
@given(graph=graphs(), view=st.sampled_from(["boxes", "chips", "lanes"]))
def test_folded_and_focused_drawings_read_back(graph: Graph, view: Literal["boxes", "chips", "lanes"]) -> None:
    folded = fold(graph, ["module"])
    shown = focus(folded.graph, [folded.graph.nodes[0].name], 2)
    notes = {name: f"{folded.notes.get(name, '')} {shown.notes.get(name, '')}".strip() for name in shown.graph.by_name}

    if view == "lanes":
        text = draw(lanes(shown.graph, notes=notes)).text
    else:
        text = draw(layout(shown.graph, chips=view == "chips", notes=notes)).text

    found = read(text)
    assert found.graph.by_name.keys() == shown.graph.by_name.keys()
    assert set(found.graph.edges) == set(shown.graph.edges)
    assert found.notes == {name: note for name, note in notes.items() if note}


@FEW
@given(graph=graphs())
def test_a_fold_that_is_opened_shows_its_nodes(graph: Graph) -> None:
    folded = fold(graph, ["tag:team"])
    for name, members in folded.members.items():
        opened = fold(graph, ["tag:team"], unfolded=[name])
        assert name not in opened.members
        assert len(folded.members) > 1 or opened.graph.by_name.keys() >= set(members)


def test_checks_are_folded_into_what_they_check() -> None:
    tags = {SOURCE_TAG: "age"}
    graph = Graph(
        (
            Node("csv"),
            Node("age_raw"),
            Node("age_range", tags=tags),
            Node("age_nans", tags=tags),
            Node("age"),
            Node("x"),
        ),
        (
            ("csv", "age_raw"),
            ("age_raw", "age_range"),
            ("age_raw", "age_nans"),
            ("age_raw", "age"),
            ("age_range", "age"),
            ("age_nans", "age"),
            ("age", "x"),
        ),
    )

    folded = fold(graph, "quality")

    assert folded.members == {"age": ("age_raw", "age_range", "age_nans", "age")}
    assert set(folded.graph.edges) == {("csv", "age"), ("age", "x")}
    assert folded.notes == {"age": "×4"}


def test_twins_are_named_by_what_they_begin_with() -> None:
    names = [f"feature_{index}" for index in range(50)]
    edges = [("src", name) for name in names] + [(name, "sum") for name in names]
    graph = Graph(tuple(map(Node, ["src", *names, "sum"])), tuple(edges))

    folded = fold(graph, STANDARD)

    assert folded.graph.edges == (("src", "feature_*"), ("feature_*", "sum"))
    states = dict.fromkeys(names, "succeeded") | {"feature_7": "failed"}
    assert folded.tally("feature_*", states) == {"succeeded": 49, "failed": 1}


def test_a_chain_is_folded_up_to_where_it_forks() -> None:
    edges = (("a", "b"), ("b", "c"), ("c", "d"), ("d", "x"), ("d", "y"))

    folded = fold(Graph(tuple(map(Node, "abcdxy")), edges), "chains")

    assert folded.members == {"a..d": ("a", "b", "c", "d")}


def test_modules_that_use_each_other_are_folded_in_parts() -> None:
    nodes = (Node("a", module="m"), Node("b", module="k"), Node("c", module="m"), Node("d", module="m"))

    folded = fold(Graph(nodes, (("a", "b"), ("b", "c"), ("c", "d"))), "module")

    assert folded.members == {"m~2": ("c", "d")}
    assert set(folded.graph.edges) == {("a", "b"), ("b", "m~2")}


def test_a_subdag_is_folded_with_the_value_it_makes() -> None:
    nodes = tuple(map(Node, ("path", "raw.load", "raw.clean", "raw", "mean")))
    edges = (("path", "raw.load"), ("raw.load", "raw.clean"), ("raw.clean", "raw"), ("raw", "mean"))

    assert fold(Graph(nodes, edges), "subdag").graph.edges == (("path", "raw"), ("raw", "mean"))


def test_what_cannot_be_folded_by_is_told() -> None:
    with pytest.raises(ValueError, match=r"'colour'.*twins.*tag:NAME"):
        fold(Graph(), "colour")


def chain(count: int) -> Graph:
    names = [f"n{index}" for index in range(count)]
    return Graph(tuple(map(Node, names)), tuple(pairwise(names)))


def test_focus_shows_what_is_a_few_edges_away_and_counts_the_rest() -> None:
    found = focus(chain(9), ["n4"], 2)

    assert list(found.graph.by_name) == ["n2", "n3", "n4", "n5", "n6"]
    assert found.cut == {"n2": (1, 0), "n6": (0, 1)}
    assert found.notes == {"n2": "⋯↑1", "n6": "⋯↓1"}


def test_focus_looks_only_where_it_is_asked_to() -> None:
    assert list(focus(chain(5), ["n2"], down=False).graph.by_name) == ["n0", "n1", "n2"]
    assert list(focus(chain(5), ["n2"], up=False).graph.by_name) == ["n2", "n3", "n4"]


@FEW
@given(graph=graphs(), hops=st.integers(0, 3))
def test_no_edge_is_lost_by_focus(graph: Graph, hops: int) -> None:
    found = focus(graph, [graph.nodes[-1].name], hops)

    for name in found.graph.by_name:
        up, down = found.cut.get(name, (0, 0))
        assert len(set(found.graph.parents[name])) + up == len(set(graph.parents[name]))
        assert len(set(found.graph.children[name])) + down == len(set(graph.children[name]))


def test_all_paths_between_two_nodes_are_found() -> None:
    edges = (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("x", "c"), ("d", "y"))
    graph = Graph(tuple(map(Node, "abcdxy")), edges)

    assert list(between(graph, "a", "d").graph.by_name) == ["a", "b", "c", "d"]
    assert between(graph, "d", "a").graph == Graph()


def test_focus_on_a_node_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        focus(chain(3), ["zz"])
