"""graphql-transport-ws: why sockets are refused or closed, each with its code."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
import uvicorn
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidStatus

from core.errors import CodedError, ErrorCode, UnavailableError
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, served, url_of
from tests.transport.websocket.graphql_socket import LIMITS, TICKS, Socket, ready_socket_to, socket_to
from transport.asgi import RookeryGraphQL


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        '"text"',
        "5",
        "[]",
        "null",
        "{}",
        '{"type": 5}',
        '{"type": "unknown"}',
        '{"type": "connection_init", "payload": 5}',
        '{"type": "subscribe", "id": 5, "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": ["a"], "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "payload": {"query": "{ hello }"}}',
        '{"type": "subscribe", "id": "a"}',
        '{"type": "subscribe", "id": "a", "payload": null}',
        '{"type": "subscribe", "id": "a", "payload": "x"}',
        '{"type": "subscribe", "id": "a", "payload": {}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{ hello }", "variables": "x"}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{ hello }", "operationName": 5}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": []}',
        "[" * 30_000,
        '{"type": "ping", "payload": {"a": "' + "x" * 65_536 + '"}}',
        b'{"type": "ping"}',
        '{"type": "' + "ü" * 500 + '"}',
    ],
)
async def test_a_malformed_message_closes_with_4400(fresh: Socket, frame: str | bytes) -> None:
    await fresh.send_raw(frame)
    code, reason = await fresh.closed()
    assert code == 4400
    assert reason


async def test_subscribing_before_the_acknowledgement_closes_with_4401(fresh: Socket) -> None:
    await fresh.subscribe("q", "{ hello }")
    assert await fresh.closed() == (4401, "Unauthorized")


async def test_a_second_init_closes_with_4429(ready: Socket) -> None:
    await ready.send({"type": "connection_init"})
    assert await ready.closed() == (4429, "Too many initialisation requests")


async def test_an_id_in_use_closes_with_4409(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("same", TICKS)
    await ready.subscribe("same", TICKS)
    assert await ready.closed() == (4409, "Subscriber for same already exists")
    await eventually(lambda: stub.streams_open == 0)


@pytest.mark.parametrize("protocol", [None, "graphql-ws"])
async def test_another_subprotocol_closes_with_4406(server: uvicorn.Server, protocol: str | None) -> None:
    async with socket_to(server, protocol=protocol) as socket:
        assert await socket.closed() == (4406, "Subprotocol not acceptable")


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_foreign_origin_is_refused_in_the_handshake(server: uvicorn.Server, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(server, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_an_allowed_origin_and_the_servers_own_are_let_in(server: uvicorn.Server) -> None:
    for origin in ("https://app.example", url_of(server)):
        async with socket_to(server, origin=origin) as socket:
            await socket.send({"type": "connection_init"})
            assert await socket.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CodedError(ErrorCode.UNAUTHENTICATED, "Who?"), 4401),
        (CodedError(ErrorCode.FORBIDDEN, "No."), 4403),
        (CodedError(ErrorCode.RATE_LIMITED, "Later."), 4429),
        (UnavailableError("MongoDB"), 1013),
        (TimeoutError(), 1013),
        (RuntimeError("swordfish"), 1013),
    ],
)
async def test_a_context_that_can_not_be_made_closes_the_socket(
    fresh: Socket, stub: Stub, error: Exception, code: int
) -> None:
    stub.refusal = error
    with capture_logs():
        await fresh.send({"type": "connection_init"})
        closed, reason = await fresh.closed()
    assert closed == code
    assert "swordfish" not in reason


async def test_a_session_that_ends_closes_its_socket_with_4401(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("s", TICKS)
    await eventually(lambda: stub.streams_open == 1)
    stub.end.set()
    assert await ready.closed() == (4401, "The session has ended")
    await eventually(lambda: stub.streams_open == 0)


async def test_a_socket_that_says_nothing_closes_with_4408(stub: Stub) -> None:
    limits = replace(LIMITS, init_seconds=0.05)
    async with served(endpoint(stub, limits=limits), limits) as server, socket_to(server) as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_pinging_is_no_substitute_for_the_init(stub: Stub) -> None:
    limits = replace(LIMITS, init_seconds=0.2, messages_per_second=1_000_000)
    async with served(endpoint(stub, limits=limits), limits) as server, socket_to(server) as socket:
        with suppress(ConnectionClosed):
            while True:
                await socket.send({"type": "ping"})
                assert await socket.receive() == {"type": "pong"}
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_a_socket_carries_so_many_subscriptions_and_queries_beside_them(ready: Socket, stub: Stub) -> None:
    for number in range(20):
        await ready.subscribe(f"s{number}", TICKS)
    await ready.subscribe("more", TICKS)
    refusal = await ready.receive()
    assert (refusal["id"], refusal["type"]) == ("more", "error")
    assert refusal["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
    assert stub.streams_open == 20
    await ready.subscribe("q", "{ hello }")
    assert (await ready.receive())["payload"] == {"data": {"hello": "Hello, world"}}


async def test_so_many_operations_at_once_are_too_many(ready: Socket, stub: Stub) -> None:
    for number in range(41):
        await ready.subscribe(f"q{number}", "{ slow }")
    refusal = await ready.receive()
    assert (refusal["id"], refusal["type"]) == ("q40", "error")
    assert refusal["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
    assert stub.slow_running == 40


async def test_a_client_that_sends_too_fast_is_closed_with_4429(ready: Socket) -> None:
    for _ in range(60):
        await ready.send({"type": "ping"})
    assert await ready.closed_after(59) == (4429, "Too many messages")


async def test_each_operation_tells_the_context_its_cost(ready: Socket, stub: Stub) -> None:
    await ready.subscribe("q", "query Named { items(first: 5) { number } }")
    await ready.receive()
    assert [(operation.name, operation.cost) for operation in stub.operations] == [("Named", 5)]


async def test_draining_ends_what_is_in_flight_and_closes_with_1012(
    graphql: RookeryGraphQL, server: uvicorn.Server, stub: Stub
) -> None:
    async with ready_socket_to(server) as busy, ready_socket_to(server) as quiet:
        await quiet.subscribe("s", TICKS)
        await busy.subscribe("m", "mutation { slowBump }")
        await eventually(lambda: len(stub.operations) == 2)
        draining = asyncio.create_task(graphql.drain())
        assert await quiet.closed() == (1012, "Service restart")
        async with socket_to(server) as late:
            assert await late.closed() == (1012, "Service restart")
        stub.gate.set()
        assert (await busy.receive())["payload"] == {"data": {"slowBump": 1}}
        assert await busy.receive() == {"id": "m", "type": "complete"}
        assert await busy.closed() == (1012, "Service restart")
        await draining


async def test_a_server_that_stops_drains_its_sockets(stub: Stub) -> None:
    async with served(endpoint(stub, limits=LIMITS), LIMITS) as server, ready_socket_to(server) as socket:
        await socket.subscribe("s", TICKS)
        await eventually(lambda: stub.streams_open == 1)
        server.should_exit = True
        assert await socket.closed() == (1012, "Service restart")
    assert stub.streams_open == 0
