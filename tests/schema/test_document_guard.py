"""No document that passes the guard makes validation work long: fuzzed, and measured in calls of functions.

Calls are the same on every machine. `python -m bench document_guard` prints how long they take.
"""

import sys
from random import Random
from typing import Any

import pytest
from graphql import GraphQLError, validate

from bench.data.hostile_documents import hostile_document
from schema.roots import build_schema
from transport.execution import operations
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation, RefusedError
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

DOCUMENTS = 300
MOST_CALLS = 250_000
"""About 50 ms of a core of 2020."""


def test_no_document_that_passes_the_guard_is_validated_long(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(*arguments: Any, **more: Any) -> list[GraphQLError]:
        calls.append(0)
        sys.setprofile(note)
        try:
            return validate(*arguments, **more)
        finally:
            sys.setprofile(None)

    def note(_: object, event: str, __: object) -> None:
        calls[-1] += event == "call"

    monkeypatch.setattr(operations, "validate", counted)
    schema = graphql_schema(build_schema())
    for seed in range(DOCUMENTS):
        text, before = hostile_document(Random(seed)), len(calls)
        try:
            preparation = Preparation(schema, DEFAULT_LIMITS, introspection=True, suggestions=True)
            preparation.prepare(GraphQLRequest(text, "Q0"))
        except RefusedError:
            pass
        assert sum(calls[before:]) < MOST_CALLS, (seed, text)
    assert len(calls) > DOCUMENTS / 3
    assert max(calls) > 40_000
