"""Cost multipliers of single fields: page arguments, lists, defaults and variables."""

from collections.abc import Mapping

import pytest
from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    parse,
)

from core.errors import CodedError, ErrorCode
from transport.limits.limits import Limits
from transport.limits.multipliers import Multipliers, check_variables, field_of

INTS, IDS = GraphQLList(GraphQLInt), GraphQLArgument(GraphQLList(GraphQLNonNull(GraphQLID)))
QUERY = GraphQLObjectType(
    "Query",
    {
        "page": GraphQLField(INTS, {"first": GraphQLArgument(GraphQLInt, default_value=20)}),
        "endless": GraphQLField(GraphQLInt, {"limit": GraphQLArgument(GraphQLInt)}),
        "nodes": GraphQLField(GraphQLNonNull(INTS), {"ids": IDS, "more": IDS}),
        "plain": GraphQLField(GraphQLInt, {"ids": IDS}),
        "list": GraphQLField(INTS),
    },
)
LIMITS = Limits(list_items=3, page_items=50, depth=2)


def multipliers_of(text: str, variables: Mapping[str, object]) -> tuple[Multipliers, FieldNode]:
    document = parse(text)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    return Multipliers(document, variables, LIMITS), field


@pytest.mark.parametrize(
    ("text", "variables", "times"),
    [
        ("{ page }", {}, 20),
        ("{ page(first: 7) }", {}, 7),
        ("{ page(first: 0) }", {}, 1),
        ("{ page(first: 51) }", {}, 50),
        ("{ page(first: null) }", {}, 20),
        ("query ($n: Int) { page(first: $n) }", {"n": 5}, 5),
        ("query ($n: Int) { page(first: $n) }", {"n": None}, 20),
        ("query ($n: Int = 6) { page(first: $n) }", {}, 6),
        ("query ($n: Int = 6) { page(first: $n) }", {"n": "a"}, 50),
        ("{ endless }", {}, 50),
        ("{ list }", {}, 1),
        ('{ nodes(ids: ["a", "b"]) }', {}, 2),
        ('{ nodes(ids: ["a"], more: ["b", "c", "d"]) }', {}, 3),
        ("query ($ids: [ID!]) { nodes(ids: $ids) }", {"ids": ["a", "b", "c"]}, 3),
        ("query ($ids: [ID!]) { nodes(ids: $ids) }", {"ids": "a"}, 1),
        ('query ($ids: [ID!] = ["a", "b"]) { nodes(ids: $ids) }', {}, 2),
        ('{ plain(ids: ["a", "b"]) }', {}, 1),
        ("{ unknown(first: 9) }", {}, 1),
    ],
)
def test_a_field_multiplies_its_selections(text: str, variables: Mapping[str, object], times: int) -> None:
    multipliers, field = multipliers_of(text, variables)
    assert multipliers.times(field, field_of(QUERY, field.name.value)) == times


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("query ($n: Int) { page(first: $n) }", {"n"}),
        ("query ($ids: [ID!]) { nodes(ids: $ids) }", {"ids"}),
        ("query ($ids: [ID!]) { plain(ids: $ids) }", set()),
    ],
)
def test_only_variables_that_size_a_field_are_noted(text: str, names: set[str]) -> None:
    multipliers, field = multipliers_of(text, {})
    multipliers.times(field, field_of(QUERY, field.name.value))
    assert multipliers.size_variables == names


@pytest.mark.parametrize("text", ["{ plain(ids: [1, 2, 3, 4]) }", "{ plain(ids: [{deep: [1, 2, 3, 4]}]) }"])
def test_a_literal_list_that_is_too_long_is_refused(text: str) -> None:
    multipliers, field = multipliers_of(text, {})
    with pytest.raises(CodedError, match="A list has 4 values where 3 are allowed") as refused:
        multipliers.times(field, None)
    assert refused.value.code is ErrorCode.QUERY_TOO_COMPLEX


def test_a_default_that_is_too_long_is_refused() -> None:
    with pytest.raises(CodedError, match="A list has 4 values where 3 are allowed"):
        multipliers_of("query ($ids: [Int!] = [1, 2, 3, 4]) { plain(ids: $ids) }", {})


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"a": [1, 2, 3, 4]}, "A list has 4 values where 3 are allowed."),
        ({"a": {"b": [1, 2, 3, 4]}}, "A list has 4 values where 3 are allowed."),
        ({"a": {"b": {"c": 1}}}, "The variables have more than 2 levels."),
    ],
)
def test_variables_beyond_the_limits_are_refused(variables: Mapping[str, object], message: str) -> None:
    with pytest.raises(CodedError) as refused:
        check_variables(variables, LIMITS)
    assert (refused.value.code, refused.value.message) == (ErrorCode.QUERY_TOO_COMPLEX, message)


def test_variables_at_the_limits_pass() -> None:
    check_variables({"a": [1, 2, 3], "b": {"c": 1}}, LIMITS)
