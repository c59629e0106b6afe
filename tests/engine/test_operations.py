"""Kinds of operations: mutations in order, events of subscriptions, switches, and fallbacks."""

from typing import Any

import pytest
from graphql import get_operation_ast, parse
from graphql.execution.values import VariableValues

from engine import Engine
from engine.compile.plans import PlanCache
from tests.engine.comparing import both, shown
from tests.engine.garden import garden, plant
from tests.engine.worlds import sync_world

NOTHING = VariableValues({}, {})


async def grown(text: str) -> tuple[Any, Any, int]:
    """The engine's answer, graphql-core's, and the final height."""
    schema, mine, theirs = garden(), {"height": 1}, {"height": 1}
    core = (await both(Engine(schema), schema, text, context=theirs)).core
    document = parse(text)
    engine, operation = Engine(schema), get_operation_ast(document, None)
    assert operation is not None
    plan = engine.plan(document, operation, NOTHING)
    assert plan is not None
    theirs["height"], result = 1, await engine.run(plan, NOTHING, context=mine)
    return shown(result), shown(core), mine["height"]


async def test_fields_of_a_mutation_run_one_after_the_other() -> None:
    answer, _, height = await grown("mutation { a: grow(by: 2) __typename b: grow(by: 3) }")
    assert answer == {"data": [("a", 3), ("__typename", "Mutation"), ("b", 6)], "errors": []}
    assert height == 6


async def test_a_mutation_goes_on_after_an_error_that_leaves_null() -> None:
    answer, _, height = await grown("mutation { grow(by: 13) again: grow(by: 1) }")
    assert answer["data"] == [("grow", None), ("again", 15)]
    assert [error["path"] for error in answer["errors"]] == [["grow"]]
    assert height == 15


async def test_a_mutation_ends_where_the_whole_answer_becomes_null() -> None:
    answer, _, height = await grown("mutation { cut { rings } grow(by: 5) }")
    assert answer["data"] is None
    assert [error["path"] for error in answer["errors"]] == [["cut"]]
    assert height == 0


async def test_an_event_of_a_subscription_is_its_root() -> None:
    document = parse("subscription { grown(most: 1) { name __typename ... on Tree { rings } } }")
    operation = get_operation_ast(document, None)
    assert operation is not None
    engine = Engine(garden())
    plan = engine.plan(document, operation, NOTHING)
    assert plan is not None
    result = await engine.run(plan, NOTHING, context={}, root=plant(2))
    assert result.data == {"grown": {"name": "tree2", "__typename": "Tree", "rings": 2}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ('{ strict { text } __type(name: "Thing") { name } }', "introspection"),
        ("{ ... @defer { strict { text } } }", "incremental"),
        ("{ strict { leaves @stream { text } } }", "incremental"),
        ("{ strict { text @unknown } }", "directive"),
        ("query @unknown { strict { text } }", "directive"),
        ("{ strict { nothing } }", "field"),
        ("query Q($b: Boolean = true) { strict { text @skip(if: $b) } }", "switch"),
    ],
)
def test_a_fallback_is_counted_by_its_reason(text: str, reason: str) -> None:
    document = parse(text)
    operation = get_operation_ast(document, None)
    assert operation is not None
    notes: list[str] = []
    engine = Engine(sync_world(), note=notes.append)
    assert engine.plan(document, operation, VariableValues({}, {"b": None})) is None
    assert engine.counts[reason] == 1
    assert notes[-1] == reason


def test_a_plan_is_found_again_by_its_text_name_and_switches() -> None:
    text = "query Q($b: Boolean!) { strict { text @skip(if: $b) number } }"
    engine = Engine(sync_world())
    for value in (True, False, True, False, True):
        document = parse(text)
        operation = get_operation_ast(document, "Q")
        assert operation is not None
        engine.plan(document, operation, VariableValues({}, {"b": value}))
    assert engine.counts == {"compiled": 4, "hit": 1}


def test_the_plan_cache_is_bounded_and_drops_the_least_recently_used() -> None:
    cache = PlanCache(budget=30_000)
    engine = Engine(sync_world(), cache=cache)
    for number in (1, 1, 1, *(number for number in range(2, 30) for _ in range(2)), 1):
        document = parse(f"{{ strict(seed: {number}) {{ text }} }}")
        operation = get_operation_ast(document, None)
        assert operation is not None
        assert engine.plan(document, operation, NOTHING) is not None
    assert engine.counts == {"compiled": 59, "hit": 1}
    assert 0 < len(cache) < 20


def test_an_operation_of_too_many_fields_is_left_to_graphql_core() -> None:
    inner = "text"
    for _ in range(9):
        inner = f"a: nameds {{ ... on Thing {{ {inner} }} }} b: nameds {{ ... on Thing {{ {inner} }} }}"
    document = parse(f"{{ strict {{ {inner} }} }}")
    operation = get_operation_ast(document, None)
    assert operation is not None
    engine = Engine(sync_world())
    assert engine.plan(document, operation, NOTHING) is None
    assert engine.counts["size"] == 1


def test_a_schema_with_extensions_is_refused() -> None:
    class Extended:
        extensions = (object,)

    with pytest.raises(ValueError, match="schema extensions"):
        Engine(Extended())  # type: ignore[arg-type]
