"""coredis, on anyio. A cluster is read by a pipeline of GET, cheaper than its MGET."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from bench.redis_clients.client import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    PING_SECONDS,
    Client,
    HomeRead,
    Library,
    OnMessage,
    Store,
    beside,
)


class _Coredis:
    """Messages arrive by an iterator, as its manual recommends. Anything else that it yields, such as the confirmation
    of a subscription, counts as a report that messages may be missing.
    """

    def __init__(self, client: Library, store: Store, read: HomeRead) -> None:
        self._client, self._store, self._read = client, store, read
        self._script = client.register_script(read.source)

    async def ids(self) -> Sequence[Any]:
        reply: Sequence[Any] = await self._script(self._read.keys, self._read.args)
        return reply

    async def rows(self, names: Sequence[str]) -> Sequence[Any]:
        if not self._store.is_cluster:
            found: Sequence[Any] = await self._client.mget(names)
            return found
        async with self._client.pipeline() as pipe:
            values = [pipe.get(name) for name in names]
        return [await value for value in values]

    async def get(self, name: str) -> object:
        return await self._client.get(name)

    async def put(self, name: str, value: str) -> None:
        await self._client.set(name, value)

    @asynccontextmanager
    async def listen(self, channel: str, on_message: OnMessage) -> AsyncIterator[None]:
        async with self._client.sharded_pubsub(channels=[channel], max_idle_seconds=PING_SECONDS) as pubsub:

            async def receive() -> None:
                async for message in pubsub:
                    on_message(message["data"].decode() if message["type"] == "message" else None)

            async with beside(receive()):
                yield


@asynccontextmanager
async def open_coredis(store: Store, read: HomeRead) -> AsyncIterator[Client]:
    coredis, location = import_module("coredis"), import_module("coredis.connection").TCPLocation
    timeouts = {"stream_timeout": ANSWER_SECONDS, "connect_timeout": CONNECT_SECONDS}
    if store.is_cluster:
        nodes = [location(node.host, node.port) for node in store.nodes]
        opening = coredis.RedisCluster(startup_nodes=nodes, **timeouts)
    else:
        opening = coredis.Redis(store.nodes[0].host, store.nodes[0].port, **timeouts)
    async with opening as client:
        yield _Coredis(client, store, read)
