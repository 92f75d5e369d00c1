from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowerpower_tui.runs.inspect import Inspection, cached_graph, inspect

MODULE = """
from loguru import logger
print("printed at import")
logger.warning("logged at import")

def orders(path: str) -> int:
    return 1

def total(orders: int) -> int:
    return orders
"""


@pytest.fixture
def root(tmp_path: Path, state: Path) -> Path:
    """A project with one pipeline."""
    root = tmp_path / "project"
    (root / "conf" / "pipelines").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "conf" / "project.yml").write_text("name: shop\n")
    (root / "conf" / "pipelines" / "etl.yml").write_text("run:\n  final_vars: [total]\n  inputs: {path: x}\n")
    (root / "pipelines" / "etl.py").write_text(MODULE)
    return root


def look(root: Path, module: str, **options: float) -> Inspection:
    (root / "pipelines" / "etl.py").write_text(module)
    return inspect(root, "etl", **options)  # type: ignore[arg-type]


def test_a_graph_comes_back_whatever_the_module_prints(root: Path) -> None:
    inspection = inspect(root, "etl")

    assert inspection.problems == ()
    assert inspection.graph is not None
    assert set(inspection.graph.edges) == {("path", "orders"), ("orders", "total")}
    assert inspection.final_vars == ("total",)


def test_overrides_reach_the_graph_and_are_not_remembered(root: Path) -> None:
    inspection = inspect(root, "etl", {"run": {"final_vars": ["orders"]}})

    assert inspection.final_vars == ("orders",)
    assert cached_graph(root, "etl") is None


def test_a_syntax_error_is_a_problem_with_its_place(root: Path) -> None:
    inspection = look(root, "def a() -> int:\n    return (1\n")

    assert inspection.graph is None
    place = inspection.problems[0].location
    assert place is not None
    assert (place.file, place.line) == (str(root / "pipelines" / "etl.py"), 2)


def test_an_import_error_stands_at_the_users_line(root: Path) -> None:
    (root / "pipelines" / "helper.py").write_text("x = 1\nimport no_such_thing\n")
    place = look(root, "import helper\n").problems[0].location

    assert place is not None
    assert (place.file, place.line) == (str(root / "pipelines" / "helper.py"), 2)


def test_an_unknown_pipeline_and_an_unknown_node_are_problems(root: Path) -> None:
    assert "no pipeline 'elt'" in inspect(root, "elt").problems[0].message
    assert "no node 'totl'" in inspect(root, "etl", {"run": {"final_vars": ["totl"]}}).problems[0].message


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
    ],
)
def test_a_module_that_ends_its_process_is_a_problem(root: Path, module: str, told: str) -> None:
    inspection = look(root, module)

    assert inspection.graph is None
    assert told in str(inspection.problems[0])


def test_a_module_that_hangs_is_a_problem(root: Path) -> None:
    inspection = look(root, "import time; time.sleep(600)", timeout=3)

    assert "longer than 3 seconds" in inspection.problems[0].message


def test_a_thread_of_the_module_does_not_hold_up_the_answer(root: Path) -> None:
    inspection = look(root, f"import threading, time; threading.Thread(target=time.sleep, args=[600]).start(){MODULE}")

    assert inspection.graph is not None


def test_the_last_good_graph_is_remembered_until_files_change(root: Path) -> None:
    assert cached_graph(root, "etl") is None

    inspection = inspect(root, "etl")
    cached = cached_graph(root, "etl")
    assert cached is not None
    assert (cached.graph, cached.final_vars, cached.is_fresh) == (inspection.graph, ("total",), True)

    look(root, "def broken(")
    cached = cached_graph(root, "etl")
    assert cached is not None
    assert (cached.graph, cached.is_fresh) == (inspection.graph, False)


def test_what_is_no_code_of_the_project_does_not_make_a_graph_stale(root: Path) -> None:
    inspect(root, "etl")

    (root / "data.csv").write_text("a,b\n")
    (root / ".venv").mkdir()
    (root / ".venv" / "lib.py").write_text("x = 1")
    cached = cached_graph(root, "etl")

    assert cached is not None
    assert cached.is_fresh


def test_this_process_imports_nothing_for_it(root: Path) -> None:
    before = set(sys.modules)

    inspect(root, "etl")

    assert not {"hamilton", "pandas", "etl", "pipelines.etl"} & (set(sys.modules) - before)
