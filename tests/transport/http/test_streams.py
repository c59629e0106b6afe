"""Subscriptions over HTTP: server-sent events and multipart, as their clients read them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from core.errors import BadCursorError
from tests.support.service import NO_AUTHORITIES
from tests.support.waiting import eventually
from tests.transport.stub import Stub, endpoint, faults, served, url_of
from tests.transport.websocket.graphql_socket import ready_socket_to, socket_to
from transport.limits.limits import DEFAULT_LIMITS, Limits

TICKS = "subscription { ticks }"
APOLLO = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json'


@dataclass
class Reading:
    """A response that is still open."""

    response: httpx.Response
    chunks: AsyncIterator[str]
    text: str = ""

    async def until(self, ending: str) -> str:
        """All text so far, once it ends with `ending`."""
        async with asyncio.timeout(5):
            while not self.text.endswith(ending):
                self.text += await anext(self.chunks)
        return self.text

    async def rest(self) -> str:
        """All text, once the server has ended the response."""
        async with asyncio.timeout(5):
            async for chunk in self.chunks:
                self.text += chunk
        return self.text


Open = Callable[..., Awaitable[Reading]]


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
async def reading(stub: Stub) -> AsyncIterator[Open]:
    """Opens streams on a server with short time limits."""
    async with AsyncExitStack() as stack:
        limits = replace(DEFAULT_LIMITS, drain_seconds=0.1)
        yield await stack.enter_async_context(streaming(stub, limits))


@asynccontextmanager
async def streaming(stub: Stub, limits: Limits) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack, served(endpoint(stub, limits=limits, incremental=True), limits) as server:
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=url_of(server), timeout=5, verify=NO_AUTHORITIES)
        )

        async def start(query: str, accept: str) -> Reading:
            request = client.stream("POST", "/graphql", json={"query": query}, headers={"accept": accept})
            response = await stack.enter_async_context(request)
            return Reading(response, response.aiter_text())

        yield start


async def test_a_subscription_is_a_sequence_of_events_and_complete(stub: Stub, reading: Open) -> None:
    stream = await reading(TICKS, "text/event-stream")
    assert stream.response.status_code == 200
    assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.response.headers["cache-control"] == "no-cache, no-transform"
    assert stream.response.headers["x-content-type-options"] == "nosniff"
    await stub.events.put("one")
    assert await stream.until('"one"}}\n\n') == ':\n\nevent: next\ndata: {"data":{"ticks":"one"}}\n\n'
    await stub.events.put(None)
    assert (await stream.rest()).endswith("event: complete\ndata: \n\n")
    assert stub.streams_open == 0


async def test_a_query_may_be_answered_as_an_event_stream(reading: Open) -> None:
    stream = await reading("{ hello }", "text/event-stream")
    assert await stream.rest() == (
        ':\n\nevent: next\ndata: {"data":{"hello":"Hello, world"}}\n\nevent: complete\ndata: \n\n'
    )


async def test_apollo_gets_each_event_as_the_payload_of_a_part(stub: Stub, reading: Open) -> None:
    stream = await reading(TICKS, APOLLO)
    assert stream.response.headers["content-type"] == 'multipart/mixed; boundary="graphql";subscriptionSpec="1.0"'
    await stub.events.put("one")
    head = "\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
    first = f'--graphql{head}{{"payload":{{"data":{{"ticks":"one"}}}}}}\r\n--graphql'
    assert await stream.until("\r\n--graphql") == first
    await stub.events.put(None)
    assert await stream.rest() == first + "--\r\n"


async def test_an_error_of_the_source_is_masked_and_ends_the_stream(stub: Stub, reading: Open) -> None:
    stream = await reading(TICKS, "text/event-stream")
    await stub.events.put("one")
    await stub.events.put(RuntimeError("swordfish"))
    with capture_logs() as logs:
        *_, event, complete, _ = (await stream.rest()).split("\n\n")
    (error,) = json.loads(event.removeprefix("event: next\ndata: "))["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"] == {"code": "INTERNAL", "requestId": stream.response.headers["x-request-id"]}
    assert complete == "event: complete\ndata: "
    assert [entry["request_id"] for entry in faults(logs)] == [stream.response.headers["x-request-id"]]


async def test_apollo_finds_the_error_that_ended_the_stream_beside_the_payload(stub: Stub, reading: Open) -> None:
    await stub.events.put(BadCursorError("old"))
    text = await (await reading(TICKS, APOLLO)).rest()
    part = json.loads(text.split("\r\n\r\n")[1].split("\r\n--graphql")[0])
    assert part["payload"] is None
    assert [error["extensions"]["code"] for error in part["errors"]] == ["BAD_CURSOR"]


async def test_a_fault_before_the_first_event_is_a_plain_answer(reading: Open) -> None:
    stream = await reading("subscription { tocks }", "text/event-stream")
    assert stream.response.status_code == 400
    assert stream.response.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(await stream.rest())["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


async def test_a_subscription_is_not_acceptable_as_one_json_response(reading: Open) -> None:
    stream = await reading(TICKS, "application/json")
    assert stream.response.status_code == 406
    assert "text/event-stream or multipart/mixed" in await stream.rest()


async def test_a_disconnect_ends_the_subscription(stub: Stub, reading: Open) -> None:
    stream = await reading(TICKS, "text/event-stream")
    await eventually(lambda: stub.streams_open == 1)
    await stream.response.aclose()
    await eventually(lambda: stub.streams_open == 0)


async def test_a_session_that_ends_ends_its_streams(stub: Stub, reading: Open) -> None:
    stream = await reading(TICKS, "text/event-stream")
    await eventually(lambda: stub.streams_open == 1)
    stub.end.set()
    assert '"extensions":{"code":"UNAUTHENTICATED"}' in await stream.rest()
    assert stub.streams_open == 0


async def test_a_quiet_stream_sends_heartbeats(stub: Stub) -> None:
    async with streaming(stub, replace(DEFAULT_LIMITS, heartbeat_seconds=0.02, drain_seconds=0)) as start:
        events = await start(TICKS, "text/event-stream")
        parts = await start(TICKS, APOLLO)
        assert await events.until(":\n\n:\n\n:\n\n")
        assert "{}\r\n--graphql" in await parts.until("{}\r\n--graphql")


async def test_a_stream_ends_without_complete_when_the_server_stops(stub: Stub) -> None:
    limits = replace(DEFAULT_LIMITS, drain_seconds=0.05)
    async with (
        served(endpoint(stub, limits=limits), limits) as server,
        httpx.AsyncClient(timeout=5, verify=NO_AUTHORITIES) as client,
    ):
        request = client.stream(
            "POST", f"{url_of(server)}/graphql", json={"query": TICKS}, headers={"accept": "text/event-stream"}
        )
        async with request as response:
            stream = Reading(response, response.aiter_text())
            await stream.until(":\n\n")
            server.should_exit = True
            assert "complete" not in await stream.rest()
    assert stub.streams_open == 0


async def test_deferred_parts_come_when_they_are_ready(stub: Stub, reading: Open) -> None:
    stream = await reading("{ items(first: 1) { number ... @defer { late } } }", "multipart/mixed;deferSpec=20220824")
    assert stream.response.headers["content-type"] == 'multipart/mixed; boundary="-"'
    first = _parts(await stream.until("\r\n---"))[0]
    assert (first["data"], first["hasNext"]) == ({"items": [{"number": 0}]}, True)
    stub.gate.set()
    later = _parts(await stream.rest())[-1]
    (part,) = later["incremental"]
    assert (part["data"], part["path"], part["label"]) == ({"late": "at last"}, ["items", 0], None)
    assert later["hasNext"] is False


async def test_errors_in_deferred_parts_are_masked(reading: Open) -> None:
    with capture_logs():
        stream = await reading("{ hello ... @defer { fails } }", "multipart/mixed")
        parts = _parts(await stream.rest())
    (error,) = parts[-1]["incremental"][0]["errors"]
    assert error["message"] == "Internal error"
    assert error["extensions"] == {"code": "INTERNAL", "requestId": stream.response.headers["x-request-id"]}


async def test_deferred_parts_need_a_client_that_takes_parts(reading: Open) -> None:
    stream = await reading("{ hello ... @defer { refuses } }", "application/json")
    assert stream.response.status_code == 406


def _parts(body: str) -> list[Any]:
    return [json.loads(part.split("\r\n\r\n", 1)[1]) for part in body.split("\r\n---") if "\r\n\r\n" in part]


async def test_streams_and_sockets_of_strangers_share_one_quota() -> None:
    limits = replace(DEFAULT_LIMITS, connections_per_range=2)
    graphql = endpoint(Stub(), limits=limits)
    async with served(graphql, limits) as server, httpx.AsyncClient(base_url=url_of(server)) as client:
        async with ready_socket_to(server), stream_of(client) as first:
            assert first.status_code == 200
            async with stream_of(client) as refused:
                assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
            async with socket_to(server) as socket:
                await socket.send({"type": "connection_init"})
                assert (await socket.closed())[0] == 4429
        await eventually(lambda: is_free(client))


async def is_free(client: httpx.AsyncClient) -> bool:
    async with stream_of(client) as answer:
        is_open: bool = answer.status_code == 200
        return is_open


def stream_of(client: httpx.AsyncClient) -> AbstractAsyncContextManager[httpx.Response]:
    body = {"query": "subscription { ticks }"}
    return client.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"})
