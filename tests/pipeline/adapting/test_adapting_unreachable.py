"""A service that cannot be reached, or never answers, neither fails nor holds up a run, unless it is required."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.runner import PipelineRunner

SERVICES = {
    "hamilton_tracker": ("hamilton_sdk", "The Hamilton UI", "api_url", {"project_id": 7}),
    "openlineage": ("openlineage", "OpenLineage", "url", {}),
    "opentelemetry": ("opentelemetry.exporter.otlp.proto.http", "OpenTelemetry", "endpoint", None),
}


def project(adapted: Any, flag: str, address: str, **settings: Any) -> Any:
    library, _, key, of_pipeline = SERVICES[flag]
    pytest.importorskip(library)
    return adapted(flag, {key: address, "timeout": 0.5, **settings}, of_pipeline)


@pytest.mark.parametrize("flag", SERVICES)
@pytest.mark.parametrize("address", ["silent", "closed"])
def test_a_run_goes_on_without_a_service_that_does_not_answer_and_says_so_once(
    adapted: Any, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture, flag: str, address: str
) -> None:
    root = project(adapted, flag, request.getfixturevalue(address))
    with caplog.at_level(logging.WARNING):
        assert PipelineRunner(root, "main").run() == {"total": 6}
    told = [record.getMessage() for record in caplog.records if "is not told of this run" in record.getMessage()]
    assert len(told) == 1
    assert told[0].startswith(SERVICES[flag][1])


@pytest.mark.parametrize("flag", SERVICES)
def test_a_run_fails_without_a_service_that_is_required(adapted: Any, silent: str, flag: str) -> None:
    root = project(adapted, flag, silent, required=True)
    with pytest.raises(FlowerPowerError, match=f"{SERVICES[flag][1]} is required, and was not told of this run"):
        PipelineRunner(root, "main").run()


def test_a_required_service_is_missed_before_the_first_node(adapted: Any, closed: str, recorder: Any) -> None:
    root = project(adapted, "hamilton_tracker", closed, required=True)
    with pytest.raises(FlowerPowerError, match="is required"):
        PipelineRunner(root, "main", {}, recorder).run()
    assert recorder.of("node_started") == []


def test_a_failed_node_is_what_a_run_fails_with_also_if_a_required_service_is_gone(adapted: Any, silent: str) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    module = "def total() -> int:\n    raise KeyError('mine')\n"
    root = adapted("opentelemetry", {"endpoint": silent, "timeout": 0.2, "required": True}, None, module)
    with pytest.raises(KeyError, match="mine"):
        PipelineRunner(root, "main").run()
