"""Every example does what its README says, through the real engine."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flowerpower_tui.pipeline.build import build_graph
from flowerpower_tui.pipeline.manager import PipelineManager
from flowerpower_tui.pipeline.runner import PipelineRunner
from flowerpower_tui.project.layout import ProjectLayout

EXAMPLES = Path(__file__).parents[2] / "examples"
Example = Callable[[str], Path]


def _rows(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(path).read_text().splitlines()))


def test_hello_world_greets_who_the_yaml_names(example: Example) -> None:
    root = example("hello-world")
    assert "Hello, World!" in PipelineManager(root).run("hello_world")["banner"]

    config = root / "conf/pipelines/hello_world.yml"
    config.write_text(config.read_text().replace("World", "Ada"))

    assert "Hello, Ada!" in PipelineManager(root).run("hello_world")["banner"]


def test_sales_etl_rejects_the_dirty_orders_and_saves_reports(example: Example) -> None:
    root = example("sales-etl")
    config = root / "conf/pipelines/sales_etl.yml"
    config.write_text(config.read_text().replace("seconds_per_month: 0.3", "seconds_per_month: 0"))

    results = PipelineManager(root).run("sales_etl")

    reports = {Path(path).name: _rows(path) for path in results["saved_reports"]}
    revenue = {row["region"]: float(row["revenue"]) for row in reports["revenue_by_region.csv"]}
    assert set(revenue) == {"Nordics", "DACH", "UK & Ireland", "North America", "Iberia"}
    assert f"{sum(revenue.values()):,.2f} EUR" in results["headline"]
    assert len(reports["revenue_by_month.csv"]) == 12
    assert {row["problem"] for row in reports["rejected_orders.csv"]} == {
        "sent twice",
        "no such day",
        "not in the catalogue",
        "quantity missing",
        "quantity out of range",
        "no price",
        "unknown currency",
    }


def test_word_count_counts_every_text(example: Example) -> None:
    root = example("word-count")
    (root / "texts" / "zebras.txt").write_text("zebra " * 50)

    results = PipelineManager(root).run("word_count")

    assert results["common_words"][0] == ("zebra", 50)
    assert results["richest_text"] in {path.stem for path in (root / "texts").iterdir()}


@pytest.mark.parametrize(
    ("scaling", "risk_model", "unrated"), [("rank", "weighted", "neutral"), ("zscore", "rules", "pessimistic")]
)
def test_churn_features_come_in_variants(example: Example, scaling: str, risk_model: str, unrated: str) -> None:
    root = example("churn-features")

    results = PipelineManager(root).run(
        "churn_features", config={"scaling": scaling, "risk_model": risk_model, "unrated": unrated}
    )

    rows = _rows(results["saved_features"])
    assert len(rows) == 200
    assert all(0 <= float(row["churn_risk"]) <= 1 for row in rows)
    assert {row["risk_band"] for row in rows} <= {"calm", "watch", "critical"}


def test_churn_features_is_a_wide_graph_of_several_modules(example: Example) -> None:
    graph, _ = build_graph(example("churn-features"), "churn_features")

    assert len(graph.nodes) >= 60
    assert {node.module for node in graph.nodes if node.module} == {
        f"pipelines.{name}" for name in ("customers", "usage", "billing", "support", "churn_features")
    }
    assert any(node.tags.get("hamilton.data_quality.contains_dq_results") for node in graph.nodes)


def test_flaky_succeeds_at_the_third_attempt(example: Example) -> None:
    root = example("flaky")
    attempts: list[int] = []

    class Attempts:
        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda *arguments: attempts.append(arguments[0]) if name == "attempt_started" else None

    assert PipelineRunner(root, "flaky", observer=Attempts()).run() == {"warmest_day": "Thursday"}
    assert attempts == [1, 2, 3]


def test_broken_fails_deep_in_its_helper(example: Example) -> None:
    with pytest.raises(ValueError, match="line 5: '-91,40' is not an amount") as failure:
        PipelineManager(example("flaky")).run("broken")

    functions = [entry.name for entry in failure.traceback]
    assert functions[-4:] == ["balances", "closing_balances", "parse_posting", "parse_amount"]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if (path / "conf").is_dir()))
def test_every_example_is_a_whole_project(name: str) -> None:
    layout = ProjectLayout.of(EXAMPLES / name)

    assert layout.exists
    assert layout.project_file()
    assert (layout.root / "README.md").is_file()
    assert layout.pipelines()
    assert all(entry.module for entry in layout.pipelines())


def test_what_examples_write_is_ignored_by_git() -> None:
    written = [EXAMPLES / "sales-etl/output/x.csv", EXAMPLES / "churn-features/output/features.csv"]

    ignored = subprocess.run(["git", "check-ignore", *written], cwd=EXAMPLES, capture_output=True, text=True)

    if ignored.returncode == 128:
        pytest.skip("not a git checkout")
    assert ignored.stdout.splitlines() == [str(path) for path in written]


def test_stock_report_loads_and_saves_what_its_yaml_says(example: Example) -> None:
    root = example("stock-report")

    results = PipelineManager(root).run("stock_report")

    assert [row["item"] for row in _rows(str(root / "output/reorder.csv"))] == ["espresso", "sencha", "filters"]
    assert (root / "output/summary.txt").read_text() == results["summary"]
    assert results["save.reorder_2"]["rows"] == 3
    assert (root / results["save.reorder_2"]["path"]).is_file()
