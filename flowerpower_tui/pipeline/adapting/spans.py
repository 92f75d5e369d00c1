"""Spans of OpenTelemetry: a run, its attempts, and below each its nodes; items of a block below what expands to it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

from hamilton.lifecycle import base
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from flowerpower_tui.errors import FlowerPowerError
from flowerpower_tui.pipeline.adapting.parts import in_short, patience, shortened

logger = logging.getLogger(__name__)

_RUN = ("run",)


class Spans(
    base.BasePreGraphExecute,  # type: ignore[misc]  # Hamilton has no types
    base.BasePreTaskExecute,  # type: ignore[misc]
    base.BasePreNodeExecute,  # type: ignore[misc]
    base.BasePostNodeExecute,  # type: ignore[misc]
    base.BasePostTaskExecute,  # type: ignore[misc]
    base.BasePostGraphExecute,  # type: ignore[misc]
):
    """Makes spans where things happen, so that those which a node's own code makes stand below the node's.

    A thread of the SDK sends them. A provider that the pipeline's code has set is used as it is; otherwise the run has
    one of its own. `TRACEPARENT` in the environment names the span that the run stands below.

    Args:
        pipeline: its name.
        service: what the resource is called.
        make_exporter: makes what sends the spans of a provider of our own; None if nothing shall.
        timeout: seconds after the run for what is still to be sent.
        required: whether a run fails whose spans could not be sent.
    """

    def __init__(
        self,
        pipeline: str,
        *,
        service: str,
        make_exporter: Callable[[], SpanExporter] | None,
        timeout: float,
        required: bool,
    ) -> None:
        self._pipeline = pipeline
        self._service = service
        self._make_exporter = make_exporter
        self._timeout = timeout
        self._required = required
        self._attempts = 0
        self._spans: dict[tuple[Any, ...], Span] = {}
        self._tokens: dict[tuple[Any, ...], Any] = {}
        self._provider: TracerProvider | None = None
        self._is_ours = False
        self._fault = ""

    def pre_graph_execute(self, *, run_id: str, final_vars: list[str], **_: Any) -> None:
        """Begin an attempt; and the run, if it is the first."""
        if self._provider is None:
            self._provider = self._provider_to_use()
            about = {"flowerpower.pipeline": self._pipeline, "flowerpower.run": os.environ.get("FP_TUI_RUN", "")}
            self._begin(_RUN, f"run {self._pipeline}", _context_of_caller(), about)
        self._attempts += 1
        attributes = {"flowerpower.attempt": self._attempts, "flowerpower.final_vars": final_vars}
        self._begin(("attempt", run_id), f"attempt {self._attempts}", self._below(_RUN), attributes)

    def pre_task_execute(self, *, run_id: str, task_id: str, spawning_task_id: str | None, **_: Any) -> None:
        """Begin an item of a block; other tasks are single nodes."""
        if spawning_task_id is None:
            return
        expander = spawning_task_id.removeprefix("expand-")
        index = int(task_id.removeprefix(f"{spawning_task_id}.").partition(".")[0])
        parent = self._below(("node", run_id, spawning_task_id, expander), ("attempt", run_id))
        self._begin(("task", run_id, task_id), f"{expander}[{index}]", parent, {"flowerpower.item": index})

    def pre_node_execute(self, *, run_id: str, node_: Any, task_id: str | None = None, **_: Any) -> None:
        """Begin a node; what its code makes stands below it."""
        key = ("node", run_id, task_id, node_.name)
        tags = {f"flowerpower.tag.{name}": str(value) for name, value in node_.tags.items()}
        parent = self._below(("task", run_id, task_id), ("attempt", run_id))
        self._begin(key, node_.name, parent, {"flowerpower.node": node_.name, **tags})
        self._tokens[key] = context.attach(self._below(key))

    def post_node_execute(
        self, *, run_id: str, node_: Any, error: BaseException | None, task_id: str | None = None, **_: Any
    ) -> None:
        """End a node."""
        key = ("node", run_id, task_id, node_.name)
        context.detach(self._tokens.pop(key))
        self._end(key, error)

    def post_task_execute(self, *, run_id: str, task_id: str, error: BaseException | None, **_: Any) -> None:
        """End an item of a block."""
        self._end(("task", run_id, task_id), error)

    def post_graph_execute(self, *, run_id: str, error: BaseException | None, **_: Any) -> None:
        """End an attempt."""
        self._end(("attempt", run_id), error)
        self._spans = {_RUN: self._spans[_RUN]}

    def run_ended(self, error: BaseException | None) -> None:
        """End the run, and wait for what is still to be sent, but not for long.

        Raises:
            FlowerPowerError: spans are required, and those of a run that succeeded could not be sent.
        """
        if self._provider is None:
            return
        self._end(_RUN, error)
        flush = self._provider.shutdown if self._is_ours else self._provider.force_flush
        sending = Thread(target=flush, name="sending spans", daemon=True)
        sending.start()
        waiting = patience(self._timeout, error)
        sending.join(waiting)
        if sending.is_alive():
            self._complain(f"it did not answer within {waiting:g} seconds")
        if self._fault and self._required and error is None:
            raise FlowerPowerError(
                f"OpenTelemetry is required, and was not told of this run: {self._fault}",
                hint="Start or mend the collector, or let the run go on without it: required: false.",
            )

    def _provider_to_use(self) -> TracerProvider:
        theirs = trace.get_tracer_provider()
        if isinstance(theirs, TracerProvider):
            return theirs
        self._is_ours = True
        provider = TracerProvider(resource=Resource.create({"service.name": self._service}), shutdown_on_exit=False)
        if self._make_exporter is not None:
            try:
                exporter = _Telling(self._make_exporter(), self._complain)
            except Exception as error:  # noqa: BLE001 - whatever an exporter makes of its settings
                self._complain(in_short(error))
            else:
                provider.add_span_processor(BatchSpanProcessor(exporter))
        return provider

    def _complain(self, why: str) -> None:
        """Say the first thing that goes wrong."""
        if not self._fault:
            self._fault = why
            if not self._required:
                logger.warning("OpenTelemetry is not told of this run, or not of all of it: %s", why)

    def _begin(self, key: tuple[Any, ...], name: str, parent: Context | None, attributes: Mapping[str, Any]) -> None:
        assert self._provider is not None
        tracer = self._provider.get_tracer("flowerpower_tui")
        self._spans[key] = tracer.start_span(name, context=parent, attributes=dict(attributes))

    def _below(self, *keys: tuple[Any, ...]) -> Context:
        """The context in which spans stand below the first of these that there is."""
        return trace.set_span_in_context(next(self._spans[key] for key in keys if key in self._spans))

    def _end(self, key: tuple[Any, ...], error: BaseException | None) -> None:
        # It stays at hand until the attempt ends: items begin when their expander is through.
        if (span := self._spans.get(key)) is None:
            return
        if error is not None:
            span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, in_short(error)) if error is not None else Status(StatusCode.OK))
        span.end()


class _Telling(SpanExporter):  # type: ignore[misc]  # as far as mypy is told
    """Sends spans, and tells when it cannot, in place of the log line that exporters write for each try."""

    def __init__(self, inner: SpanExporter, complain: Callable[[str], None]) -> None:
        self._inner = inner
        self._complain = complain
        self._logger = logging.getLogger(type(inner).__module__)
        self._logger.addFilter(self._keep_back)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them."""
        result = self._inner.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._complain("they cannot be sent")
        return result

    def shutdown(self) -> None:
        """Send nothing more."""
        self._inner.shutdown()
        self._logger.removeFilter(self._keep_back)

    def _keep_back(self, record: logging.LogRecord) -> bool:
        self._complain(shortened(record.getMessage()))
        return False


def _context_of_caller() -> Context | None:
    """The context of who started us, as far as the environment says."""
    carrier = {name: os.environ[name.upper()] for name in ("traceparent", "tracestate") if name.upper() in os.environ}
    return TraceContextTextMapPropagator().extract(carrier) if carrier else None
