"""Limits on documents: exact at their edges, and cheap to check for documents that multiply."""

import time
import tracemalloc
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace

import pytest
from graphql import get_introspection_query, get_operation_ast, parse
from hypothesis import given, settings

from core.errors import CodedError, ErrorCode
from tests.transport.limits.documents import Document, brute_force, documents
from tests.transport.stub import build_schema
from transport.execution.compilation import graphql_schema
from transport.execution.operations import Preparation, RefusedError
from transport.limits.cost import check_document
from transport.limits.limits import DEFAULT_LIMITS, Limits
from transport.request.graphql_request import GraphQLRequest

SCHEMA = graphql_schema(build_schema())
NONE: Mapping[str, object] = {}
SLOWEST_SECONDS = 0.15
"""Three times the wanted time; an idle machine takes half of that, and tests share theirs."""


def cost_of(
    text: str, variables: Mapping[str, object] = NONE, *, name: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> int:
    document = parse(text)
    operation = get_operation_ast(document, name)
    assert operation is not None
    return check_document(document, operation, schema=SCHEMA, variables=variables, limits=limits).points


def refusal_of(text: str, variables: Mapping[str, object] = NONE, *, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(CodedError) as refused:
        cost_of(text, variables, limits=limits)
    assert refused.value.code is ErrorCode.QUERY_TOO_COMPLEX
    return refused.value.message


@given(documents())
@settings(max_examples=100)
def test_measures_equal_those_of_the_document_with_fragments_expanded(document: Document) -> None:
    counts = asdict(brute_force(document))
    exact = replace(DEFAULT_LIMITS, **counts)
    assert cost_of(document.text(), limits=exact) <= counts["cost"]
    for name, count in counts.items():
        if count:
            refusal_of(document.text(), limits=replace(exact, **{name: count - 1}))


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ hello }", 0),
        ("{ items { number } }", 20),
        ("{ items(first: 7) { number } }", 7),
        ("query ($n: Int!) { items(first: $n) { number } }", 9),
        ("query ($m: Int! = 4) { items(first: $m) { number } }", 4),
        ("query ($m: Int = 4) { items(first: $m) { number } }", 4),
        ("query ($m: Int) { items(first: $m) { number } }", 20),
        ("{ items(first: 3) { author { items(first: 4) { author { name } } } } }", 3 * (1 + 1 + 4 * 2)),
        ("{ items(first: 0) { number } }", 1),
        ("{ items(first: -5) { number } }", 1),
        ("{ items(first: 1000000) { number } }", 100),
        (f"{{ items(first: {'9' * 400}) {{ number }} }}", 100),
        ('{ items(first: "10") { number } }', 20),
        ('{ nodes(ids: ["a", "b", "c"]) { number } }', 3),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { number } }", 2),
        ('query ($given: [ID!]! = ["a"]) { nodes(ids: $given) { number } }', 1),
        ("{ anything(first: 2) { ... on Item { author { name } } ... on Other { author { name } } } }", 4),
        ("{ anything(first: 2) { ...I ...O } } fragment I on Item { author { name } } fragment O on Other { name }", 4),
        ("{ unknown(first: 9) { more { still } } }", 2),
        ("{ __typename ...Nope }", 0),
        ("mutation { bump }", 0),
    ],
)
def test_each_item_of_a_full_page_costs_a_point(text: str, cost: int) -> None:
    assert cost_of(text, {"n": 9, "ids": ["a", "b"]}) == cost


def test_the_cost_is_that_of_the_operation_that_runs() -> None:
    text = "query A { items(first: 2) { number } } query B { items(first: 3) { number } }"
    assert (cost_of(text, name="A"), cost_of(text, name="B")) == (2, 3)


def test_an_operation_that_does_not_run_is_limited_too() -> None:
    deep = "{ author { items(first: 1) " * 6 + "{ number }" + " } }" * 6
    document = parse(f"query A {{ hello }} query B {{ items(first: 1) {deep} }}")
    operation = get_operation_ast(document, "A")
    assert operation is not None
    with pytest.raises(CodedError, match="14 levels where 12 are allowed"):
        check_document(document, operation, schema=SCHEMA, variables={}, limits=DEFAULT_LIMITS)


def test_a_fragment_that_is_never_spread_is_limited_too() -> None:
    fields = " ".join(f"a{number}: hello" for number in range(31))
    message = refusal_of(f"{{ hello }} fragment Unused on Query {{ {fields} }}")
    assert message == "The document has 31 aliases where 30 are allowed."


def test_a_cycle_of_fragments_is_a_validation_error() -> None:
    with pytest.raises(CodedError, match="Cannot spread fragment 'A' within itself") as refused:
        cost_of("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }")
    assert refused.value.code is ErrorCode.GRAPHQL_VALIDATION_FAILED


