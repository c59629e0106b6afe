"""No error repeats a value: all mutations, with a secret in each input field, by variables and by literals."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputType,
    GraphQLSchema,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_object_type,
)
from starlette.requests import HTTPConnection
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from core.settings import Switch, load_settings
from schema.roots import build_schema
from tests.transport.stub import KeptDocuments, http_client, served, url_of
from transport.asgi import RookeryGraphQL
from transport.execution.compilation import graphql_schema
from transport.limits.limits import DEFAULT_LIMITS
from transport.request.persisted_documents import PersistedDocuments

SECRET = "hunter2 among wolves"
LIMITS = replace(DEFAULT_LIMITS, messages_per_second=100_000)
SCHEMA = build_schema()


class Request(NamedTuple):
    query: str
    variables: dict[str, Any]


async def no_context(_: HTTPConnection, __: object) -> object:
    """Resolvers fail on it; what they say is masked."""
    return object()


def api(*, is_open: bool) -> RookeryGraphQL:
    return RookeryGraphQL(
        schema=SCHEMA,
        get_context=no_context,
        documents=PersistedDocuments(KeptDocuments),
        graphiql=is_open,
        introspection=is_open,
        suggestions=is_open,
        engine=load_settings().engine is Switch.ON,
        limits=LIMITS,
    )


def requests(schema: GraphQLSchema) -> Iterator[Request]:
    assert schema.mutation_type
    for name, field in schema.mutation_type.fields.items():
        selected = " { __typename }" if is_object_type(get_nullable_type(field.type)) else ""
        for argument, definition in field.args.items():
            others = {key: fitting(arg) for key, arg in field.args.items() if key != argument}
            for value in secrets(definition):
                given = {**others, argument: value}
                declared = ", ".join(f"${key}: {field.args[key].type}" for key in given)
                passed = ", ".join(f"{key}: ${key}" for key in given)
                yield Request(f"mutation M({declared}) {{ {name}({passed}){selected} }}", given)
                written = ", ".join(f"{key}: {literal(one)}" for key, one in given.items())
                yield Request(f"mutation {{ {name}({written}){selected} }}", {})


def secrets(definition: GraphQLArgument | GraphQLInputField) -> Iterator[object]:
    """Values of which at least one part does not fit, with the secret in each place."""
    kind = get_nullable_type(definition.type)
    yield from (SECRET, [SECRET], {SECRET[:7]: SECRET}, [[SECRET]])
    if is_list_type(kind):
        yield from ([value] for value in secrets(GraphQLArgument(kind.of_type)))
    if not is_input_object_type(kind):
        return
    whole = {name: fitting(field) for name, field in kind.fields.items()}
    for name, field in kind.fields.items():
        rest = {key: value for key, value in whole.items() if key != name}
        yield {**whole, name: SECRET, "unknown": SECRET}
        for other in rest:
            yield {key: value for key, value in {**whole, name: SECRET}.items() if key != other}
        yield from ({**whole, name: value} for value in secrets(field))


def fitting(definition: GraphQLArgument | GraphQLInputField) -> object:
    return _fitting(definition.type)


def _fitting(type_: GraphQLInputType) -> object:
    kind: Any = get_nullable_type(type_)
    if is_list_type(kind):
        return [_fitting(kind.of_type)]
    if is_enum_type(kind):
        return next(iter(kind.values))
    if is_input_object_type(kind):
        return {name: fitting(field) for name, field in kind.fields.items()}
    return {"Int": 1, "Float": 1.5, "Boolean": True, "DateTime": "2026-01-31T12:00:00Z", "Date": "2026-01-31"}.get(
        kind.name, "a"
    )


def literal(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {literal(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)


def check(request: Request, answer: dict[str, Any]) -> int:
    """The number of errors, which hold no part of the secret."""
    errors = answer.get("errors", [])
    for word in (SECRET, "hunter2 ", "wolves", "19990515190919"):
        assert word not in json.dumps(errors), (request, errors)
    return len(errors)


@pytest.fixture(params=[True, False], ids=["dev", "prod"])
async def graphql(request: pytest.FixtureRequest) -> AsyncIterator[RookeryGraphQL]:
    with capture_logs():
        yield api(is_open=request.param)


async def test_no_error_over_http_repeats_a_value_of_a_mutation(graphql: RookeryGraphQL) -> None:
    found = 0
    async with http_client(graphql) as client:
        for request in requests(graphql_schema(SCHEMA)):
            found += check(request, (await client.post("/graphql", json=request._asdict())).json())
    assert found > 1_000


async def test_no_error_on_a_socket_repeats_a_value_of_a_mutation(graphql: RookeryGraphQL) -> None:
    found = 0
    async with served(graphql, LIMITS) as server:
        address = url_of(server).replace("http", "ws") + "/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send('{"type": "connection_init"}')
            await socket.recv()
            for request in requests(graphql_schema(SCHEMA)):
                message = {"type": "subscribe", "id": "1", "payload": request._asdict()}
                await socket.send(json.dumps(message))
                answer = json.loads(await socket.recv())
                if answer["type"] == "next":
                    found += check(request, answer["payload"])
                    await socket.recv()
                else:
                    found += check(request, {"errors": answer["payload"]})
    assert found > 1_000


@pytest.mark.parametrize(
    "query",
    [
        'mutation { login(input: {password "hunter2 among wolves"}) { __typename } }',
        'mutation { login(input: {password: """x""" """hunter2 among wolves"""}) { __typename } }',
        "mutation { login(input: {password 19990515190919}) { __typename } }",
        'mutation M($input: LoginInput = {password: "hunter2 among wolves"}) { login(input: $input) { __typename } }',
    ],
)
async def test_no_syntax_error_repeats_a_literal(graphql: RookeryGraphQL, query: str) -> None:
    request = Request(query, {})
    async with http_client(graphql) as client:
        assert check(request, (await client.post("/graphql", json=request._asdict())).json())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "Expected value of type 'LoginInput' to be an object."),
        ({"login": "a"}, "Expected value of type 'LoginInput' to include required field 'password'."),
        (
            {"login": "a", "password": "b", "pass": "c"},
            "Expected value of type 'LoginInput' not to include unknown field 'pass'.",
        ),
        (
            {"login": "a", "password": "b", "passwort": "c"},
            "Expected value of type 'LoginInput' not to include unknown field 'passwort'. Did you mean 'password'?",
        ),
        ({"login": [1], "password": "b"}, "String cannot represent a non string value."),
    ],
)
async def test_an_error_still_says_what_is_wrong(value: object, message: str) -> None:
    query = "mutation M($input: LoginInput!) { login(input: $input) { __typename } }"
    async with http_client(api(is_open=True)) as client:
        answer = await client.post("/graphql", json={"query": query, "variables": {"input": value}})
    (error,) = answer.json()["errors"]
    assert error["message"].split(": ", 1)[1] == message
