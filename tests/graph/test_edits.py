"""Edits: what changed is told, and what did not change stays where eyes left it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from statistics import median
from typing import NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from flowerpower_tui.graph.decode import decode
from flowerpower_tui.graph.diff import Diff
from flowerpower_tui.graph.draw import draw
from flowerpower_tui.graph.lanes import lanes
from flowerpower_tui.graph.layout import layout
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.shapes import Direction, Layout

PROFILE = settings.get_profile("graph")
FEW = settings.get_profile("graph-few")


class Edit(NamedTuple):
    """A graph before and after one node was added, removed or renamed."""

    old: Graph
    new: Graph
    touched: set[str]


@st.composite
def edits(draw_from: st.DrawFn, joined: bool = False) -> Edit:
    """An edit of a graph, of one that hangs together if `joined`."""
    count = draw_from(st.integers(2, 20))
    density = draw_from(st.integers(1, 2))
    kind = draw_from(st.sampled_from(["add", "remove", "rename"]))
    node = draw_from(st.integers(0, count - 1))
    chance = random.Random(draw_from(st.integers(0, 2**32)))
    names = [f"node_{index:02}" * chance.randint(1, 2) for index in range(count)]
    pairs = [(chance.randrange(count), chance.randrange(count)) for _ in range(density * count)]
    pairs += [(chance.randrange(other), other) for other in range(1, count) if joined]
    edges = tuple((names[min(pair)], names[max(pair)]) for pair in pairs if pair[0] != pair[1])
    old = Graph(tuple(map(Node, names)), edges)
    if kind == "remove":
        return Edit(old, old.subgraph(set(names) - {names[node]}), {names[node]})
    if kind == "rename":
        after = {name: name for name in names} | {names[node]: "renamed"}
        new = Graph(tuple(Node(after[name]) for name in names), tuple((after[a], after[b]) for a, b in edges))
        return Edit(old, new, {names[node], "renamed"})
    parents = {chance.randint(0, node) for _ in range(chance.randint(0, 3))}
    children = {chance.randint(node, count - 1) for _ in range(chance.randint(0, 3))} - parents
    more = [(names[parent], "added") for parent in parents] + [("added", names[child]) for child in children]
    return Edit(old, Graph((*old.nodes, Node("added")), (*edges, *more)), {"added"})


@PROFILE
@given(edit=edits(), direction=st.sampled_from(["down", "right"]))
def test_nodes_that_did_not_change_keep_their_order(edit: Edit, direction: Direction) -> None:
    before = layout(edit.old, direction=direction)

    after = layout(edit.new, direction=direction, previous=before)

    assert flipped(before, after, direction, edit.touched) == []
    found = decode(draw(after).text)
    assert found.by_name.keys() == edit.new.by_name.keys()
    assert set(found.edges) == set(edit.new.edges)


def flipped(before: Layout, after: Layout, direction: Direction, touched: set[str]) -> list[tuple[str, str]]:
    """The pairs that stand side by side before and after, but the other way round."""
    across = "x" if direction == "down" else "y"
    along = "y" if direction == "down" else "x"
    old = {box.name: box for box in before.boxes}
    new = {box.name: box for box in after.boxes}
    stayed = [name for name in new if name in old and name not in touched]
    return [
        (a, b)
        for a, b in combinations(stayed, 2)
        if getattr(old[a], along) == getattr(old[b], along)
        and getattr(new[a], along) == getattr(new[b], along)
        and (getattr(old[a], across) < getattr(old[b], across)) != (getattr(new[a], across) < getattr(new[b], across))
    ]


@FEW
@given(edit=edits(joined=True))
def test_most_nodes_move_only_a_few_cells(edit: Edit) -> None:
    before = layout(edit.old)
    after = layout(edit.new, previous=before)

    old = {box.name: box for box in before.boxes}
    stayed = [box for box in after.boxes if box.name in old and box.name not in edit.touched]
    # A new box at the left moves the whole picture: that is scrolled away.
    assume(len(stayed) > 3)
    shift = median(box.x - old[box.name].x for box in stayed)
    assert median(abs(box.x - old[box.name].x - shift) for box in stayed) <= 8


@FEW
@given(edit=edits())
def test_rows_of_lanes_keep_their_order_where_inputs_allow_it(edit: Edit) -> None:
    before = lanes(edit.old)
    after = lanes(edit.new, previous=before)

    order = [row.name for row in before.rows if row.name in edit.new.by_name]
    place = {name: index for index, name in enumerate(order)}
    possible = all(
        place[upper] < place[lower]
        for lower in place
        for upper in edit.new.ancestors([lower])
        if upper in place and upper != lower
    )
    if possible:
        assert [row.name for row in after.rows if row.name in place] == order
    assert set(decode(draw(after).text).edges) == set(edit.new.edges)


def test_nothing_moves_when_nothing_changed(shipped: Graph) -> None:
    before = layout(shipped)

    after = layout(shipped, previous=before)

    assert {box.name: (box.layer, box.y) for box in after.boxes} == {
        box.name: (box.layer, box.y) for box in before.boxes
    } or median(abs(a.x - b.x) for a, b in zip(before.boxes, after.boxes, strict=True)) <= 4
    assert lanes(shipped, previous=lanes(shipped)).rows == lanes(shipped).rows


def test_a_new_name_stands_where_the_old_one_did(hello: Graph) -> None:
    new = Graph(
        tuple(Node("spread" if node.name == "spend_std_dev" else node.name) for node in hello.nodes),
        tuple(
            ("spread" if a == "spend_std_dev" else a, "spread" if b == "spend_std_dev" else b) for a, b in hello.edges
        ),
    )
    before = layout(hello)
    renamed = hello.diff(new).renamed

    after = layout(new, previous=before.renamed(renamed))

    assert renamed == {"spend_std_dev": "spread"}
    row = {box.name: box.y for box in after.boxes}
    assert row["spread"] == row["spend_zero_mean"]
    assert [row.name for row in lanes(new, previous=lanes(hello).renamed(renamed)).rows].index("spread") == [
        row.name for row in lanes(hello).rows
    ].index("spend_std_dev")


@FEW
@given(edit=edits())
def test_a_diff_names_what_was_touched(edit: Edit) -> None:
    found = edit.old.diff(edit.new)

    named = {*found.added, *found.removed, *found.renamed, *found.renamed.values()}
    assert named <= edit.touched
    assert set(edit.new.by_name) - set(edit.old.by_name) <= named
    assert not edit.old.diff(edit.old)


@FEW
@given(edit=edits())
def test_a_diff_leads_from_the_old_edges_to_the_new(edit: Edit) -> None:
    found = edit.old.diff(edit.new)
    left = [edge for edge in edit.old.edges if edge not in found.edges_removed]
    moved = {(found.renamed.get(a, a), found.renamed.get(b, b)) for a, b in left}

    assert moved | set(found.edges_added) == set(edit.new.edges)


def test_changes_of_a_nodes_own_fields_are_told_but_not_where_it_stands() -> None:
    old = Graph((Node("a", type="int", line=3), Node("b", line=7)), (("a", "b"),))
    new = Graph((Node("a", type="float", line=4), Node("b", line=9), Node("c")), (("a", "b"), ("c", "b")))

    assert old.diff(new) == Diff(added=("c",), changed={"a": ("type",), "b": ("inputs",)}, edges_added=(("c", "b"),))


def test_a_function_that_was_renamed_in_its_place_is_found_without_neighbours() -> None:
    old = Graph((Node("a", module="m", line=3), Node("b", module="m", line=7)))
    new = Graph((Node("z", module="m", line=3), Node("b", module="m", line=7)))

    assert old.diff(new).renamed == {"a": "z"}


def test_two_that_are_alike_are_not_taken_for_renamed() -> None:
    old = Graph((Node("s"), Node("a"), Node("b")), (("s", "a"), ("s", "b")))
    new = Graph((Node("s"), Node("y"), Node("z")), (("s", "y"), ("s", "z")))

    found = old.diff(new)

    assert found.renamed == {}
    assert (found.added, found.removed) == (("y", "z"), ("a", "b"))


def test_edges_are_compared_in_one_pass() -> None:
    class Counted(tuple[tuple[str, str], ...]):
        __slots__ = ()
        looks = 0

        def __iter__(self) -> Iterator[tuple[str, str]]:
            type(self).looks += 1
            return super().__iter__()

    nodes = tuple(Node(str(number)) for number in range(60))
    edges = Counted((str(number), str(number + 1)) for number in range(59))
    new = Graph(nodes, edges)
    Counted.looks = 0

    found = Graph(nodes, (*tuple(edges), ("0", "5"))).diff(new)

    assert found == Diff(changed={"5": ("inputs",)}, edges_removed=(("0", "5"),))
    assert Counted.looks < 10
