"""Cached costs equal those that a walk through the document finds, whatever the variables."""

from collections.abc import Mapping
from dataclasses import replace

from graphql import get_operation_ast, parse
from hypothesis import given
from hypothesis import strategies as st

from tests.transport.limits.test_cost import SCHEMA
from transport.limits.cost import check_document
from transport.limits.cost_cache import MOST_COSTS, CostCache
from transport.limits.limits import DEFAULT_LIMITS

TEXT = """
query One($n: Int = 7, $m: Int) { one: items(first: $n) { number author { items(first: $m) { number } } } }
query Two($words: [String!]) { items(first: 3) { number } echo(words: $words) { number } }
"""
DOCUMENT = parse(TEXT)
LIMITS = replace(DEFAULT_LIMITS, cost=10**9)
values = (
    st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=9)
)


def walked(name: str, variables: Mapping[str, object]) -> tuple[int, frozenset[str]]:
    operation = get_operation_ast(DOCUMENT, name)
    assert operation is not None
    return check_document(DOCUMENT, operation, schema=SCHEMA, variables=variables, limits=LIMITS)


@given(
    st.lists(st.tuples(st.sampled_from(["One", "Two"]), st.dictionaries(st.sampled_from(["n", "m", "words"]), values)))
)
def test_cached_costs_equal_those_of_a_walk(asked: list[tuple[str, dict[str, object]]]) -> None:
    costs = CostCache(LIMITS)
    for name, variables in asked:
        cost, size_variables = walked(name, variables)
        assert costs.get(name, variables) in {None, cost}
        costs.put(name, variables, size_variables, cost)
        assert costs.get(name, variables) == cost


def test_the_cache_is_bounded() -> None:
    costs = CostCache(LIMITS)
    for first in range(1, MOST_COSTS + 2):
        variables = {"n": first}
        cost, size_variables = walked("One", variables)
        costs.put("One", variables, size_variables, cost)
    known = [costs.get("One", {"n": first}) is not None for first in range(1, MOST_COSTS + 2)]
    assert known == [True] * MOST_COSTS + [False]
