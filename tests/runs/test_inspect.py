from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flowerpower_tui.runs.inspect import Inspection, cached_graph
from flowerpower_tui.runs.inspect import inspect as cold_inspect
from flowerpower_tui.runs.seedbed import Seedbed

Look = Callable[..., Inspection]


@pytest.fixture
def inspect(warm: Seedbed) -> Look:
    """Looks at a pipeline by the process in waiting."""
    return partial(cold_inspect, ask=warm.look)


@pytest.fixture
def look(project: Path, inspect: Look) -> Look:
    """Looks at the pipeline when its module is as given."""

    def write_and_look(module: str, **options: float) -> Inspection:
        (project / "pipelines" / "etl.py").write_text(module)
        return inspect(project, "etl", **options)

    return write_and_look


def test_a_new_process_sees_the_same(project: Path, inspect: Look) -> None:
    assert cold_inspect(project, "etl") == inspect(project, "etl")


def test_a_graph_comes_back_whatever_the_module_prints(project: Path, inspect: Look) -> None:
    inspection = inspect(project, "etl")

    assert inspection.problems == ()
    assert inspection.graph is not None
    assert set(inspection.graph.edges) == {("path", "orders"), ("orders", "total")}
    assert inspection.final_vars == ("total",)


def test_overrides_reach_the_graph_and_are_not_remembered(project: Path, inspect: Look) -> None:
    inspection = inspect(project, "etl", {"run": {"final_vars": ["orders"]}})

    assert inspection.final_vars == ("orders",)
    assert cached_graph(project, "etl") is None


def test_a_syntax_error_is_a_problem_with_its_place(project: Path, look: Look) -> None:
    inspection = look("def a() -> int:\n    return (1\n")

    assert inspection.graph is None
    place = inspection.problems[0].location
    assert place is not None
    assert (place.file, place.line) == (str(project / "pipelines" / "etl.py"), 2)


def test_an_import_error_stands_at_the_users_line(project: Path, look: Look) -> None:
    (project / "pipelines" / "helper.py").write_text("x = 1\nimport no_such_thing\n")
    place = look("import helper\n").problems[0].location

    assert place is not None
    assert (place.file, place.line) == (str(project / "pipelines" / "helper.py"), 2)


def test_an_unknown_pipeline_and_an_unknown_node_are_problems(project: Path, inspect: Look) -> None:
    assert "no pipeline 'elt'" in inspect(project, "elt").problems[0].message
    assert "no node 'totl'" in inspect(project, "etl", {"run": {"final_vars": ["totl"]}}).problems[0].message


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
    ],
)
def test_a_module_that_ends_its_process_is_a_problem(project: Path, module: str, told: str, look: Look) -> None:
    inspection = look(module)

    assert inspection.graph is None
    assert told in str(inspection.problems[0])


def test_a_module_that_hangs_is_a_problem(project: Path, look: Look) -> None:
    inspection = look("import time; time.sleep(600)", timeout=1)

    assert "longer than 1 seconds" in inspection.problems[0].message


def test_a_thread_of_the_module_does_not_hold_up_the_answer(project: Path, look: Look) -> None:
    thread = "import threading, time; threading.Thread(target=time.sleep, args=[600]).start()\n"

    inspection = look(thread + "def total() -> int: return 1")

    assert inspection.graph is not None


def test_the_last_good_graph_is_remembered_until_files_change(project: Path, look: Look, inspect: Look) -> None:
    assert cached_graph(project, "etl") is None

    inspection = inspect(project, "etl")
    cached = cached_graph(project, "etl")
    assert cached is not None
    assert (cached.graph, cached.final_vars, cached.is_fresh) == (inspection.graph, ("total",), True)

    look("def broken(")
    cached = cached_graph(project, "etl")
    assert cached is not None
    assert (cached.graph, cached.is_fresh) == (inspection.graph, False)


def test_what_is_no_code_of_the_project_does_not_make_a_graph_stale(project: Path, inspect: Look) -> None:
    inspect(project, "etl")

    (project / "data.csv").write_text("a,b\n")
    (project / ".venv").mkdir()
    (project / ".venv" / "lib.py").write_text("x = 1")
    (project / "circle.py").symlink_to("circle.py")
    cached = cached_graph(project, "etl")

    assert cached is not None
    assert cached.is_fresh


def test_this_process_imports_nothing_for_it(project: Path, inspect: Look) -> None:
    before = set(sys.modules)

    inspect(project, "etl")

    assert not {"hamilton", "pandas", "etl", "pipelines.etl"} & (set(sys.modules) - before)
