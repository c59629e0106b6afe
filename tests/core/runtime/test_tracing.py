"""Traces: one goes from an operation through the stores into its job; without a collector none is made."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from core.runtime import tracing
from tests.support.people import HOME, PASSWORD, POST, sign_up
from tests.support.service import Service

TEXT = "planted text of a tweet"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def named(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == name]


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


async def test_a_post_is_one_trace_up_to_its_fanout(service: Service, exporter: InMemorySpanExporter) -> None:
    alice = await sign_up(service, "alice")
    await service.settle()
    exporter.clear()
    await alice.post(TEXT)
    await service.settle()
    spans = exporter.get_finished_spans()
    (operation,) = named(spans, "graphql mutation")
    assert operation.attributes is not None
    assert operation.attributes["graphql.operation.name"] == "Post"
    (job,) = named(spans, "job FanOut")
    assert trace_of(job) == trace_of(operation)
    names = {span.name for span in spans if trace_of(span) == trace_of(operation)}
    assert {"redis", "mongodb insert"} <= names
    said = repr([(span.name, dict(span.attributes or {})) for span in spans])
    for private in (TEXT, PASSWORD, alice.token):
        assert private not in said


async def test_what_is_posted_on_a_socket_is_one_trace_too(service: Service, exporter: InMemorySpanExporter) -> None:
    alice = await sign_up(service, "alice")
    await service.settle()
    async with alice.socket() as socket:
        exporter.clear()
        await socket.subscribe(POST, input={"text": TEXT})
        assert (await socket.event())["userErrors"] == []
        await service.settle()
    spans = exporter.get_finished_spans()
    (operation,), (job,) = named(spans, "graphql mutation"), named(spans, "job FanOut")
    assert trace_of(job) == trace_of(operation)


async def test_without_a_collector_there_are_no_spans(service: Service) -> None:
    alice = await sign_up(service, "alice")
    await alice.ask(HOME, first=3)
    assert tracing.traceparent() is None
    with tracing.span("nothing"):
        assert tracing.traceparent() is None
