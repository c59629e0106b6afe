"""graphql-transport-ws: operations of one socket."""

import pytest
from structlog.testing import capture_logs

from core.errors import BadCursorError, RateLimitedError
from tests.support.waiting import eventually
from tests.transport.stub import Stub, faults
from tests.transport.websocket.graphql_socket import TICKS, Socket


async def test_a_query_is_one_answer_and_complete(ready: Socket) -> None:
    query = "query A($name: String!) { hello(name: $name) } query B { hello }"
    await ready.subscribe("q", query, variables={"name": "Bob"}, operationName="A")
    assert await ready.receive() == {"id": "q", "type": "next", "payload": {"data": {"hello": "Hello, Bob"}}}
    assert await ready.receive() == {"id": "q", "type": "complete"}


async def test_a_mutation_runs_once(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("m", "mutation { bump }")
    assert (await ready.receive())["payload"] == {"data": {"bump": 1}}
    assert (await ready.receive())["type"] == "complete"
    assert stub.bumps == 1


async def test_a_subscription_gives_its_events_in_order_until_it_ends(ready: Socket, stub: Stub) -> None:
    for event in ("one", "two", None):
        await stub.events.put(event)
    await ready.subscribe("s", TICKS)
    assert await ready.receive() == {"id": "s", "type": "next", "payload": {"data": {"ticks": "one"}}}
    assert await ready.receive() == {"id": "s", "type": "next", "payload": {"data": {"ticks": "two"}}}
    assert await ready.receive() == {"id": "s", "type": "complete"}
    assert stub.streams_open == 0


async def test_a_client_completes_a_subscription_and_uses_its_id_again(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("s", TICKS)
    await eventually(lambda: stub.streams_open == 1)
    await ready.send({"type": "complete", "id": "s"})
    await eventually(lambda: stub.streams_open == 0)
    await ready.subscribe("s", "{ hello }")
    assert (await ready.receive())["payload"] == {"data": {"hello": "Hello, world"}}
    assert await ready.receive() == {"id": "s", "type": "complete"}


async def test_completing_an_unknown_operation_is_ignored(ready: Socket) -> None:
    await ready.send({"type": "complete", "id": "never"})
    await ready.send({"type": "ping"})
    assert await ready.receive() == {"type": "pong"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { items(first: $n) { number } }", "BAD_USER_INPUT"),
        ("{ items(first: 100) { author { items(first: 100) { number } } } }", "QUERY_TOO_COMPLEX"),
    ],
)
async def test_a_fault_of_one_operation_leaves_others_running(ready: Socket, stub: Stub, query: str, code: str) -> None:
    await ready.subscribe("good", TICKS)
    await ready.subscribe("bad", query)
    refusal = await ready.receive()
    assert (refusal["id"], refusal["type"]) == ("bad", "error")
    assert [error["extensions"]["code"] for error in refusal["payload"]] == [code]
    await stub.events.put("still here")
    assert await ready.receive() == {"id": "good", "type": "next", "payload": {"data": {"ticks": "still here"}}}


async def test_a_refused_operation_costs_points_and_who_has_none_is_told(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("a", "{ nope }")
    assert (await ready.receive())["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    stub.charge_error = RateLimitedError("No points are left.", 7, "POINTS")
    await ready.subscribe("b", "{ nope }")
    assert (await ready.receive())["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert stub.charged == [3, 3]


async def test_an_error_of_a_source_ends_its_operation_alone(ready: Socket, stub: Stub) -> None:
    await stub.events.put(BadCursorError("old"))
    await ready.subscribe("s", TICKS)
    refusal = await ready.receive()
    assert (refusal["type"], refusal["payload"][0]["extensions"]) == ("error", {"code": "BAD_CURSOR"})
    await ready.send({"type": "ping"})
    assert await ready.receive() == {"type": "pong"}


async def test_unexpected_errors_are_masked_and_logged(ready: Socket, stub: Stub) -> None:
    with capture_logs() as logs:
        await ready.subscribe("f", "{ fails }")
        field_error = (await ready.receive())["payload"]["errors"][0]
        assert (await ready.receive())["type"] == "complete"
        await stub.events.put(RuntimeError("swordfish"))
        await ready.subscribe("s", TICKS)
        source_error = (await ready.receive())["payload"][0]
    for error in (field_error, source_error):
        assert (error["message"], error["extensions"]["code"]) == ("Internal error", "INTERNAL")
    ids = [error["extensions"]["requestId"] for error in (field_error, source_error)]
    assert [entry["request_id"] for entry in faults(logs)] == ids


async def test_a_query_that_takes_too_long_is_given_up(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("slow", "{ slow }")
    answer = (await ready.receive())["payload"]
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert stub.slow_running == 0


async def test_pings_are_answered_with_what_they_carry_before_the_connection_is_initialised(fresh: Socket) -> None:
    await fresh.send({"type": "ping"})
    assert await fresh.receive() == {"type": "pong"}
    await fresh.send({"type": "ping", "payload": {"a": [1]}})
    assert await fresh.receive() == {"type": "pong", "payload": {"a": [1]}}
    await fresh.send({"type": "pong"})


async def test_the_context_is_made_of_the_payload_of_the_init(fresh: Socket, stub: Stub) -> None:
    await fresh.send({"type": "connection_init", "payload": {"authorization": "Bearer x"}})
    assert await fresh.receive() == {"type": "connection_ack"}
    assert stub.payloads == [{"authorization": "Bearer x"}]


@pytest.mark.parametrize("payload", [{}, {"payload": None}])
async def test_an_init_needs_no_payload(fresh: Socket, stub: Stub, payload: dict[str, object]) -> None:
    await fresh.send({"type": "connection_init", **payload})
    assert await fresh.receive() == {"type": "connection_ack"}
    assert stub.payloads == [{}]
