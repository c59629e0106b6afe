"""GraphQL requests as they are read from a body and from a query string."""

from typing import Any

import pytest

from transport.request.graphql_request import (
    GraphQLRequest,
    RequestError,
    request_from_json,
    request_from_parameters,
)

NO_DOCUMENT = "There is no document: send `query`, or the hash of one in `extensions.persistedQuery`."


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"query": "{ a }"}', GraphQLRequest("{ a }")),
        (b'{"query": "", "other": [1]}', GraphQLRequest("")),
        (b'{"query": "{ a }", "operationName": "", "variables": null}', GraphQLRequest("{ a }")),
        (b'{"query": "{ a }", "operationName": "A", "variables": {"b": 1}}', GraphQLRequest("{ a }", "A", {"b": 1})),
        (b'{"extensions": {"persistedQuery": 1}}', GraphQLRequest(extensions={"persistedQuery": 1})),
    ],
)
def test_a_body_is_read(body: bytes, read: GraphQLRequest) -> None:
    assert request_from_json(body) == read


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is no JSON."),
        (b'{"query": "{ a }"', "The body is no JSON."),
        (b'{"query": "\xff"}', "The body is no JSON."),
        (b'{"variables": {"a": ' + b"[" * 100_000, "The body is no JSON."),
        (b"[]", "The body is not what GraphQL asks for: Expected `object`, got `array`."),
        (b'{"query": 1}', "The body is not what GraphQL asks for: Expected `str | null`, got `int` - at `$.query`."),
        (b"{}", NO_DOCUMENT),
        (b'{"query": null, "extensions": {"persistedQuery": null}}', NO_DOCUMENT),
    ],
)
def test_a_body_that_is_no_request_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(RequestError) as raised:
        request_from_json(body)
    assert (raised.value.status, raised.value.message) == (400, message)


@pytest.mark.parametrize(
    ("parameters", "read"),
    [
        ({"query": "{ a }", "variables": "", "extensions": "null"}, GraphQLRequest("{ a }")),
        ({"query": "{ a }", "operationName": "A", "variables": '{"b": [1]}'}, GraphQLRequest("{ a }", "A", {"b": [1]})),
        ({"query": "", "extensions": '{"persistedQuery": {}}'}, GraphQLRequest(extensions={"persistedQuery": {}})),
    ],
)
def test_parameters_are_read(parameters: dict[str, str], read: GraphQLRequest) -> None:
    assert request_from_parameters(parameters) == read


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"query": ""}, NO_DOCUMENT),
        ({"query": "{ a }", "variables": "{"}, "The parameter `variables` is no JSON."),
        (
            {"query": "{ a }", "extensions": "1"},
            "The parameter `extensions` is not what GraphQL asks for: Expected `object`, got `int`.",
        ),
    ],
)
def test_parameters_that_are_no_request_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestError) as raised:
        request_from_parameters(parameters)
    assert (raised.value.status, raised.value.message) == (400, message)
