"""Hamilton's graph as ours: roles, types as written, places, tags, optional dependencies."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowerpower_tui.errors import GraphError
from flowerpower_tui.graph.model import Graph
from flowerpower_tui.pipeline.build import build_graph


def graph_of(root: Path, name: str = "main", **settings) -> Graph:
    return build_graph(root, name, {"run": settings})[0]


def test_nodes_come_in_the_order_of_the_source_and_inputs_last(make_project):
    module = "def z(x: int) -> int: ...\n\n\ndef a(z: int, y: str) -> str: ...\n"
    graph = graph_of(make_project({"pipelines/main.py": module}))
    assert [(node.name, node.role) for node in graph.nodes] == [
        ("z", "function"),
        ("a", "function"),
        ("x", "input"),
        ("y", "input"),
    ]
    assert graph.edges == (("x", "z"), ("z", "a"), ("y", "a"))


def test_the_final_vars_are_what_a_run_would_compute(make_project):
    module = "def a() -> int: ...\n\ndef b(a: int) -> int: ...\n\ndef c(a: int) -> int: ...\n"
    root = make_project({"pipelines/main.py": module})
    assert build_graph(root, "main")[1] == ("b", "c")
    assert build_graph(root, "main", {"run": {"final_vars": ["c", "a", "c"]}})[1] == ("c", "a")


def test_a_node_knows_its_function(make_project):
    module = '''
        from hamilton.function_modifiers import tag


        @tag(owner="ann", stage=["raw", "clean"])
        @tag(team="sales")
        def a(x: int, y: int = 3) -> int:
            """First line.

            More.
            """
            return x
    '''
    root = make_project({"pipelines/main.py": module})
    node = graph_of(root).by_name["a"]
    assert (node.module, node.file) == ("pipelines.main", str(root / "pipelines/main.py"))
    assert Path(node.file).read_text().splitlines()[node.line - 1].startswith("def a(")
    assert node.tags == {"owner": "ann", "stage": ["raw", "clean"], "team": "sales"}
    assert node.doc == "First line.\n\nMore."
    assert node.optional == ("y",)


def test_the_roles_of_a_block_are_read(make_project):
    module = """
        from hamilton.htypes import Collect, Parallelizable

        def item() -> Parallelizable[int]: ...
        def square(item: int) -> int: ...
        def total(square: Collect[int]) -> int: ...
    """
    graph = graph_of(make_project({"pipelines/main.py": module}))
    assert [node.role for node in graph.nodes] == ["expand", "function", "collect"]
    assert graph.by_name["item"].type == "Parallelizable[int]"


def test_keys_of_the_configuration_that_nobody_takes_are_no_nodes(make_project):
    module = "def a(used: int) -> int: ...\n"
    graph = graph_of(make_project({"pipelines/main.py": module}), config={"used": 1, "unused": 2})
    assert [node.name for node in graph.nodes] == ["a", "used"]


@pytest.mark.parametrize(
    ("header", "kind", "written"),
    [
        ("import pandas as pd", "pd.DataFrame", "pd.DataFrame"),
        ("import pandas", "pandas.Series", "pandas.Series"),
        ("from pandas import DataFrame", "DataFrame", "DataFrame"),
        ("import numpy as np", "np.ndarray", "np.ndarray"),
        ("from pathlib import Path", "Path", "Path"),
        ("import datetime as dt", "dt.date", "dt.date"),
        ("import collections", "collections.Counter", "collections.Counter"),
        ("", "dict[str, list[int]]", "dict[str, list[int]]"),
        ("", "int | None", "int | None"),
        ("from typing import Optional", "Optional[int]", "int | None"),
        ("from typing import Dict, List", "Dict[str, List[int]]", "dict[str, list[int]]"),
        ("from typing import Any", "Any", "Any"),
        ("from typing import Literal", "Literal['a', 1]", "Literal['a', 1]"),
        ("from collections.abc import Callable", "Callable[[int, str], bool]", "Callable[[int, str], bool]"),
        ("from collections.abc import Iterator", "Iterator[int]", "Iterator[int]"),
        ("", "tuple[int, ...]", "tuple[int, ...]"),
        ("class Own: ...", "Own", "Own"),
        ("import fractions as f\nclass Own(f.Fraction): ...", "list[Own]", "list[Own]"),
    ],
)
def test_types_are_told_as_they_are_written(make_project, header, kind, written):
    root = make_project({"pipelines/main.py": f"{header}\n\ndef a(x: {kind}) -> {kind}: ...\n"})
    assert [node.type for node in graph_of(root).nodes] == [written, written]


def test_data_quality_nodes_stand_with_their_function(make_project):
    module = """
        from hamilton.function_modifiers import check_output

        @check_output(range=(0, 10))
        def a() -> int:
            return 4

        def b(a: int) -> int:
            return a
    """
    graph = graph_of(make_project({"pipelines/main.py": module}))
    assert {"a_raw", "a_range_validator", "a"} <= set(graph.by_name)
    assert {graph.by_name[name].line for name in ("a_raw", "a")} == {5}
    assert graph.leaves == ("b",)


def test_a_subdag_is_read_with_its_own_functions(make_project):
    files = {
        "pipelines/inner.py": "def cleaned(raw: int) -> int:\n    return raw\n",
        "pipelines/main.py": """
            from hamilton.function_modifiers import source, subdag
            from pipelines import inner

            def start() -> int:
                return 1

            @subdag(inner, inputs={"raw": source("start")})
            def result(cleaned: int) -> int:
                return cleaned
        """,
    }
    root = make_project(files)
    graph = graph_of(root)
    assert graph.leaves == ("result",)
    assert graph.by_name["result.cleaned"].file == str(root / "pipelines/inner.py")


def test_a_type_that_does_not_fit_its_consumer_is_no_graph(make_project):
    module = "def a() -> int: ...\n\n\ndef b(a: str) -> str: ...\n"
    root = make_project({"pipelines/main.py": module})
    with pytest.raises(GraphError) as caught:
        graph_of(root)
    assert caught.value.message == "The functions make no graph: b is expecting a:str, but found a:int"
    assert str(caught.value.location) == f"{root}/pipelines/main.py:4"


def test_a_function_that_makes_no_node_is_told_once_and_not_by_hamiltons_log(make_project, caplog):
    root = make_project({"pipelines/bare.py": "def a():\n    return 1\n"})
    with pytest.raises(GraphError, match="Missing type hint") as caught:
        build_graph(root, "bare")
    assert caught.value.location.line == 1
    assert caplog.records == []
