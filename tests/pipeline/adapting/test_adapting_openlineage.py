"""OpenLineage's own client, by HTTP and into a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowerpower_tui.pipeline.runner import PipelineRunner

pytest.importorskip("openlineage.client")

LOADING = """
    import pandas as pd
    from hamilton.function_modifiers import load_from, source

    @load_from.csv(path=source("path"))
    def total(data: pd.DataFrame) -> int:
        return int(data["n"].sum())
"""


def test_a_run_reaches_the_server(adapted: Any, serve: Any) -> None:
    server = serve(lambda _: {})
    project = {"url": server.url, "api_key": "k3y", "namespace": "shop", "timeout": 20, "required": True}
    root = adapted("openlineage", project, {"job_name": "nightly"})
    assert PipelineRunner(root, "main").run() == {"total": 6}
    first, last = server.of("POST", "/api/v1/lineage")
    assert first.headers["Authorization"] == "Bearer k3y"
    assert (first.json["eventType"], last.json["eventType"]) == ("START", "COMPLETE")
    assert first.json["run"]["runId"] == last.json["run"]["runId"]
    assert (last.json["job"]["namespace"], last.json["job"]["name"]) == ("shop", "nightly")


def test_a_failed_run_is_told_with_its_error_in_a_file(adapted: Any, tmp_path: Path) -> None:
    file = tmp_path / "lineage.jsonl"
    module = "def total() -> int:\n    raise ValueError('too much')\n"
    root = adapted("openlineage", {"file": str(file), "timeout": 20, "required": True}, None, module)
    for _ in range(2):
        with pytest.raises(ValueError, match="too much"):
            PipelineRunner(root, "main").run()
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["eventType"] for event in events] == ["START", "FAIL"] * 2
    assert events[1]["run"]["facets"]["errorMessage"]["message"] == "too much"
    assert events[1]["job"]["name"] == "main"


def test_what_a_loader_read_is_told_as_a_data_set(adapted: Any, tmp_path: Path) -> None:
    file, table = tmp_path / "lineage.jsonl", tmp_path / "table.csv"
    table.write_text("n\n1\n2\n")
    root = adapted("openlineage", {"file": str(file), "timeout": 20, "required": True}, None, LOADING)
    assert PipelineRunner(root, "main", {"run": {"inputs": {"path": str(table)}}}).run() == {"total": 3}
    events = [json.loads(line) for line in file.read_text().splitlines()]
    (read,) = [event for event in events if event.get("inputs")]
    assert str(table) in json.dumps(read["inputs"])
