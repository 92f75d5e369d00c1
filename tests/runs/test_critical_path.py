"""The critical path: no other chain of nodes that ran took longer."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.runs.critical import critical_path


@st.composite
def runs(draw: st.DrawFn) -> tuple[Graph, dict[str, float]]:
    """A graph, and durations of some of its nodes."""
    count = draw(st.integers(1, 8))
    names = [f"n{index}" for index in range(count)]
    pairs = st.sampled_from([(a, b) for a in range(count) for b in range(a + 1, count)] or [(0, 0)])
    edges = draw(st.lists(pairs, unique=True)) if count > 1 else []
    graph = Graph(tuple(map(Node, names)), tuple((names[a], names[b]) for a, b in edges))
    # Whole numbers, so that sums are exact in every order.
    return graph, draw(st.dictionaries(st.sampled_from(names), st.integers(0, 9).map(float)))


def paths(graph: Graph, ran: set[str]) -> list[tuple[str, ...]]:
    """Every path through nodes that ran."""
    found: list[tuple[str, ...]] = [(name,) for name in graph.by_name if name in ran]
    for path in found:
        found += [(*path, child) for child in graph.children[path[-1]] if child in ran]
    return found


@settings(deadline=None)
@given(run=runs())
def test_no_path_takes_longer(run: tuple[Graph, dict[str, float]]) -> None:
    graph, durations = run

    found = critical_path(graph, durations)

    assert set(pairwise(found)) <= set(graph.edges)
    assert set(found) <= set(durations)
    everything = paths(graph, set(durations))
    assert bool(found) == bool(everything)
    assert sum(durations[name] for name in found) == max(
        (sum(durations[name] for name in path) for path in everything), default=0.0
    )


def test_a_node_that_did_not_run_joins_nothing() -> None:
    graph = Graph((Node("a"), Node("b"), Node("c")), (("a", "b"), ("b", "c")))

    assert critical_path(graph, {"a": 2.0, "c": 3.0}) == ("c",)


def test_it_is_the_same_for_paths_that_took_equally_long() -> None:
    graph = Graph(tuple(map(Node, "abcd")), (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")))

    assert critical_path(graph, dict.fromkeys("abcd", 1.0)) == ("a", "b", "d")


def test_names_from_another_graph_are_passed_over() -> None:
    assert critical_path(Graph((Node("a"),)), {"a": 1.0, "gone": 9.0}) == ("a",)
    assert critical_path(Graph(), {"gone": 9.0}) == ()
