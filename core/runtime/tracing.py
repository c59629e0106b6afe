"""Traces of operations, jobs and store calls, if the environment names an OpenTelemetry collector.

Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is loaded, and a span costs the check of one variable. Spans hold names and
durations: never variables, texts, tokens or addresses.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
Value = str | int | float | bool
_propagator = TraceContextTextMapPropagator()
_tracer: trace.Tracer | None = None


@contextmanager
def tracing(service: str) -> Iterator[None]:
    """Exports spans while the block runs, and flushes the rest at its end."""
    global _tracer  # noqa: PLW0603 - one for each process, as the library has it
    if not os.environ.get(ENDPOINT):
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - not needed else
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("rookery")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def is_tracing() -> bool:
    """Whether spans are made; without them their names and attributes need not be computed."""
    return _tracer is not None


@contextmanager
def span(name: str, *, parent: str | None = None, **attributes: Value) -> Iterator[None]:
    """A span around the block, parent of the spans within. `parent` is the `traceparent` of another process."""
    if _tracer is None:
        yield
        return
    context: Context | None = _propagator.extract({"traceparent": parent}) if parent else None
    with _tracer.start_as_current_span(name, context=context, attributes=attributes):
        yield


@contextmanager
def lasting_span(name: str, **attributes: Value) -> Iterator[None]:
    """A span over many tasks, such as a subscription: no other span becomes its child."""
    if _tracer is None:
        yield
        return
    one = _tracer.start_span(name, attributes=attributes)
    try:
        yield
    finally:
        one.end()


def past_span(name: str, seconds: float, **attributes: Value) -> None:
    """Records a span of `seconds` that ended just now."""
    if _tracer is not None:
        now = time.time_ns()
        _tracer.start_span(name, start_time=now - int(seconds * 1e9), attributes=attributes).end(now)


def traceparent() -> str | None:
    """The current span in W3C Trace Context's form, to hand to another process; None outside a span."""
    if _tracer is None:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")
