from __future__ import annotations

import json

import pytest

from flowerpower_tui.graph.export import from_json, to_dot, to_json, to_mermaid
from flowerpower_tui.graph.model import Graph, Node

ODD = Graph(
    (Node('say "hi"\\', role="input"), Node("a.b"), Node("<b>`#[x]"), Node("end", role="expand")),
    (('say "hi"\\', "a.b"), ('say "hi"\\', "a.b"), ("a.b", "<b>`#[x]")),
)


def test_json_tells_every_field_of_every_node() -> None:
    told = json.loads(to_json(Graph((Node("a", type="int", line=3), Node("b")), (("a", "b"),))))

    assert told["edges"] == [["a", "b"]]
    assert [node["name"] for node in told["nodes"]] == ["a", "b"]
    assert all({"name", "type", "role", "module", "line", "tags"} <= node.keys() for node in told["nodes"])


@pytest.mark.parametrize("text", ["", "[]", '{"nodes": [{"name": "a"}], "edges": [["a", "b"]]}'])
def test_json_that_is_no_graph_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_mermaid_holds_every_node_and_each_edge_once() -> None:
    assert to_mermaid(ODD).splitlines() == [
        "flowchart TD",
        '    n0(["say#32;#34;hi#34;#92;"])',
        '    n1["a.b"]',
        '    n2["#60;b#62;#96;#35;#91;x#93;"]',
        '    n3[/"end"\\]',
        "    n0 --> n1",
        "    n1 --> n2",
    ]


def test_dot_quotes_every_name() -> None:
    assert to_dot(ODD).splitlines()[3:] == [
        '    "say \\"hi\\"\\\\" [style=dashed];',
        '    "a.b";',
        '    "<b>`#[x]";',
        '    "end" [style=rounded];',
        '    "say \\"hi\\"\\\\" -> "a.b";',
        '    "a.b" -> "<b>`#[x]";',
        "}",
    ]
