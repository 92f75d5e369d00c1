"""MLflow, against its own store in a file; runs where MLflow is installed, which brings a hundred megabytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.runner import PipelineRunner

mlflow = pytest.importorskip("mlflow")


@pytest.fixture
def uri(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The address of an empty store."""
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    # The light MLflow has no database, and the full one wants one.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    yield (tmp_path / "store").as_uri()
    mlflow.set_tracking_uri(before[0])
    mlflow.set_registry_uri(before[1])


@pytest.fixture
def run(adapted: Any, uri: str) -> Any:
    def run(module: str | None = None, overrides: dict[str, Any] | None = None, **settings: Any) -> Any:
        extra = {} if module is None else {"module": module}
        project = {"tracking_uri": uri, "timeout": 60, "required": True}
        root = adapted("mlflow", project, settings, **extra)
        return PipelineRunner(root, "main", {"run": overrides or {}}).run()

    return run


def runs(uri: str, experiment: str) -> list[Any]:
    client = mlflow.MlflowClient(uri)
    return client.search_runs([client.get_experiment_by_name(experiment).experiment_id])


def artifacts(uri: str, run_id: str) -> set[str]:
    return {one.path for one in mlflow.MlflowClient(uri).list_artifacts(run_id)}


def test_a_run_is_there_with_its_name_tags_inputs_and_result(run: Any, uri: str) -> None:
    settings = {"experiment_name": "shop", "run_name": "nightly", "run_tags": {"team": "blue"}}
    assert run(**settings) == {"total": 6}
    (found,) = runs(uri, "shop")
    assert (found.info.run_name, found.info.status) == ("nightly", "FINISHED")
    assert found.data.tags["team"] == "blue"
    assert found.data.params["n"] == "4"
    assert found.data.metrics == {"total": 6.0}


def test_the_experiment_is_called_as_the_pipeline_and_tables_and_text_are_kept_as_files(
    run: Any, uri: str, tmp_path: Path
) -> None:
    module = """
        import pandas as pd

        def table() -> pd.DataFrame:
            return pd.DataFrame({"n": [1, 2]})

        def total(table: pd.DataFrame) -> str:
            return "three"

        def facts() -> dict:
            return {"n": 3}
    """
    run(module, {"final_vars": ["table", "total", "facts"]})
    (found,) = runs(uri, "main")
    assert artifacts(uri, found.info.run_id) >= {"table.csv", "total.txt", "facts.json"}
    # Hamilton's own would leave pickles in the working directory.
    assert {one.name for one in tmp_path.iterdir()} == {"project", "store"}


@pytest.mark.parametrize(("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")])
def test_how_a_run_ended_is_told(run: Any, uri: str, error: type[BaseException], status: str) -> None:
    with pytest.raises(error):
        run(f"def total() -> int:\n    raise {error.__name__}\n")
    assert [one.info.status for one in runs(uri, "main")] == [status]


def test_an_existing_run_is_gone_on_with(run: Any, uri: str) -> None:
    client = mlflow.MlflowClient(uri)
    known = client.create_run(client.create_experiment("main")).info.run_id
    assert run(run_id=known) == {"total": 6}
    assert [(one.info.run_id, one.data.metrics) for one in runs(uri, "main")] == [(known, {"total": 6.0})]


@pytest.mark.parametrize("executor", ["synchronous", "threadpool"])
def test_what_nodes_log_themselves_goes_to_the_same_run(run: Any, uri: str, executor: str) -> None:
    module = """
        import threading

        import mlflow

        MET = threading.Barrier(2 if "EXECUTOR" == "threadpool" else 1, timeout=20)

        def left() -> int:
            MET.wait()
            mlflow.log_metric("left", 1)
            return 1

        def right() -> int:
            MET.wait()
            mlflow.log_metric("right", 2)
            return 2

        def total(left: int, right: int) -> int:
            return left + right
    """
    assert run(module.replace("EXECUTOR", executor), {"executor": {"type": executor}}) == {"total": 3}
    (found,) = runs(uri, "main")
    assert found.data.metrics == {"left": 1.0, "right": 2.0, "total": 3.0}
    assert found.info.status == "FINISHED"
    assert mlflow.active_run() is None


def test_a_server_that_never_answers_does_not_hold_a_run_up(adapted: Any, silent: str, uri: str) -> None:
    root = adapted("mlflow", {"tracking_uri": silent, "timeout": 0.5})
    assert PipelineRunner(root, "main").run() == {"total": 6}
    root = adapted("mlflow", {"tracking_uri": silent, "timeout": 0.5, "required": True})
    with pytest.raises(FlowerPowerError, match="MLflow is required"):
        PipelineRunner(root, "main").run()
