"""GraphQL over HTTP: which requests are read, and in which media type and status they are answered."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.transport.asking import HELLO, JSON, RESPONSE_JSON, ask, code_of, error_of
from tests.transport.stub import Stub, endpoint, http_client


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, {JSON}", RESPONSE_JSON),
        (f"{JSON}, {RESPONSE_JSON}", JSON),
        (f"{JSON};q=0.5, {RESPONSE_JSON};q=0.9", RESPONSE_JSON),
        (f"{RESPONSE_JSON}, application/graphql+json, {JSON}, text/event-stream, multipart/mixed", RESPONSE_JSON),
        (f"multipart/mixed;deferSpec=20220824,{JSON}", JSON),
        (f"{JSON};q=0, */*", RESPONSE_JSON),
    ],
)
async def test_answers_in_the_best_media_type_of_the_client(
    client: httpx.AsyncClient, accept: str | None, content_type: str
) -> None:
    if accept is None:
        del client.headers["accept"]
    answer = await ask(client, "{ hello }", accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
    assert answer.json() == {"data": {"hello": "Hello, world"}}


@pytest.mark.parametrize("accept", ["text/plain", "image/*", "application/json;q=0", "application/xml, text/csv"])
async def test_a_media_type_that_is_not_served_is_406(client: httpx.AsyncClient, stub: Stub, accept: str) -> None:
    answer = await ask(client, "mutation { bump }", accept=accept)
    assert answer.status_code == 406
    assert code_of(answer) == "BAD_USER_INPUT"
    assert stub.bumps == 0


@pytest.mark.parametrize(
    ("accept", "status"),
    [(None, 400), ("*/*", 400), (RESPONSE_JSON, 400), (f"{RESPONSE_JSON}, {JSON}", 400), (JSON, 200)],
)
@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ helo }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($first: Int!) { items(first: $first) { number } }", {"first": "ten"}, "BAD_USER_INPUT"),
        ("{ items(first: 100) { author { items(first: 100) { number } } } }", {}, "QUERY_TOO_COMPLEX"),
    ],
)
async def test_a_request_that_is_not_executed_has_no_data_and_400_unless_plain_json_is_asked_for(
    client: httpx.AsyncClient, accept: str | None, status: int, query: str, variables: dict[str, object], code: str
) -> None:
    answer = await ask(client, query, accept=accept, variables=variables)
    assert answer.status_code == status
    assert code_of(answer) == code


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{nope", 400),
        (b"5", 400),
        (b"null", 400),
        (b"[]", 400),
        (json.dumps([HELLO]).encode(), 400),
        (b"{}", 400),
        (b'{"query": 5}', 400),
        (b'{"query": null}', 400),
        (b'{"query": "{ hello }", "variables": "x"}', 400),
        (b'{"query": "{ hello }", "variables": []}', 400),
        (b'{"query": "{ hello }", "operationName": 5}', 400),
        (b'{"query": "{ hello }", "operationName": "other"}', 400),
        (b'{"query": "{ hello }", "extensions": []}', 400),
        (b'{"query": "{ hello(name: \\"\xff\\") }"}', 400),
        (b'{"query": "{ hello }", "variables": {"a": NaN}}', 400),
        (b'{"query": "{ hello }", "variables": {"a": ' + b"9" * 5000 + b"}}", 400),
        (b'{"query": "{ hello }", "variables": {"a": "\\ud800"}}', 400),
        (b'{"query": "{ hello }", "variables": {"a": ' + b"[" * 30_000 + b"]" * 30_000 + b"}}", 400),
        (json.dumps({**HELLO, "variables": {"a": "x" * 100_000}}).encode(), 413),
    ],
)
async def test_a_body_that_is_no_request_is_refused_with_a_code(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    answer = await client.post("/graphql", content=body, headers={"content-type": JSON})
    assert answer.status_code == status
    assert code_of(answer) == "BAD_USER_INPUT"


async def test_a_body_is_measured_even_where_it_comes_without_a_length(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1000

    answer = await client.post("/graphql", content=chunks(), headers={"content-type": JSON})
    assert answer.status_code == 413
    assert error_of(answer)["message"] == "A body may have 100,000 bytes."


@pytest.mark.parametrize("query", ["{ hello }", "query Named { hello }"])
async def test_empty_operation_name_is_none(client: httpx.AsyncClient, query: str) -> None:
    answered = (await ask(client, query)).json()
    assert list(answered) == ["data"]
    assert (await ask(client, query, operationName="")).json() == answered
    assert (await client.get("/graphql", params={"query": query, "operationName": ""})).json() == answered
    two = await ask(client, "query A { hello } query B { hello }", operationName="")
    assert error_of(two)["message"] == "Say by operationName which operation to run."


async def test_null_equals_a_missing_member(client: httpx.AsyncClient) -> None:
    answer = await ask(client, "{ hello }", operationName=None, variables=None, extensions=None)
    assert answer.json() == {"data": {"hello": "Hello, world"}}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/json; charset=latin-1",
    ],
)
async def test_only_json_in_utf_8_is_read(client: httpx.AsyncClient, stub: Stub, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    answer = await client.post("/graphql", content=b'{"query": "mutation { bump }"}', headers=headers)
    assert answer.status_code == 415
    assert code_of(answer) == "BAD_USER_INPUT"
    assert stub.bumps == 0


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"'])
async def test_a_charset_may_be_named_if_it_is_utf_8(client: httpx.AsyncClient, content_type: str) -> None:
    body = json.dumps({"query": '{ hello(name: "Zoë") }'}, ensure_ascii=False).encode()
    answer = await client.post("/graphql", content=body, headers={"content-type": content_type})
    assert answer.json() == {"data": {"hello": "Hello, Zoë"}}


async def test_compressed_bodies_are_refused(client: httpx.AsyncClient) -> None:
    headers = {"content-type": JSON, "content-encoding": "gzip"}
    answer = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert answer.status_code == 415


async def test_queries_may_be_sent_by_get(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query A { hello } query B($name: String!) { hello(name: $name) }",
        "operationName": "B",
        "variables": '{"name": "Bob"}',
    }
    answer = await client.get("/graphql", params=parameters)
    assert answer.status_code == 200
    assert answer.json() == {"data": {"hello": "Hello, Bob"}}


@pytest.mark.parametrize("query", ["mutation { bump }", "subscription { ticks }"])
async def test_nothing_but_queries_may_be_sent_by_get(client: httpx.AsyncClient, stub: Stub, query: str) -> None:
    answer = await client.get("/graphql", params={"query": query}, headers={"accept": f"{JSON}, text/event-stream"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert code_of(answer) == "BAD_USER_INPUT"
    assert (stub.bumps, stub.streams_open) == (0, 0)


@pytest.mark.parametrize(
    "parameters",
    ["", "query=", "query=%7Bhello%7D&variables=%7B", "query=%7Bhello%7D&variables=5", "query=%ff%fe%zz"],
)
async def test_a_query_string_that_is_no_request_is_refused(client: httpx.AsyncClient, parameters: str) -> None:
    answer = await client.get(f"/graphql?{parameters}")
    assert answer.status_code == 400
    assert code_of(answer) in {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_not_allowed(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/graphql", json=HELLO)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST, OPTIONS"


async def test_options_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.options("/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")


async def test_a_browser_gets_graphiql_under_a_strict_policy(client: httpx.AsyncClient) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = await client.get("/graphql", headers={"accept": browser})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<div id="graphiql">' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src 'self';" in answer.headers["content-security-policy"]


async def test_where_graphiql_is_off_a_browser_gets_an_error(stub: Stub) -> None:
    async with http_client(endpoint(stub, is_open=False)) as client:
        answer = await client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 400
    assert code_of(answer) == "BAD_USER_INPUT"


@pytest.mark.parametrize("query", ["{ hello }", "{", "{ fails }"])
async def test_every_answer_forbids_caching_sniffing_and_framing(client: httpx.AsyncClient, query: str) -> None:
    headers = (await ask(client, query)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert len(headers["x-request-id"]) == 32
