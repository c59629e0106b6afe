"""`python -m tools.show_traces [PORT]`: a collector that prints the spans which processes send it, as a tree per trace.

Processes send spans when OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 is set, every 5 s.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PORT = 4318
STORE_CALLS = ("redis", "mongodb")


class Collector(BaseHTTPRequestHandler):
    """Accepts uncompressed OTLP over HTTP."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.end_headers()
        for line in tree_of(spans_of(body)):
            print(line, flush=True)

    def log_message(self, *_: object) -> None:
        """Spans only, no access log."""


def spans_of(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in sorted(scope.spans, key=lambda span: span.start_time_unix_nano)
    ]


def tree_of(spans: Sequence[Span]) -> Iterator[str]:
    """A line per span; children are indented below their parent. Store calls of background loops are left out."""
    known = {span.span_id for span in spans}
    children: dict[bytes, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_span_id if span.parent_span_id in known else b"", []).append(span)
    for root in children.get(b"", ()):
        if root.name.startswith(STORE_CALLS) and not root.parent_span_id:
            continue
        yield f"trace {root.trace_id.hex()}"
        yield from _lines(root, children, "  ")


def _lines(span: Span, children: Mapping[bytes, Sequence[Span]], indent: str) -> Iterator[str]:
    milliseconds = (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
    attributes = " ".join(f"{one.key}={one.value.string_value or one.value.int_value}" for one in span.attributes)
    yield f"{indent}{milliseconds:.1f} ms {span.name} {attributes}".rstrip()
    for child in children.get(span.span_id, ()):
        yield from _lines(child, children, indent + "  ")


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    HTTPServer(("127.0.0.1", port), Collector).serve_forever()
