"""Streams of the package against a server that plays its part message by message."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from rookery_client import Rookery, RookeryError
from rookery_client.generated import TimelineItemRemoved
from rookery_client.operation import Operation
from rookery_client.transport.events import streamed
from rookery_client.transport.http import Http
from tests.support.service import NO_AUTHORITIES

PROTOCOL = Subprotocol("graphql-transport-ws")


def event(cursor: str, kind: str = "TimelineItemRemoved") -> dict[str, Any]:
    told = {"__typename": kind, "cursor": cursor, "at": "2026-01-02T03:04:05Z", "nodeId": f"of {cursor}"}
    return {"type": "next", "payload": {"data": {"homeTimelineEvents": told}}}


FAILED = {"type": "error", "payload": [{"message": "away", "extensions": {"code": "UNAVAILABLE"}}]}


async def test_each_end_of_a_connection_is_followed_by_the_next_event() -> None:
    """Each part: what the server sends after a subscription, then its close code, None for none."""
    parts: list[tuple[list[dict[str, Any]], int | None]] = [
        ([event("1")], 1012),
        ([event("2"), event("3")], 1013),
        ([], 4429),
        ([event("4"), {"type": "complete"}], None),
        ([{"type": "ping"}, event("new", "TimelinePaused"), event("5"), FAILED], None),
        ([event("6")], 4403),
    ]
    asked: list[str | None] = []
    async with playing(parts, asked) as url, Rookery(url, token="any", ssl=NO_AUTHORITIES) as rookery:
        seen: list[str] = []
        with pytest.raises(RookeryError) as forbidden:
            await follow(rookery, seen)
        assert forbidden.value.code == "FORBIDDEN"
    assert seen == [f"of {number}" for number in range(1, 7)]
    assert asked == ["0", "1", "3", "3", "4", "5"]


async def test_streams_share_one_connection_and_say_when_they_end() -> None:
    asked: list[str | None] = []
    closed: list[str] = []
    async with playing([([event("1")], None), ([event("1")], None)], asked, closed) as url:
        async with Rookery(url, token="any", ssl=NO_AUTHORITIES) as rookery:
            first, second = rookery.home_events("a"), rookery.home_events("b")
            assert (await anext(first)).cursor == (await anext(second)).cursor == "1"
            await first.aclose()
            await second.aclose()
        assert asked == ["a", "b"]
        assert closed == ["1", "2"]


async def test_events_of_a_request_are_told_apart_by_line_ends_alone() -> None:
    parts = [
        'event: next\ndata: {"data": {"__typename": "a\u2028',
        'b"}}\n\n:\n\nevent: next\r\ndata: {"data"',
        ":1}\r\n\r\n",
    ]
    lost = "event: complete\ndata:\n\nevent: next\ndata: {}\n\n"

    async def body() -> AsyncIterator[bytes]:
        for part in (*parts, lost):
            yield part.encode()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), verify=NO_AUTHORITIES) as client:
        operation: Operation[None, object] = Operation("subscription", object)
        stream = streamed(Http("http://server/graphql", client), operation, None, None)
        assert [data async for data in stream] == [{"__typename": "a\u2028b"}, 1]


async def follow(rookery: Rookery, seen: list[str]) -> None:
    async for told in rookery.home_events("0"):
        assert isinstance(told, TimelineItemRemoved)
        seen.append(told.node_id)


@asynccontextmanager
async def playing(
    parts: list[tuple[list[dict[str, Any]], int | None]], asked: list[str | None], closed: list[str] | None = None
) -> AsyncIterator[str]:
    """`asked` gets the cursor of each subscription, `closed` the ids of those that the client ended."""
    left = iter(parts)

    async def play(connection: ServerConnection) -> None:
        async for text in connection:
            message = json.loads(text)
            if message["type"] == "connection_init":
                await connection.send('{"type": "connection_ack"}')
            elif message["type"] == "complete" and closed is not None:
                closed.append(message["id"])
            elif message["type"] == "subscribe":
                asked.append(message["payload"]["variables"]["after"])
                answers, code = next(left)
                for answer in answers:
                    await connection.send(json.dumps({"id": message["id"], **answer}))
                if code is not None:
                    await connection.close(code)

    async with serve(play, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
