"""Our own clients: the command pipeline, the cluster client and the pub/sub backend."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from bench.redis_clients.client import Client, HomeRead, OnMessage, Store, beside
from datastore.redis import keys
from datastore.redis.client import open_redis
from datastore.redis.cluster.pipeline import open_pipeline
from datastore.redis.node.pipeline import CommandPipeline
from datastore.redis.pubsub.backend import Gap, RedisPubSubBackend
from datastore.redis.scripts import PipelinedScript


class _Ours:
    def __init__(self, redis: Redis, pipeline: CommandPipeline, store: Store, read: HomeRead) -> None:
        self._redis, self._pipeline, self._store, self._read = redis, pipeline, store, read
        self._script = PipelinedScript(pipeline, "home_read", siblings=keys.siblings, replica_fallback="home_peek")

    async def ids(self) -> Sequence[Any]:
        reply: Sequence[Any] = await self._script([self._read.home], *self._read.args)
        return reply

    async def rows(self, names: Sequence[str]) -> Sequence[Any]:
        found: Sequence[Any] = await self._pipeline.fetch(names)
        return found

    async def get(self, name: str) -> object:
        return await self._pipeline.fetch([name])

    async def put(self, name: str, value: str) -> None:
        await self._redis.set(name, value)

    @asynccontextmanager
    async def listen(self, channel: str, on_message: OnMessage) -> AsyncIterator[None]:
        backend = RedisPubSubBackend(self._store.url)

        async def receive() -> None:
            while True:
                for event in await backend.next_batch():
                    on_message(None if isinstance(event, Gap) else event.message)

        await backend.connect()
        await backend.subscribe(channel)
        async with beside(receive()):
            yield
        await backend.disconnect()


@asynccontextmanager
async def open_ours(store: Store, read: HomeRead) -> AsyncIterator[Client]:
    async with open_redis(store.url) as redis, open_pipeline(store.url, redis) as pipeline:
        yield _Ours(redis, pipeline, store, read)
