"""Work of fields: counted per call, beside the objects, by argument values however they are given."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from graphql import build_schema, get_operation_ast, parse

from core.errors import CodedError
from transport.execution.operations import Preparation
from transport.limits.cost import check_document
from transport.limits.limits import DEFAULT_LIMITS
from transport.limits.work import FieldWork, WorkTable
from transport.request.graphql_request import GraphQLRequest

SCHEMA = build_schema("""
  enum Sort { LATEST TOP }
  interface Node { id: ID! }
  type Item implements Node { id: ID! below(first: Int!): [Item!]! words: [String!]! }
  type Person implements Node { id: ID! friends(first: Int!): [Person!]! }
  type Query {
    hello: String search(sort: Sort! = LATEST, first: Int!): [Item!]! node(id: ID!): Node many(ids: [ID!]!): [Item!]!
  }
  type Mutation { like(id: ID!): Item login(password: String!): String }
""")
OPERATION, PAGE, WRITE, SEARCH, TOP, FRIENDS, LOGIN = 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000
WORK = WorkTable(
    operation=OPERATION,
    page=PAGE,
    mutation=WRITE,
    fields={
        "Query.search": FieldWork(SEARCH, {("sort", "TOP"): TOP}),
        "Person.friends": FieldWork(FRIENDS),
        "Mutation.login": FieldWork(LOGIN),
    },
)
NONE: Mapping[str, object] = {}
BY_VARIABLE = "query Q($sort: Sort!) { search(sort: $sort, first: 20) { id } }"
BY_DEFAULT = "query Q($sort: Sort! = TOP) { search(sort: $sort, first: 20) { id } }"


def points_of(
    text: str, variables: Mapping[str, object] = NONE, *, limit: int = DEFAULT_LIMITS.cost, work: WorkTable = WORK
) -> int:
    document, limits = parse(text), replace(DEFAULT_LIMITS, cost=limit)
    operation = get_operation_ast(document, None)
    assert operation is not None
    return check_document(document, operation, schema=SCHEMA, variables=variables, limits=limits, work=work).points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ hello }", OPERATION),
        ("{ search(first: 20) { id } }", OPERATION + 20 + SEARCH),
        ("{ a: search(first: 20) { id } b: search(first: 1) { id } }", OPERATION + 21 + 2 * SEARCH),
        ("{ search(first: 2) { below(first: 10) { id } } }", OPERATION + 2 * 11 + SEARCH + 2 * PAGE),
        ("{ search(first: 2) { words } }", OPERATION + 2 + SEARCH),
        (
            "{ search(first: 2) { ...Below } } fragment Below on Item { below(first: 10) { id } }",
            OPERATION + 2 * 11 + SEARCH + 2 * PAGE,
        ),
        ("mutation { like(id: 1) { id } }", OPERATION + 1 + WRITE),
        ('mutation { a: login(password: "x") b: login(password: "x") }', OPERATION + 2 * LOGIN),
        (
            "{ node(id: 1) { ... on Item { below(first: 10) { id } } ... on Person { friends(first: 10) { id } } } }",
            OPERATION + 11 + FRIENDS,
        ),
    ],
)
def test_calls_count_beside_objects(text: str, points: int) -> None:
    assert points_of(text) == points


def test_items_of_a_page_and_of_a_list_count_each() -> None:
    work = replace(WORK, fields={"Query.search": FieldWork(SEARCH, each=3), "Query.many": FieldWork(each=5)})
    assert points_of("{ search(first: 20) { id } }", work=work) == OPERATION + 20 + SEARCH + 3 * 20
    by_ids = "query Q($ids: [ID!]!) { many(ids: $ids) { id } }"
    assert points_of(by_ids, {"ids": ["a", "b"]}, work=work) == OPERATION + 2 + 2 * 5


def test_some_objects_together_are_a_point_and_a_begun_one_counts() -> None:
    work = replace(WORK, objects_a_point=4)
    texts = ["{ hello }", "{ search(first: 1) { id } }", "{ search(first: 4) { id } }", "{ search(first: 5) { id } }"]
    assert [points_of(text, work=work) - OPERATION for text in texts] == [0, SEARCH + 1, SEARCH + 1, SEARCH + 2]


@pytest.mark.parametrize(
    ("text", "variables", "is_top"),
    [
        ("{ search(sort: TOP, first: 20) { id } }", NONE, True),
        ("{ search(sort: LATEST, first: 20) { id } }", NONE, False),
        (BY_VARIABLE, {"sort": "TOP"}, True),
        (BY_VARIABLE, {"sort": "LATEST"}, False),
        (BY_VARIABLE, {"sort": 7}, False),
        (BY_DEFAULT, NONE, True),
        (BY_DEFAULT, {"sort": "LATEST"}, False),
    ],
)
def test_argument_value_counts_however_it_is_given(text: str, variables: Mapping[str, object], is_top: bool) -> None:
    assert points_of(text, variables) == OPERATION + 20 + SEARCH + TOP * is_top


def test_limit_of_objects_does_not_see_work() -> None:
    assert points_of("{ search(first: 20) { id } }", limit=20) == OPERATION + 20 + SEARCH
    with pytest.raises(CodedError):
        points_of("{ search(first: 20) { id } }", limit=19)


def test_cached_document_costs_what_its_words_say() -> None:
    preparation = Preparation(SCHEMA, DEFAULT_LIMITS, introspection=True, suggestions=True, work=WORK)
    costs = [
        preparation.prepare(GraphQLRequest(BY_VARIABLE, variables={"sort": sort})).cost
        for sort in ("LATEST", "TOP", "LATEST", "TOP", "x" * 100_000)
    ]
    usual = OPERATION + 20 + SEARCH
    assert costs == [usual, usual + TOP, usual, usual + TOP, usual]
