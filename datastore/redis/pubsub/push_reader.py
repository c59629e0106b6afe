"""A plain connection that hands over all that Redis has said at once, rather than one answer after the other.

RESP2, and redis-py's bare connection: its PubSub costs 7 times as much for a message and reconnects by itself, which
hides the gap.
"""

from typing import Any, cast

import hiredis
from redis._parsers.hiredis import NOT_ENOUGH_DATA, _AsyncHiredisParser
from redis.asyncio import Connection, ConnectionPool, SSLConnection


class _Parser(_AsyncHiredisParser):
    async def read_all(self) -> list[Any]:
        found: list[Any] = [await self.read_response()]
        reader = cast(hiredis.Reader, self._reader)
        while (answer := reader.gets()) is not NOT_ENOUGH_DATA:
            found.append(answer)
        return found


class Earshot(Connection):
    async def answers(self) -> list[Any]:
        """At least one; errors of Redis stand among them. Raises ConnectionError once the connection is over."""
        return await cast(_Parser, self._parser).read_all()


class _TLSEarshot(Earshot, SSLConnection):
    """The same for `rediss://`."""


def earshot_of(url: str) -> ConnectionPool:
    """Makes them, as its URL says; they wait for answers for ever."""
    pool = ConnectionPool.from_url(url, protocol=2, socket_timeout=None, parser_class=_Parser)
    pool.connection_class = _TLSEarshot if url.startswith("rediss:") else Earshot
    return pool
