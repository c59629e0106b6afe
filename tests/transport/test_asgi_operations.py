"""GraphQL over HTTP: limits, costs, errors and contexts of operations."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from core.errors import CodedError, ErrorCode, RateLimitedError, UnavailableError
from tests.support.waiting import eventually
from tests.transport.asking import JSON, RESPONSE_JSON, ask, code_of
from tests.transport.stub import Stub, endpoint, http_client
from transport.limits.limits import DEFAULT_LIMITS


async def test_an_operation_that_takes_too_long_is_given_up(stub: Stub) -> None:
    graphql = endpoint(stub, limits=replace(DEFAULT_LIMITS, operation_seconds=0.05))
    async with http_client(graphql) as client:
        answer = await ask(client, "{ slow }")
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["UNAVAILABLE"]
    assert stub.slow_running == 0


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (CodedError(ErrorCode.UNAUTHENTICATED, "Who?"), 401, "UNAUTHENTICATED"),
        (CodedError(ErrorCode.FORBIDDEN, "No."), 403, "FORBIDDEN"),
        (CodedError(ErrorCode.RATE_LIMITED, "Later."), 429, "RATE_LIMITED"),
        (UnavailableError("MongoDB"), 503, "UNAVAILABLE"),
        (TimeoutError(), 503, "UNAVAILABLE"),
        (RuntimeError("swordfish"), 500, "INTERNAL"),
    ],
)
@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
async def test_a_context_that_can_not_be_made_refuses_the_request(
    client: httpx.AsyncClient, stub: Stub, error: Exception, status: int, code: str, accept: str
) -> None:
    stub.refusal = error
    answer = await ask(client, "mutation { bump }", accept=accept)
    assert answer.status_code == status
    assert code_of(answer) == code
    assert "swordfish" not in answer.text
    assert stub.bumps == 0


async def test_the_context_learns_what_an_operation_is_and_costs(client: httpx.AsyncClient, stub: Stub) -> None:
    await ask(client, "query Some { hello } query Items { items(first: 7) { number } }", operationName="Items")
    (operation,) = stub.operations
    assert (operation.name, operation.kind.value, operation.cost) == ("Items", "query", 7)


async def test_introspection_can_be_off(stub: Stub) -> None:
    async with http_client(endpoint(stub, is_open=False)) as client:
        refused = await ask(client, "{ __schema { queryType { name } } }")
        allowed = await ask(client, "{ __typename }")
    assert {error["extensions"]["code"] for error in refused.json()["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert "data" not in refused.json()
    assert allowed.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ helo }", {}),
        ("{ hello(nam: 1) }", {}),
        ("{ items { ...on Itm { number } } }", {}),
        ("query ($query: Filter!) { find(query: $query) }", {"query": {"words": [], "minimun": 1}}),
    ],
)
async def test_names_are_suggested_only_where_that_is_on(stub: Stub, query: str, variables: dict[str, object]) -> None:
    texts = []
    for is_open in (True, False):
        async with http_client(endpoint(stub, is_open=is_open)) as client:
            texts.append((await ask(client, query, variables=variables)).text)
    assert ["Did you mean" in text for text in texts] == [True, False]


async def test_a_known_document_is_still_measured_by_its_variables(client: httpx.AsyncClient, stub: Stub) -> None:
    query = "query ($first: Int!) { items(first: $first) { author { items(first: $first) { number } } } }"
    for first, expected in ((2, 200), (100, 400), (3, 200)):
        answer = await ask(client, query, variables={"first": first})
        assert answer.status_code == expected
    assert [operation.cost for operation in stub.operations] == [8, 15]


async def test_requests_run_beside_each_other(client: httpx.AsyncClient, stub: Stub) -> None:
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(ask(client, "{ slow }")) for _ in range(5)]
        await eventually(lambda: stub.slow_running == 5)
        stub.gate.set()
    assert [task.result().json() for task in waiting] == [{"data": {"slow": "at last"}}] * 5


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ({"query": "{ hello"}, 2),
        ({"query": "{ nope }"}, 3),
        ({"query": "subscription { ticks }"}, 4),
        ({"query": "{ hello " + "@nope " * 51 + "}"}, 105),
        ({"query": 5}, 1),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, 1),
    ],
)
async def test_a_refused_request_costs_points_and_who_has_none_is_told(
    stub: Stub, body: dict[str, object], points: int
) -> None:
    async with http_client(endpoint(stub)) as client:
        client.headers["accept"] = "application/json"
        answer = await client.post("/graphql", json=body)
        assert "errors" in answer.json()
        assert stub.charged == [points]
        stub.charge_error = UnavailableError("Redis")
        assert (await client.post("/graphql", json=body)).text == answer.text
        stub.charge_error = RateLimitedError("No points are left.", 7, "POINTS")
        refused = await client.post("/graphql", json=body)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")


async def test_what_runs_costs_no_points_of_a_refusal(stub: Stub) -> None:
    async with http_client(endpoint(stub)) as client:
        await client.post("/graphql", json={"query": "{ hello refuses }"})
    assert stub.charged == []
