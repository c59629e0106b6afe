"""Counts commands to Redis, queries to MongoDB and round trips of single acts.

Workers use the stores too. So each act is measured by itself, and the most frequent result of many acts counts.
"""

import asyncio
import secrets
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.asyncio.client import Monitor

from datastore.mongo.client import Mongo

Act: TypeAlias = Callable[[], Awaitable[object]]
# Replies of Redis are delayed so long that commands sent meanwhile can't have waited for them.
_DELAY_SECONDS = 0.05
_QUERIES = ("find", "aggregate", "getMore", "count", "distinct", "insert", "update", "delete", "findAndModify")


class CallCounts(NamedTuple):
    """`names` with the number of calls of each; `share` is the share of acts with exactly these calls."""

    names: tuple[tuple[str, int], ...]
    share: float

    @property
    def total(self) -> int:
        return sum(times for _, times in self.names)

    def __str__(self) -> str:
        if not self.names:
            return "none"
        return f"{self.total}: " + ", ".join(f"{times} {name}" for name, times in self.names)


class CommandLog:
    """Counts the commands that reach Redis; commands inside a script count as the script."""

    def __init__(self, redis: Redis, monitor: Monitor) -> None:
        self._redis, self._monitor = redis, monitor

    async def of(self, act: Act) -> Counter[str]:
        begin, end = await self._mark(), secrets.token_hex(8)
        await act()
        await self._mark(end)
        while begin not in await self._next():
            pass
        found = Counter[str]()
        while end not in (words := await self._next()):
            found[words[0].upper()] += 1
        return found

    async def _mark(self, text: str = "") -> str:
        mark = text or secrets.token_hex(8)
        await self._redis.echo(mark)
        return mark

    async def _next(self) -> list[str]:
        while True:
            entry = await self._monitor.next_command()
            if entry["client_type"] != "lua":
                return entry["command"].split(" ")


@asynccontextmanager
async def command_log(redis: Redis) -> AsyncIterator[CommandLog]:
    async with Monitor(redis.connection_pool) as monitor:
        yield CommandLog(redis, monitor)


async def queries_of(mongo: Mongo, act: Act) -> Counter[str]:
    """Counts the reading and writing commands that reach MongoDB during the act."""
    before = await _queries(mongo)
    await act()
    return await _queries(mongo) - before


async def _queries(mongo: Mongo) -> Counter[str]:
    status = await mongo.database.command("serverStatus")
    return Counter({name: status["metrics"]["commands"][name]["total"] for name in _QUERIES})


def most_common_counts(seen: Iterable[Counter[str]]) -> CallCounts:
    """The most frequent of the counts."""
    alike = Counter(tuple(sorted(one.items())) for one in seen)
    names, times = alike.most_common(1)[0]
    return CallCounts(names, times / alike.total())


class RoundTripCounter:
    """Counts sequential round trips to Redis: everything sent before the first reply could come is one round trip."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._count, self._began = 0, 0.0

    async def of(self, act: Act) -> int:
        self._count, self._began = 0, 0.0
        await act()
        return self._count

    def on_send(self) -> None:
        """Called with each packet to Redis."""
        now = asyncio.get_running_loop().time()
        if now - self._began > _DELAY_SECONDS / 2:
            self._count, self._began = self._count + 1, now


@asynccontextmanager
async def slow_redis(url: str) -> AsyncIterator[RoundTripCounter]:
    """A proxy of the same Redis that delays each reply."""
    address = urlsplit(url)

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection(address.hostname, address.port)
        loop, answering = asyncio.get_running_loop(), asyncio.create_task(_delayed(there, writer))
        while data := await reader.read(1 << 16):
            rounds.on_send()
            back.write(data)
        back.close()
        await answering
        loop.call_later(_DELAY_SECONDS, writer.close)

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        rounds = RoundTripCounter(urlunsplit(address._replace(netloc=f"127.0.0.1:{port}")))
        yield rounds


async def _delayed(reader: StreamReader, writer: StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(1 << 16):
        loop.call_later(_DELAY_SECONDS, writer.write, data)
