"""Definitions of a document: bounded in number, of two kinds, of different names."""

import pytest

from core.errors import ErrorCode
from tests.transport.stub import build_schema
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation, RefusedError, refusal_points
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.graphql_request import GraphQLRequest

SCHEMA = graphql_schema(build_schema())


def prepare(text: str, name: str | None = None) -> None:
    preparation = Preparation(SCHEMA, DEFAULT_LIMITS, introspection=True, suggestions=True)
    preparation.prepare(GraphQLRequest(text, name))


def refusal_of(text: str, name: str | None = None) -> tuple[ErrorCode, str]:
    with pytest.raises(RefusedError) as refused:
        prepare(text, name)
    return refused.value.code, str(refused.value)


def operations(number: int) -> str:
    return " ".join(f"query Q{i} {{ hello }}" for i in range(number))


def fragments(number: int) -> str:
    spreads = " ".join(f"...F{i}" for i in range(number))
    return f"{{ {spreads} }} " + " ".join(f"fragment F{i} on Query {{ ... {{ __typename }} }}" for i in range(number))


def variables(number: int) -> str:
    declared = " ".join(f"$v{i}: String = null" for i in range(number))
    return f"query ({declared}) {{ hello }}"


def test_a_document_has_10_operations_at_most() -> None:
    prepare(operations(10), "Q3")
    assert refusal_of(operations(11), "Q3") == (
        ErrorCode.QUERY_TOO_COMPLEX,
        "The document has 11 operations where 10 are allowed.",
    )


def test_a_document_has_100_fragments_at_most() -> None:
    chain = " ".join(f"fragment F{i} on Query {{ hello ...F{i + 1} }}" for i in range(99))
    ends = "fragment F99 on Query { hello }"
    assert "fragments" not in refusal_of(f"{{ ...F0 }} {chain} {ends} ")[1]
    code, message = refusal_of(f"{{ ...F0 }} {chain} {ends} fragment More on Query {{ hello }}")
    assert (code, message) == (
        ErrorCode.QUERY_TOO_COMPLEX,
        "The document has 101 fragments where 100 are allowed.",
    )


def test_a_document_declares_100_variables_at_most() -> None:
    assert refusal_of(variables(100))[0] is ErrorCode.GRAPHQL_VALIDATION_FAILED  # none is used
    assert refusal_of(variables(101)) == (
        ErrorCode.QUERY_TOO_COMPLEX,
        "The document has 101 variables where 100 are allowed.",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{ ...F } fragment F on Query { " + "hello " * 900 + "} fragment F on Query { hello }",
            "There can be only one fragment named 'F'.",
        ),
        ("query Q { hello } query Q { hello }", "There can be only one operation named 'Q'."),
        ("query Q { hello } { hello }", "An anonymous operation must be the only one of its document."),
        ("query Q { hello } type Query { hello: Int }", "A document holds operations and fragments alone."),
    ],
)
def test_what_would_escape_the_measures_is_refused_before_validation(
    text: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transport.execution.operations.validate", pytest.fail)
    assert refusal_of(text, "Q") == (ErrorCode.GRAPHQL_VALIDATION_FAILED, message)


@pytest.mark.parametrize(
    "text", ["query ($a: Int %s) { hello }", "query { hello } fragment F on Query %s { hello }", "query %s { hello }"]
)
def test_directives_count_wherever_they_stand(text: str) -> None:
    code, message = refusal_of(text % ("@include(if: true) " * 51))
    assert (code, message) == (ErrorCode.QUERY_TOO_COMPLEX, "The document has 51 directives where 50 are allowed.")


@pytest.mark.parametrize(
    "text", ["query ($a: Int %s) { hello }", "query %s { hello }", "{ hello %s }", "{ ... %s { hello } }"]
)
def test_one_place_has_few_directives(text: str) -> None:
    code, message = refusal_of(text % ("@aa " * 6))
    wanted = "The document has 6 directives in one place where 5 are allowed."
    assert (code, message) == (ErrorCode.QUERY_TOO_COMPLEX, wanted)
    assert refusal_of(text % ("@aa " * 5))[0] is ErrorCode.GRAPHQL_VALIDATION_FAILED


@pytest.mark.parametrize(
    ("text", "points"),
    [
        (None, 1),
        ("", 1),
        ("{ hello }", 3),
        ("{ hello(name: $a) }", 9),
        ("hello " * 5_000, DEFAULT_LIMITS.tokens),
        ("x" * 70_000, DEFAULT_LIMITS.tokens),
    ],
)
def test_a_refusal_costs_points_by_its_tokens(text: str | None, points: int) -> None:
    assert refusal_points(GraphQLRequest(text), DEFAULT_LIMITS) == points


def test_what_could_not_be_read_costs_a_point() -> None:
    assert refusal_points(None, DEFAULT_LIMITS) == 1
