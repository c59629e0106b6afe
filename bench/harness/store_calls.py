"""How often the stores are asked: commands and queries as the servers saw them, rounds as a client waits for them.

Workers ask too, now and then. So each act is looked at by itself, and what most of many acts asked for is what counts.
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
# Every reply of Redis is held back for so long that what is sent meanwhile can't have waited for it.
HELD_SECONDS = 0.05
_QUERIES = ("find", "aggregate", "getMore", "count", "distinct", "insert", "update", "delete", "findAndModify")


class Asked(NamedTuple):
    """`names` with how often each; `share` of the acts asked for exactly that."""

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
    """The commands that reach Redis; what a script does inside counts with the script."""

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
    """Commands to MongoDB that read or write."""
    before = await _queries(mongo)
    await act()
    return await _queries(mongo) - before


async def _queries(mongo: Mongo) -> Counter[str]:
    status = await mongo.database.command("serverStatus")
    return Counter({name: status["metrics"]["commands"][name]["total"] for name in _QUERIES})


def usual(seen: Iterable[Counter[str]]) -> Asked:
    """What most of them are."""
    alike = Counter(tuple(sorted(one.items())) for one in seen)
    names, times = alike.most_common(1)[0]
    return Asked(names, times / alike.total())


class Rounds:
    """Round trips to Redis one after the other: what is sent before the first reply could come is one round."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._count, self._began = 0, 0.0

    async def of(self, act: Act) -> int:
        self._count, self._began = 0, 0.0
        await act()
        return self._count

    def note(self) -> None:
        """That something was sent."""
        now = asyncio.get_running_loop().time()
        if now - self._began > HELD_SECONDS / 2:
            self._count, self._began = self._count + 1, now


@asynccontextmanager
async def slow_redis(url: str) -> AsyncIterator[Rounds]:
    """Another address for the same Redis, by which each reply takes a while."""
    address = urlsplit(url)

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection(address.hostname, address.port)
        loop, answering = asyncio.get_running_loop(), asyncio.create_task(_delayed(there, writer))
        while data := await reader.read(1 << 16):
            rounds.note()
            back.write(data)
        back.close()
        await answering
        loop.call_later(HELD_SECONDS, writer.close)

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        rounds = Rounds(urlunsplit(address._replace(netloc=f"127.0.0.1:{port}")))
        yield rounds


async def _delayed(reader: StreamReader, writer: StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(1 << 16):
        loop.call_later(HELD_SECONDS, writer.write, data)
