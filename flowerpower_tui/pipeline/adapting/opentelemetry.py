"""OpenTelemetry is told of a run as spans; where they go is said by the settings, or by variables as everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowerpower_tui.errors import ConfigError, Problem
from flowerpower_tui.pipeline.adapting.parts import need

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

    from flowerpower_tui.pipeline.adapting.spans import Spans

_EXPORTERS = "opentelemetry_traces_exporter"


def make(pipeline: str, options: Mapping[str, Any]) -> Spans:
    """Return what makes spans; options: those of `adapter.opentelemetry` of the project.

    Raises:
        ConfigError: OpenTelemetry's SDK or the exporter is not installed.
    """
    need("opentelemetry.sdk.trace", "OpenTelemetry's SDK", "otel")
    name = _exporter_name()
    if name == "otlp_proto_http":
        need("opentelemetry.exporter.otlp.proto.http", "OpenTelemetry's exporter for OTLP", "otel")
    from flowerpower_tui.pipeline.adapting.spans import Spans

    return Spans(
        pipeline,
        service=options["service_name"] or os.environ.get("OTEL_SERVICE_NAME") or pipeline,
        make_exporter=_exporter(name, options),
        timeout=options["timeout"],
        required=options["required"],
    )


def _exporter_name() -> str:
    """What `OTEL_*` variables name; OTLP over HTTP without them."""
    name = os.environ.get("OTEL_TRACES_EXPORTER") or "otlp"
    if name != "otlp":
        return name
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    return "otlp_proto_grpc" if protocol == "grpc" else "otlp_proto_http"


def _exporter(name: str, options: Mapping[str, Any]) -> type[SpanExporter] | Any:
    from functools import partial
    from importlib import metadata

    if name == "none":
        return None
    entry = next(iter(metadata.entry_points(group=_EXPORTERS, name=name)), None)
    if entry is None:
        message = f"OpenTelemetry's exporter '{name}', which OTEL_TRACES_EXPORTER names, is not installed."
        raise ConfigError([Problem(message, hint=f"pip install opentelemetry-exporter-{name.replace('_', '-')}")])
    given: dict[str, Any] = {}
    if name == "otlp_proto_http":
        if options["endpoint"]:
            given["endpoint"] = f"{options['endpoint'].rstrip('/').removesuffix('/v1/traces')}/v1/traces"
        given |= {"headers": options["headers"] or None, "timeout": options["timeout"]}
    return partial(entry.load(), **given)