def test_the_usual_introspection_is_allowed_and_round_trips_are_not() -> None:
    preparation = Preparation(SCHEMA, DEFAULT_LIMITS, introspection=True, suggestions=True)
    assert preparation.prepare(GraphQLRequest(get_introspection_query())).cost == 100
    round_trips = "{ __schema { types " + "{ fields { type " * 7 + "{ name }" + " } }" * 7 + " } }"
    with pytest.raises(RefusedError, match="Maximum introspection depth exceeded"):
        preparation.prepare(GraphQLRequest(round_trips))


@pytest.mark.parametrize(
    "variables",
    [{"ids": ["x"] * 101}, {"query": {"words": ["x"] * 101}}, {"query": [{"words": [["x"] * 101]}]}],
)
def test_a_list_in_the_variables_has_100_values_at_most(variables: dict[str, object]) -> None:
    assert refusal_of("{ hello }", variables) == "A list has 101 values where 100 are allowed."


@pytest.mark.parametrize(
    "text",
    [
        "{ nodes(ids: [%s]) { number } }",
        "{ find(query: {words: [%s]}) }",
        "query ($ids: [ID!]! = [%s]) { nodes(ids: $ids) { number } }",
    ],
)
def test_a_list_in_the_document_has_100_values_at_most(text: str) -> None:
    assert refusal_of(text % ('"x" ' * 101)) == "A list has 101 values where 100 are allowed."
    cost_of(text % ('"x" ' * 100))


def test_variables_are_not_nested_deeper_than_documents() -> None:
    value: object = 1
    for _ in range(11):
        value = [value]
    cost_of("{ hello }", {"a": value})
    assert refusal_of("{ hello }", {"a": [value]}) == "The variables have more than 12 levels."


def doubling(levels: int, body: str) -> str:
    fragments = [f"fragment F{i} on Author {{ {body.replace('NEXT', f'...F{i + 1}')} }}" for i in range(levels)]
    return " ".join(["{ items { author { ...F0 } } }", *fragments, f"fragment F{levels} on Author {{ name }}"])


HOSTILE = {
    "22 fragments that spread the next twice": doubling(22, "NEXT NEXT"),
    "40 fragments that spread the next twice": doubling(40, "NEXT NEXT"),
    "22 fragments twice under an alias": doubling(22, "a: items { author { NEXT } } b: items { author { NEXT } }"),
    "empty fragments that double": doubling(40, "NEXT NEXT").replace("{ name }", "{ }"),
    "a chain of 200 fragments": doubling(200, "NEXT"),
    "1000 aliases": "{ " + " ".join(f"a{i}: hello" for i in range(1000)) + " }",
    "depth 50": "{ items { author " * 25 + "{ name }" + " } }" * 25,
    "depth 10,000": "{ items { author " * 5000 + "{ name }" + " } }" * 5000,
    "1990 equal fields": "{ " + "hello " * 1990 + "}",
    "400 equal objects": "{ " + "items { number } " * 400 + "}",
    "equal objects in equal objects": "{ " + ("items { " + "author { name } " * 20 + "} ") * 20 + "}",
    "100 fragments of equal fields": "{ "
    + " ".join(f"...F{i}" for i in range(100))
    + " } "
    + " ".join(f"fragment F{i} on Query {{ hello items {{ number }} }}" for i in range(100)),
    "1000 directives": "{ hello " + "@include(if: true) " * 390 + "}",
    "90 kB of tokens": "{ " + "hello," * 15_000 + "}",
    "90 kB in one string": '{ hello(name: "' + "x" * 90_000 + '") }',
    "a list of 40,000": "{ nodes(ids: [" + "1," * 40_000 + "]) { number } }",
    "a list nested 1000 deep": "{ nodes(ids: " + "[" * 1000 + "1" + "]" * 1000 + ") { number } }",
    "a million objects": "{" + "items(first: 100) { author {" * 3 + "name" + "} }" * 3 + "}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_at_once_and_in_little_memory(name: str) -> None:
    preparation = Preparation(SCHEMA, DEFAULT_LIMITS, introspection=True, suggestions=True)
    request = GraphQLRequest(HOSTILE[name])
    seconds = []
    for _ in range(3):
        started = time.thread_time()
        with pytest.raises(RefusedError) as refused:
            preparation.prepare(request)
        seconds.append(time.thread_time() - started)
        assert refused.value.code is ErrorCode.QUERY_TOO_COMPLEX
    assert min(seconds) < SLOWEST_SECONDS
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError):
            preparation.prepare(request)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "{ " + "hello " * 77 + "}",
        "{ " + "items(first: 1) { number } " * 54 + "}",
        "{ " + " ".join(f"nope{number}" for number in range(799)) + " }",
    ],
)
def test_a_document_just_within_the_limits_is_validated_fast(text: str) -> None:
    preparation = Preparation(SCHEMA, DEFAULT_LIMITS, introspection=True, suggestions=True)
    seconds = []
    for _ in range(3):
        started = time.thread_time()
        with suppress(RefusedError):
            preparation.prepare(GraphQLRequest(text))
        seconds.append(time.thread_time() - started)
    assert min(seconds) < SLOWEST_SECONDS
