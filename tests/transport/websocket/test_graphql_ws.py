"""graphql-transport-ws: one socket for each test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from core.errors import BadCursorError, CodedError, ErrorCode, RateLimitedError, UnavailableError
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, faults, served, url_of
from transport.asgi import RookeryGraphQL
from transport.limits.limits import DEFAULT_LIMITS

PROTOCOL = "graphql-transport-ws"
TICKS = "subscription { ticks }"
LIMITS = replace(DEFAULT_LIMITS, drain_seconds=0.05, operation_seconds=1.0)


class Socket:
    """A client that sends what the test says, JSON or not."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: object) -> None:
        await self._connection.send(json.dumps(message))

    async def send_raw(self, frame: str | bytes) -> None:
        await self._connection.send(frame)

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            message: dict[str, Any] = json.loads(await self._connection.recv())
            return message

    async def subscribe(self, operation_id: str, query: str, **more: object) -> None:
        await self.send({"type": "subscribe", "id": operation_id, "payload": {"query": query, **more}})

    async def closed(self) -> tuple[int, str]:
        """Code and reason; asserts that nothing else comes first."""
        return await self.closed_after(0)

    async def closed_after(self, messages: int) -> tuple[int, str]:
        """Code and reason; asserts that at most `messages` come first."""
        unexpected: object = None
        with suppress(ConnectionClosed):
            for _ in range(messages + 1):
                unexpected = await self.receive()
            raise AssertionError(unexpected)
        return self._connection.close_code or 0, self._connection.close_reason or ""


@asynccontextmanager
async def socket_to(
    server: uvicorn.Server, *, protocol: str | None = PROTOCOL, origin: str | None = None
) -> AsyncIterator[Socket]:
    protocols = [Subprotocol(protocol)] if protocol else None
    address = url_of(server).replace("http", "ws") + "/graphql"
    async with connect(
        address, subprotocols=protocols, origin=Origin(origin) if origin else None, close_timeout=1
    ) as connection:
        yield Socket(connection)


@asynccontextmanager
async def ready_socket_to(server: uvicorn.Server) -> AsyncIterator[Socket]:
    async with socket_to(server) as socket:
        await socket.send({"type": "connection_init"})
        assert await socket.receive() == {"type": "connection_ack"}
        yield socket


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def graphql(stub: Stub) -> RookeryGraphQL:
    return endpoint(stub, limits=LIMITS, allowed_origins=["https://app.example"])


@pytest.fixture
async def server(graphql: RookeryGraphQL) -> AsyncIterator[uvicorn.Server]:
    async with served(graphql, LIMITS) as server:
        yield server


@pytest.fixture
async def fresh(server: uvicorn.Server) -> AsyncIterator[Socket]:
    """Before its connection_init."""
    async with socket_to(server) as socket:
        yield socket


@pytest.fixture
async def ready(server: uvicorn.Server) -> AsyncIterator[Socket]:
    async with ready_socket_to(server) as socket:
        yield socket


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
    stub.charge_error = RateLimitedError("No points are left.", 7)
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
