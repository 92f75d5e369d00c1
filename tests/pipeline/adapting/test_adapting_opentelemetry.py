"""Spans, as a collector gets them by OTLP over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from flowerpower_tui.pipeline.runner import PipelineRunner

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
BLOCK = """
    from hamilton.htypes import Collect, Parallelizable

    def item() -> Parallelizable[int]:
        yield from (5, 6)

    def square(item: int) -> int:
        return item * item

    def total(square: Collect[int]) -> int:
        return sum(square)
"""


class Spans:
    """The spans that a collector was sent."""

    def __init__(self, collector: Any) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        self.resources = [
            one for sent in collector.requests for one in ExportTraceServiceRequest.FromString(sent.body).resource_spans
        ]
        self.all = [span for one in self.resources for scope in one.scope_spans for span in scope.spans]
        self._by_id = {span.span_id: span for span in self.all}

    def paths(self) -> list[str]:
        """Each span's name, behind those that it stands below."""
        return sorted(" / ".join(self._way(span)) for span in self.all)

    def named(self, name: str) -> Any:
        (found,) = [span for span in self.all if span.name == name]
        return found

    def _way(self, span: Any) -> list[str]:
        above = self._by_id.get(span.parent_span_id)
        return [*(self._way(above) if above is not None else []), span.name]


def settings(span: Any) -> dict[str, str]:
    return {one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes}


@pytest.fixture
def collector(serve: Any) -> Any:
    return serve(lambda _: b"")


@pytest.fixture
def run(adapted: Any, collector: Any) -> Any:
    def run(overrides: dict[str, Any] | None = None, **module: str) -> Any:
        project = {"endpoint": collector.url, "timeout": 20, "required": True}
        return PipelineRunner(adapted("opentelemetry", project, **module), "main", {"run": overrides or {}}).run()

    return run


@pytest.mark.parametrize("executor", ["synchronous", "threadpool"])
def test_nodes_stand_below_their_attempt_and_that_below_the_run(run: Any, collector: Any, executor: str) -> None:
    assert run({"executor": {"type": executor}}) == {"total": 6}
    assert Spans(collector).paths() == [
        "run main",
        "run main / attempt 1",
        "run main / attempt 1 / raw",
        "run main / attempt 1 / total",
    ]
    (sent,) = collector.requests
    assert sent.path == "/v1/traces"


def test_items_of_a_block_stand_below_what_expands_to_them(run: Any, collector: Any) -> None:
    assert run(module=BLOCK) == {"total": 61}
    assert Spans(collector).paths() == [
        "run main",
        "run main / attempt 1",
        "run main / attempt 1 / item",
        "run main / attempt 1 / item / item[0]",
        "run main / attempt 1 / item / item[0] / square",
        "run main / attempt 1 / item / item[1]",
        "run main / attempt 1 / item / item[1] / square",
        "run main / attempt 1 / total",
    ]


def test_each_attempt_has_its_span_and_a_failure_its_exception(run: Any, collector: Any) -> None:
    module = """
        _tries = []

        def total() -> int:
            _tries.append(1)
            if len(_tries) == 1:
                raise ValueError("not yet")
            return 6
    """
    assert run({"retry": {"max_retries": 1, "retry_delay": 0}}, module=module) == {"total": 6}
    spans = Spans(collector)
    assert spans.paths() == [
        "run main",
        "run main / attempt 1",
        "run main / attempt 1 / total",
        "run main / attempt 2",
        "run main / attempt 2 / total",
    ]
    failed = spans.named("attempt 1")
    assert (failed.status.code, failed.status.message) == (2, "ValueError: not yet")
    assert settings(failed.events[0])["exception.type"] == "ValueError"
    assert spans.named("run main").status.code == 1


def test_spans_that_a_nodes_own_code_makes_stand_below_the_nodes(run: Any, collector: Any) -> None:
    module = """
        from opentelemetry import trace

        def total() -> str:
            return format(trace.get_current_span().get_span_context().span_id, "016x")
    """
    found = run(module=module)["total"]
    assert Spans(collector).named("total").span_id.hex() == found


def test_variables_say_where_spans_go_and_what_they_stand_below(
    adapted: Any, collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "shop")
    monkeypatch.setenv("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    monkeypatch.setenv("FP_TUI_RUN", "20260101-main")
    assert PipelineRunner(adapted("opentelemetry"), "main").run() == {"total": 6}
    spans = Spans(collector)
    top = spans.named("run main")
    assert (top.trace_id.hex(), top.parent_span_id.hex()) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert settings(top) == {"flowerpower.pipeline": "main", "flowerpower.run": "20260101-main"}
    assert settings(spans.resources[0].resource)["service.name"] == "shop"


def test_an_exporter_that_is_not_installed_is_named(
    adapted: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin_json")
    assert PipelineRunner(adapted("opentelemetry"), "main").run() == {"total": 6}
    assert "pip install opentelemetry-exporter-zipkin-json" in caplog.text
