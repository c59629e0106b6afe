"""The compiler: how large a plan may be, and in what order its fields are asked for."""

import asyncio

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse

from engine import Plan
from engine.compile.compiler import MOST_FIELDS, Compiler
from engine.compile.fallback_reasons import FallbackError, FallbackReason
from tests.engine.comparing import run


@strawberry.interface
class Bird:
    name: str = "rook"


@strawberry.type
class Rook(Bird):
    pass


@strawberry.type
class Crow(Bird):
    pass


@strawberry.type
class Nest:
    log: strawberry.Private[list[str]]

    @strawberry.field
    async def slow(self) -> str:
        self.log.append("slow begins")
        await asyncio.sleep(0)
        self.log.append("slow ends")
        return "slow"

    @strawberry.field
    async def fast(self) -> str:
        self.log.append("fast")
        return "fast"

    @strawberry.field
    def bird(self) -> Bird:
        return Rook()

    @strawberry.field
    def again(self) -> "Nest":
        return self


@strawberry.type
class Changes(Nest):
    pass


SCHEMA = strawberry.Schema(Nest, Changes, types=[Rook, Crow])


def compiled(text: str) -> Plan:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return Compiler(SCHEMA, SCHEMA._schema, document, operation, {}).plan()  # noqa: SLF001


def names(count: int) -> str:
    return " ".join(f"a{number}: __typename" for number in range(count))


def test_a_plan_has_as_many_fields_as_are_allowed_and_no_more() -> None:
    assert compiled(f"{{ {names(MOST_FIELDS)} }}").fields == MOST_FIELDS
    with pytest.raises(FallbackError) as raised:
        compiled(f"{{ {names(MOST_FIELDS + 1)} }}")
    assert raised.value.reason is FallbackReason.SIZE


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("{ again { slow } }", 3),
        ("{ again { slow slow ... { slow fast } } }", 4),
        ("{ bird { name } }", 5),
        ("{ bird { name ... on Crow { __typename } } }", 6),
    ],
)
def test_an_object_counts_as_itself_and_its_fields_for_each_possible_type(text: str, fields: int) -> None:
    """`bird` itself, and for Rook and for Crow an object with its fields."""
    assert compiled(text).fields == fields


def test_nesting_that_is_too_deep_is_left_to_graphql_core() -> None:
    depth = 400
    assert 2 * depth < MOST_FIELDS
    fragments = (f"fragment F{level} on Nest {{ again {{ ...F{level + 1} }} }}" for level in range(depth))
    with pytest.raises(FallbackError) as raised:
        compiled(f"{{ ...F0 }} {' '.join(fragments)} fragment F{depth} on Nest {{ __typename }}")
    assert raised.value.reason is FallbackReason.SIZE


@pytest.mark.parametrize(
    ("kind", "log"),
    [
        ("query", ["slow begins", "fast", "slow ends"]),
        ("mutation", ["slow begins", "slow ends", "fast"]),
    ],
)
async def test_fields_of_a_query_are_asked_for_together_those_of_a_mutation_one_after_another(
    kind: str, log: list[str]
) -> None:
    nest = Nest(log=[])
    answer = await run(SCHEMA, f"{kind} {{ slow fast }}", None, root=nest)
    assert answer["data"] == [("slow", "slow"), ("fast", "fast")]
    assert nest.log == log * 2, "graphql-core and the engine"
