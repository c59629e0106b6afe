"""A bare redis-py connection that returns all replies which have arrived, not one at a time.

It speaks RESP2. redis-py's PubSub costs seven times as much per message, and reconnects silently, which hides gaps.
"""

from collections.abc import Iterable
from typing import Any, cast

import hiredis
from redis._parsers.hiredis import NOT_ENOUGH_DATA, _AsyncHiredisParser
from redis.asyncio import Connection, ConnectionPool, SSLConnection

from datastore.redis.node.connections import closing_as_failure


class PushConnection(Connection):
    async def read_replies(self) -> list[Any]:
        """At least one, error replies among them. Raises ConnectionError once the connection is closed."""
        with closing_as_failure():
            return await cast(_Parser, self._parser).read_all()

    async def connect(self) -> None:
        with closing_as_failure():
            await super().connect()  # type: ignore[no-untyped-call]

    async def send_packed_command(
        self,
        command: bytes | str | Iterable[bytes],
        check_health: bool = True,  # noqa: FBT001, FBT002 - the signature of redis-py
    ) -> None:
        with closing_as_failure():
            await super().send_packed_command(command, check_health)


def push_connection_pool(url: str) -> ConnectionPool:
    """A pool that makes `PushConnection`s without a read timeout, with TLS for `rediss://`."""
    pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None, parser_class=_Parser)
    pool.connection_class = _TLSPushConnection if url.startswith("rediss:") else PushConnection
    return pool


class _TLSPushConnection(PushConnection, SSLConnection):
    """For `rediss://`."""


class _Parser(_AsyncHiredisParser):
    async def read_all(self) -> list[Any]:
        replies: list[Any] = [await self.read_response()]
        reader = cast(hiredis.Reader, self._reader)
        while (reply := reader.gets()) is not NOT_ENOUGH_DATA:
            replies.append(reply)
        return replies
