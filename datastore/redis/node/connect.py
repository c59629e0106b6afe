"""Opens a pipelined connection from a URL: address, TLS, authentication and database, as redis-py reads them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

from redis.asyncio import ConnectionPool, SSLConnection
from redis.exceptions import ResponseError

from core.runtime.event_loop_timeout import loop_time_timeout
from datastore.redis.node.commands import Command, PipelinedCommands, raise_first
from datastore.redis.node.protocol import RespConnection

_CONNECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Connector:
    """`path` is that of a Unix socket, which replaces host and port. `handshake` is sent first."""

    host: str
    port: int
    path: str | None
    ssl: SSLContext | None
    handshake: tuple[Command, ...]

    async def __call__(self, protocol_factory: Callable[[], RespConnection]) -> RespConnection:
        """An open connection. Raises OSError, RedisError if the handshake fails, TimeoutError after a second."""
        loop = asyncio.get_running_loop()
        async with loop_time_timeout(_CONNECT_SECONDS):
            if self.path is not None:
                _, connection = await loop.create_unix_connection(protocol_factory, self.path)
            else:
                _, connection = await loop.create_connection(protocol_factory, self.host, self.port, ssl=self.ssl)
            try:
                await self._shake_hands(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    async def _shake_hands(self, connection: RespConnection) -> None:
        """A server may refuse to track keys: then no row that is read on this connection is kept in the process."""
        greeting = PipelinedCommands(self.handshake)
        tracking = PipelinedCommands([("CLIENT", "TRACKING", "ON", "OPTIN")])
        connection.send(greeting)
        connection.send(tracking)
        raise_first(await greeting)
        connection.is_tracking = not isinstance((await tracking)[0], ResponseError)


def connector_for(url: str) -> Connector:
    """Raises ValueError for a URL that redis-py refuses."""
    connection: Any = ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    is_tls = isinstance(connection, SSLConnection)
    return Connector(
        host=getattr(connection, "host", ""),
        port=getattr(connection, "port", 0),
        path=getattr(connection, "path", None),
        ssl=connection.ssl_context.get() if is_tls else None,
        handshake=_handshake(connection),
    )


def _handshake(connection: Any) -> tuple[Command, ...]:
    hello: Command = ("HELLO", 3)
    if connection.password:
        hello = (*hello, "AUTH", connection.username or "default", connection.password)
    if connection.client_name:
        hello = (*hello, "SETNAME", connection.client_name)
    return (hello, ("SELECT", connection.db)) if connection.db else (hello,)
