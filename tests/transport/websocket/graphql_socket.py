"""A socket that speaks graphql-transport-ws as the test says."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.transport.stub import url_of
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
