"""Every field of Query and Mutation while stores are away or full: each answers, and none with INTERNAL."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from tests.datastore.opened import indexed
from tests.resolvers.samples import sample, schema_of
from tests.support.people import Person, sign_up
from tests.support.service import running_service, settings_for
from tests.support.stores import OwnStore

pytestmark = pytest.mark.lengthy
AT_ONCE, AT_ONCE_IN_CALM, DEPTH = 16, 4, 2
ENDS_THE_SESSION = ("logout", "deleteAccount")


class Call(NamedTuple):
    name: str
    document: str


class Stage(NamedTuple):
    mongo: OwnStore
    redis: OwnStore


Fault = Callable[[Stage], Awaitable[object]]
"""One after the other; each is added to those before."""
FAULTS: dict[str, Fault] = {
    "redis is full": lambda stage: stage.redis.set_memory_limit(1),
    "redis is dead": lambda stage: stage.redis.kill(),
    "both are dead": lambda stage: stage.mongo.kill(),
    "mongodb is dead": lambda stage: stage.redis.restart(),
}


def literal(value: Any, kind: Any) -> str:
    """A value of the type in GraphQL's syntax."""
    if isinstance(value, dict):
        fields = get_named_type(kind).fields
        return "{" + ", ".join(f"{name}: {literal(one, fields[name].type)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(one, kind) for one in value) + "]"
    return str(value) if is_enum_type(get_named_type(kind)) else json.dumps(value)


def arguments(field: GraphQLField, known: dict[str, Any]) -> str:
    """All required arguments, and of the others those that name something that there is."""
    given = {
        name: known.get(name, sample(argument.type))
        for name, argument in field.args.items()
        if is_required_argument(argument) or (name in known and not is_input_object_type(get_named_type(argument.type)))
    }
    words = ", ".join(f"{name}: {literal(value, field.args[name].type)}" for name, value in given.items())
    return f"({words})" if words else ""


def selection(field: GraphQLField, depth: int) -> str:
    """All fields that need no argument, to that depth."""
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    inner = ["__typename"]
    if is_object_type(kind) and depth:
        inner += [f"{name}{selection(one, depth - 1)}" for name, one in _plain_fields(kind)]
    return " { " + " ".join(inner) + " }"


def _plain_fields(kind: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField]]:
    for name, field in kind.fields.items():
        is_page = get_named_type(field.type).name.endswith("Connection")
        if not is_page and not any(is_required_argument(argument) for argument in field.args.values()):
            yield name, field


async def calls_of(person: Person, known: dict[str, Any]) -> list[Call]:
    schema = await schema_of(person.service)
    calls = list[Call]()
    for operation, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        assert root is not None
        for name, field in root.fields.items():
            body = f"{name}{arguments(field, known)}{selection(field, DEPTH)}"
            calls.append(Call(name, f"{operation} {{ {body} }}"))
    return [call for call in calls if call.name not in ENDS_THE_SESSION]


async def codes_of(person: Person, calls: Sequence[Call], at_once: int = AT_ONCE) -> dict[str, set[str]]:
    """The codes of errors of each call that has any."""
    found, limit = dict[str, set[str]](), asyncio.Semaphore(at_once)

    async def ask(call: Call) -> None:
        async with limit:
            answer = await person.service.ask(call.document, token=person.token)
        if "errors" in answer:
            found[call.name] = {error["extensions"]["code"] for error in answer["errors"]}

    await asyncio.gather(*[ask(call) for call in calls])
    return found


async def test_no_field_answers_internal_while_a_store_is_full_or_dead(
    own_mongo: Callable[[], Awaitable[OwnStore]], own_valkey: Callable[[], Awaitable[OwnStore]]
) -> None:
    stage = Stage(await own_mongo(), await own_valkey())
    await indexed(stage.mongo.url)
    settings = settings_for(stage.mongo.url, stage.redis.url, rate_limit="off")
    async with running_service(settings) as service:
        person, other = await sign_up(service, "person"), await sign_up(service, "other")
        tweet = await other.post("a #heron")
        known = {"id": tweet, "tweetId": tweet, "userId": other.id, "handle": other.handle, "ids": [tweet, other.id]}
        await service.settle()
        calls = await calls_of(person, known)
        assert len(calls) > 70
        calm = await codes_of(person, calls, AT_ONCE_IN_CALM)
        assert not {name for name, codes in calm.items() if codes & {"INTERNAL", "UNAVAILABLE"}}, calm
        assert not {name for name, codes in calm.items() if codes & {"GRAPHQL_VALIDATION_FAILED", "UNAUTHENTICATED"}}
        for fault, bring_about in FAULTS.items():
            await bring_about(stage)
            codes = await codes_of(person, calls)
            assert not {name: some for name, some in codes.items() if "INTERNAL" in some}, fault
            if "mongodb" in fault or "both" in fault:
                assert any("UNAVAILABLE" in some for some in codes.values())
