"""How a pipelined connection is opened from a URL: address, TLS, sign-in and database, as redis-py takes them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

from redis.asyncio import ConnectionPool, SSLConnection
from redis.exceptions import ResponseError

from core.runtime.event_loop_timeout import loop_time_timeout
from datastore.redis.node.protocol import Call, Wire, Words

CONNECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Dialler:
    """`path` is that of a Unix socket, in place of host and port."""

    host: str
    port: int
    path: str | None
    ssl: SSLContext | None
    greeting: tuple[Words, ...]

    async def __call__(self, make: Callable[[], Wire]) -> Wire:
        """An open wire. Raises what the network raises, RedisError where sign-in fails, TimeoutError after a second."""
        loop = asyncio.get_running_loop()
        async with loop_time_timeout(CONNECT_SECONDS):
            if self.path is not None:
                _, wire = await loop.create_unix_connection(make, self.path)
            else:
                _, wire = await loop.create_connection(make, self.host, self.port, ssl=self.ssl)
            try:
                await self._greet(wire)
            except BaseException:
                wire.close()
                raise
        return wire

    async def _greet(self, wire: Wire) -> None:
        """Where Redis refuses to tell of changes, no row is remembered."""
        asked, traced = Call(self.greeting), Call([("CLIENT", "TRACKING", "ON", "OPTIN")])
        wire.send(asked)
        wire.send(traced)
        raise_first(await asked)
        wire.is_tracing = not isinstance((await traced)[0], ResponseError)


def dialler(url: str) -> Dialler:
    """Raises ValueError for a URL that redis-py would not take."""
    connection: Any = ConnectionPool.from_url(url).make_connection()  # type: ignore[no-untyped-call]
    is_tls = isinstance(connection, SSLConnection)
    return Dialler(
        host=getattr(connection, "host", ""),
        port=getattr(connection, "port", 0),
        path=getattr(connection, "path", None),
        ssl=connection.ssl_context.get() if is_tls else None,
        greeting=_greeting(connection),
    )


def raise_first(replies: list[Any]) -> list[Any]:
    """The replies, where none of them is an error."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def _greeting(connection: Any) -> tuple[Words, ...]:
    hello: Words = ("HELLO", 3)
    if connection.password:
        hello = (*hello, "AUTH", connection.username or "default", connection.password)
    if connection.client_name:
        hello = (*hello, "SETNAME", connection.client_name)
    return (hello, ("SELECT", connection.db)) if connection.db else (hello,)
