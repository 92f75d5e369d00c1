"""Graphs as pictures for others: SVG by ourselves, the rest by Graphviz."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from flowerpower_tui.errors import OutputError
from flowerpower_tui.graph.forms import FORMS
from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.graph.picture import picture
from flowerpower_tui.graph.svg import to_svg

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = Graph(
    nodes=(Node("day", "str", "input"), Node("a<b>", "int"), Node("sum", "int")),
    edges=(("day", "a<b>"), ("a<b>", "sum"), ("day", "sum")),
)


@pytest.mark.parametrize("direction", ["down", "right"])
def test_svg_has_a_box_for_each_node_and_wires_from_box_to_box(direction):
    root = ET.fromstring(to_svg(GRAPH, direction=direction))

    texts = [text.text for text in root.iter(f"{SVG}text")]
    boxes = [[float(rect.get(key)) for key in ("x", "y", "width", "height")] for rect in root.iter(f"{SVG}rect")]
    assert texts == ["day", "a<b>", "sum"]
    touched = {path.find(f"{SVG}title").text: set() for path in root.iter(f"{SVG}path")}
    for path in root.iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"[\d.]+", path.get("d"))]
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            for name, (left, top, width, height) in zip(texts, boxes, strict=True):
                if left - 0.01 <= x <= left + width + 0.01 and top - 0.01 <= y <= top + height + 0.01:
                    touched[path.find(f"{SVG}title").text].add(name)
    assert touched == {"day": {"day", "a<b>", "sum"}, "a<b>": {"a<b>", "sum"}}
    left, top, width, height = map(float, root.get("viewBox").split())
    assert all(left <= x and x + w <= left + width and top <= y and y + h <= top + height for x, y, w, h in boxes)
    assert len(list(root.iter(f"{SVG}polygon"))) == 3


def test_inputs_are_dashed():
    dashed = [rect.get("stroke-dasharray") is not None for rect in ET.fromstring(to_svg(GRAPH)).iter(f"{SVG}rect")]
    assert dashed == [True, False, False]


def test_an_svg_is_xml_whatever_names_and_types_hold() -> None:
    graph = Graph((Node("a\x1b[31m<&\x08", "A\x00\nB"), Node("b\x9b")), (("a\x1b[31m<&\x08", "b\x9b"),))

    titles = [title.text for title in ET.fromstring(to_svg(graph)).iter(f"{SVG}title")]

    assert titles == ["a<&␈", "a<&␈: A␀␊B", "b"]


@pytest.mark.parametrize("form", FORMS)
def test_what_we_make_ourselves_needs_nothing(form, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert picture(GRAPH, form).endswith(b"\n")


def test_without_graphviz_a_png_is_refused_with_a_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutputError, match="there is no 'dot' on the PATH") as refused:
        picture(GRAPH, "png")
    assert "svg" in refused.value.hint


def program(folder: Path, script: str) -> None:
    path = folder / "dot"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_graphviz_gets_the_graph_and_its_picture_is_passed_on(monkeypatch, tmp_path):
    program(tmp_path, 'echo "picture $1"; cat')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    made = picture(GRAPH, "PDF").decode()
    assert made.startswith("picture -Tpdf\ndigraph {")


def test_what_graphviz_complains_of_is_told(monkeypatch, tmp_path):
    program(tmp_path, "echo 'no renderer for png' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(OutputError, match="Graphviz cannot make it: no renderer for png"):
        picture(GRAPH, "png")


def test_an_unknown_form_is_told_the_nearest():
    with pytest.raises(OutputError) as refused:
        picture(GRAPH, "mermeid")
    assert refused.value.hint == "Did you mean 'mermaid'?"
