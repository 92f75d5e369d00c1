"""Layers and orders: what is promised about them, against what brute force finds."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from flowerpower_tui.graph.layers import Levels, assign, levels
from flowerpower_tui.graph.order import arrange, crossings
from flowerpower_tui.graph.sift import Sifter
from flowerpower_tui.graph.simplex import Arc, shorten

FEW = settings.get_profile("graph-few")


@st.composite
def joined(draw: st.DrawFn, most: int = 12) -> list[list[int]]:
    """The consumers of each node of a connected DAG, numbered in topological order."""
    count = draw(st.integers(2, most))
    found: list[set[int]] = [set() for _ in range(count)]
    for node in range(1, count):
        for parent in draw(st.sets(st.integers(0, node - 1), min_size=1, max_size=3)):
            found[parent].add(node)
    return [sorted(children) for children in found]


def cut(children: list[list[int]]) -> Levels:
    parents = [[node for node, others in enumerate(children) if child in others] for child in range(len(children))]
    return levels(children, assign(parents, children, {}, 10_000), {})


@FEW
@given(children=joined(6), data=st.data())
def test_no_values_cost_less_than_the_simplex_finds(children: list[list[int]], data: st.DataObject) -> None:
    arcs = [
        Arc(node, child, data.draw(st.integers(0, 2)), data.draw(st.integers(0, 3)))
        for node, others in enumerate(children)
        for child in others
    ]
    start = [2 * node for node in range(len(children))]

    found = shorten(arcs, start, 10_000)

    def cost(values: tuple[int, ...] | list[int]) -> int:
        return sum(arc.weight * (values[arc.head] - values[arc.tail]) for arc in arcs)

    def kept(values: tuple[int, ...] | list[int]) -> bool:
        return all(values[arc.head] - values[arc.tail] >= arc.least for arc in arcs)

    assert kept(found)
    # Values of least cost are sums of least lengths, so no more than two a node.
    few = range(5) if len(children) > 4 else range(7)
    others = (values for values in product(few, repeat=len(children)) if kept(values))
    assert cost(found) <= min(map(cost, others), default=cost(found))


@FEW
@given(children=joined(), budget=st.integers(0, 50))
def test_layers_run_downwards_however_little_may_be_spent(children: list[list[int]], budget: int) -> None:
    parents = [[node for node, others in enumerate(children) if child in others] for child in range(len(children))]

    layer = assign(parents, children, {}, budget)

    assert min(layer) == 0
    assert all(layer[node] < layer[child] for node, others in enumerate(children) for child in others)


@FEW
@given(children=joined(), data=st.data())
def test_crossings_are_counted_pair_by_pair(children: list[list[int]], data: st.DataObject) -> None:
    made, place = shuffled(children, data)

    assert crossings(made, place) == slowly_counted(made, place)


@FEW
@given(children=joined(), data=st.data())
def test_sifting_saves_as_many_crossings_as_it_says(children: list[list[int]], data: st.DataObject) -> None:
    made, place = shuffled(children, data)
    before = crossings(made, place)

    saved = Sifter(made, place, 100_000).run()

    assert saved >= 0
    assert crossings(made, place) == before - saved


@FEW
@given(children=joined(), data=st.data())
def test_sifting_moves_only_what_may_move(children: list[list[int]], data: st.DataObject) -> None:
    made, place = shuffled(children, data)
    movable = frozenset(data.draw(st.sets(st.integers(0, len(place) - 1))))
    before = [[item for item in row if item not in movable] for row in made.rows]

    Sifter(made, place, 100_000).run(movable)

    assert [[item for item in row if item not in movable] for row in made.rows] == before


@FEW
@given(children=joined())
def test_an_arranged_graph_has_the_crossings_it_tells(children: list[list[int]]) -> None:
    made = cut(children)

    left = arrange(made, "good")

    place = [0] * len(made.source)
    for row in made.rows:
        for index, item in enumerate(row):
            place[item] = index
    assert left == crossings(made, place)


def shuffled(children: list[list[int]], data: st.DataObject) -> tuple[Levels, list[int]]:
    made = cut(children)
    made.rows = [list(data.draw(st.permutations(row))) for row in made.rows]
    place = [0] * len(made.source)
    for row in made.rows:
        for index, item in enumerate(row):
            place[item] = index
    return made, place


def slowly_counted(made: Levels, place: list[int]) -> int:
    total = 0
    for row in made.rows:
        ends = [(place[item], place[other]) for item in row for other in made.below[item]]
        total += sum(a < c and b > d for a, b in ends for c, d in ends)
    return total
