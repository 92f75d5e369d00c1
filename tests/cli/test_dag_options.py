"""`fp-tui dag`: what of a graph is shown, and how."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import product

import pytest

from flowerpower_tui.graph.decode import decode, read


@pytest.fixture
def dag(fp_tui: Callable, example: Callable) -> Callable:
    """`fp-tui dag` on the example of a shop's sales."""
    root = example("sales-etl")
    return lambda *options: fp_tui("dag", "-C", root, "sales_etl", *options)


def test_every_view_shows_the_same_graph(dag: Callable) -> None:
    graph = decode(dag("--view", "lanes").out)

    for view, direction, charset in product(("boxes", "chips"), ("down", "right"), ("unicode", "ascii")):
        other = decode(dag("--view", view, "--direction", direction, "--charset", charset).out)
        assert other.by_name.keys() == graph.by_name.keys()
        assert set(other.edges) == set(graph.edges)


def test_a_picture_is_as_wide_as_it_may_be(dag: Callable) -> None:
    assert max(map(len, dag("--view", "boxes", "--width", "90").out.splitlines())) <= 90
    assert max(map(len, dag("--width", "40").out.splitlines())) <= 40


def test_focus_shows_a_node_with_what_is_around_it(dag: Callable) -> None:
    near = read(dag("--focus", "products", "--hops", "1").out)
    far = read(dag("--focus", "products", "--hops", "9").out)

    assert near.graph.by_name.keys() == {"products_file", "products", "order_problems", "enriched_orders"}
    assert near.notes["order_problems"] == "⋯↑1 ⋯↓2"
    assert near.graph.by_name.keys() < far.graph.by_name.keys()


def test_paths_between_two_nodes(dag: Callable) -> None:
    found = decode(dag("--focus", "raw_orders", "--to", "orders_in_euros").out)

    assert found.by_name.keys() == {"raw_orders", "order_problems", "valid_orders", "orders_in_euros"}


def test_folds_are_shown_with_how_many_they_hold(dag: Callable) -> None:
    found = read(dag("--fold-by", "module").out)

    assert any(note.startswith("×") for note in found.notes.values())
    assert len(found.graph.nodes) < 10


def test_json_is_of_what_is_shown(dag: Callable) -> None:
    names = [node["name"] for node in dag("--json", "--focus", "products", "--hops", "1").json["nodes"]]

    assert sorted(names) == ["enriched_orders", "order_problems", "products", "products_file"]


def test_svg_is_of_what_is_shown(dag: Callable) -> None:
    text = dag("--format", "svg", "--focus", "products", "--hops", "1").out

    ET.fromstring(text)
    assert "order_problems" in text
    assert "⋯↓2" in text
    assert "headline" not in text


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--focus", "product"), "no node 'product'.\nDid you mean 'products'?"),
        (("--to", "products"), "--to needs one node"),
        (("--focus", "headline", "--to", "products"), "No path leads from 'headline' to 'products'."),
        (("--fold-by", "colour"), "cannot be folded by 'colour'.\nThere are "),
    ],
)
def test_mistakes_are_told(dag: Callable, options: tuple[str, ...], told: str) -> None:
    outcome = dag(*options)

    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err
