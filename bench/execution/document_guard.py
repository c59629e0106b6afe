"""The document guard: milliseconds that hostile documents take, those that are validated and those that are refused."""

from random import Random
from time import thread_time

from graphql import GraphQLSchema

from bench.data.hostile_documents import hostile_document
from bench.harness.figures import Figure, percentile
from core.errors import ErrorCode
from schema.roots import build_schema
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation, RefusedError
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

DOCUMENTS = 2_000
GOAL_MS = 50


async def run() -> list[Figure]:
    schema = graphql_schema(build_schema())
    passed, refused = list[float](), list[float]()
    for seed in range(DOCUMENTS):
        request = GraphQLRequest(hostile_document(Random(seed)), "Q0")
        code, seconds = zip(*[_prepared(schema, request) for _ in range(2)], strict=True)
        (refused if code[0] is ErrorCode.QUERY_TOO_COMPLEX else passed).append(min(seconds) * 1000)
    return [
        Figure(
            "document_guard", f"{len(passed)} documents that were validated, p50", f"{percentile(passed, 50):.1f} ms"
        ),
        Figure("document_guard", "  the slowest", f"{max(passed):.1f} ms", f"< {GOAL_MS} ms"),
        Figure("document_guard", f"{len(refused)} that were refused before, the slowest", f"{max(refused):.1f} ms"),
    ]


def _prepared(schema: GraphQLSchema, request: GraphQLRequest) -> tuple[ErrorCode | None, float]:
    """Why it was refused, None if it was not, and the seconds that it took."""
    preparation = Preparation(schema, DEFAULT_LIMITS, introspection=True, suggestions=True)
    began, code = thread_time(), None
    try:
        preparation.prepare(request)
    except RefusedError as error:
        code = error.code
    return code, thread_time() - began
