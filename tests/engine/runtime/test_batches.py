"""Batch fields: one call for all objects of a level, compiled or not."""

import asyncio
from typing import Any

import strawberry
from graphql import get_operation_ast, parse
from graphql.execution.values import VariableValues
from strawberry.types import Info

from engine import Engine, Results, batch_field
from tests.engine.comparing import both, shown

calls: list[tuple[str, int]] = []


@strawberry.type
class Item:
    number: int

    @batch_field(description="How many there are.")
    @staticmethod
    async def late(items: list["Item"], info: Info[Any, Any], times: int = 1) -> list[int]:  # noqa: ARG004 - as batches are called
        calls.append(("late", len(items)))
        await asyncio.sleep(0)
        return [item.number * times for item in items]

    @batch_field()
    @staticmethod
    def at_once(items: list["Item"], info: Info[Any, Any]) -> Results[str | None]:  # noqa: ARG004 - as batches are called
        calls.append(("at_once", len(items)))
        return [None if item.number else ValueError("nothing") for item in items]  # type: ignore[misc]

    @batch_field()
    @staticmethod
    def broken(items: list["Item"], info: Info[Any, Any]) -> list[int | None]:  # noqa: ARG004 - as batches are called
        calls.append(("broken", len(items)))
        raise ValueError("all of them")

    @batch_field()
    @staticmethod
    def others(items: list["Item"], info: Info[Any, Any]) -> list[list["Item"]]:  # noqa: ARG004 - as batches are called
        return [[Item(number=item.number + 10), Item(number=item.number + 20)] for item in items]


@strawberry.type
class Query:
    @strawberry.field
    def items(self) -> list[Item]:
        return [Item(number=number) for number in range(3)]


SCHEMA = strawberry.Schema(Query)


async def called(text: str) -> tuple[Any, list[tuple[str, int]], list[tuple[str, int]]]:
    """The answer of both executions; the calls by the engine, and those by graphql-core."""
    calls.clear()
    answers = await both(Engine(SCHEMA), SCHEMA, text, context={})
    assert answers.engine is not None
    assert shown(answers.engine) == shown(answers.core)
    half = len(calls) // 2
    return answers.engine.data, calls[half:], calls[:half]


async def test_one_call_for_all_objects_of_a_level_in_both_executions() -> None:
    data, mine, theirs = await called("{ items { late(times: 2) others { late } } }")
    assert [item["late"] for item in data["items"]] == [0, 2, 4]
    assert mine == theirs == [("late", 3), ("late", 6)]


async def test_different_arguments_are_different_calls() -> None:
    _, mine, theirs = await called("{ items { a: late(times: 2) b: late(times: 3) c: late } }")
    assert mine == theirs == [("late", 3)] * 3


async def test_an_error_as_a_result_is_the_error_of_its_object() -> None:
    data, mine, _ = await called("{ items { atOnce } }")
    assert data["items"] == [{"atOnce": None}] * 3
    assert mine == [("at_once", 3)]


async def test_an_exception_of_a_batch_is_the_error_of_each_object() -> None:
    calls.clear()
    answers = await both(Engine(SCHEMA), SCHEMA, "{ items { broken } }", context={})
    assert answers.engine is not None
    assert shown(answers.engine) == shown(answers.core)
    assert [error.path for error in answers.engine.errors or ()] == [["items", n, "broken"] for n in range(3)]


async def test_a_batch_of_the_wrong_length_is_an_error_of_each() -> None:
    @strawberry.type
    class Few:
        @batch_field()
        @staticmethod
        def short(few: list[Any], info: Info[Any, Any]) -> list[int | None]:  # noqa: ARG004 - as batches are called
            return []

    @strawberry.type(name="Query")
    class Root:
        @strawberry.field
        def few(self) -> list[Few]:
            return [Few(), Few()]

    document = parse("{ few { short } }")
    operation, engine = get_operation_ast(document, None), Engine(strawberry.Schema(Root))
    assert operation is not None
    plan = engine.plan(document, operation, VariableValues({}, {}))
    assert plan is not None
    result = await engine.run(plan, VariableValues({}, {}))
    assert result.data == {"few": [{"short": None}] * 2}
    assert [error.message for error in result.errors or ()] == ["A batch resolver gave 0 results for 2 objects."] * 2


def test_the_field_is_described_as_any_other() -> None:
    assert '"""How many there are."""\n  late(times: Int! = 1): Int!' in SCHEMA.as_str()
