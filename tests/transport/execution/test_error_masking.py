"""Errors as clients see them: always a code, and only text that was written for them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from core.errors import UnavailableError
from tests.transport.stub import Stub, endpoint, faults, http_client
from transport.execution.error_masking import unexpected_error


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(endpoint(Stub())) as client:
        yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: object) -> dict[str, Any]:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    result: dict[str, Any] = answer.json()
    return result


async def test_a_coded_error_is_shown_with_its_code_path_and_location(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "{ hello refuses }")
    assert answer == {
        "data": {"hello": "Hello, world", "refuses": None},
        "errors": [
            {
                "message": "Sign in first: this needs a valid access token.",
                "extensions": {"code": "UNAUTHENTICATED"},
                "locations": [{"line": 1, "column": 9}],
                "path": ["refuses"],
            }
        ],
    }


@pytest.mark.parametrize("field", ["fails", "libraryFails", "tooLarge"])
async def test_an_unexpected_error_is_masked_and_logged_with_its_request_id(
    client: httpx.AsyncClient, field: str
) -> None:
    with capture_logs() as logs:
        answer = await client.post("/graphql", json={"query": f"{{ {field} }}"})
    (error,) = answer.json()["errors"]
    (entry,) = faults(logs)
    assert answer.json()["data"] == {field: None}
    assert error["message"] == "Internal error"
    assert error["path"] == [field]
    assert error["extensions"] == {"code": "INTERNAL", "requestId": answer.headers["x-request-id"]}
    assert (entry["event"], entry["log_level"]) == ("unexpected error", "error")
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert entry["exc_info"].__traceback__ is not None
    assert "swordfish" not in answer.text


async def test_a_request_id_bound_to_the_log_is_kept(client: httpx.AsyncClient) -> None:
    with structlog.contextvars.bound_contextvars(request_id="given-by-the-proxy"), capture_logs():
        answer = await client.post("/graphql", json={"query": "{ fails }"})
    assert answer.headers["x-request-id"] == "given-by-the-proxy"
    assert answer.json()["errors"][0]["extensions"]["requestId"] == "given-by-the-proxy"


async def test_a_timeout_in_a_resolver_is_unavailable(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "{ storeIsSlow }")
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAVAILABLE"}]
    assert "mongodb" not in str(answer)


async def test_a_null_for_an_argument_that_takes_none_is_bad_input(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "query ($first: Int = 1) { items(first: $first) { number } }", first=None)
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("lower", "BAD_USER_INPUT", "A code is written in capitals."),
        (5, "BAD_USER_INPUT", "A code is written in capitals."),
        ("cursor", "BAD_CURSOR", "This cursor was not given by this field."),
    ],
)
async def test_a_value_that_a_scalar_refuses_in_a_variable_is_400_before_execution(
    client: httpx.AsyncClient, value: object, code: str, message: str
) -> None:
    query = {"query": "query ($code: Code!) { code(code: $code) }", "variables": {"code": value}}
    answer = await client.post("/graphql", json=query)
    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["extensions"] == {"code": code}
    assert message in error["message"]


@pytest.mark.parametrize(("literal", "code"), [('"lower"', "GRAPHQL_VALIDATION_FAILED"), ('"cursor"', "BAD_CURSOR")])
async def test_a_value_that_a_scalar_refuses_in_a_document_is_400(
    client: httpx.AsyncClient, literal: str, code: str
) -> None:
    answer = await client.post("/graphql", json={"query": f"{{ code(code: {literal}) }}"})
    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]


async def test_no_more_than_a_few_errors_are_listed(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "{ " + " ".join(f"nope{number}" for number in range(100)) + " }")
    assert len(answer["errors"]) == 11
    assert answer["errors"][-1]["message"].startswith("Too many validation errors")
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}


def test_expected_errors_are_not_logged() -> None:
    with capture_logs() as logs:
        assert unexpected_error(UnavailableError("Redis"), "1")["extensions"] == {"code": "UNAVAILABLE"}
    assert faults(logs) == []
