"""`fp-tui ls`, `dag`, `check`, `init` and `new`: looking at projects, and making them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.graph.export import from_json

MODULE = "def quick() -> int:\n    return 1\n"


def test_ls_shows_each_pipeline_with_its_last_run(fp_tui: Callable, project: Callable) -> None:
    root = project(quick=MODULE, other=MODULE)
    fp_tui("run", "-C", root, "quick")

    listed, table = fp_tui("ls", "-C", root, "--json").json, fp_tui("ls", "-C", root).out.splitlines()

    assert [(entry["name"], (entry["last_run"] or {}).get("state")) for entry in listed] == [
        ("other", None),
        ("quick", "succeeded"),
    ]
    assert listed[0]["config"] == str(root / "conf/pipelines/other.yml")
    assert table[0].split() == ["PIPELINE", "LAST", "RUN", "STARTED", "DURATION"]
    assert table[1].split() == ["other", "never"]
    assert table[2].split()[:2] == ["quick", "succeeded"]


def test_ls_finds_the_project_around_the_working_directory(
    fp_tui: Callable, example: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example("flaky") / "conf/pipelines")

    assert [line.split()[0] for line in fp_tui("ls").out.splitlines()] == ["PIPELINE", "broken", "flaky"]


def test_dag_draws_what_fits(fp_tui: Callable, example: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    root = example("flaky")

    boxes = fp_tui("dag", "-C", root, "flaky").out
    monkeypatch.setenv("COLUMNS", "20")
    lanes = fp_tui("dag", "-C", root, "flaky").out

    assert "╭" in boxes
    assert "╭" not in lanes
    assert all("temperatures_by_day" in drawn for drawn in (boxes, lanes))
    assert lanes == fp_tui("dag", "-C", root, "flaky", "--view", "lanes").out


def test_dag_draws_in_ascii_and_to_the_right(fp_tui: Callable, example: Callable) -> None:
    drawn = fp_tui("dag", "-C", example("flaky"), "flaky", "--charset", "ascii", "--direction", "right").out

    assert drawn.isascii()
    assert any("temperatures_by_day" in line and "daily_means" in line for line in drawn.splitlines())


def test_dag_is_json_for_programs(fp_tui: Callable, example: Callable) -> None:
    root = example("sales-etl")

    outcome = fp_tui("dag", "-C", root, "sales_etl", "--json")

    graph = from_json(outcome.out)
    assert outcome.out == fp_tui("dag", "-C", root, "sales_etl", "--format", "json").out
    assert ("raw_orders", "order_problems") in graph.edges
    assert graph.by_name["raw_orders"].file == str(root / "pipelines/sales_etl.py")


@pytest.mark.parametrize(("form", "begins"), [("mermaid", "flowchart TD\n"), ("dot", "digraph {\n")])
def test_dag_is_exported_to_a_file(fp_tui: Callable, example: Callable, tmp_path: Path, form: str, begins: str) -> None:
    file = tmp_path / "dag.txt"

    outcome = fp_tui("dag", "-C", example("flaky"), "flaky", "--format", form, "--output", file)

    assert (outcome.code, outcome.out) == (0, "")
    assert file.read_text().startswith(begins)


def test_dag_to_a_file_that_cannot_be_written_is_a_mistake(fp_tui: Callable, example: Callable, tmp_path: Path) -> None:
    outcome = fp_tui("dag", "-C", example("flaky"), "flaky", "--output", tmp_path / "no/such/folder.txt")

    assert (outcome.code, outcome.out) == (2, "")
    assert "cannot be written" in outcome.err


def test_check_finds_nothing_wrong_with_an_example(fp_tui: Callable, example: Callable) -> None:
    outcome = fp_tui("check", "-C", example("flaky"))

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "2 pipelines: no problems.\n"


def test_check_tells_every_problem_with_its_place(fp_tui: Callable, project: Callable) -> None:
    root = project(good=MODULE, broken="def broken(:\n", misread=MODULE, lost=MODULE)
    (root / "conf/pipelines/misread.yml").write_text("run: [\n")
    (root / "conf/pipelines/lost.yml").write_text("run:\n  final_vars: [nothing]\n  log_levle: INFO\n")

    outcome = fp_tui("check", "-C", root)

    lines = outcome.out.splitlines()
    assert outcome.code == 2
    assert any(line.startswith(f"{root}/pipelines/broken.py:1:") for line in lines)
    assert any(line.startswith(f"{root}/conf/pipelines/misread.yml:") for line in lines)
    assert any("nothing" in line and "final_vars" in line for line in lines)
    assert lines[-1].startswith(f"{root}/conf/pipelines/lost.yml:3:3: ")
    assert lines[-1].endswith("(notice)")
    assert "4 pipelines: 3 problems." in outcome.err


def test_check_of_one_pipeline_as_json(fp_tui: Callable, project: Callable) -> None:
    root = project(good=MODULE, broken="def broken(:\n")

    outcome = fp_tui("check", "-C", root, "broken", "--json")

    (problem,) = outcome.json
    assert outcome.code == 2
    assert (problem["kind"], problem["file"], problem["line"]) == ("problem", str(root / "pipelines/broken.py"), 1)
    assert fp_tui("check", "-C", root, "good", "--json").json == []


def test_a_new_project_runs_at_once(fp_tui: Callable, tmp_path: Path) -> None:
    root = tmp_path / "my project"

    assert fp_tui("init", root, "--name", "mine").code == 0
    made = fp_tui("new", "-C", root, "first")
    outcome = fp_tui("run", "-C", root, "first")

    assert (root / "conf/project.yml").read_text().endswith("name: mine\n")
    assert str(root / "pipelines/first.py") in made.err
    assert outcome.code == 0


def test_what_exists_is_not_made_again(fp_tui: Callable, project: Callable) -> None:
    root = project(quick=MODULE)

    assert fp_tui("init", root).code == 2
    assert fp_tui("new", "-C", root, "quick").code == 2
    assert (root / "pipelines/quick.py").read_text() == MODULE


def test_the_interface_needs_a_terminal(example: Callable) -> None:
    command = [sys.executable, "-m", "flowerpower_tui", example("flaky")]

    outcome = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert "needs a terminal" in outcome.stderr
