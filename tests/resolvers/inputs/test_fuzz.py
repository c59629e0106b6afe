"""Every argument of every field with every wrong kind of value: clear errors, no internal text."""

import asyncio
import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import httpx
import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    is_required_argument,
)

from core.errors import ErrorCode
from tests.resolvers.samples import sample
from tests.support.people import Person, sign_up
from tests.support.service import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


def global_id(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


WRONG: tuple[object, ...] = (
    *(None, True, 0, -1, 101, 2**31 - 1, 2**31, 2**63, -(2**63) - 1, 0.5, 1e300),
    *("", "x", "\0", "\u202e", "a" * 10_000, "'\"$ne{}", "🦜" * 300, "0001-01-01", "9999-12-31T23:59:60Z"),
    *(global_id("Tweet:1"), global_id("User:-1"), global_id("User:" + "9" * 30), global_id("Nobody:1"), "////"),
    *(global_id("Hashtag:#"), global_id("Notification:x"), global_id("PromotedTweet:"), global_id("\0:\0")),
    *([], [None], [1, "x"], ["x"] * 101, {}, {"$gt": ""}, {"text": {"text": "x"}}),
)
# Values that need raw JSON.
RAW = ('"\\ud800"', "1e400", "-0", "[[[[[[[[[[[[[[]]]]]]]]]]]]]]", "1" * 400, "NaN")
ALLOWED = {code.value for code in ErrorCode} - {"INTERNAL"}
AT_ONCE = 8
# Two messages each, within the 50 a second that a socket may send.
A_SOCKET = 20


class Call(NamedTuple):
    """A field requested with its argument as $value; `frame` is JSON around the tried value."""

    name: str
    document: str
    frame: str

    def body(self, value: str) -> bytes:
        variables = self.frame.replace('"VALUE"', value)
        return f'{{"query": {json.dumps(self.document)}, "variables": {variables}}}'.encode()


def frames(kind: GraphQLInputType) -> Iterator[Any]:
    """The value itself, and each field of an input object with valid values for the others."""
    yield "VALUE"
    bare = get_named_type(kind)
    if isinstance(bare, GraphQLInputObjectType):
        for name, field in bare.fields.items():
            for inner in frames(field.type):
                whole: dict[str, Any] = sample(GraphQLNonNull(bare))
                yield whole | {name: inner}


def calls_of(operation: str, name: str, field: GraphQLField, around: str = "%s") -> Iterator[Call]:
    for key, argument in field.args.items():
        given = {k: json.dumps(sample(a.type)) for k, a in field.args.items() if is_required_argument(a) and k != key}
        if any("{" in value or is_enum_type(get_named_type(field.args[k].type)) for k, value in given.items()):
            given = {k: value.strip('"') for k, value in given.items() if "{" not in value}
        rest = "".join(f", {k}: {value}" for k, value in given.items())
        leaf = is_leaf_type(get_named_type(field.type))
        asked = f"{name}({key}: $value{rest})" + ("" if leaf else " { __typename }")
        document = f"{operation}($value: {argument.type}) {{ {around % asked} }}"
        for frame in frames(argument.type):
            yield Call(f"{name}.{key}", document, json.dumps({"value": frame}))


def calls(schema: GraphQLSchema, handle: str, tweet: str) -> Iterator[Call]:
    around = {
        "User": f'user(handle: "{handle}") {{ %s }}',
        "Tweet": f'tweet(id: "{tweet}") {{ %s }}',
        "Viewer": "viewer { %s }",
        "Hashtag": 'hashtag(name: "rooks") { %s }',
    }
    assert schema.query_type
    assert schema.mutation_type
    for name, field in schema.query_type.fields.items():
        yield from calls_of("query", name, field)
    for kind, frame in around.items():
        for name, field in schema.type_map[kind].fields.items():  # type: ignore[attr-defined]
            yield from calls_of("query", name, field, frame)
    # Fields that end the session come last.
    for name, field in sorted(schema.mutation_type.fields.items(), key=lambda one: one[0] == "logout"):
        yield from calls_of("mutation", name, field)


def values() -> list[str]:
    return [*[json.dumps(value) for value in WRONG], *RAW]


def check(call: str, value: str, codes: list[str]) -> None:
    unexpected = set(codes) - ALLOWED
    assert not unexpected, f"{call} answered {unexpected} to {value[:60]}"


async def try_call(person: Person, call: Call, tried: Sequence[str], gate: asyncio.Semaphore) -> None:
    headers = {"authorization": f"Bearer {person.token}", "content-type": "application/json"}
    for value in tried:
        async with gate:
            answer: httpx.Response = await person.service.http.post(
                "/graphql", content=call.body(value), headers=headers
            )
        assert answer.status_code < 500, f"{call.name} answered {answer.status_code} to {value[:60]}"
        check(call.name, value, [error["extensions"]["code"] for error in answer.json().get("errors", ())])


async def try_all(service: Service, every: int) -> None:
    """Tries every n-th value for each argument, starting at a different one for each."""
    alice = await sign_up(service, "alice")
    schema = build_schema((await service.http.get("/schema.graphql")).text)
    gate, tweet = asyncio.Semaphore(AT_ONCE), await alice.post("hello #rooks")
    all_calls = list(calls(schema, alice.handle, tweet))
    assert len(all_calls) > 80
    last = [call for call in all_calls if call.name == "logout.sessionId"]
    for some in ([call for call in all_calls if call not in last], last):
        work = [try_call(alice, call, values()[at % every :: every], gate) for at, call in enumerate(some)]
        await asyncio.gather(*work)


async def test_no_argument_of_query_or_mutation_makes_an_internal_error(shared_service: Service) -> None:
    await try_all(shared_service, every=5)


@pytest.mark.long
async def test_no_argument_with_any_wrong_value_makes_an_internal_error(shared_service: Service) -> None:
    await try_all(shared_service, every=1)


async def test_no_argument_of_a_subscription_closes_a_socket_or_makes_an_internal_error(
    shared_service: Service,
) -> None:
    alice = await sign_up(shared_service, "alice")
    schema = build_schema((await shared_service.http.get("/schema.graphql")).text)
    assert schema.subscription_type
    for name, field in schema.subscription_type.fields.items():
        for call in calls_of("subscription", name, field):
            for at in range(0, len(WRONG), A_SOCKET):
                await try_on_socket(alice, call, WRONG[at : at + A_SOCKET])


async def try_on_socket(person: Person, call: Call, tried: Sequence[object]) -> None:
    """Asserts that the socket still answers."""
    async with person.socket() as socket:
        for number, value in enumerate(tried):
            payload = json.loads(call.body(json.dumps(value)))
            await socket.send({"id": str(number), "type": "subscribe", "payload": payload})
            await socket.send({"id": str(number), "type": "complete"})
        await socket.send({"type": "ping"})
        while (message := await socket.message())["type"] != "pong":
            if message["type"] == "error":
                check(call.name, message["id"], [error["extensions"]["code"] for error in message["payload"]])
