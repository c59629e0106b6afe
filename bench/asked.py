"""How often the stores are asked: commands and queries as the servers saw them, rounds as a client waits for them.

Workers ask too, now and then. So each act is looked at by itself, and what most of many acts asked for is what counts.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.client import Monitor

from datastore.mongo import Mongo

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
    """Round trips to Redis one after the other: what is sent before the first reply could come is one round.

    For a client of this process, whose connections are opened anew.
    """

    def __init__(self, redis: Redis) -> None:
        pool: Any = redis.connection_pool
        self._count = 0
        self._began = 0.0
        self._pool, self._make = pool, pool.connection_class

    async def begin(self) -> None:
        await self._pool.disconnect()
        self._pool.reset()
        self._pool.connection_class = self._connection

    async def of(self, act: Act) -> int:
        self._count, self._began = 0, 0.0
        await act()
        return self._count

    def _connection(self, **options: object) -> object:
        """As the pool would make it, but slow to answer and counted."""
        connection = self._make(**options)
        send, read = connection.send_packed_command, connection.read_response
        sent_at = 0.0

        async def counted_send(*args: object, **named: object) -> None:
            nonlocal sent_at
            sent_at = self._sent()
            await send(*args, **named)

        async def slow_read(*args: object, **named: object) -> object:
            await asyncio.sleep(sent_at + HELD_SECONDS - asyncio.get_running_loop().time())
            return await read(*args, **named)

        connection.send_packed_command, connection.read_response = counted_send, slow_read
        return connection

    def _sent(self) -> float:
        now = asyncio.get_running_loop().time()
        if now - self._began > HELD_SECONDS / 2:
            self._count, self._began = self._count + 1, now
        return now
