"""Which requests HAProxy sends again when a server takes one and ends without an answer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.support.processes.haproxy import needs_haproxy, running_haproxy
from tests.support.service import NO_AUTHORITIES

_OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


@asynccontextmanager
async def dying_server() -> AsyncIterator[tuple[int, Counter[str]]]:
    """Its port, and how many requests to die of it has taken, by method."""
    taken = Counter[str]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        if "die" in target:
            taken[method] += 1
        else:
            writer.write(_OK)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], taken


async def is_answered(port: int, method: str) -> bool:
    """Whether a request that its server does not survive has a good answer."""
    async with httpx.AsyncClient(verify=NO_AUTHORITIES) as client:
        try:
            return (await client.request(method, f"http://127.0.0.1:{port}/graphql?die")).is_success
        except httpx.RemoteProtocolError:
            return False


@needs_haproxy
async def test_an_act_is_sent_once_and_a_query_by_get_again() -> None:
    async with dying_server() as (port, taken), running_haproxy(port, port, times=3) as balanced:
        for method in ("POST", "GET"):
            assert not await is_answered(balanced, method)
        assert taken == {"POST": 1, "GET": 4}
