"""The Hamilton UI's own tracker, against a server that speaks its API."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.runner import PipelineRunner

pytest.importorskip("hamilton_sdk")


def answer(request: Any) -> Any:
    if "dag_templates/exists" in request.path:
        return None
    return {"id": 31}


@pytest.fixture
def ui(serve: Any) -> Any:
    return serve(answer)


@pytest.fixture
def run(adapted: Any, ui: Any) -> Any:
    def run(module: str | None = None, **settings: Any) -> Any:
        project = {"api_url": ui.url, "username": "ada", "api_key": "k3y", "timeout": 20, "required": True}
        extra = {} if module is None else {"module": module}
        root = adapted("hamilton_tracker", project, {"project_id": 7, "tags": {"team": 5}, **settings}, **extra)
        return PipelineRunner(root, "main").run()

    return run


def test_a_run_and_each_of_its_nodes_reach_the_ui(run: Any, ui: Any) -> None:
    assert run() == {"total": 6}
    (template,) = ui.of("POST", "/api/v1/dag_templates?project_id=7")
    assert template.json["name"] == "main"
    assert template.json["tags"] == {"team": "5"}
    (begun,) = ui.of("POST", "/api/v1/dag_runs?dag_template_id=31")
    assert begun.headers["x-api-user"] == "ada"
    assert begun.json["outputs"] == ["total"]
    updates = [one for put in ui.of("PUT", "/api/v1/dag_runs_bulk?dag_run_id=31") for one in put.json["task_updates"]]
    assert {one["node_name"]: one["status"] for one in updates}.items() >= {
        "raw": "SUCCESS",
        "total": "SUCCESS",
    }.items()
    (ended,) = ui.of("PUT", "/api/v1/dag_runs/31/")
    assert ended.json["run_status"] == "SUCCESS"


def test_a_failed_node_reaches_the_ui_with_its_traceback(run: Any, ui: Any) -> None:
    with pytest.raises(ValueError, match="too much"):
        run("def total() -> int:\n    raise ValueError('too much')\n", dag_name="night")
    (template,) = ui.of("POST", "/api/v1/dag_templates")
    assert template.json["name"] == "night"
    attributes = [one for put in ui.of("PUT", "/api/v1/dag_runs_bulk") for one in put.json["attributes"]]
    assert "too much" in str([one["value"] for one in attributes if one["type"] == "error"])
    (ended,) = ui.of("PUT", "/api/v1/dag_runs/31/")
    assert ended.json["run_status"] == "FAILURE"


def test_no_thread_of_the_tracker_outlives_the_run(run: Any) -> None:
    before = set(threading.enumerate())
    run()
    assert [one for one in set(threading.enumerate()) - before if not one.daemon] == []


def test_a_graph_that_is_only_looked_at_asks_the_ui_nothing(adapted: Any, ui: Any) -> None:
    from flowerpower_tui.pipeline.check import check_pipeline

    root = adapted("hamilton_tracker", {"api_url": ui.url}, {"project_id": 7})
    assert check_pipeline(root, "main").problems == []
    assert ui.requests == []


def test_the_project_of_the_ui_must_be_named(adapted: Any, ui: Any) -> None:
    root = adapted("hamilton_tracker", {"api_url": ui.url, "required": True})
    with pytest.raises(FlowerPowerError, match="which of its projects"):
        PipelineRunner(root, "main").run()
