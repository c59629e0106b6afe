"""A fake database of birds, and caches of it."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from core.ids import UserId
from datastore.cache.rows import RowCache
from datastore.redis.node.pipeline import CommandPipeline

TTL_SECONDS = 100


class Bird(msgspec.Struct, frozen=True, array_like=True):
    id: UserId
    name: str


class Birds:
    """A database behind the cache: a dict that records the loads, and answers once `may_answer` is set."""

    def __init__(self, *names: str) -> None:
        self.rows = {number: Bird(UserId(number), name) for number, name in enumerate(names, 1)}
        self.loads: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def rename(self, number: int, name: str) -> None:
        self.rows[number] = Bird(UserId(number), name)

    async def load(self, ids: Sequence[UserId]) -> Mapping[UserId, Bird]:
        self.loads.append(list(ids))
        found = {id_: self.rows[id_] for id_ in ids if id_ in self.rows}
        await self.may_answer.wait()
        return found


def cache_of(pipeline: CommandPipeline, birds: Birds) -> RowCache[UserId, Bird]:
    return RowCache(pipeline, Bird, key=lambda id_: f"bird:{id_}", load=birds.load, ttl_seconds=TTL_SECONDS)


Cache = RowCache[UserId, Bird]


async def names(cache: Cache, *ids: int) -> list[str | None]:
    rows = await cache.get_many([UserId(id_) for id_ in ids])
    return [None if row is None else row.name for row in rows]
