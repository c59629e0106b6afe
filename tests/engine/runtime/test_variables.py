"""Variables coerced without graphql-core: equal to its result, or None."""

from typing import Any

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues, get_variable_values
from hypothesis import given
from hypothesis import strategies as st

from engine import Variables


@strawberry.input
class Point:
    x: int


@strawberry.type
class Query:
    @strawberry.field
    def shown(self, key: strawberry.ID, share: float, point: Point) -> str:
        return f"{key}{share}{point.x}"


SCHEMA = strawberry.Schema(Query)._schema  # noqa: SLF001 - Strawberry keeps graphql-core's schema under a private name
KINDS = ("Int", "Int!", "String", "String!", "ID", "ID!", "Boolean", "Boolean!", "Float", "[Int!]", "Point", "Int = 5")
VALUES = st.one_of(
    st.none(), st.integers(), st.booleans(), st.text(max_size=3), st.floats(), st.just([1]), st.just({"x": 1})
)


def both(kinds: list[str], inputs: dict[str, Any]) -> tuple[VariableValues | None, Any]:
    named = ", ".join(f"$v{place}: {kind}" for place, kind in enumerate(kinds))
    (operation,) = parse(f"query({named}) {{ __typename }}" if kinds else "{ __typename }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    definitions = operation.variable_definitions or ()
    return Variables(SCHEMA, definitions).coerce(inputs), get_variable_values(SCHEMA, definitions, inputs)


def shown(values: VariableValues) -> str:
    return repr((values.coerced, {name: (one.signature[:2], one.value) for name, one in values.sources.items()}))


@given(st.lists(st.sampled_from(KINDS), max_size=4), st.dictionaries(st.sampled_from(["v0", "v1", "v2", "v9"]), VALUES))
def test_coerced_variables_equal_those_of_graphql_core(kinds: list[str], inputs: dict[str, Any]) -> None:
    coerced, expected = both(kinds, inputs)
    assert coerced is None or shown(coerced) == shown(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("Int!", 20), ("Int", None), ("String", "x"), ("ID!", "x"), ("Boolean", False), ("Int!", -(2**31))],
)
def test_plain_values_are_coerced(kind: str, value: object) -> None:
    assert both([kind], {"v0": value})[0] is not None


def test_a_nullable_variable_may_be_left_out() -> None:
    coerced, expected = both(["Int"], {})
    assert coerced is not None
    assert shown(coerced) == shown(expected)


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("Int!", {}),
        ("Int = 5", {}),
        ("Int!", {"v0": None}),
        ("Int", {"v0": True}),
        ("Int", {"v0": 2**31}),
        ("Float", {"v0": 1.0}),
        ("ID", {"v0": 1}),
        ("Point", {"v0": {"x": 1}}),
        ("Nobody", {"v0": 1}),
    ],
)
def test_all_other_values_are_left_to_graphql_core(kind: str, inputs: dict[str, Any]) -> None:
    assert both([kind], inputs)[0] is None
