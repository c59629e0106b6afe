"""valkey-glide, whose core runs in threads of its own. A cluster is read by a batch of GET, cheaper than its MGET."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from bench.redis_clients.client import ANSWER_SECONDS, CONNECT_SECONDS, Client, HomeRead, Library, OnMessage, Store

_TOPOLOGY_SECONDS = 1
_SUBSCRIBE_MS = 5_000


class _Glide:
    """Messages arrive by a callback in the event loop; nothing reports that some may be missing."""

    def __init__(self, glide: Library, store: Store, read: HomeRead) -> None:
        self._glide, self._store, self._read = glide, store, read
        self._script = glide.Script(read.source)
        self._client: Library = None
        self._listeners: list[OnMessage] = []

    async def connect(self) -> Library:
        self._client = await self._connected()
        return self._client

    async def _connected(self) -> Library:
        glide, nodes = self._glide, [self._glide.NodeAddress(node.host, node.port) for node in self._store.nodes]
        timeout, connecting = int(ANSWER_SECONDS * 1000), int(CONNECT_SECONDS * 1000)
        if not self._store.is_cluster:
            advanced = glide.AdvancedGlideClientConfiguration(connecting)
            one = glide.GlideClientConfiguration(nodes, request_timeout=timeout, advanced_config=advanced)
            return await glide.GlideClient.create(one)
        configuration = glide.GlideClusterClientConfiguration
        cluster = configuration(
            nodes,
            request_timeout=timeout,
            periodic_checks=glide.PeriodicChecksManualInterval(_TOPOLOGY_SECONDS),
            pubsub_subscriptions=configuration.PubSubSubscriptions({}, self._receive, None),
            advanced_config=glide.AdvancedGlideClusterClientConfiguration(connecting),
        )
        return await glide.GlideClusterClient.create(cluster)

    async def ids(self) -> Sequence[Any]:
        names, args = list(self._read.keys), list(self._read.args)
        reply: Sequence[Any] = await self._client.invoke_script(self._script, keys=names, args=args)
        return reply

    async def rows(self, names: Sequence[str]) -> Sequence[Any]:
        found: Sequence[Any]
        if not self._store.is_cluster:
            found = await self._client.mget(list(names))
            return found
        batch = self._glide.ClusterBatch(is_atomic=False)
        for name in names:
            batch.get(name)
        found = await self._client.exec(batch, raise_on_error=True)
        return found

    async def get(self, name: str) -> object:
        return await self._client.get(name)

    async def put(self, name: str, value: str) -> None:
        await self._client.set(name, value)

    @asynccontextmanager
    async def listen(self, channel: str, on_message: OnMessage) -> AsyncIterator[None]:
        self._listeners.append(on_message)
        await self._client.ssubscribe({channel}, timeout_ms=_SUBSCRIBE_MS)
        yield

    def _receive(self, message: Library, _: object) -> None:
        for on_message in self._listeners:
            on_message(message.message.decode())


@asynccontextmanager
async def open_glide(store: Store, read: HomeRead) -> AsyncIterator[Client]:
    glide = import_module("glide")
    glide.Logger.init(glide.LogLevel.OFF)
    client = _Glide(glide, store, read)
    async with await client.connect():
        yield client
